"""API keys and access tokens, for the client that blocks; ``async_keys.py`` has the other's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from pointsman.calling import Caller
from pointsman.v1.tenant_service_pb2 import (
    AccessToken,
    ApiKey,
    CreateAccessTokenRequest,
    CreateAccessTokenResponse,
    CreateApiKeyRequest,
    CreateApiKeyResponse,
    ListAccessTokensRequest,
    ListApiKeysRequest,
    RevokeAccessTokenRequest,
    RevokeApiKeyRequest,
    RotateApiKeyRequest,
    RotateApiKeyResponse,
    UpdateAccessTokenRequest,
)
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub


class Keys:
    """API keys of users and agents."""

    def __init__(self, caller: Caller, channel: grpc.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    def create(
        self, api_key: ApiKey, *, tenant_id: str = "", request_id: str = "", timeout: float | None = None
    ) -> CreateApiKeyResponse:
        """Makes a key; the answer alone has it."""
        return self._caller.call(
            self._stub.CreateApiKey,
            CreateApiKeyRequest(api_key=api_key, tenant_id=tenant_id, request_id=request_id),
            timeout,
        )

    def list(self, request: ListApiKeysRequest | None = None, *, timeout: float | None = None) -> Iterator[ApiKey]:
        """Keys by id, without their secrets; asks for further pages as they are needed."""
        for page in self._caller.pages(self._stub.ListApiKeys, request or ListApiKeysRequest(), timeout):
            yield from page.api_keys

    def rotate(self, request: RotateApiKeyRequest, *, timeout: float | None = None) -> RotateApiKeyResponse:
        """Makes a new key in the place of one; the answer alone has it."""
        return self._caller.call(self._stub.RotateApiKey, request, timeout)

    def revoke(self, api_key_id: str, *, tenant_id: str = "", timeout: float | None = None) -> ApiKey:
        """Ends a key, everywhere within a second."""
        request = RevokeApiKeyRequest(api_key_id=api_key_id, tenant_id=tenant_id)
        return self._caller.call(self._stub.RevokeApiKey, request, timeout).api_key


class AccessTokens:
    """What tenants sign up with, and have their plan from; for platform administrators."""

    def __init__(self, caller: Caller, channel: grpc.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    def create(
        self, access_token: AccessToken, *, request_id: str = "", timeout: float | None = None
    ) -> CreateAccessTokenResponse:
        """Issues an access token; the answer alone has it."""
        return self._caller.call(
            self._stub.CreateAccessToken,
            CreateAccessTokenRequest(access_token=access_token, request_id=request_id),
            timeout,
        )

    def list(
        self, request: ListAccessTokensRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[AccessToken]:
        """Access tokens by id, without their secrets; asks for further pages as they are needed."""
        for page in self._caller.pages(self._stub.ListAccessTokens, request or ListAccessTokensRequest(), timeout):
            yield from page.access_tokens

    def update(self, access_token: AccessToken, paths: Iterable[str], *, timeout: float | None = None) -> AccessToken:
        """Changes the named fields."""
        request = UpdateAccessTokenRequest(access_token=access_token, update_mask=FieldMask(paths=paths))
        return self._caller.call(self._stub.UpdateAccessToken, request, timeout).access_token

    def revoke(self, access_token_id: str, *, timeout: float | None = None) -> AccessToken:
        """Ends an access token; its tenant has no plan any more."""
        request = RevokeAccessTokenRequest(access_token_id=access_token_id)
        return self._caller.call(self._stub.RevokeAccessToken, request, timeout).access_token
