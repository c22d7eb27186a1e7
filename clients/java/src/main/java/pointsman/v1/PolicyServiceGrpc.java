package pointsman.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
 * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class PolicyServiceGrpc {

  private PolicyServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "pointsman.v1.PolicyService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreatePolicyRuleRequest,
      pointsman.v1.CreatePolicyRuleResponse> getCreatePolicyRuleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreatePolicyRule",
      requestType = pointsman.v1.CreatePolicyRuleRequest.class,
      responseType = pointsman.v1.CreatePolicyRuleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreatePolicyRuleRequest,
      pointsman.v1.CreatePolicyRuleResponse> getCreatePolicyRuleMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreatePolicyRuleRequest, pointsman.v1.CreatePolicyRuleResponse> getCreatePolicyRuleMethod;
    if ((getCreatePolicyRuleMethod = PolicyServiceGrpc.getCreatePolicyRuleMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getCreatePolicyRuleMethod = PolicyServiceGrpc.getCreatePolicyRuleMethod) == null) {
          PolicyServiceGrpc.getCreatePolicyRuleMethod = getCreatePolicyRuleMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreatePolicyRuleRequest, pointsman.v1.CreatePolicyRuleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreatePolicyRule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreatePolicyRuleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreatePolicyRuleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("CreatePolicyRule"))
              .build();
        }
      }
    }
    return getCreatePolicyRuleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetPolicyRuleRequest,
      pointsman.v1.GetPolicyRuleResponse> getGetPolicyRuleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPolicyRule",
      requestType = pointsman.v1.GetPolicyRuleRequest.class,
      responseType = pointsman.v1.GetPolicyRuleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetPolicyRuleRequest,
      pointsman.v1.GetPolicyRuleResponse> getGetPolicyRuleMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetPolicyRuleRequest, pointsman.v1.GetPolicyRuleResponse> getGetPolicyRuleMethod;
    if ((getGetPolicyRuleMethod = PolicyServiceGrpc.getGetPolicyRuleMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getGetPolicyRuleMethod = PolicyServiceGrpc.getGetPolicyRuleMethod) == null) {
          PolicyServiceGrpc.getGetPolicyRuleMethod = getGetPolicyRuleMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetPolicyRuleRequest, pointsman.v1.GetPolicyRuleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPolicyRule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetPolicyRuleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetPolicyRuleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("GetPolicyRule"))
              .build();
        }
      }
    }
    return getGetPolicyRuleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListPolicyRulesRequest,
      pointsman.v1.ListPolicyRulesResponse> getListPolicyRulesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPolicyRules",
      requestType = pointsman.v1.ListPolicyRulesRequest.class,
      responseType = pointsman.v1.ListPolicyRulesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListPolicyRulesRequest,
      pointsman.v1.ListPolicyRulesResponse> getListPolicyRulesMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListPolicyRulesRequest, pointsman.v1.ListPolicyRulesResponse> getListPolicyRulesMethod;
    if ((getListPolicyRulesMethod = PolicyServiceGrpc.getListPolicyRulesMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getListPolicyRulesMethod = PolicyServiceGrpc.getListPolicyRulesMethod) == null) {
          PolicyServiceGrpc.getListPolicyRulesMethod = getListPolicyRulesMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListPolicyRulesRequest, pointsman.v1.ListPolicyRulesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPolicyRules"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListPolicyRulesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListPolicyRulesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("ListPolicyRules"))
              .build();
        }
      }
    }
    return getListPolicyRulesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdatePolicyRuleRequest,
      pointsman.v1.UpdatePolicyRuleResponse> getUpdatePolicyRuleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdatePolicyRule",
      requestType = pointsman.v1.UpdatePolicyRuleRequest.class,
      responseType = pointsman.v1.UpdatePolicyRuleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdatePolicyRuleRequest,
      pointsman.v1.UpdatePolicyRuleResponse> getUpdatePolicyRuleMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdatePolicyRuleRequest, pointsman.v1.UpdatePolicyRuleResponse> getUpdatePolicyRuleMethod;
    if ((getUpdatePolicyRuleMethod = PolicyServiceGrpc.getUpdatePolicyRuleMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getUpdatePolicyRuleMethod = PolicyServiceGrpc.getUpdatePolicyRuleMethod) == null) {
          PolicyServiceGrpc.getUpdatePolicyRuleMethod = getUpdatePolicyRuleMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdatePolicyRuleRequest, pointsman.v1.UpdatePolicyRuleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdatePolicyRule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdatePolicyRuleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdatePolicyRuleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("UpdatePolicyRule"))
              .build();
        }
      }
    }
    return getUpdatePolicyRuleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeletePolicyRuleRequest,
      pointsman.v1.DeletePolicyRuleResponse> getDeletePolicyRuleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeletePolicyRule",
      requestType = pointsman.v1.DeletePolicyRuleRequest.class,
      responseType = pointsman.v1.DeletePolicyRuleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeletePolicyRuleRequest,
      pointsman.v1.DeletePolicyRuleResponse> getDeletePolicyRuleMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeletePolicyRuleRequest, pointsman.v1.DeletePolicyRuleResponse> getDeletePolicyRuleMethod;
    if ((getDeletePolicyRuleMethod = PolicyServiceGrpc.getDeletePolicyRuleMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getDeletePolicyRuleMethod = PolicyServiceGrpc.getDeletePolicyRuleMethod) == null) {
          PolicyServiceGrpc.getDeletePolicyRuleMethod = getDeletePolicyRuleMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeletePolicyRuleRequest, pointsman.v1.DeletePolicyRuleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeletePolicyRule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeletePolicyRuleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeletePolicyRuleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("DeletePolicyRule"))
              .build();
        }
      }
    }
    return getDeletePolicyRuleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.EvaluateRequest,
      pointsman.v1.EvaluateResponse> getEvaluateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Evaluate",
      requestType = pointsman.v1.EvaluateRequest.class,
      responseType = pointsman.v1.EvaluateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.EvaluateRequest,
      pointsman.v1.EvaluateResponse> getEvaluateMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.EvaluateRequest, pointsman.v1.EvaluateResponse> getEvaluateMethod;
    if ((getEvaluateMethod = PolicyServiceGrpc.getEvaluateMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getEvaluateMethod = PolicyServiceGrpc.getEvaluateMethod) == null) {
          PolicyServiceGrpc.getEvaluateMethod = getEvaluateMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.EvaluateRequest, pointsman.v1.EvaluateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Evaluate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.EvaluateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.EvaluateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("Evaluate"))
              .build();
        }
      }
    }
    return getEvaluateMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static PolicyServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub>() {
        @java.lang.Override
        public PolicyServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceStub(channel, callOptions);
        }
      };
    return PolicyServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static PolicyServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub>() {
        @java.lang.Override
        public PolicyServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static PolicyServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub>() {
        @java.lang.Override
        public PolicyServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingStub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static PolicyServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub>() {
        @java.lang.Override
        public PolicyServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceFutureStub(channel, callOptions);
        }
      };
    return PolicyServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Makes a rule. It holds on every replica within a second.
     * </pre>
     */
    default void createPolicyRule(pointsman.v1.CreatePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreatePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreatePolicyRuleMethod(), responseObserver);
    }

    /**
     * <pre>
     * One rule.
     * </pre>
     */
    default void getPolicyRule(pointsman.v1.GetPolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetPolicyRuleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPolicyRuleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Rules, ordered by id: those of the tenant and those of the platform that hold for it.
     * </pre>
     */
    default void listPolicyRules(pointsman.v1.ListPolicyRulesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListPolicyRulesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPolicyRulesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a rule.
     * </pre>
     */
    default void updatePolicyRule(pointsman.v1.UpdatePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdatePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdatePolicyRuleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a rule.
     * </pre>
     */
    default void deletePolicyRule(pointsman.v1.DeletePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeletePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeletePolicyRuleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Says what policy would make of a call: whether it is allowed, the merged limits and which rule set each, and the
     * meters that it would be charged on. Calls nobody and charges nothing.
     * </pre>
     */
    default void evaluate(pointsman.v1.EvaluateRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.EvaluateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEvaluateMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service PolicyService.
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public static abstract class PolicyServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return PolicyServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service PolicyService.
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public static final class PolicyServiceStub
      extends io.grpc.stub.AbstractAsyncStub<PolicyServiceStub> {
    private PolicyServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a rule. It holds on every replica within a second.
     * </pre>
     */
    public void createPolicyRule(pointsman.v1.CreatePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreatePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreatePolicyRuleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One rule.
     * </pre>
     */
    public void getPolicyRule(pointsman.v1.GetPolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetPolicyRuleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPolicyRuleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Rules, ordered by id: those of the tenant and those of the platform that hold for it.
     * </pre>
     */
    public void listPolicyRules(pointsman.v1.ListPolicyRulesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListPolicyRulesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPolicyRulesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a rule.
     * </pre>
     */
    public void updatePolicyRule(pointsman.v1.UpdatePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdatePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdatePolicyRuleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a rule.
     * </pre>
     */
    public void deletePolicyRule(pointsman.v1.DeletePolicyRuleRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeletePolicyRuleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeletePolicyRuleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Says what policy would make of a call: whether it is allowed, the merged limits and which rule set each, and the
     * meters that it would be charged on. Calls nobody and charges nothing.
     * </pre>
     */
    public void evaluate(pointsman.v1.EvaluateRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.EvaluateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEvaluateMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service PolicyService.
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public static final class PolicyServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingV2Stub> {
    private PolicyServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a rule. It holds on every replica within a second.
     * </pre>
     */
    public pointsman.v1.CreatePolicyRuleResponse createPolicyRule(pointsman.v1.CreatePolicyRuleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreatePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One rule.
     * </pre>
     */
    public pointsman.v1.GetPolicyRuleResponse getPolicyRule(pointsman.v1.GetPolicyRuleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Rules, ordered by id: those of the tenant and those of the platform that hold for it.
     * </pre>
     */
    public pointsman.v1.ListPolicyRulesResponse listPolicyRules(pointsman.v1.ListPolicyRulesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPolicyRulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a rule.
     * </pre>
     */
    public pointsman.v1.UpdatePolicyRuleResponse updatePolicyRule(pointsman.v1.UpdatePolicyRuleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdatePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a rule.
     * </pre>
     */
    public pointsman.v1.DeletePolicyRuleResponse deletePolicyRule(pointsman.v1.DeletePolicyRuleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeletePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what policy would make of a call: whether it is allowed, the merged limits and which rule set each, and the
     * meters that it would be charged on. Calls nobody and charges nothing.
     * </pre>
     */
    public pointsman.v1.EvaluateResponse evaluate(pointsman.v1.EvaluateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEvaluateMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service PolicyService.
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public static final class PolicyServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingStub> {
    private PolicyServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a rule. It holds on every replica within a second.
     * </pre>
     */
    public pointsman.v1.CreatePolicyRuleResponse createPolicyRule(pointsman.v1.CreatePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreatePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One rule.
     * </pre>
     */
    public pointsman.v1.GetPolicyRuleResponse getPolicyRule(pointsman.v1.GetPolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Rules, ordered by id: those of the tenant and those of the platform that hold for it.
     * </pre>
     */
    public pointsman.v1.ListPolicyRulesResponse listPolicyRules(pointsman.v1.ListPolicyRulesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPolicyRulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a rule.
     * </pre>
     */
    public pointsman.v1.UpdatePolicyRuleResponse updatePolicyRule(pointsman.v1.UpdatePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdatePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a rule.
     * </pre>
     */
    public pointsman.v1.DeletePolicyRuleResponse deletePolicyRule(pointsman.v1.DeletePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeletePolicyRuleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what policy would make of a call: whether it is allowed, the merged limits and which rule set each, and the
     * meters that it would be charged on. Calls nobody and charges nothing.
     * </pre>
     */
    public pointsman.v1.EvaluateResponse evaluate(pointsman.v1.EvaluateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEvaluateMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service PolicyService.
   * <pre>
   * Keeps rules, and evaluates them. The rules of a tenant are its administrators' to write; those of the platform and of
   * plans, and those that a platform administrator writes for a tenant, are platform administrators'.
   * </pre>
   */
  public static final class PolicyServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<PolicyServiceFutureStub> {
    private PolicyServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a rule. It holds on every replica within a second.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreatePolicyRuleResponse> createPolicyRule(
        pointsman.v1.CreatePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreatePolicyRuleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One rule.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetPolicyRuleResponse> getPolicyRule(
        pointsman.v1.GetPolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPolicyRuleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Rules, ordered by id: those of the tenant and those of the platform that hold for it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListPolicyRulesResponse> listPolicyRules(
        pointsman.v1.ListPolicyRulesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPolicyRulesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a rule.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdatePolicyRuleResponse> updatePolicyRule(
        pointsman.v1.UpdatePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdatePolicyRuleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a rule.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeletePolicyRuleResponse> deletePolicyRule(
        pointsman.v1.DeletePolicyRuleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeletePolicyRuleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Says what policy would make of a call: whether it is allowed, the merged limits and which rule set each, and the
     * meters that it would be charged on. Calls nobody and charges nothing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.EvaluateResponse> evaluate(
        pointsman.v1.EvaluateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEvaluateMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_POLICY_RULE = 0;
  private static final int METHODID_GET_POLICY_RULE = 1;
  private static final int METHODID_LIST_POLICY_RULES = 2;
  private static final int METHODID_UPDATE_POLICY_RULE = 3;
  private static final int METHODID_DELETE_POLICY_RULE = 4;
  private static final int METHODID_EVALUATE = 5;

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
        case METHODID_CREATE_POLICY_RULE:
          serviceImpl.createPolicyRule((pointsman.v1.CreatePolicyRuleRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreatePolicyRuleResponse>) responseObserver);
          break;
        case METHODID_GET_POLICY_RULE:
          serviceImpl.getPolicyRule((pointsman.v1.GetPolicyRuleRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetPolicyRuleResponse>) responseObserver);
          break;
        case METHODID_LIST_POLICY_RULES:
          serviceImpl.listPolicyRules((pointsman.v1.ListPolicyRulesRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListPolicyRulesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_POLICY_RULE:
          serviceImpl.updatePolicyRule((pointsman.v1.UpdatePolicyRuleRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdatePolicyRuleResponse>) responseObserver);
          break;
        case METHODID_DELETE_POLICY_RULE:
          serviceImpl.deletePolicyRule((pointsman.v1.DeletePolicyRuleRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeletePolicyRuleResponse>) responseObserver);
          break;
        case METHODID_EVALUATE:
          serviceImpl.evaluate((pointsman.v1.EvaluateRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.EvaluateResponse>) responseObserver);
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
          getCreatePolicyRuleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreatePolicyRuleRequest,
              pointsman.v1.CreatePolicyRuleResponse>(
                service, METHODID_CREATE_POLICY_RULE)))
        .addMethod(
          getGetPolicyRuleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetPolicyRuleRequest,
              pointsman.v1.GetPolicyRuleResponse>(
                service, METHODID_GET_POLICY_RULE)))
        .addMethod(
          getListPolicyRulesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListPolicyRulesRequest,
              pointsman.v1.ListPolicyRulesResponse>(
                service, METHODID_LIST_POLICY_RULES)))
        .addMethod(
          getUpdatePolicyRuleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdatePolicyRuleRequest,
              pointsman.v1.UpdatePolicyRuleResponse>(
                service, METHODID_UPDATE_POLICY_RULE)))
        .addMethod(
          getDeletePolicyRuleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeletePolicyRuleRequest,
              pointsman.v1.DeletePolicyRuleResponse>(
                service, METHODID_DELETE_POLICY_RULE)))
        .addMethod(
          getEvaluateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.EvaluateRequest,
              pointsman.v1.EvaluateResponse>(
                service, METHODID_EVALUATE)))
        .build();
  }

  private static abstract class PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    PolicyServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return pointsman.v1.PolicyServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("PolicyService");
    }
  }

  private static final class PolicyServiceFileDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier {
    PolicyServiceFileDescriptorSupplier() {}
  }

  private static final class PolicyServiceMethodDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    PolicyServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (PolicyServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new PolicyServiceFileDescriptorSupplier())
              .addMethod(getCreatePolicyRuleMethod())
              .addMethod(getGetPolicyRuleMethod())
              .addMethod(getListPolicyRulesMethod())
              .addMethod(getUpdatePolicyRuleMethod())
              .addMethod(getDeletePolicyRuleMethod())
              .addMethod(getEvaluateMethod())
              .build();
        }
      }
    }
    return result;
  }
}
