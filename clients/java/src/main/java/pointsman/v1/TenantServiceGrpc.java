package pointsman.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
 * administrator may name another.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TenantServiceGrpc {

  private TenantServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "pointsman.v1.TenantService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<pointsman.v1.WhoAmIRequest,
      pointsman.v1.WhoAmIResponse> getWhoAmIMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WhoAmI",
      requestType = pointsman.v1.WhoAmIRequest.class,
      responseType = pointsman.v1.WhoAmIResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.WhoAmIRequest,
      pointsman.v1.WhoAmIResponse> getWhoAmIMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.WhoAmIRequest, pointsman.v1.WhoAmIResponse> getWhoAmIMethod;
    if ((getWhoAmIMethod = TenantServiceGrpc.getWhoAmIMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getWhoAmIMethod = TenantServiceGrpc.getWhoAmIMethod) == null) {
          TenantServiceGrpc.getWhoAmIMethod = getWhoAmIMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.WhoAmIRequest, pointsman.v1.WhoAmIResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WhoAmI"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.WhoAmIRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.WhoAmIResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("WhoAmI"))
              .build();
        }
      }
    }
    return getWhoAmIMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.SignUpRequest,
      pointsman.v1.SignUpResponse> getSignUpMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SignUp",
      requestType = pointsman.v1.SignUpRequest.class,
      responseType = pointsman.v1.SignUpResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.SignUpRequest,
      pointsman.v1.SignUpResponse> getSignUpMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.SignUpRequest, pointsman.v1.SignUpResponse> getSignUpMethod;
    if ((getSignUpMethod = TenantServiceGrpc.getSignUpMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getSignUpMethod = TenantServiceGrpc.getSignUpMethod) == null) {
          TenantServiceGrpc.getSignUpMethod = getSignUpMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.SignUpRequest, pointsman.v1.SignUpResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SignUp"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.SignUpRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.SignUpResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("SignUp"))
              .build();
        }
      }
    }
    return getSignUpMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateTenantRequest,
      pointsman.v1.CreateTenantResponse> getCreateTenantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateTenant",
      requestType = pointsman.v1.CreateTenantRequest.class,
      responseType = pointsman.v1.CreateTenantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateTenantRequest,
      pointsman.v1.CreateTenantResponse> getCreateTenantMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateTenantRequest, pointsman.v1.CreateTenantResponse> getCreateTenantMethod;
    if ((getCreateTenantMethod = TenantServiceGrpc.getCreateTenantMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateTenantMethod = TenantServiceGrpc.getCreateTenantMethod) == null) {
          TenantServiceGrpc.getCreateTenantMethod = getCreateTenantMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateTenantRequest, pointsman.v1.CreateTenantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateTenant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateTenantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateTenantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateTenant"))
              .build();
        }
      }
    }
    return getCreateTenantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetTenantRequest,
      pointsman.v1.GetTenantResponse> getGetTenantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetTenant",
      requestType = pointsman.v1.GetTenantRequest.class,
      responseType = pointsman.v1.GetTenantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetTenantRequest,
      pointsman.v1.GetTenantResponse> getGetTenantMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetTenantRequest, pointsman.v1.GetTenantResponse> getGetTenantMethod;
    if ((getGetTenantMethod = TenantServiceGrpc.getGetTenantMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getGetTenantMethod = TenantServiceGrpc.getGetTenantMethod) == null) {
          TenantServiceGrpc.getGetTenantMethod = getGetTenantMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetTenantRequest, pointsman.v1.GetTenantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetTenant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetTenantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetTenantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("GetTenant"))
              .build();
        }
      }
    }
    return getGetTenantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListTenantsRequest,
      pointsman.v1.ListTenantsResponse> getListTenantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTenants",
      requestType = pointsman.v1.ListTenantsRequest.class,
      responseType = pointsman.v1.ListTenantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListTenantsRequest,
      pointsman.v1.ListTenantsResponse> getListTenantsMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListTenantsRequest, pointsman.v1.ListTenantsResponse> getListTenantsMethod;
    if ((getListTenantsMethod = TenantServiceGrpc.getListTenantsMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListTenantsMethod = TenantServiceGrpc.getListTenantsMethod) == null) {
          TenantServiceGrpc.getListTenantsMethod = getListTenantsMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListTenantsRequest, pointsman.v1.ListTenantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTenants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListTenantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListTenantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListTenants"))
              .build();
        }
      }
    }
    return getListTenantsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateTenantRequest,
      pointsman.v1.UpdateTenantResponse> getUpdateTenantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateTenant",
      requestType = pointsman.v1.UpdateTenantRequest.class,
      responseType = pointsman.v1.UpdateTenantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateTenantRequest,
      pointsman.v1.UpdateTenantResponse> getUpdateTenantMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateTenantRequest, pointsman.v1.UpdateTenantResponse> getUpdateTenantMethod;
    if ((getUpdateTenantMethod = TenantServiceGrpc.getUpdateTenantMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateTenantMethod = TenantServiceGrpc.getUpdateTenantMethod) == null) {
          TenantServiceGrpc.getUpdateTenantMethod = getUpdateTenantMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateTenantRequest, pointsman.v1.UpdateTenantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateTenant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateTenantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateTenantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateTenant"))
              .build();
        }
      }
    }
    return getUpdateTenantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateUserRequest,
      pointsman.v1.CreateUserResponse> getCreateUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateUser",
      requestType = pointsman.v1.CreateUserRequest.class,
      responseType = pointsman.v1.CreateUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateUserRequest,
      pointsman.v1.CreateUserResponse> getCreateUserMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateUserRequest, pointsman.v1.CreateUserResponse> getCreateUserMethod;
    if ((getCreateUserMethod = TenantServiceGrpc.getCreateUserMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateUserMethod = TenantServiceGrpc.getCreateUserMethod) == null) {
          TenantServiceGrpc.getCreateUserMethod = getCreateUserMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateUserRequest, pointsman.v1.CreateUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateUser"))
              .build();
        }
      }
    }
    return getCreateUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetUserRequest,
      pointsman.v1.GetUserResponse> getGetUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetUser",
      requestType = pointsman.v1.GetUserRequest.class,
      responseType = pointsman.v1.GetUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetUserRequest,
      pointsman.v1.GetUserResponse> getGetUserMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetUserRequest, pointsman.v1.GetUserResponse> getGetUserMethod;
    if ((getGetUserMethod = TenantServiceGrpc.getGetUserMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getGetUserMethod = TenantServiceGrpc.getGetUserMethod) == null) {
          TenantServiceGrpc.getGetUserMethod = getGetUserMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetUserRequest, pointsman.v1.GetUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("GetUser"))
              .build();
        }
      }
    }
    return getGetUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListUsersRequest,
      pointsman.v1.ListUsersResponse> getListUsersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListUsers",
      requestType = pointsman.v1.ListUsersRequest.class,
      responseType = pointsman.v1.ListUsersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListUsersRequest,
      pointsman.v1.ListUsersResponse> getListUsersMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListUsersRequest, pointsman.v1.ListUsersResponse> getListUsersMethod;
    if ((getListUsersMethod = TenantServiceGrpc.getListUsersMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListUsersMethod = TenantServiceGrpc.getListUsersMethod) == null) {
          TenantServiceGrpc.getListUsersMethod = getListUsersMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListUsersRequest, pointsman.v1.ListUsersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListUsers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListUsersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListUsersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListUsers"))
              .build();
        }
      }
    }
    return getListUsersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateUserRequest,
      pointsman.v1.UpdateUserResponse> getUpdateUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateUser",
      requestType = pointsman.v1.UpdateUserRequest.class,
      responseType = pointsman.v1.UpdateUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateUserRequest,
      pointsman.v1.UpdateUserResponse> getUpdateUserMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateUserRequest, pointsman.v1.UpdateUserResponse> getUpdateUserMethod;
    if ((getUpdateUserMethod = TenantServiceGrpc.getUpdateUserMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateUserMethod = TenantServiceGrpc.getUpdateUserMethod) == null) {
          TenantServiceGrpc.getUpdateUserMethod = getUpdateUserMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateUserRequest, pointsman.v1.UpdateUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateUser"))
              .build();
        }
      }
    }
    return getUpdateUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeleteUserRequest,
      pointsman.v1.DeleteUserResponse> getDeleteUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteUser",
      requestType = pointsman.v1.DeleteUserRequest.class,
      responseType = pointsman.v1.DeleteUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeleteUserRequest,
      pointsman.v1.DeleteUserResponse> getDeleteUserMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeleteUserRequest, pointsman.v1.DeleteUserResponse> getDeleteUserMethod;
    if ((getDeleteUserMethod = TenantServiceGrpc.getDeleteUserMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getDeleteUserMethod = TenantServiceGrpc.getDeleteUserMethod) == null) {
          TenantServiceGrpc.getDeleteUserMethod = getDeleteUserMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeleteUserRequest, pointsman.v1.DeleteUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("DeleteUser"))
              .build();
        }
      }
    }
    return getDeleteUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateProjectRequest,
      pointsman.v1.CreateProjectResponse> getCreateProjectMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateProject",
      requestType = pointsman.v1.CreateProjectRequest.class,
      responseType = pointsman.v1.CreateProjectResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateProjectRequest,
      pointsman.v1.CreateProjectResponse> getCreateProjectMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateProjectRequest, pointsman.v1.CreateProjectResponse> getCreateProjectMethod;
    if ((getCreateProjectMethod = TenantServiceGrpc.getCreateProjectMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateProjectMethod = TenantServiceGrpc.getCreateProjectMethod) == null) {
          TenantServiceGrpc.getCreateProjectMethod = getCreateProjectMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateProjectRequest, pointsman.v1.CreateProjectResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateProject"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateProjectRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateProjectResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateProject"))
              .build();
        }
      }
    }
    return getCreateProjectMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetProjectRequest,
      pointsman.v1.GetProjectResponse> getGetProjectMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetProject",
      requestType = pointsman.v1.GetProjectRequest.class,
      responseType = pointsman.v1.GetProjectResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetProjectRequest,
      pointsman.v1.GetProjectResponse> getGetProjectMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetProjectRequest, pointsman.v1.GetProjectResponse> getGetProjectMethod;
    if ((getGetProjectMethod = TenantServiceGrpc.getGetProjectMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getGetProjectMethod = TenantServiceGrpc.getGetProjectMethod) == null) {
          TenantServiceGrpc.getGetProjectMethod = getGetProjectMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetProjectRequest, pointsman.v1.GetProjectResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetProject"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetProjectRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetProjectResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("GetProject"))
              .build();
        }
      }
    }
    return getGetProjectMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListProjectsRequest,
      pointsman.v1.ListProjectsResponse> getListProjectsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListProjects",
      requestType = pointsman.v1.ListProjectsRequest.class,
      responseType = pointsman.v1.ListProjectsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListProjectsRequest,
      pointsman.v1.ListProjectsResponse> getListProjectsMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListProjectsRequest, pointsman.v1.ListProjectsResponse> getListProjectsMethod;
    if ((getListProjectsMethod = TenantServiceGrpc.getListProjectsMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListProjectsMethod = TenantServiceGrpc.getListProjectsMethod) == null) {
          TenantServiceGrpc.getListProjectsMethod = getListProjectsMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListProjectsRequest, pointsman.v1.ListProjectsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListProjects"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListProjectsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListProjectsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListProjects"))
              .build();
        }
      }
    }
    return getListProjectsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateProjectRequest,
      pointsman.v1.UpdateProjectResponse> getUpdateProjectMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateProject",
      requestType = pointsman.v1.UpdateProjectRequest.class,
      responseType = pointsman.v1.UpdateProjectResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateProjectRequest,
      pointsman.v1.UpdateProjectResponse> getUpdateProjectMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateProjectRequest, pointsman.v1.UpdateProjectResponse> getUpdateProjectMethod;
    if ((getUpdateProjectMethod = TenantServiceGrpc.getUpdateProjectMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateProjectMethod = TenantServiceGrpc.getUpdateProjectMethod) == null) {
          TenantServiceGrpc.getUpdateProjectMethod = getUpdateProjectMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateProjectRequest, pointsman.v1.UpdateProjectResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateProject"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateProjectRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateProjectResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateProject"))
              .build();
        }
      }
    }
    return getUpdateProjectMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeleteProjectRequest,
      pointsman.v1.DeleteProjectResponse> getDeleteProjectMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteProject",
      requestType = pointsman.v1.DeleteProjectRequest.class,
      responseType = pointsman.v1.DeleteProjectResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeleteProjectRequest,
      pointsman.v1.DeleteProjectResponse> getDeleteProjectMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeleteProjectRequest, pointsman.v1.DeleteProjectResponse> getDeleteProjectMethod;
    if ((getDeleteProjectMethod = TenantServiceGrpc.getDeleteProjectMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getDeleteProjectMethod = TenantServiceGrpc.getDeleteProjectMethod) == null) {
          TenantServiceGrpc.getDeleteProjectMethod = getDeleteProjectMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeleteProjectRequest, pointsman.v1.DeleteProjectResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteProject"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteProjectRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteProjectResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("DeleteProject"))
              .build();
        }
      }
    }
    return getDeleteProjectMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.AddProjectMemberRequest,
      pointsman.v1.AddProjectMemberResponse> getAddProjectMemberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AddProjectMember",
      requestType = pointsman.v1.AddProjectMemberRequest.class,
      responseType = pointsman.v1.AddProjectMemberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.AddProjectMemberRequest,
      pointsman.v1.AddProjectMemberResponse> getAddProjectMemberMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.AddProjectMemberRequest, pointsman.v1.AddProjectMemberResponse> getAddProjectMemberMethod;
    if ((getAddProjectMemberMethod = TenantServiceGrpc.getAddProjectMemberMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getAddProjectMemberMethod = TenantServiceGrpc.getAddProjectMemberMethod) == null) {
          TenantServiceGrpc.getAddProjectMemberMethod = getAddProjectMemberMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.AddProjectMemberRequest, pointsman.v1.AddProjectMemberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AddProjectMember"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.AddProjectMemberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.AddProjectMemberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("AddProjectMember"))
              .build();
        }
      }
    }
    return getAddProjectMemberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RemoveProjectMemberRequest,
      pointsman.v1.RemoveProjectMemberResponse> getRemoveProjectMemberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RemoveProjectMember",
      requestType = pointsman.v1.RemoveProjectMemberRequest.class,
      responseType = pointsman.v1.RemoveProjectMemberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RemoveProjectMemberRequest,
      pointsman.v1.RemoveProjectMemberResponse> getRemoveProjectMemberMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RemoveProjectMemberRequest, pointsman.v1.RemoveProjectMemberResponse> getRemoveProjectMemberMethod;
    if ((getRemoveProjectMemberMethod = TenantServiceGrpc.getRemoveProjectMemberMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getRemoveProjectMemberMethod = TenantServiceGrpc.getRemoveProjectMemberMethod) == null) {
          TenantServiceGrpc.getRemoveProjectMemberMethod = getRemoveProjectMemberMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RemoveProjectMemberRequest, pointsman.v1.RemoveProjectMemberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RemoveProjectMember"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RemoveProjectMemberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RemoveProjectMemberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("RemoveProjectMember"))
              .build();
        }
      }
    }
    return getRemoveProjectMemberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateAccessTokenRequest,
      pointsman.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateAccessToken",
      requestType = pointsman.v1.CreateAccessTokenRequest.class,
      responseType = pointsman.v1.CreateAccessTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateAccessTokenRequest,
      pointsman.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateAccessTokenRequest, pointsman.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod;
    if ((getCreateAccessTokenMethod = TenantServiceGrpc.getCreateAccessTokenMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateAccessTokenMethod = TenantServiceGrpc.getCreateAccessTokenMethod) == null) {
          TenantServiceGrpc.getCreateAccessTokenMethod = getCreateAccessTokenMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateAccessTokenRequest, pointsman.v1.CreateAccessTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateAccessToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateAccessTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateAccessTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateAccessToken"))
              .build();
        }
      }
    }
    return getCreateAccessTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListAccessTokensRequest,
      pointsman.v1.ListAccessTokensResponse> getListAccessTokensMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAccessTokens",
      requestType = pointsman.v1.ListAccessTokensRequest.class,
      responseType = pointsman.v1.ListAccessTokensResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListAccessTokensRequest,
      pointsman.v1.ListAccessTokensResponse> getListAccessTokensMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListAccessTokensRequest, pointsman.v1.ListAccessTokensResponse> getListAccessTokensMethod;
    if ((getListAccessTokensMethod = TenantServiceGrpc.getListAccessTokensMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListAccessTokensMethod = TenantServiceGrpc.getListAccessTokensMethod) == null) {
          TenantServiceGrpc.getListAccessTokensMethod = getListAccessTokensMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListAccessTokensRequest, pointsman.v1.ListAccessTokensResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAccessTokens"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListAccessTokensRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListAccessTokensResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListAccessTokens"))
              .build();
        }
      }
    }
    return getListAccessTokensMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateAccessTokenRequest,
      pointsman.v1.UpdateAccessTokenResponse> getUpdateAccessTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateAccessToken",
      requestType = pointsman.v1.UpdateAccessTokenRequest.class,
      responseType = pointsman.v1.UpdateAccessTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateAccessTokenRequest,
      pointsman.v1.UpdateAccessTokenResponse> getUpdateAccessTokenMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateAccessTokenRequest, pointsman.v1.UpdateAccessTokenResponse> getUpdateAccessTokenMethod;
    if ((getUpdateAccessTokenMethod = TenantServiceGrpc.getUpdateAccessTokenMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateAccessTokenMethod = TenantServiceGrpc.getUpdateAccessTokenMethod) == null) {
          TenantServiceGrpc.getUpdateAccessTokenMethod = getUpdateAccessTokenMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateAccessTokenRequest, pointsman.v1.UpdateAccessTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateAccessToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateAccessTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateAccessTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateAccessToken"))
              .build();
        }
      }
    }
    return getUpdateAccessTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RevokeAccessTokenRequest,
      pointsman.v1.RevokeAccessTokenResponse> getRevokeAccessTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeAccessToken",
      requestType = pointsman.v1.RevokeAccessTokenRequest.class,
      responseType = pointsman.v1.RevokeAccessTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RevokeAccessTokenRequest,
      pointsman.v1.RevokeAccessTokenResponse> getRevokeAccessTokenMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RevokeAccessTokenRequest, pointsman.v1.RevokeAccessTokenResponse> getRevokeAccessTokenMethod;
    if ((getRevokeAccessTokenMethod = TenantServiceGrpc.getRevokeAccessTokenMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getRevokeAccessTokenMethod = TenantServiceGrpc.getRevokeAccessTokenMethod) == null) {
          TenantServiceGrpc.getRevokeAccessTokenMethod = getRevokeAccessTokenMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RevokeAccessTokenRequest, pointsman.v1.RevokeAccessTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeAccessToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RevokeAccessTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RevokeAccessTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("RevokeAccessToken"))
              .build();
        }
      }
    }
    return getRevokeAccessTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateApiKeyRequest,
      pointsman.v1.CreateApiKeyResponse> getCreateApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateApiKey",
      requestType = pointsman.v1.CreateApiKeyRequest.class,
      responseType = pointsman.v1.CreateApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateApiKeyRequest,
      pointsman.v1.CreateApiKeyResponse> getCreateApiKeyMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateApiKeyRequest, pointsman.v1.CreateApiKeyResponse> getCreateApiKeyMethod;
    if ((getCreateApiKeyMethod = TenantServiceGrpc.getCreateApiKeyMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateApiKeyMethod = TenantServiceGrpc.getCreateApiKeyMethod) == null) {
          TenantServiceGrpc.getCreateApiKeyMethod = getCreateApiKeyMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateApiKeyRequest, pointsman.v1.CreateApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateApiKey"))
              .build();
        }
      }
    }
    return getCreateApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListApiKeysRequest,
      pointsman.v1.ListApiKeysResponse> getListApiKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListApiKeys",
      requestType = pointsman.v1.ListApiKeysRequest.class,
      responseType = pointsman.v1.ListApiKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListApiKeysRequest,
      pointsman.v1.ListApiKeysResponse> getListApiKeysMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListApiKeysRequest, pointsman.v1.ListApiKeysResponse> getListApiKeysMethod;
    if ((getListApiKeysMethod = TenantServiceGrpc.getListApiKeysMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListApiKeysMethod = TenantServiceGrpc.getListApiKeysMethod) == null) {
          TenantServiceGrpc.getListApiKeysMethod = getListApiKeysMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListApiKeysRequest, pointsman.v1.ListApiKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListApiKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListApiKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListApiKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListApiKeys"))
              .build();
        }
      }
    }
    return getListApiKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RotateApiKeyRequest,
      pointsman.v1.RotateApiKeyResponse> getRotateApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateApiKey",
      requestType = pointsman.v1.RotateApiKeyRequest.class,
      responseType = pointsman.v1.RotateApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RotateApiKeyRequest,
      pointsman.v1.RotateApiKeyResponse> getRotateApiKeyMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RotateApiKeyRequest, pointsman.v1.RotateApiKeyResponse> getRotateApiKeyMethod;
    if ((getRotateApiKeyMethod = TenantServiceGrpc.getRotateApiKeyMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getRotateApiKeyMethod = TenantServiceGrpc.getRotateApiKeyMethod) == null) {
          TenantServiceGrpc.getRotateApiKeyMethod = getRotateApiKeyMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RotateApiKeyRequest, pointsman.v1.RotateApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RotateApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RotateApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("RotateApiKey"))
              .build();
        }
      }
    }
    return getRotateApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.RevokeApiKeyRequest,
      pointsman.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeApiKey",
      requestType = pointsman.v1.RevokeApiKeyRequest.class,
      responseType = pointsman.v1.RevokeApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.RevokeApiKeyRequest,
      pointsman.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.RevokeApiKeyRequest, pointsman.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;
    if ((getRevokeApiKeyMethod = TenantServiceGrpc.getRevokeApiKeyMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getRevokeApiKeyMethod = TenantServiceGrpc.getRevokeApiKeyMethod) == null) {
          TenantServiceGrpc.getRevokeApiKeyMethod = getRevokeApiKeyMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.RevokeApiKeyRequest, pointsman.v1.RevokeApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RevokeApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.RevokeApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("RevokeApiKey"))
              .build();
        }
      }
    }
    return getRevokeApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreatePlanRequest,
      pointsman.v1.CreatePlanResponse> getCreatePlanMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreatePlan",
      requestType = pointsman.v1.CreatePlanRequest.class,
      responseType = pointsman.v1.CreatePlanResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreatePlanRequest,
      pointsman.v1.CreatePlanResponse> getCreatePlanMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreatePlanRequest, pointsman.v1.CreatePlanResponse> getCreatePlanMethod;
    if ((getCreatePlanMethod = TenantServiceGrpc.getCreatePlanMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreatePlanMethod = TenantServiceGrpc.getCreatePlanMethod) == null) {
          TenantServiceGrpc.getCreatePlanMethod = getCreatePlanMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreatePlanRequest, pointsman.v1.CreatePlanResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreatePlan"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreatePlanRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreatePlanResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreatePlan"))
              .build();
        }
      }
    }
    return getCreatePlanMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.GetPlanRequest,
      pointsman.v1.GetPlanResponse> getGetPlanMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPlan",
      requestType = pointsman.v1.GetPlanRequest.class,
      responseType = pointsman.v1.GetPlanResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.GetPlanRequest,
      pointsman.v1.GetPlanResponse> getGetPlanMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.GetPlanRequest, pointsman.v1.GetPlanResponse> getGetPlanMethod;
    if ((getGetPlanMethod = TenantServiceGrpc.getGetPlanMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getGetPlanMethod = TenantServiceGrpc.getGetPlanMethod) == null) {
          TenantServiceGrpc.getGetPlanMethod = getGetPlanMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.GetPlanRequest, pointsman.v1.GetPlanResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPlan"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetPlanRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.GetPlanResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("GetPlan"))
              .build();
        }
      }
    }
    return getGetPlanMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListPlansRequest,
      pointsman.v1.ListPlansResponse> getListPlansMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPlans",
      requestType = pointsman.v1.ListPlansRequest.class,
      responseType = pointsman.v1.ListPlansResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListPlansRequest,
      pointsman.v1.ListPlansResponse> getListPlansMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListPlansRequest, pointsman.v1.ListPlansResponse> getListPlansMethod;
    if ((getListPlansMethod = TenantServiceGrpc.getListPlansMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListPlansMethod = TenantServiceGrpc.getListPlansMethod) == null) {
          TenantServiceGrpc.getListPlansMethod = getListPlansMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListPlansRequest, pointsman.v1.ListPlansResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPlans"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListPlansRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListPlansResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListPlans"))
              .build();
        }
      }
    }
    return getListPlansMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdatePlanRequest,
      pointsman.v1.UpdatePlanResponse> getUpdatePlanMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdatePlan",
      requestType = pointsman.v1.UpdatePlanRequest.class,
      responseType = pointsman.v1.UpdatePlanResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdatePlanRequest,
      pointsman.v1.UpdatePlanResponse> getUpdatePlanMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdatePlanRequest, pointsman.v1.UpdatePlanResponse> getUpdatePlanMethod;
    if ((getUpdatePlanMethod = TenantServiceGrpc.getUpdatePlanMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdatePlanMethod = TenantServiceGrpc.getUpdatePlanMethod) == null) {
          TenantServiceGrpc.getUpdatePlanMethod = getUpdatePlanMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdatePlanRequest, pointsman.v1.UpdatePlanResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdatePlan"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdatePlanRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdatePlanResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdatePlan"))
              .build();
        }
      }
    }
    return getUpdatePlanMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeletePlanRequest,
      pointsman.v1.DeletePlanResponse> getDeletePlanMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeletePlan",
      requestType = pointsman.v1.DeletePlanRequest.class,
      responseType = pointsman.v1.DeletePlanResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeletePlanRequest,
      pointsman.v1.DeletePlanResponse> getDeletePlanMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeletePlanRequest, pointsman.v1.DeletePlanResponse> getDeletePlanMethod;
    if ((getDeletePlanMethod = TenantServiceGrpc.getDeletePlanMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getDeletePlanMethod = TenantServiceGrpc.getDeletePlanMethod) == null) {
          TenantServiceGrpc.getDeletePlanMethod = getDeletePlanMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeletePlanRequest, pointsman.v1.DeletePlanResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeletePlan"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeletePlanRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeletePlanResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("DeletePlan"))
              .build();
        }
      }
    }
    return getDeletePlanMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateFeatureRequest,
      pointsman.v1.CreateFeatureResponse> getCreateFeatureMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateFeature",
      requestType = pointsman.v1.CreateFeatureRequest.class,
      responseType = pointsman.v1.CreateFeatureResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateFeatureRequest,
      pointsman.v1.CreateFeatureResponse> getCreateFeatureMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateFeatureRequest, pointsman.v1.CreateFeatureResponse> getCreateFeatureMethod;
    if ((getCreateFeatureMethod = TenantServiceGrpc.getCreateFeatureMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateFeatureMethod = TenantServiceGrpc.getCreateFeatureMethod) == null) {
          TenantServiceGrpc.getCreateFeatureMethod = getCreateFeatureMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateFeatureRequest, pointsman.v1.CreateFeatureResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateFeature"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateFeatureRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateFeatureResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateFeature"))
              .build();
        }
      }
    }
    return getCreateFeatureMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListFeaturesRequest,
      pointsman.v1.ListFeaturesResponse> getListFeaturesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListFeatures",
      requestType = pointsman.v1.ListFeaturesRequest.class,
      responseType = pointsman.v1.ListFeaturesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListFeaturesRequest,
      pointsman.v1.ListFeaturesResponse> getListFeaturesMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListFeaturesRequest, pointsman.v1.ListFeaturesResponse> getListFeaturesMethod;
    if ((getListFeaturesMethod = TenantServiceGrpc.getListFeaturesMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListFeaturesMethod = TenantServiceGrpc.getListFeaturesMethod) == null) {
          TenantServiceGrpc.getListFeaturesMethod = getListFeaturesMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListFeaturesRequest, pointsman.v1.ListFeaturesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListFeatures"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListFeaturesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListFeaturesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListFeatures"))
              .build();
        }
      }
    }
    return getListFeaturesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateFeatureRequest,
      pointsman.v1.UpdateFeatureResponse> getUpdateFeatureMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateFeature",
      requestType = pointsman.v1.UpdateFeatureRequest.class,
      responseType = pointsman.v1.UpdateFeatureResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateFeatureRequest,
      pointsman.v1.UpdateFeatureResponse> getUpdateFeatureMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateFeatureRequest, pointsman.v1.UpdateFeatureResponse> getUpdateFeatureMethod;
    if ((getUpdateFeatureMethod = TenantServiceGrpc.getUpdateFeatureMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateFeatureMethod = TenantServiceGrpc.getUpdateFeatureMethod) == null) {
          TenantServiceGrpc.getUpdateFeatureMethod = getUpdateFeatureMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateFeatureRequest, pointsman.v1.UpdateFeatureResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateFeature"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateFeatureRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateFeatureResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateFeature"))
              .build();
        }
      }
    }
    return getUpdateFeatureMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeleteFeatureRequest,
      pointsman.v1.DeleteFeatureResponse> getDeleteFeatureMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteFeature",
      requestType = pointsman.v1.DeleteFeatureRequest.class,
      responseType = pointsman.v1.DeleteFeatureResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeleteFeatureRequest,
      pointsman.v1.DeleteFeatureResponse> getDeleteFeatureMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeleteFeatureRequest, pointsman.v1.DeleteFeatureResponse> getDeleteFeatureMethod;
    if ((getDeleteFeatureMethod = TenantServiceGrpc.getDeleteFeatureMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getDeleteFeatureMethod = TenantServiceGrpc.getDeleteFeatureMethod) == null) {
          TenantServiceGrpc.getDeleteFeatureMethod = getDeleteFeatureMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeleteFeatureRequest, pointsman.v1.DeleteFeatureResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteFeature"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteFeatureRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteFeatureResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("DeleteFeature"))
              .build();
        }
      }
    }
    return getDeleteFeatureMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.CreateTaskRequest,
      pointsman.v1.CreateTaskResponse> getCreateTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateTask",
      requestType = pointsman.v1.CreateTaskRequest.class,
      responseType = pointsman.v1.CreateTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.CreateTaskRequest,
      pointsman.v1.CreateTaskResponse> getCreateTaskMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.CreateTaskRequest, pointsman.v1.CreateTaskResponse> getCreateTaskMethod;
    if ((getCreateTaskMethod = TenantServiceGrpc.getCreateTaskMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getCreateTaskMethod = TenantServiceGrpc.getCreateTaskMethod) == null) {
          TenantServiceGrpc.getCreateTaskMethod = getCreateTaskMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.CreateTaskRequest, pointsman.v1.CreateTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.CreateTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("CreateTask"))
              .build();
        }
      }
    }
    return getCreateTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.ListTasksRequest,
      pointsman.v1.ListTasksResponse> getListTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTasks",
      requestType = pointsman.v1.ListTasksRequest.class,
      responseType = pointsman.v1.ListTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.ListTasksRequest,
      pointsman.v1.ListTasksResponse> getListTasksMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.ListTasksRequest, pointsman.v1.ListTasksResponse> getListTasksMethod;
    if ((getListTasksMethod = TenantServiceGrpc.getListTasksMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getListTasksMethod = TenantServiceGrpc.getListTasksMethod) == null) {
          TenantServiceGrpc.getListTasksMethod = getListTasksMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.ListTasksRequest, pointsman.v1.ListTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.ListTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("ListTasks"))
              .build();
        }
      }
    }
    return getListTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.UpdateTaskRequest,
      pointsman.v1.UpdateTaskResponse> getUpdateTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateTask",
      requestType = pointsman.v1.UpdateTaskRequest.class,
      responseType = pointsman.v1.UpdateTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.UpdateTaskRequest,
      pointsman.v1.UpdateTaskResponse> getUpdateTaskMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.UpdateTaskRequest, pointsman.v1.UpdateTaskResponse> getUpdateTaskMethod;
    if ((getUpdateTaskMethod = TenantServiceGrpc.getUpdateTaskMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getUpdateTaskMethod = TenantServiceGrpc.getUpdateTaskMethod) == null) {
          TenantServiceGrpc.getUpdateTaskMethod = getUpdateTaskMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.UpdateTaskRequest, pointsman.v1.UpdateTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.UpdateTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("UpdateTask"))
              .build();
        }
      }
    }
    return getUpdateTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<pointsman.v1.DeleteTaskRequest,
      pointsman.v1.DeleteTaskResponse> getDeleteTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteTask",
      requestType = pointsman.v1.DeleteTaskRequest.class,
      responseType = pointsman.v1.DeleteTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<pointsman.v1.DeleteTaskRequest,
      pointsman.v1.DeleteTaskResponse> getDeleteTaskMethod() {
    io.grpc.MethodDescriptor<pointsman.v1.DeleteTaskRequest, pointsman.v1.DeleteTaskResponse> getDeleteTaskMethod;
    if ((getDeleteTaskMethod = TenantServiceGrpc.getDeleteTaskMethod) == null) {
      synchronized (TenantServiceGrpc.class) {
        if ((getDeleteTaskMethod = TenantServiceGrpc.getDeleteTaskMethod) == null) {
          TenantServiceGrpc.getDeleteTaskMethod = getDeleteTaskMethod =
              io.grpc.MethodDescriptor.<pointsman.v1.DeleteTaskRequest, pointsman.v1.DeleteTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  pointsman.v1.DeleteTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantServiceMethodDescriptorSupplier("DeleteTask"))
              .build();
        }
      }
    }
    return getDeleteTaskMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TenantServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantServiceStub>() {
        @java.lang.Override
        public TenantServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantServiceStub(channel, callOptions);
        }
      };
    return TenantServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TenantServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantServiceBlockingV2Stub>() {
        @java.lang.Override
        public TenantServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TenantServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TenantServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantServiceBlockingStub>() {
        @java.lang.Override
        public TenantServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantServiceBlockingStub(channel, callOptions);
        }
      };
    return TenantServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TenantServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantServiceFutureStub>() {
        @java.lang.Override
        public TenantServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantServiceFutureStub(channel, callOptions);
        }
      };
    return TenantServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Who the caller is, as the server sees it.
     * </pre>
     */
    default void whoAmI(pointsman.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWhoAmIMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a tenant and its first administrator. The credential is an access token, which is then bound to the tenant.
     * </pre>
     */
    default void signUp(pointsman.v1.SignUpRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.SignUpResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSignUpMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a tenant without a sign-up. Platform administrators only.
     * </pre>
     */
    default void createTenant(pointsman.v1.CreateTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateTenantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTenantMethod(), responseObserver);
    }

    /**
     * <pre>
     * One tenant.
     * </pre>
     */
    default void getTenant(pointsman.v1.GetTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetTenantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTenantMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tenants, ordered by id: all for a platform administrator, else the caller's own.
     * </pre>
     */
    default void listTenants(pointsman.v1.ListTenantsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListTenantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTenantsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a tenant. Its state and plan are for platform administrators to change.
     * </pre>
     */
    default void updateTenant(pointsman.v1.UpdateTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateTenantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTenantMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a user.
     * </pre>
     */
    default void createUser(pointsman.v1.CreateUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * One user. Everyone may read itself.
     * </pre>
     */
    default void getUser(pointsman.v1.GetUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Users, ordered by id.
     * </pre>
     */
    default void listUsers(pointsman.v1.ListUsersRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListUsersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListUsersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a user.
     * </pre>
     */
    default void updateUser(pointsman.v1.UpdateUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a user and revokes its keys. What it used stays in the usage entries.
     * </pre>
     */
    default void deleteUser(pointsman.v1.DeleteUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a project.
     * </pre>
     */
    default void createProject(pointsman.v1.CreateProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateProjectResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateProjectMethod(), responseObserver);
    }

    /**
     * <pre>
     * One project.
     * </pre>
     */
    default void getProject(pointsman.v1.GetProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetProjectResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetProjectMethod(), responseObserver);
    }

    /**
     * <pre>
     * Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of.
     * </pre>
     */
    default void listProjects(pointsman.v1.ListProjectsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListProjectsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListProjectsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a project.
     * </pre>
     */
    default void updateProject(pointsman.v1.UpdateProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateProjectResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateProjectMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a project. What it used stays in the usage entries.
     * </pre>
     */
    default void deleteProject(pointsman.v1.DeleteProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteProjectResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteProjectMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lets a user charge a project. To add one that is in it changes nothing.
     * </pre>
     */
    default void addProjectMember(pointsman.v1.AddProjectMemberRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.AddProjectMemberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAddProjectMemberMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends that. To remove one that is not in it changes nothing.
     * </pre>
     */
    default void removeProjectMember(pointsman.v1.RemoveProjectMemberRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RemoveProjectMemberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRemoveProjectMemberMethod(), responseObserver);
    }

    /**
     * <pre>
     * Issues an access token, with which one tenant signs up. Platform administrators only. The answer alone has the token.
     * </pre>
     */
    default void createAccessToken(pointsman.v1.CreateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateAccessTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Access tokens, ordered by id.
     * </pre>
     */
    default void listAccessTokens(pointsman.v1.ListAccessTokensRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListAccessTokensResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAccessTokensMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes an access token's plan, which changes its tenant's at once.
     * </pre>
     */
    default void updateAccessToken(pointsman.v1.UpdateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateAccessTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes an access token: nobody can sign up with it, and its tenant has no plan any more.
     * </pre>
     */
    default void revokeAccessToken(pointsman.v1.RevokeAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RevokeAccessTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeAccessTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a key for a user or an agent. The answer alone has the key.
     * </pre>
     */
    default void createApiKey(pointsman.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Keys, ordered by id: all for administrators and auditors, else the caller's own.
     * </pre>
     */
    default void listApiKeys(pointsman.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListApiKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a new key in the place of one, which stays valid for the overlap. The answer alone has the key.
     * </pre>
     */
    default void rotateApiKey(pointsman.v1.RotateApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RotateApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes a key, on every replica within a second.
     * </pre>
     */
    default void revokeApiKey(pointsman.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a plan. Plans, features and tasks are platform administrators' to change, and everyone's to read.
     * </pre>
     */
    default void createPlan(pointsman.v1.CreatePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreatePlanResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreatePlanMethod(), responseObserver);
    }

    /**
     * <pre>
     * One plan.
     * </pre>
     */
    default void getPlan(pointsman.v1.GetPlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetPlanResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPlanMethod(), responseObserver);
    }

    /**
     * <pre>
     * Plans, ordered by id.
     * </pre>
     */
    default void listPlans(pointsman.v1.ListPlansRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListPlansResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPlansMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a plan, for all tenants on it at once.
     * </pre>
     */
    default void updatePlan(pointsman.v1.UpdatePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdatePlanResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdatePlanMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a plan that no access token gives.
     * </pre>
     */
    default void deletePlan(pointsman.v1.DeletePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeletePlanResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeletePlanMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a feature.
     * </pre>
     */
    default void createFeature(pointsman.v1.CreateFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateFeatureResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateFeatureMethod(), responseObserver);
    }

    /**
     * <pre>
     * Features, ordered by id.
     * </pre>
     */
    default void listFeatures(pointsman.v1.ListFeaturesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListFeaturesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListFeaturesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a feature.
     * </pre>
     */
    default void updateFeature(pointsman.v1.UpdateFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateFeatureResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateFeatureMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a feature that no plan and no task has.
     * </pre>
     */
    default void deleteFeature(pointsman.v1.DeleteFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteFeatureResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteFeatureMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a task.
     * </pre>
     */
    default void createTask(pointsman.v1.CreateTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tasks, ordered by code.
     * </pre>
     */
    default void listTasks(pointsman.v1.ListTasksRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a task.
     * </pre>
     */
    default void updateTask(pointsman.v1.UpdateTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a task that no plan has.
     * </pre>
     */
    default void deleteTask(pointsman.v1.DeleteTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTaskMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TenantService.
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public static abstract class TenantServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TenantServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TenantService.
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public static final class TenantServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TenantServiceStub> {
    private TenantServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Who the caller is, as the server sees it.
     * </pre>
     */
    public void whoAmI(pointsman.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a tenant and its first administrator. The credential is an access token, which is then bound to the tenant.
     * </pre>
     */
    public void signUp(pointsman.v1.SignUpRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.SignUpResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSignUpMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a tenant without a sign-up. Platform administrators only.
     * </pre>
     */
    public void createTenant(pointsman.v1.CreateTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateTenantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTenantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One tenant.
     * </pre>
     */
    public void getTenant(pointsman.v1.GetTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetTenantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTenantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tenants, ordered by id: all for a platform administrator, else the caller's own.
     * </pre>
     */
    public void listTenants(pointsman.v1.ListTenantsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListTenantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTenantsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a tenant. Its state and plan are for platform administrators to change.
     * </pre>
     */
    public void updateTenant(pointsman.v1.UpdateTenantRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateTenantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTenantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a user.
     * </pre>
     */
    public void createUser(pointsman.v1.CreateUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One user. Everyone may read itself.
     * </pre>
     */
    public void getUser(pointsman.v1.GetUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Users, ordered by id.
     * </pre>
     */
    public void listUsers(pointsman.v1.ListUsersRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListUsersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListUsersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a user.
     * </pre>
     */
    public void updateUser(pointsman.v1.UpdateUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a user and revokes its keys. What it used stays in the usage entries.
     * </pre>
     */
    public void deleteUser(pointsman.v1.DeleteUserRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a project.
     * </pre>
     */
    public void createProject(pointsman.v1.CreateProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateProjectResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateProjectMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One project.
     * </pre>
     */
    public void getProject(pointsman.v1.GetProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetProjectResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetProjectMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of.
     * </pre>
     */
    public void listProjects(pointsman.v1.ListProjectsRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListProjectsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListProjectsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a project.
     * </pre>
     */
    public void updateProject(pointsman.v1.UpdateProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateProjectResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateProjectMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a project. What it used stays in the usage entries.
     * </pre>
     */
    public void deleteProject(pointsman.v1.DeleteProjectRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteProjectResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteProjectMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lets a user charge a project. To add one that is in it changes nothing.
     * </pre>
     */
    public void addProjectMember(pointsman.v1.AddProjectMemberRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.AddProjectMemberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAddProjectMemberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends that. To remove one that is not in it changes nothing.
     * </pre>
     */
    public void removeProjectMember(pointsman.v1.RemoveProjectMemberRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RemoveProjectMemberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRemoveProjectMemberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Issues an access token, with which one tenant signs up. Platform administrators only. The answer alone has the token.
     * </pre>
     */
    public void createAccessToken(pointsman.v1.CreateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateAccessTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Access tokens, ordered by id.
     * </pre>
     */
    public void listAccessTokens(pointsman.v1.ListAccessTokensRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListAccessTokensResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAccessTokensMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes an access token's plan, which changes its tenant's at once.
     * </pre>
     */
    public void updateAccessToken(pointsman.v1.UpdateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateAccessTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes an access token: nobody can sign up with it, and its tenant has no plan any more.
     * </pre>
     */
    public void revokeAccessToken(pointsman.v1.RevokeAccessTokenRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RevokeAccessTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeAccessTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a key for a user or an agent. The answer alone has the key.
     * </pre>
     */
    public void createApiKey(pointsman.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Keys, ordered by id: all for administrators and auditors, else the caller's own.
     * </pre>
     */
    public void listApiKeys(pointsman.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a new key in the place of one, which stays valid for the overlap. The answer alone has the key.
     * </pre>
     */
    public void rotateApiKey(pointsman.v1.RotateApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RotateApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes a key, on every replica within a second.
     * </pre>
     */
    public void revokeApiKey(pointsman.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a plan. Plans, features and tasks are platform administrators' to change, and everyone's to read.
     * </pre>
     */
    public void createPlan(pointsman.v1.CreatePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreatePlanResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreatePlanMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One plan.
     * </pre>
     */
    public void getPlan(pointsman.v1.GetPlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.GetPlanResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPlanMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Plans, ordered by id.
     * </pre>
     */
    public void listPlans(pointsman.v1.ListPlansRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListPlansResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPlansMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a plan, for all tenants on it at once.
     * </pre>
     */
    public void updatePlan(pointsman.v1.UpdatePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdatePlanResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdatePlanMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a plan that no access token gives.
     * </pre>
     */
    public void deletePlan(pointsman.v1.DeletePlanRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeletePlanResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeletePlanMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a feature.
     * </pre>
     */
    public void createFeature(pointsman.v1.CreateFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateFeatureResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateFeatureMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Features, ordered by id.
     * </pre>
     */
    public void listFeatures(pointsman.v1.ListFeaturesRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListFeaturesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListFeaturesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a feature.
     * </pre>
     */
    public void updateFeature(pointsman.v1.UpdateFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateFeatureResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateFeatureMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a feature that no plan and no task has.
     * </pre>
     */
    public void deleteFeature(pointsman.v1.DeleteFeatureRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteFeatureResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteFeatureMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a task.
     * </pre>
     */
    public void createTask(pointsman.v1.CreateTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.CreateTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tasks, ordered by code.
     * </pre>
     */
    public void listTasks(pointsman.v1.ListTasksRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.ListTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a task.
     * </pre>
     */
    public void updateTask(pointsman.v1.UpdateTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.UpdateTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a task that no plan has.
     * </pre>
     */
    public void deleteTask(pointsman.v1.DeleteTaskRequest request,
        io.grpc.stub.StreamObserver<pointsman.v1.DeleteTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTaskMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TenantService.
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public static final class TenantServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TenantServiceBlockingV2Stub> {
    private TenantServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Who the caller is, as the server sees it.
     * </pre>
     */
    public pointsman.v1.WhoAmIResponse whoAmI(pointsman.v1.WhoAmIRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a tenant and its first administrator. The credential is an access token, which is then bound to the tenant.
     * </pre>
     */
    public pointsman.v1.SignUpResponse signUp(pointsman.v1.SignUpRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSignUpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a tenant without a sign-up. Platform administrators only.
     * </pre>
     */
    public pointsman.v1.CreateTenantResponse createTenant(pointsman.v1.CreateTenantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One tenant.
     * </pre>
     */
    public pointsman.v1.GetTenantResponse getTenant(pointsman.v1.GetTenantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tenants, ordered by id: all for a platform administrator, else the caller's own.
     * </pre>
     */
    public pointsman.v1.ListTenantsResponse listTenants(pointsman.v1.ListTenantsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTenantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a tenant. Its state and plan are for platform administrators to change.
     * </pre>
     */
    public pointsman.v1.UpdateTenantResponse updateTenant(pointsman.v1.UpdateTenantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a user.
     * </pre>
     */
    public pointsman.v1.CreateUserResponse createUser(pointsman.v1.CreateUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One user. Everyone may read itself.
     * </pre>
     */
    public pointsman.v1.GetUserResponse getUser(pointsman.v1.GetUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Users, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListUsersResponse listUsers(pointsman.v1.ListUsersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a user.
     * </pre>
     */
    public pointsman.v1.UpdateUserResponse updateUser(pointsman.v1.UpdateUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a user and revokes its keys. What it used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteUserResponse deleteUser(pointsman.v1.DeleteUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a project.
     * </pre>
     */
    public pointsman.v1.CreateProjectResponse createProject(pointsman.v1.CreateProjectRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One project.
     * </pre>
     */
    public pointsman.v1.GetProjectResponse getProject(pointsman.v1.GetProjectRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of.
     * </pre>
     */
    public pointsman.v1.ListProjectsResponse listProjects(pointsman.v1.ListProjectsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListProjectsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a project.
     * </pre>
     */
    public pointsman.v1.UpdateProjectResponse updateProject(pointsman.v1.UpdateProjectRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a project. What it used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteProjectResponse deleteProject(pointsman.v1.DeleteProjectRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets a user charge a project. To add one that is in it changes nothing.
     * </pre>
     */
    public pointsman.v1.AddProjectMemberResponse addProjectMember(pointsman.v1.AddProjectMemberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAddProjectMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends that. To remove one that is not in it changes nothing.
     * </pre>
     */
    public pointsman.v1.RemoveProjectMemberResponse removeProjectMember(pointsman.v1.RemoveProjectMemberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRemoveProjectMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Issues an access token, with which one tenant signs up. Platform administrators only. The answer alone has the token.
     * </pre>
     */
    public pointsman.v1.CreateAccessTokenResponse createAccessToken(pointsman.v1.CreateAccessTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Access tokens, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListAccessTokensResponse listAccessTokens(pointsman.v1.ListAccessTokensRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAccessTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes an access token's plan, which changes its tenant's at once.
     * </pre>
     */
    public pointsman.v1.UpdateAccessTokenResponse updateAccessToken(pointsman.v1.UpdateAccessTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes an access token: nobody can sign up with it, and its tenant has no plan any more.
     * </pre>
     */
    public pointsman.v1.RevokeAccessTokenResponse revokeAccessToken(pointsman.v1.RevokeAccessTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a key for a user or an agent. The answer alone has the key.
     * </pre>
     */
    public pointsman.v1.CreateApiKeyResponse createApiKey(pointsman.v1.CreateApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keys, ordered by id: all for administrators and auditors, else the caller's own.
     * </pre>
     */
    public pointsman.v1.ListApiKeysResponse listApiKeys(pointsman.v1.ListApiKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new key in the place of one, which stays valid for the overlap. The answer alone has the key.
     * </pre>
     */
    public pointsman.v1.RotateApiKeyResponse rotateApiKey(pointsman.v1.RotateApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a key, on every replica within a second.
     * </pre>
     */
    public pointsman.v1.RevokeApiKeyResponse revokeApiKey(pointsman.v1.RevokeApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a plan. Plans, features and tasks are platform administrators' to change, and everyone's to read.
     * </pre>
     */
    public pointsman.v1.CreatePlanResponse createPlan(pointsman.v1.CreatePlanRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreatePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One plan.
     * </pre>
     */
    public pointsman.v1.GetPlanResponse getPlan(pointsman.v1.GetPlanRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Plans, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListPlansResponse listPlans(pointsman.v1.ListPlansRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPlansMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a plan, for all tenants on it at once.
     * </pre>
     */
    public pointsman.v1.UpdatePlanResponse updatePlan(pointsman.v1.UpdatePlanRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdatePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a plan that no access token gives.
     * </pre>
     */
    public pointsman.v1.DeletePlanResponse deletePlan(pointsman.v1.DeletePlanRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeletePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a feature.
     * </pre>
     */
    public pointsman.v1.CreateFeatureResponse createFeature(pointsman.v1.CreateFeatureRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Features, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListFeaturesResponse listFeatures(pointsman.v1.ListFeaturesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListFeaturesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a feature.
     * </pre>
     */
    public pointsman.v1.UpdateFeatureResponse updateFeature(pointsman.v1.UpdateFeatureRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a feature that no plan and no task has.
     * </pre>
     */
    public pointsman.v1.DeleteFeatureResponse deleteFeature(pointsman.v1.DeleteFeatureRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a task.
     * </pre>
     */
    public pointsman.v1.CreateTaskResponse createTask(pointsman.v1.CreateTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tasks, ordered by code.
     * </pre>
     */
    public pointsman.v1.ListTasksResponse listTasks(pointsman.v1.ListTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a task.
     * </pre>
     */
    public pointsman.v1.UpdateTaskResponse updateTask(pointsman.v1.UpdateTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a task that no plan has.
     * </pre>
     */
    public pointsman.v1.DeleteTaskResponse deleteTask(pointsman.v1.DeleteTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTaskMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TenantService.
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public static final class TenantServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TenantServiceBlockingStub> {
    private TenantServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Who the caller is, as the server sees it.
     * </pre>
     */
    public pointsman.v1.WhoAmIResponse whoAmI(pointsman.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a tenant and its first administrator. The credential is an access token, which is then bound to the tenant.
     * </pre>
     */
    public pointsman.v1.SignUpResponse signUp(pointsman.v1.SignUpRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSignUpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a tenant without a sign-up. Platform administrators only.
     * </pre>
     */
    public pointsman.v1.CreateTenantResponse createTenant(pointsman.v1.CreateTenantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One tenant.
     * </pre>
     */
    public pointsman.v1.GetTenantResponse getTenant(pointsman.v1.GetTenantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tenants, ordered by id: all for a platform administrator, else the caller's own.
     * </pre>
     */
    public pointsman.v1.ListTenantsResponse listTenants(pointsman.v1.ListTenantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTenantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a tenant. Its state and plan are for platform administrators to change.
     * </pre>
     */
    public pointsman.v1.UpdateTenantResponse updateTenant(pointsman.v1.UpdateTenantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTenantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a user.
     * </pre>
     */
    public pointsman.v1.CreateUserResponse createUser(pointsman.v1.CreateUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One user. Everyone may read itself.
     * </pre>
     */
    public pointsman.v1.GetUserResponse getUser(pointsman.v1.GetUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Users, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListUsersResponse listUsers(pointsman.v1.ListUsersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a user.
     * </pre>
     */
    public pointsman.v1.UpdateUserResponse updateUser(pointsman.v1.UpdateUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a user and revokes its keys. What it used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteUserResponse deleteUser(pointsman.v1.DeleteUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a project.
     * </pre>
     */
    public pointsman.v1.CreateProjectResponse createProject(pointsman.v1.CreateProjectRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One project.
     * </pre>
     */
    public pointsman.v1.GetProjectResponse getProject(pointsman.v1.GetProjectRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of.
     * </pre>
     */
    public pointsman.v1.ListProjectsResponse listProjects(pointsman.v1.ListProjectsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListProjectsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a project.
     * </pre>
     */
    public pointsman.v1.UpdateProjectResponse updateProject(pointsman.v1.UpdateProjectRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a project. What it used stays in the usage entries.
     * </pre>
     */
    public pointsman.v1.DeleteProjectResponse deleteProject(pointsman.v1.DeleteProjectRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteProjectMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets a user charge a project. To add one that is in it changes nothing.
     * </pre>
     */
    public pointsman.v1.AddProjectMemberResponse addProjectMember(pointsman.v1.AddProjectMemberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAddProjectMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends that. To remove one that is not in it changes nothing.
     * </pre>
     */
    public pointsman.v1.RemoveProjectMemberResponse removeProjectMember(pointsman.v1.RemoveProjectMemberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRemoveProjectMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Issues an access token, with which one tenant signs up. Platform administrators only. The answer alone has the token.
     * </pre>
     */
    public pointsman.v1.CreateAccessTokenResponse createAccessToken(pointsman.v1.CreateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Access tokens, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListAccessTokensResponse listAccessTokens(pointsman.v1.ListAccessTokensRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAccessTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes an access token's plan, which changes its tenant's at once.
     * </pre>
     */
    public pointsman.v1.UpdateAccessTokenResponse updateAccessToken(pointsman.v1.UpdateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes an access token: nobody can sign up with it, and its tenant has no plan any more.
     * </pre>
     */
    public pointsman.v1.RevokeAccessTokenResponse revokeAccessToken(pointsman.v1.RevokeAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a key for a user or an agent. The answer alone has the key.
     * </pre>
     */
    public pointsman.v1.CreateApiKeyResponse createApiKey(pointsman.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keys, ordered by id: all for administrators and auditors, else the caller's own.
     * </pre>
     */
    public pointsman.v1.ListApiKeysResponse listApiKeys(pointsman.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new key in the place of one, which stays valid for the overlap. The answer alone has the key.
     * </pre>
     */
    public pointsman.v1.RotateApiKeyResponse rotateApiKey(pointsman.v1.RotateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a key, on every replica within a second.
     * </pre>
     */
    public pointsman.v1.RevokeApiKeyResponse revokeApiKey(pointsman.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a plan. Plans, features and tasks are platform administrators' to change, and everyone's to read.
     * </pre>
     */
    public pointsman.v1.CreatePlanResponse createPlan(pointsman.v1.CreatePlanRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreatePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One plan.
     * </pre>
     */
    public pointsman.v1.GetPlanResponse getPlan(pointsman.v1.GetPlanRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Plans, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListPlansResponse listPlans(pointsman.v1.ListPlansRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPlansMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a plan, for all tenants on it at once.
     * </pre>
     */
    public pointsman.v1.UpdatePlanResponse updatePlan(pointsman.v1.UpdatePlanRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdatePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a plan that no access token gives.
     * </pre>
     */
    public pointsman.v1.DeletePlanResponse deletePlan(pointsman.v1.DeletePlanRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeletePlanMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a feature.
     * </pre>
     */
    public pointsman.v1.CreateFeatureResponse createFeature(pointsman.v1.CreateFeatureRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Features, ordered by id.
     * </pre>
     */
    public pointsman.v1.ListFeaturesResponse listFeatures(pointsman.v1.ListFeaturesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListFeaturesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a feature.
     * </pre>
     */
    public pointsman.v1.UpdateFeatureResponse updateFeature(pointsman.v1.UpdateFeatureRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a feature that no plan and no task has.
     * </pre>
     */
    public pointsman.v1.DeleteFeatureResponse deleteFeature(pointsman.v1.DeleteFeatureRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteFeatureMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a task.
     * </pre>
     */
    public pointsman.v1.CreateTaskResponse createTask(pointsman.v1.CreateTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tasks, ordered by code.
     * </pre>
     */
    public pointsman.v1.ListTasksResponse listTasks(pointsman.v1.ListTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a task.
     * </pre>
     */
    public pointsman.v1.UpdateTaskResponse updateTask(pointsman.v1.UpdateTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a task that no plan has.
     * </pre>
     */
    public pointsman.v1.DeleteTaskResponse deleteTask(pointsman.v1.DeleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTaskMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TenantService.
   * <pre>
   * Manages who may ask. Every request's tenant_id is optional: unset means the caller's own tenant, and only a platform
   * administrator may name another.
   * </pre>
   */
  public static final class TenantServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TenantServiceFutureStub> {
    private TenantServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Who the caller is, as the server sees it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.WhoAmIResponse> whoAmI(
        pointsman.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a tenant and its first administrator. The credential is an access token, which is then bound to the tenant.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.SignUpResponse> signUp(
        pointsman.v1.SignUpRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSignUpMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a tenant without a sign-up. Platform administrators only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateTenantResponse> createTenant(
        pointsman.v1.CreateTenantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTenantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One tenant.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetTenantResponse> getTenant(
        pointsman.v1.GetTenantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTenantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tenants, ordered by id: all for a platform administrator, else the caller's own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListTenantsResponse> listTenants(
        pointsman.v1.ListTenantsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTenantsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a tenant. Its state and plan are for platform administrators to change.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateTenantResponse> updateTenant(
        pointsman.v1.UpdateTenantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTenantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a user.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateUserResponse> createUser(
        pointsman.v1.CreateUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One user. Everyone may read itself.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetUserResponse> getUser(
        pointsman.v1.GetUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Users, ordered by id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListUsersResponse> listUsers(
        pointsman.v1.ListUsersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListUsersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a user.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateUserResponse> updateUser(
        pointsman.v1.UpdateUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a user and revokes its keys. What it used stays in the usage entries.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeleteUserResponse> deleteUser(
        pointsman.v1.DeleteUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a project.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateProjectResponse> createProject(
        pointsman.v1.CreateProjectRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateProjectMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One project.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetProjectResponse> getProject(
        pointsman.v1.GetProjectRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetProjectMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListProjectsResponse> listProjects(
        pointsman.v1.ListProjectsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListProjectsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a project.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateProjectResponse> updateProject(
        pointsman.v1.UpdateProjectRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateProjectMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a project. What it used stays in the usage entries.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeleteProjectResponse> deleteProject(
        pointsman.v1.DeleteProjectRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteProjectMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lets a user charge a project. To add one that is in it changes nothing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.AddProjectMemberResponse> addProjectMember(
        pointsman.v1.AddProjectMemberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAddProjectMemberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends that. To remove one that is not in it changes nothing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RemoveProjectMemberResponse> removeProjectMember(
        pointsman.v1.RemoveProjectMemberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRemoveProjectMemberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Issues an access token, with which one tenant signs up. Platform administrators only. The answer alone has the token.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateAccessTokenResponse> createAccessToken(
        pointsman.v1.CreateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateAccessTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Access tokens, ordered by id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListAccessTokensResponse> listAccessTokens(
        pointsman.v1.ListAccessTokensRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAccessTokensMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes an access token's plan, which changes its tenant's at once.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateAccessTokenResponse> updateAccessToken(
        pointsman.v1.UpdateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateAccessTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes an access token: nobody can sign up with it, and its tenant has no plan any more.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RevokeAccessTokenResponse> revokeAccessToken(
        pointsman.v1.RevokeAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeAccessTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a key for a user or an agent. The answer alone has the key.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateApiKeyResponse> createApiKey(
        pointsman.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Keys, ordered by id: all for administrators and auditors, else the caller's own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListApiKeysResponse> listApiKeys(
        pointsman.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a new key in the place of one, which stays valid for the overlap. The answer alone has the key.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RotateApiKeyResponse> rotateApiKey(
        pointsman.v1.RotateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes a key, on every replica within a second.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.RevokeApiKeyResponse> revokeApiKey(
        pointsman.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a plan. Plans, features and tasks are platform administrators' to change, and everyone's to read.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreatePlanResponse> createPlan(
        pointsman.v1.CreatePlanRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreatePlanMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One plan.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.GetPlanResponse> getPlan(
        pointsman.v1.GetPlanRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPlanMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Plans, ordered by id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListPlansResponse> listPlans(
        pointsman.v1.ListPlansRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPlansMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a plan, for all tenants on it at once.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdatePlanResponse> updatePlan(
        pointsman.v1.UpdatePlanRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdatePlanMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a plan that no access token gives.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeletePlanResponse> deletePlan(
        pointsman.v1.DeletePlanRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeletePlanMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a feature.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateFeatureResponse> createFeature(
        pointsman.v1.CreateFeatureRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateFeatureMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Features, ordered by id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListFeaturesResponse> listFeatures(
        pointsman.v1.ListFeaturesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListFeaturesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a feature.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateFeatureResponse> updateFeature(
        pointsman.v1.UpdateFeatureRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateFeatureMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a feature that no plan and no task has.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeleteFeatureResponse> deleteFeature(
        pointsman.v1.DeleteFeatureRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteFeatureMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a task.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.CreateTaskResponse> createTask(
        pointsman.v1.CreateTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tasks, ordered by code.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.ListTasksResponse> listTasks(
        pointsman.v1.ListTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a task.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.UpdateTaskResponse> updateTask(
        pointsman.v1.UpdateTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a task that no plan has.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<pointsman.v1.DeleteTaskResponse> deleteTask(
        pointsman.v1.DeleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTaskMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_WHO_AM_I = 0;
  private static final int METHODID_SIGN_UP = 1;
  private static final int METHODID_CREATE_TENANT = 2;
  private static final int METHODID_GET_TENANT = 3;
  private static final int METHODID_LIST_TENANTS = 4;
  private static final int METHODID_UPDATE_TENANT = 5;
  private static final int METHODID_CREATE_USER = 6;
  private static final int METHODID_GET_USER = 7;
  private static final int METHODID_LIST_USERS = 8;
  private static final int METHODID_UPDATE_USER = 9;
  private static final int METHODID_DELETE_USER = 10;
  private static final int METHODID_CREATE_PROJECT = 11;
  private static final int METHODID_GET_PROJECT = 12;
  private static final int METHODID_LIST_PROJECTS = 13;
  private static final int METHODID_UPDATE_PROJECT = 14;
  private static final int METHODID_DELETE_PROJECT = 15;
  private static final int METHODID_ADD_PROJECT_MEMBER = 16;
  private static final int METHODID_REMOVE_PROJECT_MEMBER = 17;
  private static final int METHODID_CREATE_ACCESS_TOKEN = 18;
  private static final int METHODID_LIST_ACCESS_TOKENS = 19;
  private static final int METHODID_UPDATE_ACCESS_TOKEN = 20;
  private static final int METHODID_REVOKE_ACCESS_TOKEN = 21;
  private static final int METHODID_CREATE_API_KEY = 22;
  private static final int METHODID_LIST_API_KEYS = 23;
  private static final int METHODID_ROTATE_API_KEY = 24;
  private static final int METHODID_REVOKE_API_KEY = 25;
  private static final int METHODID_CREATE_PLAN = 26;
  private static final int METHODID_GET_PLAN = 27;
  private static final int METHODID_LIST_PLANS = 28;
  private static final int METHODID_UPDATE_PLAN = 29;
  private static final int METHODID_DELETE_PLAN = 30;
  private static final int METHODID_CREATE_FEATURE = 31;
  private static final int METHODID_LIST_FEATURES = 32;
  private static final int METHODID_UPDATE_FEATURE = 33;
  private static final int METHODID_DELETE_FEATURE = 34;
  private static final int METHODID_CREATE_TASK = 35;
  private static final int METHODID_LIST_TASKS = 36;
  private static final int METHODID_UPDATE_TASK = 37;
  private static final int METHODID_DELETE_TASK = 38;

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
        case METHODID_WHO_AM_I:
          serviceImpl.whoAmI((pointsman.v1.WhoAmIRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.WhoAmIResponse>) responseObserver);
          break;
        case METHODID_SIGN_UP:
          serviceImpl.signUp((pointsman.v1.SignUpRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.SignUpResponse>) responseObserver);
          break;
        case METHODID_CREATE_TENANT:
          serviceImpl.createTenant((pointsman.v1.CreateTenantRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateTenantResponse>) responseObserver);
          break;
        case METHODID_GET_TENANT:
          serviceImpl.getTenant((pointsman.v1.GetTenantRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetTenantResponse>) responseObserver);
          break;
        case METHODID_LIST_TENANTS:
          serviceImpl.listTenants((pointsman.v1.ListTenantsRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListTenantsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TENANT:
          serviceImpl.updateTenant((pointsman.v1.UpdateTenantRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateTenantResponse>) responseObserver);
          break;
        case METHODID_CREATE_USER:
          serviceImpl.createUser((pointsman.v1.CreateUserRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateUserResponse>) responseObserver);
          break;
        case METHODID_GET_USER:
          serviceImpl.getUser((pointsman.v1.GetUserRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetUserResponse>) responseObserver);
          break;
        case METHODID_LIST_USERS:
          serviceImpl.listUsers((pointsman.v1.ListUsersRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListUsersResponse>) responseObserver);
          break;
        case METHODID_UPDATE_USER:
          serviceImpl.updateUser((pointsman.v1.UpdateUserRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateUserResponse>) responseObserver);
          break;
        case METHODID_DELETE_USER:
          serviceImpl.deleteUser((pointsman.v1.DeleteUserRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeleteUserResponse>) responseObserver);
          break;
        case METHODID_CREATE_PROJECT:
          serviceImpl.createProject((pointsman.v1.CreateProjectRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateProjectResponse>) responseObserver);
          break;
        case METHODID_GET_PROJECT:
          serviceImpl.getProject((pointsman.v1.GetProjectRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetProjectResponse>) responseObserver);
          break;
        case METHODID_LIST_PROJECTS:
          serviceImpl.listProjects((pointsman.v1.ListProjectsRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListProjectsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_PROJECT:
          serviceImpl.updateProject((pointsman.v1.UpdateProjectRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateProjectResponse>) responseObserver);
          break;
        case METHODID_DELETE_PROJECT:
          serviceImpl.deleteProject((pointsman.v1.DeleteProjectRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeleteProjectResponse>) responseObserver);
          break;
        case METHODID_ADD_PROJECT_MEMBER:
          serviceImpl.addProjectMember((pointsman.v1.AddProjectMemberRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.AddProjectMemberResponse>) responseObserver);
          break;
        case METHODID_REMOVE_PROJECT_MEMBER:
          serviceImpl.removeProjectMember((pointsman.v1.RemoveProjectMemberRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RemoveProjectMemberResponse>) responseObserver);
          break;
        case METHODID_CREATE_ACCESS_TOKEN:
          serviceImpl.createAccessToken((pointsman.v1.CreateAccessTokenRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateAccessTokenResponse>) responseObserver);
          break;
        case METHODID_LIST_ACCESS_TOKENS:
          serviceImpl.listAccessTokens((pointsman.v1.ListAccessTokensRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListAccessTokensResponse>) responseObserver);
          break;
        case METHODID_UPDATE_ACCESS_TOKEN:
          serviceImpl.updateAccessToken((pointsman.v1.UpdateAccessTokenRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateAccessTokenResponse>) responseObserver);
          break;
        case METHODID_REVOKE_ACCESS_TOKEN:
          serviceImpl.revokeAccessToken((pointsman.v1.RevokeAccessTokenRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RevokeAccessTokenResponse>) responseObserver);
          break;
        case METHODID_CREATE_API_KEY:
          serviceImpl.createApiKey((pointsman.v1.CreateApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateApiKeyResponse>) responseObserver);
          break;
        case METHODID_LIST_API_KEYS:
          serviceImpl.listApiKeys((pointsman.v1.ListApiKeysRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListApiKeysResponse>) responseObserver);
          break;
        case METHODID_ROTATE_API_KEY:
          serviceImpl.rotateApiKey((pointsman.v1.RotateApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RotateApiKeyResponse>) responseObserver);
          break;
        case METHODID_REVOKE_API_KEY:
          serviceImpl.revokeApiKey((pointsman.v1.RevokeApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.RevokeApiKeyResponse>) responseObserver);
          break;
        case METHODID_CREATE_PLAN:
          serviceImpl.createPlan((pointsman.v1.CreatePlanRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreatePlanResponse>) responseObserver);
          break;
        case METHODID_GET_PLAN:
          serviceImpl.getPlan((pointsman.v1.GetPlanRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.GetPlanResponse>) responseObserver);
          break;
        case METHODID_LIST_PLANS:
          serviceImpl.listPlans((pointsman.v1.ListPlansRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListPlansResponse>) responseObserver);
          break;
        case METHODID_UPDATE_PLAN:
          serviceImpl.updatePlan((pointsman.v1.UpdatePlanRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdatePlanResponse>) responseObserver);
          break;
        case METHODID_DELETE_PLAN:
          serviceImpl.deletePlan((pointsman.v1.DeletePlanRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeletePlanResponse>) responseObserver);
          break;
        case METHODID_CREATE_FEATURE:
          serviceImpl.createFeature((pointsman.v1.CreateFeatureRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateFeatureResponse>) responseObserver);
          break;
        case METHODID_LIST_FEATURES:
          serviceImpl.listFeatures((pointsman.v1.ListFeaturesRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListFeaturesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_FEATURE:
          serviceImpl.updateFeature((pointsman.v1.UpdateFeatureRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateFeatureResponse>) responseObserver);
          break;
        case METHODID_DELETE_FEATURE:
          serviceImpl.deleteFeature((pointsman.v1.DeleteFeatureRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeleteFeatureResponse>) responseObserver);
          break;
        case METHODID_CREATE_TASK:
          serviceImpl.createTask((pointsman.v1.CreateTaskRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.CreateTaskResponse>) responseObserver);
          break;
        case METHODID_LIST_TASKS:
          serviceImpl.listTasks((pointsman.v1.ListTasksRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.ListTasksResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TASK:
          serviceImpl.updateTask((pointsman.v1.UpdateTaskRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.UpdateTaskResponse>) responseObserver);
          break;
        case METHODID_DELETE_TASK:
          serviceImpl.deleteTask((pointsman.v1.DeleteTaskRequest) request,
              (io.grpc.stub.StreamObserver<pointsman.v1.DeleteTaskResponse>) responseObserver);
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
          getWhoAmIMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.WhoAmIRequest,
              pointsman.v1.WhoAmIResponse>(
                service, METHODID_WHO_AM_I)))
        .addMethod(
          getSignUpMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.SignUpRequest,
              pointsman.v1.SignUpResponse>(
                service, METHODID_SIGN_UP)))
        .addMethod(
          getCreateTenantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateTenantRequest,
              pointsman.v1.CreateTenantResponse>(
                service, METHODID_CREATE_TENANT)))
        .addMethod(
          getGetTenantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetTenantRequest,
              pointsman.v1.GetTenantResponse>(
                service, METHODID_GET_TENANT)))
        .addMethod(
          getListTenantsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListTenantsRequest,
              pointsman.v1.ListTenantsResponse>(
                service, METHODID_LIST_TENANTS)))
        .addMethod(
          getUpdateTenantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateTenantRequest,
              pointsman.v1.UpdateTenantResponse>(
                service, METHODID_UPDATE_TENANT)))
        .addMethod(
          getCreateUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateUserRequest,
              pointsman.v1.CreateUserResponse>(
                service, METHODID_CREATE_USER)))
        .addMethod(
          getGetUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetUserRequest,
              pointsman.v1.GetUserResponse>(
                service, METHODID_GET_USER)))
        .addMethod(
          getListUsersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListUsersRequest,
              pointsman.v1.ListUsersResponse>(
                service, METHODID_LIST_USERS)))
        .addMethod(
          getUpdateUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateUserRequest,
              pointsman.v1.UpdateUserResponse>(
                service, METHODID_UPDATE_USER)))
        .addMethod(
          getDeleteUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeleteUserRequest,
              pointsman.v1.DeleteUserResponse>(
                service, METHODID_DELETE_USER)))
        .addMethod(
          getCreateProjectMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateProjectRequest,
              pointsman.v1.CreateProjectResponse>(
                service, METHODID_CREATE_PROJECT)))
        .addMethod(
          getGetProjectMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetProjectRequest,
              pointsman.v1.GetProjectResponse>(
                service, METHODID_GET_PROJECT)))
        .addMethod(
          getListProjectsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListProjectsRequest,
              pointsman.v1.ListProjectsResponse>(
                service, METHODID_LIST_PROJECTS)))
        .addMethod(
          getUpdateProjectMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateProjectRequest,
              pointsman.v1.UpdateProjectResponse>(
                service, METHODID_UPDATE_PROJECT)))
        .addMethod(
          getDeleteProjectMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeleteProjectRequest,
              pointsman.v1.DeleteProjectResponse>(
                service, METHODID_DELETE_PROJECT)))
        .addMethod(
          getAddProjectMemberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.AddProjectMemberRequest,
              pointsman.v1.AddProjectMemberResponse>(
                service, METHODID_ADD_PROJECT_MEMBER)))
        .addMethod(
          getRemoveProjectMemberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RemoveProjectMemberRequest,
              pointsman.v1.RemoveProjectMemberResponse>(
                service, METHODID_REMOVE_PROJECT_MEMBER)))
        .addMethod(
          getCreateAccessTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateAccessTokenRequest,
              pointsman.v1.CreateAccessTokenResponse>(
                service, METHODID_CREATE_ACCESS_TOKEN)))
        .addMethod(
          getListAccessTokensMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListAccessTokensRequest,
              pointsman.v1.ListAccessTokensResponse>(
                service, METHODID_LIST_ACCESS_TOKENS)))
        .addMethod(
          getUpdateAccessTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateAccessTokenRequest,
              pointsman.v1.UpdateAccessTokenResponse>(
                service, METHODID_UPDATE_ACCESS_TOKEN)))
        .addMethod(
          getRevokeAccessTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RevokeAccessTokenRequest,
              pointsman.v1.RevokeAccessTokenResponse>(
                service, METHODID_REVOKE_ACCESS_TOKEN)))
        .addMethod(
          getCreateApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateApiKeyRequest,
              pointsman.v1.CreateApiKeyResponse>(
                service, METHODID_CREATE_API_KEY)))
        .addMethod(
          getListApiKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListApiKeysRequest,
              pointsman.v1.ListApiKeysResponse>(
                service, METHODID_LIST_API_KEYS)))
        .addMethod(
          getRotateApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RotateApiKeyRequest,
              pointsman.v1.RotateApiKeyResponse>(
                service, METHODID_ROTATE_API_KEY)))
        .addMethod(
          getRevokeApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.RevokeApiKeyRequest,
              pointsman.v1.RevokeApiKeyResponse>(
                service, METHODID_REVOKE_API_KEY)))
        .addMethod(
          getCreatePlanMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreatePlanRequest,
              pointsman.v1.CreatePlanResponse>(
                service, METHODID_CREATE_PLAN)))
        .addMethod(
          getGetPlanMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.GetPlanRequest,
              pointsman.v1.GetPlanResponse>(
                service, METHODID_GET_PLAN)))
        .addMethod(
          getListPlansMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListPlansRequest,
              pointsman.v1.ListPlansResponse>(
                service, METHODID_LIST_PLANS)))
        .addMethod(
          getUpdatePlanMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdatePlanRequest,
              pointsman.v1.UpdatePlanResponse>(
                service, METHODID_UPDATE_PLAN)))
        .addMethod(
          getDeletePlanMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeletePlanRequest,
              pointsman.v1.DeletePlanResponse>(
                service, METHODID_DELETE_PLAN)))
        .addMethod(
          getCreateFeatureMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateFeatureRequest,
              pointsman.v1.CreateFeatureResponse>(
                service, METHODID_CREATE_FEATURE)))
        .addMethod(
          getListFeaturesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListFeaturesRequest,
              pointsman.v1.ListFeaturesResponse>(
                service, METHODID_LIST_FEATURES)))
        .addMethod(
          getUpdateFeatureMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateFeatureRequest,
              pointsman.v1.UpdateFeatureResponse>(
                service, METHODID_UPDATE_FEATURE)))
        .addMethod(
          getDeleteFeatureMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeleteFeatureRequest,
              pointsman.v1.DeleteFeatureResponse>(
                service, METHODID_DELETE_FEATURE)))
        .addMethod(
          getCreateTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.CreateTaskRequest,
              pointsman.v1.CreateTaskResponse>(
                service, METHODID_CREATE_TASK)))
        .addMethod(
          getListTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.ListTasksRequest,
              pointsman.v1.ListTasksResponse>(
                service, METHODID_LIST_TASKS)))
        .addMethod(
          getUpdateTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.UpdateTaskRequest,
              pointsman.v1.UpdateTaskResponse>(
                service, METHODID_UPDATE_TASK)))
        .addMethod(
          getDeleteTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              pointsman.v1.DeleteTaskRequest,
              pointsman.v1.DeleteTaskResponse>(
                service, METHODID_DELETE_TASK)))
        .build();
  }

  private static abstract class TenantServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TenantServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return pointsman.v1.TenantServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TenantService");
    }
  }

  private static final class TenantServiceFileDescriptorSupplier
      extends TenantServiceBaseDescriptorSupplier {
    TenantServiceFileDescriptorSupplier() {}
  }

  private static final class TenantServiceMethodDescriptorSupplier
      extends TenantServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TenantServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TenantServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TenantServiceFileDescriptorSupplier())
              .addMethod(getWhoAmIMethod())
              .addMethod(getSignUpMethod())
              .addMethod(getCreateTenantMethod())
              .addMethod(getGetTenantMethod())
              .addMethod(getListTenantsMethod())
              .addMethod(getUpdateTenantMethod())
              .addMethod(getCreateUserMethod())
              .addMethod(getGetUserMethod())
              .addMethod(getListUsersMethod())
              .addMethod(getUpdateUserMethod())
              .addMethod(getDeleteUserMethod())
              .addMethod(getCreateProjectMethod())
              .addMethod(getGetProjectMethod())
              .addMethod(getListProjectsMethod())
              .addMethod(getUpdateProjectMethod())
              .addMethod(getDeleteProjectMethod())
              .addMethod(getAddProjectMemberMethod())
              .addMethod(getRemoveProjectMemberMethod())
              .addMethod(getCreateAccessTokenMethod())
              .addMethod(getListAccessTokensMethod())
              .addMethod(getUpdateAccessTokenMethod())
              .addMethod(getRevokeAccessTokenMethod())
              .addMethod(getCreateApiKeyMethod())
              .addMethod(getListApiKeysMethod())
              .addMethod(getRotateApiKeyMethod())
              .addMethod(getRevokeApiKeyMethod())
              .addMethod(getCreatePlanMethod())
              .addMethod(getGetPlanMethod())
              .addMethod(getListPlansMethod())
              .addMethod(getUpdatePlanMethod())
              .addMethod(getDeletePlanMethod())
              .addMethod(getCreateFeatureMethod())
              .addMethod(getListFeaturesMethod())
              .addMethod(getUpdateFeatureMethod())
              .addMethod(getDeleteFeatureMethod())
              .addMethod(getCreateTaskMethod())
              .addMethod(getListTasksMethod())
              .addMethod(getUpdateTaskMethod())
              .addMethod(getDeleteTaskMethod())
              .build();
        }
      }
    }
    return result;
  }
}
