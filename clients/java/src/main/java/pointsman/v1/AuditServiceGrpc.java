package pointsman.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
 * are recorded in the transaction that makes them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AuditServiceGrpc {

  private AuditServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "pointsman.v1.AuditService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListAuditEntriesRequest,
      pointsman.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAuditEntries",
      requestType = pointsman.v1.ListAuditEntriesRequest.class,
      responseType = pointsman.v1.ListAuditEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListAuditEntriesRequest,
      pointsman.v1.ListAuditEntriesResponse> getListAuditEntriesMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListAuditEntriesRequest, pointsman.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;
    if ((getListAuditEntriesMethod = AuditServiceGrpc.getListAuditEntriesMethod) == null) {
      synchronized (AuditServiceGrpc.class) {
        if ((getListAuditEntriesMethod = AuditServiceGrpc.getListAuditEntriesMethod) == null) {
          AuditServiceGrpc.getListAuditEntriesMethod = getListAuditEntriesMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListAuditEntriesRequest, pointsman.v1.ListAuditEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAuditEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListAuditEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListAuditEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuditServiceMethodDescriptorSupplier("ListAuditEntries"))
              .build();
        }
      }
    }
    return getListAuditEntriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ExportAuditEntriesRequest,
      pointsman.v1.ExportAuditEntriesResponse> getExportAuditEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportAuditEntries",
      requestType = pointsman.v1.ExportAuditEntriesRequest.class,
      responseType = pointsman.v1.ExportAuditEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<pointsman.v1.ExportAuditEntriesRequest,
      pointsman.v1.ExportAuditEntriesResponse> getExportAuditEntriesMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ExportAuditEntriesRequest, pointsman.v1.ExportAuditEntriesResponse> getExportAuditEntriesMethod;
    if ((getExportAuditEntriesMethod = AuditServiceGrpc.getExportAuditEntriesMethod) == null) {
      synchronized (AuditServiceGrpc.class) {
        if ((getExportAuditEntriesMethod = AuditServiceGrpc.getExportAuditEntriesMethod) == null) {
          AuditServiceGrpc.getExportAuditEntriesMethod = getExportAuditEntriesMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ExportAuditEntriesRequest, pointsman.v1.ExportAuditEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportAuditEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ExportAuditEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ExportAuditEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuditServiceMethodDescriptorSupplier("ExportAuditEntries"))
              .build();
        }
      }
    }
    return getExportAuditEntriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.VerifyAuditRequest,
      pointsman.v1.VerifyAuditResponse> getVerifyAuditMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyAudit",
      requestType = pointsman.v1.VerifyAuditRequest.class,
      responseType = pointsman.v1.VerifyAuditResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<pointsman.v1.VerifyAuditRequest,
      pointsman.v1.VerifyAuditResponse> getVerifyAuditMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.VerifyAuditRequest, pointsman.v1.VerifyAuditResponse> getVerifyAuditMethod;
    if ((getVerifyAuditMethod = AuditServiceGrpc.getVerifyAuditMethod) == null) {
      synchronized (AuditServiceGrpc.class) {
        if ((getVerifyAuditMethod = AuditServiceGrpc.getVerifyAuditMethod) == null) {
          AuditServiceGrpc.getVerifyAuditMethod = getVerifyAuditMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.VerifyAuditRequest, pointsman.v1.VerifyAuditResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyAudit"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.VerifyAuditRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.VerifyAuditResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuditServiceMethodDescriptorSupplier("VerifyAudit"))
              .build();
        }
      }
    }
    return getVerifyAuditMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.EraseAuditPayloadRequest,
      pointsman.v1.EraseAuditPayloadResponse> getEraseAuditPayloadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EraseAuditPayload",
      requestType = pointsman.v1.EraseAuditPayloadRequest.class,
      responseType = pointsman.v1.EraseAuditPayloadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.EraseAuditPayloadRequest,
      pointsman.v1.EraseAuditPayloadResponse> getEraseAuditPayloadMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.EraseAuditPayloadRequest, pointsman.v1.EraseAuditPayloadResponse> getEraseAuditPayloadMethod;
    if ((getEraseAuditPayloadMethod = AuditServiceGrpc.getEraseAuditPayloadMethod) == null) {
      synchronized (AuditServiceGrpc.class) {
        if ((getEraseAuditPayloadMethod = AuditServiceGrpc.getEraseAuditPayloadMethod) == null) {
          AuditServiceGrpc.getEraseAuditPayloadMethod = getEraseAuditPayloadMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.EraseAuditPayloadRequest, pointsman.v1.EraseAuditPayloadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EraseAuditPayload"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.EraseAuditPayloadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.EraseAuditPayloadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuditServiceMethodDescriptorSupplier("EraseAuditPayload"))
              .build();
        }
      }
    }
    return getEraseAuditPayloadMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AuditServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuditServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuditServiceStub>() {
        @java.lang.Override
        public AuditServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuditServiceStub(channel, callOptions);
        }
      };
    return AuditServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AuditServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuditServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuditServiceBlockingV2Stub>() {
        @java.lang.Override
        public AuditServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuditServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AuditServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AuditServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuditServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuditServiceBlockingStub>() {
        @java.lang.Override
        public AuditServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuditServiceBlockingStub(channel, callOptions);
        }
      };
    return AuditServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AuditServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuditServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuditServiceFutureStub>() {
        @java.lang.Override
        public AuditServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuditServiceFutureStub(channel, callOptions);
        }
      };
    return AuditServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Entries, the newest first.
     * </pre>
     */
    default void listAuditEntries(pointsman.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAuditEntriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * All entries of a time, the oldest first.
     * </pre>
     */
    default void exportAuditEntries(pointsman.v1.ExportAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ExportAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportAuditEntriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Computes every hash again, and says where the chain is broken.
     * </pre>
     */
    default void verifyAudit(pointsman.v1.VerifyAuditRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.VerifyAuditResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyAuditMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes what an entry holds of the thing before and after the change away, for instance where the law asks for it. The
     * chain stays whole; the erasure is an entry itself. Platform administrators only.
     * </pre>
     */
    default void eraseAuditPayload(pointsman.v1.EraseAuditPayloadRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.EraseAuditPayloadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEraseAuditPayloadMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AuditService.
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public static abstract class AuditServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AuditServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AuditService.
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public static final class AuditServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AuditServiceStub> {
    private AuditServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuditServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuditServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Entries, the newest first.
     * </pre>
     */
    public void listAuditEntries(pointsman.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * All entries of a time, the oldest first.
     * </pre>
     */
    public void exportAuditEntries(pointsman.v1.ExportAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ExportAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getExportAuditEntriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Computes every hash again, and says where the chain is broken.
     * </pre>
     */
    public void verifyAudit(pointsman.v1.VerifyAuditRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.VerifyAuditResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getVerifyAuditMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes what an entry holds of the thing before and after the change away, for instance where the law asks for it. The
     * chain stays whole; the erasure is an entry itself. Platform administrators only.
     * </pre>
     */
    public void eraseAuditPayload(pointsman.v1.EraseAuditPayloadRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.EraseAuditPayloadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEraseAuditPayloadMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AuditService.
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public static final class AuditServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AuditServiceBlockingV2Stub> {
    private AuditServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuditServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuditServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Entries, the newest first.
     * </pre>
     */
    public pointsman.v1.ListAuditEntriesResponse listAuditEntries(pointsman.v1.ListAuditEntriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * All entries of a time, the oldest first.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, pointsman.v1.ExportAuditEntriesResponse>
        exportAuditEntries(pointsman.v1.ExportAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getExportAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Computes every hash again, and says where the chain is broken.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, pointsman.v1.VerifyAuditResponse>
        verifyAudit(pointsman.v1.VerifyAuditRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getVerifyAuditMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes what an entry holds of the thing before and after the change away, for instance where the law asks for it. The
     * chain stays whole; the erasure is an entry itself. Platform administrators only.
     * </pre>
     */
    public pointsman.v1.EraseAuditPayloadResponse eraseAuditPayload(pointsman.v1.EraseAuditPayloadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEraseAuditPayloadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AuditService.
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public static final class AuditServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AuditServiceBlockingStub> {
    private AuditServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuditServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuditServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Entries, the newest first.
     * </pre>
     */
    public pointsman.v1.ListAuditEntriesResponse listAuditEntries(pointsman.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * All entries of a time, the oldest first.
     * </pre>
     */
    public java.util.Iterator<pointsman.v1.ExportAuditEntriesResponse> exportAuditEntries(
        pointsman.v1.ExportAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getExportAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Computes every hash again, and says where the chain is broken.
     * </pre>
     */
    public java.util.Iterator<pointsman.v1.VerifyAuditResponse> verifyAudit(
        pointsman.v1.VerifyAuditRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getVerifyAuditMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes what an entry holds of the thing before and after the change away, for instance where the law asks for it. The
     * chain stays whole; the erasure is an entry itself. Platform administrators only.
     * </pre>
     */
    public pointsman.v1.EraseAuditPayloadResponse eraseAuditPayload(pointsman.v1.EraseAuditPayloadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEraseAuditPayloadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AuditService.
   * <pre>
   * Reads and proves the audit log. It only grows; each tenant has a chain of its own, and the platform another. Changes
   * are recorded in the transaction that makes them.
   * </pre>
   */
  public static final class AuditServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AuditServiceFutureStub> {
    private AuditServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuditServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuditServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Entries, the newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListAuditEntriesResponse> listAuditEntries(
        pointsman.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes what an entry holds of the thing before and after the change away, for instance where the law asks for it. The
     * chain stays whole; the erasure is an entry itself. Platform administrators only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.EraseAuditPayloadResponse> eraseAuditPayload(
        pointsman.v1.EraseAuditPayloadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEraseAuditPayloadMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_AUDIT_ENTRIES = 0;
  private static final int METHODID_EXPORT_AUDIT_ENTRIES = 1;
  private static final int METHODID_VERIFY_AUDIT = 2;
  private static final int METHODID_ERASE_AUDIT_PAYLOAD = 3;

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
        case METHODID_LIST_AUDIT_ENTRIES:
          serviceImpl.listAuditEntries((pointsman.v1.ListAuditEntriesRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListAuditEntriesResponse>) responseObserver);
          break;
        case METHODID_EXPORT_AUDIT_ENTRIES:
          serviceImpl.exportAuditEntries((pointsman.v1.ExportAuditEntriesRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ExportAuditEntriesResponse>) responseObserver);
          break;
        case METHODID_VERIFY_AUDIT:
          serviceImpl.verifyAudit((pointsman.v1.VerifyAuditRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.VerifyAuditResponse>) responseObserver);
          break;
        case METHODID_ERASE_AUDIT_PAYLOAD:
          serviceImpl.eraseAuditPayload((pointsman.v1.EraseAuditPayloadRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.EraseAuditPayloadResponse>) responseObserver);
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
          getListAuditEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListAuditEntriesRequest,
              pointsman.v1.ListAuditEntriesResponse>(
                service, METHODID_LIST_AUDIT_ENTRIES)))
        .addMethod(
          getExportAuditEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              pointsman.v1.ExportAuditEntriesRequest,
              pointsman.v1.ExportAuditEntriesResponse>(
                service, METHODID_EXPORT_AUDIT_ENTRIES)))
        .addMethod(
          getVerifyAuditMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              pointsman.v1.VerifyAuditRequest,
              pointsman.v1.VerifyAuditResponse>(
                service, METHODID_VERIFY_AUDIT)))
        .addMethod(
          getEraseAuditPayloadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.EraseAuditPayloadRequest,
              pointsman.v1.EraseAuditPayloadResponse>(
                service, METHODID_ERASE_AUDIT_PAYLOAD)))
        .build();
  }

  private static abstract class AuditServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AuditServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return pointsman.v1.AuditServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AuditService");
    }
  }

  private static final class AuditServiceFileDescriptorSupplier
      extends AuditServiceBaseDescriptorSupplier {
    AuditServiceFileDescriptorSupplier() {}
  }

  private static final class AuditServiceMethodDescriptorSupplier
      extends AuditServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AuditServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AuditServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AuditServiceFileDescriptorSupplier())
              .addMethod(getListAuditEntriesMethod())
              .addMethod(getExportAuditEntriesMethod())
              .addMethod(getVerifyAuditMethod())
              .addMethod(getEraseAuditPayloadMethod())
              .build();
        }
      }
    }
    return result;
  }
}
