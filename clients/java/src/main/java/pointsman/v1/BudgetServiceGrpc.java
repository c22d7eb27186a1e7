package pointsman.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
 * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
 * need an administrator of their tenant, and auditors may read them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class BudgetServiceGrpc {

  private BudgetServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "pointsman.v1.BudgetService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateBudgetRequest,
      pointsman.v1.CreateBudgetResponse> getCreateBudgetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateBudget",
      requestType = pointsman.v1.CreateBudgetRequest.class,
      responseType = pointsman.v1.CreateBudgetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateBudgetRequest,
      pointsman.v1.CreateBudgetResponse> getCreateBudgetMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateBudgetRequest, pointsman.v1.CreateBudgetResponse> getCreateBudgetMethod;
    if ((getCreateBudgetMethod = BudgetServiceGrpc.getCreateBudgetMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getCreateBudgetMethod = BudgetServiceGrpc.getCreateBudgetMethod) == null) {
          BudgetServiceGrpc.getCreateBudgetMethod = getCreateBudgetMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateBudgetRequest, pointsman.v1.CreateBudgetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateBudget"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateBudgetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateBudgetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("CreateBudget"))
              .build();
        }
      }
    }
    return getCreateBudgetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetBudgetRequest,
      pointsman.v1.GetBudgetResponse> getGetBudgetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetBudget",
      requestType = pointsman.v1.GetBudgetRequest.class,
      responseType = pointsman.v1.GetBudgetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetBudgetRequest,
      pointsman.v1.GetBudgetResponse> getGetBudgetMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetBudgetRequest, pointsman.v1.GetBudgetResponse> getGetBudgetMethod;
    if ((getGetBudgetMethod = BudgetServiceGrpc.getGetBudgetMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getGetBudgetMethod = BudgetServiceGrpc.getGetBudgetMethod) == null) {
          BudgetServiceGrpc.getGetBudgetMethod = getGetBudgetMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetBudgetRequest, pointsman.v1.GetBudgetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetBudget"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetBudgetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetBudgetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("GetBudget"))
              .build();
        }
      }
    }
    return getGetBudgetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListBudgetsRequest,
      pointsman.v1.ListBudgetsResponse> getListBudgetsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListBudgets",
      requestType = pointsman.v1.ListBudgetsRequest.class,
      responseType = pointsman.v1.ListBudgetsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListBudgetsRequest,
      pointsman.v1.ListBudgetsResponse> getListBudgetsMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListBudgetsRequest, pointsman.v1.ListBudgetsResponse> getListBudgetsMethod;
    if ((getListBudgetsMethod = BudgetServiceGrpc.getListBudgetsMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getListBudgetsMethod = BudgetServiceGrpc.getListBudgetsMethod) == null) {
          BudgetServiceGrpc.getListBudgetsMethod = getListBudgetsMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListBudgetsRequest, pointsman.v1.ListBudgetsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListBudgets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListBudgetsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListBudgetsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("ListBudgets"))
              .build();
        }
      }
    }
    return getListBudgetsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateBudgetRequest,
      pointsman.v1.UpdateBudgetResponse> getUpdateBudgetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateBudget",
      requestType = pointsman.v1.UpdateBudgetRequest.class,
      responseType = pointsman.v1.UpdateBudgetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateBudgetRequest,
      pointsman.v1.UpdateBudgetResponse> getUpdateBudgetMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateBudgetRequest, pointsman.v1.UpdateBudgetResponse> getUpdateBudgetMethod;
    if ((getUpdateBudgetMethod = BudgetServiceGrpc.getUpdateBudgetMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getUpdateBudgetMethod = BudgetServiceGrpc.getUpdateBudgetMethod) == null) {
          BudgetServiceGrpc.getUpdateBudgetMethod = getUpdateBudgetMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateBudgetRequest, pointsman.v1.UpdateBudgetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateBudget"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateBudgetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateBudgetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("UpdateBudget"))
              .build();
        }
      }
    }
    return getUpdateBudgetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeleteBudgetRequest,
      pointsman.v1.DeleteBudgetResponse> getDeleteBudgetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteBudget",
      requestType = pointsman.v1.DeleteBudgetRequest.class,
      responseType = pointsman.v1.DeleteBudgetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeleteBudgetRequest,
      pointsman.v1.DeleteBudgetResponse> getDeleteBudgetMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeleteBudgetRequest, pointsman.v1.DeleteBudgetResponse> getDeleteBudgetMethod;
    if ((getDeleteBudgetMethod = BudgetServiceGrpc.getDeleteBudgetMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getDeleteBudgetMethod = BudgetServiceGrpc.getDeleteBudgetMethod) == null) {
          BudgetServiceGrpc.getDeleteBudgetMethod = getDeleteBudgetMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeleteBudgetRequest, pointsman.v1.DeleteBudgetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteBudget"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteBudgetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteBudgetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("DeleteBudget"))
              .build();
        }
      }
    }
    return getDeleteBudgetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ResolveUnknownRequest,
      pointsman.v1.ResolveUnknownResponse> getResolveUnknownMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResolveUnknown",
      requestType = pointsman.v1.ResolveUnknownRequest.class,
      responseType = pointsman.v1.ResolveUnknownResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ResolveUnknownRequest,
      pointsman.v1.ResolveUnknownResponse> getResolveUnknownMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ResolveUnknownRequest, pointsman.v1.ResolveUnknownResponse> getResolveUnknownMethod;
    if ((getResolveUnknownMethod = BudgetServiceGrpc.getResolveUnknownMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getResolveUnknownMethod = BudgetServiceGrpc.getResolveUnknownMethod) == null) {
          BudgetServiceGrpc.getResolveUnknownMethod = getResolveUnknownMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ResolveUnknownRequest, pointsman.v1.ResolveUnknownResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResolveUnknown"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ResolveUnknownRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ResolveUnknownResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("ResolveUnknown"))
              .build();
        }
      }
    }
    return getResolveUnknownMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.VerifyLedgerRequest,
      pointsman.v1.VerifyLedgerResponse> getVerifyLedgerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyLedger",
      requestType = pointsman.v1.VerifyLedgerRequest.class,
      responseType = pointsman.v1.VerifyLedgerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<pointsman.v1.VerifyLedgerRequest,
      pointsman.v1.VerifyLedgerResponse> getVerifyLedgerMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.VerifyLedgerRequest, pointsman.v1.VerifyLedgerResponse> getVerifyLedgerMethod;
    if ((getVerifyLedgerMethod = BudgetServiceGrpc.getVerifyLedgerMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getVerifyLedgerMethod = BudgetServiceGrpc.getVerifyLedgerMethod) == null) {
          BudgetServiceGrpc.getVerifyLedgerMethod = getVerifyLedgerMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.VerifyLedgerRequest, pointsman.v1.VerifyLedgerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyLedger"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.VerifyLedgerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.VerifyLedgerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("VerifyLedger"))
              .build();
        }
      }
    }
    return getVerifyLedgerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CompareUsageRequest,
      pointsman.v1.CompareUsageResponse> getCompareUsageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CompareUsage",
      requestType = pointsman.v1.CompareUsageRequest.class,
      responseType = pointsman.v1.CompareUsageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CompareUsageRequest,
      pointsman.v1.CompareUsageResponse> getCompareUsageMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CompareUsageRequest, pointsman.v1.CompareUsageResponse> getCompareUsageMethod;
    if ((getCompareUsageMethod = BudgetServiceGrpc.getCompareUsageMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getCompareUsageMethod = BudgetServiceGrpc.getCompareUsageMethod) == null) {
          BudgetServiceGrpc.getCompareUsageMethod = getCompareUsageMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CompareUsageRequest, pointsman.v1.CompareUsageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CompareUsage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CompareUsageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CompareUsageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("CompareUsage"))
              .build();
        }
      }
    }
    return getCompareUsageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.PullKillSwitchRequest,
      pointsman.v1.PullKillSwitchResponse> getPullKillSwitchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PullKillSwitch",
      requestType = pointsman.v1.PullKillSwitchRequest.class,
      responseType = pointsman.v1.PullKillSwitchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.PullKillSwitchRequest,
      pointsman.v1.PullKillSwitchResponse> getPullKillSwitchMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.PullKillSwitchRequest, pointsman.v1.PullKillSwitchResponse> getPullKillSwitchMethod;
    if ((getPullKillSwitchMethod = BudgetServiceGrpc.getPullKillSwitchMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getPullKillSwitchMethod = BudgetServiceGrpc.getPullKillSwitchMethod) == null) {
          BudgetServiceGrpc.getPullKillSwitchMethod = getPullKillSwitchMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.PullKillSwitchRequest, pointsman.v1.PullKillSwitchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PullKillSwitch"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.PullKillSwitchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.PullKillSwitchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("PullKillSwitch"))
              .build();
        }
      }
    }
    return getPullKillSwitchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ReleaseKillSwitchRequest,
      pointsman.v1.ReleaseKillSwitchResponse> getReleaseKillSwitchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseKillSwitch",
      requestType = pointsman.v1.ReleaseKillSwitchRequest.class,
      responseType = pointsman.v1.ReleaseKillSwitchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ReleaseKillSwitchRequest,
      pointsman.v1.ReleaseKillSwitchResponse> getReleaseKillSwitchMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ReleaseKillSwitchRequest, pointsman.v1.ReleaseKillSwitchResponse> getReleaseKillSwitchMethod;
    if ((getReleaseKillSwitchMethod = BudgetServiceGrpc.getReleaseKillSwitchMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getReleaseKillSwitchMethod = BudgetServiceGrpc.getReleaseKillSwitchMethod) == null) {
          BudgetServiceGrpc.getReleaseKillSwitchMethod = getReleaseKillSwitchMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ReleaseKillSwitchRequest, pointsman.v1.ReleaseKillSwitchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseKillSwitch"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ReleaseKillSwitchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ReleaseKillSwitchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("ReleaseKillSwitch"))
              .build();
        }
      }
    }
    return getReleaseKillSwitchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListKillSwitchesRequest,
      pointsman.v1.ListKillSwitchesResponse> getListKillSwitchesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListKillSwitches",
      requestType = pointsman.v1.ListKillSwitchesRequest.class,
      responseType = pointsman.v1.ListKillSwitchesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListKillSwitchesRequest,
      pointsman.v1.ListKillSwitchesResponse> getListKillSwitchesMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListKillSwitchesRequest, pointsman.v1.ListKillSwitchesResponse> getListKillSwitchesMethod;
    if ((getListKillSwitchesMethod = BudgetServiceGrpc.getListKillSwitchesMethod) == null) {
      synchronized (BudgetServiceGrpc.class) {
        if ((getListKillSwitchesMethod = BudgetServiceGrpc.getListKillSwitchesMethod) == null) {
          BudgetServiceGrpc.getListKillSwitchesMethod = getListKillSwitchesMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListKillSwitchesRequest, pointsman.v1.ListKillSwitchesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListKillSwitches"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListKillSwitchesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListKillSwitchesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BudgetServiceMethodDescriptorSupplier("ListKillSwitches"))
              .build();
        }
      }
    }
    return getListKillSwitchesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static BudgetServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BudgetServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BudgetServiceStub>() {
        @java.lang.Override
        public BudgetServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BudgetServiceStub(channel, callOptions);
        }
      };
    return BudgetServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static BudgetServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BudgetServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BudgetServiceBlockingV2Stub>() {
        @java.lang.Override
        public BudgetServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BudgetServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return BudgetServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static BudgetServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BudgetServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BudgetServiceBlockingStub>() {
        @java.lang.Override
        public BudgetServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BudgetServiceBlockingStub(channel, callOptions);
        }
      };
    return BudgetServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static BudgetServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BudgetServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BudgetServiceFutureStub>() {
        @java.lang.Override
        public BudgetServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BudgetServiceFutureStub(channel, callOptions);
        }
      };
    return BudgetServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Makes a budget. It counts from now on.
     * </pre>
     */
    default void createBudget(pointsman.v1.CreateBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateBudgetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateBudgetMethod(), responseObserver);
    }

    /**
     * <pre>
     * One budget with its live state.
     * </pre>
     */
    default void getBudget(pointsman.v1.GetBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetBudgetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetBudgetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Budgets with their live state, ordered by id.
     * </pre>
     */
    default void listBudgets(pointsman.v1.ListBudgetsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListBudgetsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListBudgetsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the name or the limit, freezes or unfreezes. It holds for every admission after the answer, and cuts nothing
     * that runs.
     * </pre>
     */
    default void updateBudget(pointsman.v1.UpdateBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateBudgetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateBudgetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a budget with its counters. What was used stays in the usage entries.
     * </pre>
     */
    default void deleteBudget(pointsman.v1.DeleteBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteBudgetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteBudgetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a reservation whose server went away. Until then it stays charged with all that it held.
     * </pre>
     */
    default void resolveUnknown(pointsman.v1.ResolveUnknownRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ResolveUnknownResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResolveUnknownMethod(), responseObserver);
    }

    /**
     * <pre>
     * Recomputes every counter from usage entries and open reservations, and says what differs. The server goes on.
     * </pre>
     */
    default void verifyLedger(pointsman.v1.VerifyLedgerRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.VerifyLedgerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyLedgerMethod(), responseObserver);
    }

    /**
     * <pre>
     * Compares what a provider says that it billed with the usage entries of all tenants. Needs the role platform_admin.
     * A difference above the tolerance raises an alarm in the server's log too.
     * </pre>
     */
    default void compareUsage(pointsman.v1.CompareUsageRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CompareUsageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompareUsageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops calls, on every server within a second: all of them, those of a tenant, those to a provider or a model. What a
     * platform administrator pulls is the platform's, and tenants cannot release it; a tenant's administrator stops calls of
     * the own tenant alone.
     * </pre>
     */
    default void pullKillSwitch(pointsman.v1.PullKillSwitchRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.PullKillSwitchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPullKillSwitchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lets calls in again, unless another switch stops them. One that was released before stays as it is.
     * </pre>
     */
    default void releaseKillSwitch(pointsman.v1.ReleaseKillSwitchRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ReleaseKillSwitchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseKillSwitchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Kill switches, ordered by id: who pulled them, when and why, and what they stop. Who pulled a switch of the platform,
     * and why, platform administrators alone see.
     * </pre>
     */
    default void listKillSwitches(pointsman.v1.ListKillSwitchesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListKillSwitchesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListKillSwitchesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service BudgetService.
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public static abstract class BudgetServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return BudgetServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service BudgetService.
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public static final class BudgetServiceStub
      extends io.grpc.stub.AbstractAsyncStub<BudgetServiceStub> {
    private BudgetServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BudgetServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BudgetServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a budget. It counts from now on.
     * </pre>
     */
    public void createBudget(pointsman.v1.CreateBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateBudgetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateBudgetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One budget with its live state.
     * </pre>
     */
    public void getBudget(pointsman.v1.GetBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetBudgetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetBudgetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Budgets with their live state, ordered by id.
     * </pre>
     */
    public void listBudgets(pointsman.v1.ListBudgetsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListBudgetsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListBudgetsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the name or the limit, freezes or unfreezes. It holds for every admission after the answer, and cuts nothing
     * that runs.
     * </pre>
     */
    public void updateBudget(pointsman.v1.UpdateBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateBudgetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateBudgetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a budget with its counters. What was used stays in the usage entries.
     * </pre>
     */
    public void deleteBudget(pointsman.v1.DeleteBudgetRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteBudgetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteBudgetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a reservation whose server went away. Until then it stays charged with all that it held.
     * </pre>
     */
    public void resolveUnknown(pointsman.v1.ResolveUnknownRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ResolveUnknownResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResolveUnknownMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Recomputes every counter from usage entries and open reservations, and says what differs. The server goes on.
     * </pre>
     */
    public void verifyLedger(pointsman.v1.VerifyLedgerRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.VerifyLedgerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getVerifyLedgerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Compares what a provider says that it billed with the usage entries of all tenants. Needs the role platform_admin.
     * A difference above the tolerance raises an alarm in the server's log too.
     * </pre>
     */
    public void compareUsage(pointsman.v1.CompareUsageRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CompareUsageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompareUsageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops calls, on every server within a second: all of them, those of a tenant, those to a provider or a model. What a
     * platform administrator pulls is the platform's, and tenants cannot release it; a tenant's administrator stops calls of
     * the own tenant alone.
     * </pre>
     */
    public void pullKillSwitch(pointsman.v1.PullKillSwitchRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.PullKillSwitchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPullKillSwitchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lets calls in again, unless another switch stops them. One that was released before stays as it is.
     * </pre>
     */
    public void releaseKillSwitch(pointsman.v1.ReleaseKillSwitchRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ReleaseKillSwitchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseKillSwitchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Kill switches, ordered by id: who pulled them, when and why, and what they stop. Who pulled a switch of the platform,
     * and why, platform administrators alone see.
     * </pre>
     */
    public void listKillSwitches(pointsman.v1.ListKillSwitchesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListKillSwitchesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListKillSwitchesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service BudgetService.
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public static final class BudgetServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<BudgetServiceBlockingV2Stub> {
    private BudgetServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BudgetServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BudgetServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a budget. It counts from now on.
     * </pre>
     */
    public pointsman.v1.CreateBudgetResponse createBudget(pointsman.v1.CreateBudgetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One budget with its live state.
     * </pre>
     */
    public pointsman.v1.GetBudgetResponse getBudget(pointsman.v1.GetBudgetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Budgets with their live state, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListBudgetsResponse listBudgets(pointsman.v1.ListBudgetsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListBudgetsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the name or the limit, freezes or unfreezes. It holds for every admission after the answer, and cuts nothing
     * that runs.
     * </pre>
     */
    public pointsman.v1.UpdateBudgetResponse updateBudget(pointsman.v1.UpdateBudgetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a budget with its counters. What was used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteBudgetResponse deleteBudget(pointsman.v1.DeleteBudgetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a reservation whose server went away. Until then it stays charged with all that it held.
     * </pre>
     */
    public pointsman.v1.ResolveUnknownResponse resolveUnknown(pointsman.v1.ResolveUnknownRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResolveUnknownMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Recomputes every counter from usage entries and open reservations, and says what differs. The server goes on.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, pointsman.v1.VerifyLedgerResponse>
        verifyLedger(pointsman.v1.VerifyLedgerRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getVerifyLedgerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Compares what a provider says that it billed with the usage entries of all tenants. Needs the role platform_admin.
     * A difference above the tolerance raises an alarm in the server's log too.
     * </pre>
     */
    public pointsman.v1.CompareUsageResponse compareUsage(pointsman.v1.CompareUsageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompareUsageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops calls, on every server within a second: all of them, those of a tenant, those to a provider or a model. What a
     * platform administrator pulls is the platform's, and tenants cannot release it; a tenant's administrator stops calls of
     * the own tenant alone.
     * </pre>
     */
    public pointsman.v1.PullKillSwitchResponse pullKillSwitch(pointsman.v1.PullKillSwitchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPullKillSwitchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets calls in again, unless another switch stops them. One that was released before stays as it is.
     * </pre>
     */
    public pointsman.v1.ReleaseKillSwitchResponse releaseKillSwitch(pointsman.v1.ReleaseKillSwitchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseKillSwitchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Kill switches, ordered by id: who pulled them, when and why, and what they stop. Who pulled a switch of the platform,
     * and why, platform administrators alone see.
     * </pre>
     */
    public pointsman.v1.ListKillSwitchesResponse listKillSwitches(pointsman.v1.ListKillSwitchesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListKillSwitchesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service BudgetService.
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public static final class BudgetServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<BudgetServiceBlockingStub> {
    private BudgetServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BudgetServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BudgetServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a budget. It counts from now on.
     * </pre>
     */
    public pointsman.v1.CreateBudgetResponse createBudget(pointsman.v1.CreateBudgetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One budget with its live state.
     * </pre>
     */
    public pointsman.v1.GetBudgetResponse getBudget(pointsman.v1.GetBudgetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Budgets with their live state, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListBudgetsResponse listBudgets(pointsman.v1.ListBudgetsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListBudgetsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the name or the limit, freezes or unfreezes. It holds for every admission after the answer, and cuts nothing
     * that runs.
     * </pre>
     */
    public pointsman.v1.UpdateBudgetResponse updateBudget(pointsman.v1.UpdateBudgetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a budget with its counters. What was used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteBudgetResponse deleteBudget(pointsman.v1.DeleteBudgetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteBudgetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a reservation whose server went away. Until then it stays charged with all that it held.
     * </pre>
     */
    public pointsman.v1.ResolveUnknownResponse resolveUnknown(pointsman.v1.ResolveUnknownRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResolveUnknownMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Recomputes every counter from usage entries and open reservations, and says what differs. The server goes on.
     * </pre>
     */
    public java.util.Iterator<pointsman.v1.VerifyLedgerResponse> verifyLedger(
        pointsman.v1.VerifyLedgerRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getVerifyLedgerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Compares what a provider says that it billed with the usage entries of all tenants. Needs the role platform_admin.
     * A difference above the tolerance raises an alarm in the server's log too.
     * </pre>
     */
    public pointsman.v1.CompareUsageResponse compareUsage(pointsman.v1.CompareUsageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompareUsageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops calls, on every server within a second: all of them, those of a tenant, those to a provider or a model. What a
     * platform administrator pulls is the platform's, and tenants cannot release it; a tenant's administrator stops calls of
     * the own tenant alone.
     * </pre>
     */
    public pointsman.v1.PullKillSwitchResponse pullKillSwitch(pointsman.v1.PullKillSwitchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPullKillSwitchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets calls in again, unless another switch stops them. One that was released before stays as it is.
     * </pre>
     */
    public pointsman.v1.ReleaseKillSwitchResponse releaseKillSwitch(pointsman.v1.ReleaseKillSwitchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseKillSwitchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Kill switches, ordered by id: who pulled them, when and why, and what they stop. Who pulled a switch of the platform,
     * and why, platform administrators alone see.
     * </pre>
     */
    public pointsman.v1.ListKillSwitchesResponse listKillSwitches(pointsman.v1.ListKillSwitchesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListKillSwitchesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service BudgetService.
   * <pre>
   * Limits what is used. Every call is held against all budgets that apply to it before a byte leaves.
   * What a budget of the platform's own scopes (GLOBAL, PROVIDER) says and does needs the role platform_admin; the others
   * need an administrator of their tenant, and auditors may read them.
   * </pre>
   */
  public static final class BudgetServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<BudgetServiceFutureStub> {
    private BudgetServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BudgetServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BudgetServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a budget. It counts from now on.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateBudgetResponse> createBudget(
        pointsman.v1.CreateBudgetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateBudgetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One budget with its live state.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetBudgetResponse> getBudget(
        pointsman.v1.GetBudgetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetBudgetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Budgets with their live state, ordered by id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListBudgetsResponse> listBudgets(
        pointsman.v1.ListBudgetsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListBudgetsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the name or the limit, freezes or unfreezes. It holds for every admission after the answer, and cuts nothing
     * that runs.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateBudgetResponse> updateBudget(
        pointsman.v1.UpdateBudgetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateBudgetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a budget with its counters. What was used stays in the usage entries.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeleteBudgetResponse> deleteBudget(
        pointsman.v1.DeleteBudgetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteBudgetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a reservation whose server went away. Until then it stays charged with all that it held.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ResolveUnknownResponse> resolveUnknown(
        pointsman.v1.ResolveUnknownRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResolveUnknownMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Compares what a provider says that it billed with the usage entries of all tenants. Needs the role platform_admin.
     * A difference above the tolerance raises an alarm in the server's log too.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CompareUsageResponse> compareUsage(
        pointsman.v1.CompareUsageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompareUsageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops calls, on every server within a second: all of them, those of a tenant, those to a provider or a model. What a
     * platform administrator pulls is the platform's, and tenants cannot release it; a tenant's administrator stops calls of
     * the own tenant alone.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.PullKillSwitchResponse> pullKillSwitch(
        pointsman.v1.PullKillSwitchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPullKillSwitchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lets calls in again, unless another switch stops them. One that was released before stays as it is.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ReleaseKillSwitchResponse> releaseKillSwitch(
        pointsman.v1.ReleaseKillSwitchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseKillSwitchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Kill switches, ordered by id: who pulled them, when and why, and what they stop. Who pulled a switch of the platform,
     * and why, platform administrators alone see.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListKillSwitchesResponse> listKillSwitches(
        pointsman.v1.ListKillSwitchesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListKillSwitchesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_BUDGET = 0;
  private static final int METHODID_GET_BUDGET = 1;
  private static final int METHODID_LIST_BUDGETS = 2;
  private static final int METHODID_UPDATE_BUDGET = 3;
  private static final int METHODID_DELETE_BUDGET = 4;
  private static final int METHODID_RESOLVE_UNKNOWN = 5;
  private static final int METHODID_VERIFY_LEDGER = 6;
  private static final int METHODID_COMPARE_USAGE = 7;
  private static final int METHODID_PULL_KILL_SWITCH = 8;
  private static final int METHODID_RELEASE_KILL_SWITCH = 9;
  private static final int METHODID_LIST_KILL_SWITCHES = 10;

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
        case METHODID_CREATE_BUDGET:
          serviceImpl.createBudget((pointsman.v1.CreateBudgetRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateBudgetResponse>) responseObserver);
          break;
        case METHODID_GET_BUDGET:
          serviceImpl.getBudget((pointsman.v1.GetBudgetRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetBudgetResponse>) responseObserver);
          break;
        case METHODID_LIST_BUDGETS:
          serviceImpl.listBudgets((pointsman.v1.ListBudgetsRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListBudgetsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_BUDGET:
          serviceImpl.updateBudget((pointsman.v1.UpdateBudgetRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateBudgetResponse>) responseObserver);
          break;
        case METHODID_DELETE_BUDGET:
          serviceImpl.deleteBudget((pointsman.v1.DeleteBudgetRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeleteBudgetResponse>) responseObserver);
          break;
        case METHODID_RESOLVE_UNKNOWN:
          serviceImpl.resolveUnknown((pointsman.v1.ResolveUnknownRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ResolveUnknownResponse>) responseObserver);
          break;
        case METHODID_VERIFY_LEDGER:
          serviceImpl.verifyLedger((pointsman.v1.VerifyLedgerRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.VerifyLedgerResponse>) responseObserver);
          break;
        case METHODID_COMPARE_USAGE:
          serviceImpl.compareUsage((pointsman.v1.CompareUsageRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CompareUsageResponse>) responseObserver);
          break;
        case METHODID_PULL_KILL_SWITCH:
          serviceImpl.pullKillSwitch((pointsman.v1.PullKillSwitchRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.PullKillSwitchResponse>) responseObserver);
          break;
        case METHODID_RELEASE_KILL_SWITCH:
          serviceImpl.releaseKillSwitch((pointsman.v1.ReleaseKillSwitchRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ReleaseKillSwitchResponse>) responseObserver);
          break;
        case METHODID_LIST_KILL_SWITCHES:
          serviceImpl.listKillSwitches((pointsman.v1.ListKillSwitchesRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListKillSwitchesResponse>) responseObserver);
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
          getCreateBudgetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateBudgetRequest,
              pointsman.v1.CreateBudgetResponse>(
                service, METHODID_CREATE_BUDGET)))
        .addMethod(
          getGetBudgetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetBudgetRequest,
              pointsman.v1.GetBudgetResponse>(
                service, METHODID_GET_BUDGET)))
        .addMethod(
          getListBudgetsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListBudgetsRequest,
              pointsman.v1.ListBudgetsResponse>(
                service, METHODID_LIST_BUDGETS)))
        .addMethod(
          getUpdateBudgetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateBudgetRequest,
              pointsman.v1.UpdateBudgetResponse>(
                service, METHODID_UPDATE_BUDGET)))
        .addMethod(
          getDeleteBudgetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeleteBudgetRequest,
              pointsman.v1.DeleteBudgetResponse>(
                service, METHODID_DELETE_BUDGET)))
        .addMethod(
          getResolveUnknownMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ResolveUnknownRequest,
              pointsman.v1.ResolveUnknownResponse>(
                service, METHODID_RESOLVE_UNKNOWN)))
        .addMethod(
          getVerifyLedgerMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              pointsman.v1.VerifyLedgerRequest,
              pointsman.v1.VerifyLedgerResponse>(
                service, METHODID_VERIFY_LEDGER)))
        .addMethod(
          getCompareUsageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CompareUsageRequest,
              pointsman.v1.CompareUsageResponse>(
                service, METHODID_COMPARE_USAGE)))
        .addMethod(
          getPullKillSwitchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.PullKillSwitchRequest,
              pointsman.v1.PullKillSwitchResponse>(
                service, METHODID_PULL_KILL_SWITCH)))
        .addMethod(
          getReleaseKillSwitchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ReleaseKillSwitchRequest,
              pointsman.v1.ReleaseKillSwitchResponse>(
                service, METHODID_RELEASE_KILL_SWITCH)))
        .addMethod(
          getListKillSwitchesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListKillSwitchesRequest,
              pointsman.v1.ListKillSwitchesResponse>(
                service, METHODID_LIST_KILL_SWITCHES)))
        .build();
  }

  private static abstract class BudgetServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    BudgetServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return pointsman.v1.BudgetServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("BudgetService");
    }
  }

  private static final class BudgetServiceFileDescriptorSupplier
      extends BudgetServiceBaseDescriptorSupplier {
    BudgetServiceFileDescriptorSupplier() {}
  }

  private static final class BudgetServiceMethodDescriptorSupplier
      extends BudgetServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    BudgetServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (BudgetServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new BudgetServiceFileDescriptorSupplier())
              .addMethod(getCreateBudgetMethod())
              .addMethod(getGetBudgetMethod())
              .addMethod(getListBudgetsMethod())
              .addMethod(getUpdateBudgetMethod())
              .addMethod(getDeleteBudgetMethod())
              .addMethod(getResolveUnknownMethod())
              .addMethod(getVerifyLedgerMethod())
              .addMethod(getCompareUsageMethod())
              .addMethod(getPullKillSwitchMethod())
              .addMethod(getReleaseKillSwitchMethod())
              .addMethod(getListKillSwitchesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
