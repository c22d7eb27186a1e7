package pointsman.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Routes completions, runs them, learns from feedback and reports usage.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RouterServiceGrpc {

  private RouterServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "pointsman.v1.RouterService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RouteRequest,
      pointsman.v1.RouteResponse> getRouteMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Route",
      requestType = pointsman.v1.RouteRequest.class,
      responseType = pointsman.v1.RouteResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RouteRequest,
      pointsman.v1.RouteResponse> getRouteMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RouteRequest, pointsman.v1.RouteResponse> getRouteMethod;
    if ((getRouteMethod = RouterServiceGrpc.getRouteMethod) == null) {
      synchronized (RouterServiceGrpc.class) {
        if ((getRouteMethod = RouterServiceGrpc.getRouteMethod) == null) {
          RouterServiceGrpc.getRouteMethod = getRouteMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RouteRequest, pointsman.v1.RouteResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Route"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RouteRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RouteResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouterServiceMethodDescriptorSupplier("Route"))
              .build();
        }
      }
    }
    return getRouteMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CompleteRequest,
      pointsman.v1.CompleteResponse> getCompleteMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Complete",
      requestType = pointsman.v1.CompleteRequest.class,
      responseType = pointsman.v1.CompleteResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<pointsman.v1.CompleteRequest,
      pointsman.v1.CompleteResponse> getCompleteMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CompleteRequest, pointsman.v1.CompleteResponse> getCompleteMethod;
    if ((getCompleteMethod = RouterServiceGrpc.getCompleteMethod) == null) {
      synchronized (RouterServiceGrpc.class) {
        if ((getCompleteMethod = RouterServiceGrpc.getCompleteMethod) == null) {
          RouterServiceGrpc.getCompleteMethod = getCompleteMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CompleteRequest, pointsman.v1.CompleteResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Complete"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CompleteRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CompleteResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouterServiceMethodDescriptorSupplier("Complete"))
              .build();
        }
      }
    }
    return getCompleteMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ResumeRequest,
      pointsman.v1.ResumeResponse> getResumeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Resume",
      requestType = pointsman.v1.ResumeRequest.class,
      responseType = pointsman.v1.ResumeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<pointsman.v1.ResumeRequest,
      pointsman.v1.ResumeResponse> getResumeMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ResumeRequest, pointsman.v1.ResumeResponse> getResumeMethod;
    if ((getResumeMethod = RouterServiceGrpc.getResumeMethod) == null) {
      synchronized (RouterServiceGrpc.class) {
        if ((getResumeMethod = RouterServiceGrpc.getResumeMethod) == null) {
          RouterServiceGrpc.getResumeMethod = getResumeMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ResumeRequest, pointsman.v1.ResumeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Resume"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ResumeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ResumeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouterServiceMethodDescriptorSupplier("Resume"))
              .build();
        }
      }
    }
    return getResumeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RecordFeedbackRequest,
      pointsman.v1.RecordFeedbackResponse> getRecordFeedbackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RecordFeedback",
      requestType = pointsman.v1.RecordFeedbackRequest.class,
      responseType = pointsman.v1.RecordFeedbackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RecordFeedbackRequest,
      pointsman.v1.RecordFeedbackResponse> getRecordFeedbackMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RecordFeedbackRequest, pointsman.v1.RecordFeedbackResponse> getRecordFeedbackMethod;
    if ((getRecordFeedbackMethod = RouterServiceGrpc.getRecordFeedbackMethod) == null) {
      synchronized (RouterServiceGrpc.class) {
        if ((getRecordFeedbackMethod = RouterServiceGrpc.getRecordFeedbackMethod) == null) {
          RouterServiceGrpc.getRecordFeedbackMethod = getRecordFeedbackMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RecordFeedbackRequest, pointsman.v1.RecordFeedbackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RecordFeedback"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RecordFeedbackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RecordFeedbackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouterServiceMethodDescriptorSupplier("RecordFeedback"))
              .build();
        }
      }
    }
    return getRecordFeedbackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UsageRequest,
      pointsman.v1.UsageResponse> getUsageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Usage",
      requestType = pointsman.v1.UsageRequest.class,
      responseType = pointsman.v1.UsageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UsageRequest,
      pointsman.v1.UsageResponse> getUsageMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UsageRequest, pointsman.v1.UsageResponse> getUsageMethod;
    if ((getUsageMethod = RouterServiceGrpc.getUsageMethod) == null) {
      synchronized (RouterServiceGrpc.class) {
        if ((getUsageMethod = RouterServiceGrpc.getUsageMethod) == null) {
          RouterServiceGrpc.getUsageMethod = getUsageMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UsageRequest, pointsman.v1.UsageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Usage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UsageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UsageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouterServiceMethodDescriptorSupplier("Usage"))
              .build();
        }
      }
    }
    return getUsageMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RouterServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouterServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouterServiceStub>() {
        @java.lang.Override
        public RouterServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouterServiceStub(channel, callOptions);
        }
      };
    return RouterServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RouterServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouterServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouterServiceBlockingV2Stub>() {
        @java.lang.Override
        public RouterServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouterServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RouterServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RouterServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouterServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouterServiceBlockingStub>() {
        @java.lang.Override
        public RouterServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouterServiceBlockingStub(channel, callOptions);
        }
      };
    return RouterServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RouterServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouterServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouterServiceFutureStub>() {
        @java.lang.Override
        public RouterServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouterServiceFutureStub(channel, callOptions);
        }
      };
    return RouterServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Says which model would serve, and why. Calls no provider; the decision is recorded.
     * </pre>
     */
    default void route(pointsman.v1.RouteRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RouteResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRouteMethod(), responseObserver);
    }

    /**
     * <pre>
     * Runs a completion and streams its events.
     * </pre>
     */
    default void complete(pointsman.v1.CompleteRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CompleteResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompleteMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes up a broken stream after its last event. Not served yet: refused with FEATURE_NOT_AVAILABLE.
     * </pre>
     */
    default void resume(pointsman.v1.ResumeRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ResumeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResumeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Records how good an answer was.
     * </pre>
     */
    default void recordFeedback(pointsman.v1.RecordFeedbackRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RecordFeedbackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRecordFeedbackMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reports what was used and what it cost.
     * </pre>
     */
    default void usage(pointsman.v1.UsageRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UsageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUsageMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RouterService.
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public static abstract class RouterServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RouterServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RouterService.
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public static final class RouterServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RouterServiceStub> {
    private RouterServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouterServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouterServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Says which model would serve, and why. Calls no provider; the decision is recorded.
     * </pre>
     */
    public void route(pointsman.v1.RouteRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RouteResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRouteMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Runs a completion and streams its events.
     * </pre>
     */
    public void complete(pointsman.v1.CompleteRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CompleteResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getCompleteMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes up a broken stream after its last event. Not served yet: refused with FEATURE_NOT_AVAILABLE.
     * </pre>
     */
    public void resume(pointsman.v1.ResumeRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ResumeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getResumeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Records how good an answer was.
     * </pre>
     */
    public void recordFeedback(pointsman.v1.RecordFeedbackRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RecordFeedbackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRecordFeedbackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reports what was used and what it cost.
     * </pre>
     */
    public void usage(pointsman.v1.UsageRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UsageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUsageMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RouterService.
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public static final class RouterServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RouterServiceBlockingV2Stub> {
    private RouterServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouterServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouterServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Says which model would serve, and why. Calls no provider; the decision is recorded.
     * </pre>
     */
    public pointsman.v1.RouteResponse route(pointsman.v1.RouteRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRouteMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a completion and streams its events.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, pointsman.v1.CompleteResponse>
        complete(pointsman.v1.CompleteRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getCompleteMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes up a broken stream after its last event. Not served yet: refused with FEATURE_NOT_AVAILABLE.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, pointsman.v1.ResumeResponse>
        resume(pointsman.v1.ResumeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getResumeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records how good an answer was.
     * </pre>
     */
    public pointsman.v1.RecordFeedbackResponse recordFeedback(pointsman.v1.RecordFeedbackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRecordFeedbackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports what was used and what it cost.
     * </pre>
     */
    public pointsman.v1.UsageResponse usage(pointsman.v1.UsageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUsageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RouterService.
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public static final class RouterServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RouterServiceBlockingStub> {
    private RouterServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouterServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouterServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Says which model would serve, and why. Calls no provider; the decision is recorded.
     * </pre>
     */
    public pointsman.v1.RouteResponse route(pointsman.v1.RouteRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRouteMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a completion and streams its events.
     * </pre>
     */
    public java.util.Iterator<pointsman.v1.CompleteResponse> complete(
        pointsman.v1.CompleteRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getCompleteMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes up a broken stream after its last event. Not served yet: refused with FEATURE_NOT_AVAILABLE.
     * </pre>
     */
    public java.util.Iterator<pointsman.v1.ResumeResponse> resume(
        pointsman.v1.ResumeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getResumeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records how good an answer was.
     * </pre>
     */
    public pointsman.v1.RecordFeedbackResponse recordFeedback(pointsman.v1.RecordFeedbackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRecordFeedbackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports what was used and what it cost.
     * </pre>
     */
    public pointsman.v1.UsageResponse usage(pointsman.v1.UsageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUsageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RouterService.
   * <pre>
   * Routes completions, runs them, learns from feedback and reports usage.
   * </pre>
   */
  public static final class RouterServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RouterServiceFutureStub> {
    private RouterServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouterServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouterServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Says which model would serve, and why. Calls no provider; the decision is recorded.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RouteResponse> route(
        pointsman.v1.RouteRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRouteMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Records how good an answer was.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RecordFeedbackResponse> recordFeedback(
        pointsman.v1.RecordFeedbackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRecordFeedbackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reports what was used and what it cost.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UsageResponse> usage(
        pointsman.v1.UsageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUsageMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_ROUTE = 0;
  private static final int METHODID_COMPLETE = 1;
  private static final int METHODID_RESUME = 2;
  private static final int METHODID_RECORD_FEEDBACK = 3;
  private static final int METHODID_USAGE = 4;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_ROUTE:
          serviceImpl.route((pointsman.v1.RouteRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RouteResponse>) responseObserver);
          break;
        case METHODID_COMPLETE:
          serviceImpl.complete((pointsman.v1.CompleteRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CompleteResponse>) responseObserver);
          break;
        case METHODID_RESUME:
          serviceImpl.resume((pointsman.v1.ResumeRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ResumeResponse>) responseObserver);
          break;
        case METHODID_RECORD_FEEDBACK:
          serviceImpl.recordFeedback((pointsman.v1.RecordFeedbackRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RecordFeedbackResponse>) responseObserver);
          break;
        case METHODID_USAGE:
          serviceImpl.usage((pointsman.v1.UsageRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UsageResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getRouteMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RouteRequest,
              pointsman.v1.RouteResponse>(
                service, METHODID_ROUTE)))
        .addMethod(
          getCompleteMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              pointsman.v1.CompleteRequest,
              pointsman.v1.CompleteResponse>(
                service, METHODID_COMPLETE)))
        .addMethod(
          getResumeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              pointsman.v1.ResumeRequest,
              pointsman.v1.ResumeResponse>(
                service, METHODID_RESUME)))
        .addMethod(
          getRecordFeedbackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RecordFeedbackRequest,
              pointsman.v1.RecordFeedbackResponse>(
                service, METHODID_RECORD_FEEDBACK)))
        .addMethod(
          getUsageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UsageRequest,
              pointsman.v1.UsageResponse>(
                service, METHODID_USAGE)))
        .build();
  }

  private static abstract class RouterServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RouterServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return pointsman.v1.RouterServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RouterService");
    }
  }

  private static final class RouterServiceFileDescriptorSupplier
      extends RouterServiceBaseDescriptorSupplier {
    RouterServiceFileDescriptorSupplier() {}
  }

  private static final class RouterServiceMethodDescriptorSupplier
      extends RouterServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RouterServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (RouterServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RouterServiceFileDescriptorSupplier())
              .addMethod(getRouteMethod())
              .addMethod(getCompleteMethod())
              .addMethod(getResumeMethod())
              .addMethod(getRecordFeedbackMethod())
              .addMethod(getUsageMethod())
              .build();
        }
      }
    }
    return result;
  }
}
