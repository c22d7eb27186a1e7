"""The methods of ``TenantService`` about keys and access tokens; what is made is shown in one answer alone."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Final

from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.errors import RoleRequired
from pointsman_server.identity.key_stores import EVERYBODYS, AccessTokenQuery, KeyQuery, Rotation, Whose
from pointsman_server.identity.model import ADMIN_ROLES, Role
from pointsman_server.identity.tokens import TokenKind
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.tenant_parts import Part
from pointsman_server.services.user_methods import sees_all
from pointsman_server.services.validate import credentials as validate

_OVERLAP: Final = timedelta(hours=1)


class CredentialMethods(Part):
    """Checks each request and hands it on."""

    async def create_api_key(self, request: pb.CreateApiKeyRequest, call: Call) -> pb.CreateApiKeyResponse:
        """Makes a key: for anybody by an administrator, else for oneself."""
        validate.create_api_key(request)
        token = self._parts.issuer.mint(TokenKind.API_KEY)
        asked = pb.ApiKey()
        asked.CopyFrom(request.api_key)
        asked.tenant_id, asked.api_key_id = call.tenant_id, token.token_id
        if asked.WhichOneof("subject") is None:
            asked.user_id = call.principal.user_id
        _check_subject(asked, call)
        made = await self._parts.api_keys.create(asked, self._parts.issuer.digest(token), origin_of(request, call))
        repeated = made.api_key_id != token.token_id
        return pb.CreateApiKeyResponse(api_key=made, key="" if repeated else token.reveal())

    async def list_api_keys(self, request: pb.ListApiKeysRequest, call: Call) -> pb.ListApiKeysResponse:
        """Keys, ordered by id: all for administrators and auditors, else the caller's own."""
        validate.list_api_keys(request)
        size = paging.page_size(request)
        query = KeyQuery(
            tenant_id=call.tenant_id,
            whose=EVERYBODYS if sees_all(call) else _own(call),
            user_id=request.user_id,
            agent_id=request.agent_id,
            state=request.state,
            after=paging.last_id(request),
            page_size=size + 1,  # one more than is shown says whether there is a next page
        )
        found, total = await self._parts.api_keys.page(query)
        return pb.ListApiKeysResponse(
            api_keys=found[:size],
            next_page_token=paging.token(request, found[size - 1].api_key_id) if len(found) > size else "",
            total_size=total,
        )

    async def rotate_api_key(self, request: pb.RotateApiKeyRequest, call: Call) -> pb.RotateApiKeyResponse:
        """Makes a new key in the place of one, which stays valid for the overlap."""
        validate.rotate_api_key(request)
        token = self._parts.issuer.mint(TokenKind.API_KEY)
        rotation = Rotation(
            tenant_id=call.tenant_id,
            api_key_id=request.api_key_id,
            whose=_changeable(call),
            new_id=token.token_id,
            digest=self._parts.issuer.digest(token),
            overlap=request.overlap.ToTimedelta() if request.HasField("overlap") else _OVERLAP,
            expires_at=request.expire_time.ToDatetime(UTC) if request.HasField("expire_time") else None,
        )
        made, replaced = await self._parts.api_keys.rotate(rotation, origin_of(request, call))
        return pb.RotateApiKeyResponse(api_key=made, key=token.reveal(), replaced_api_key=replaced)

    async def revoke_api_key(self, request: pb.RevokeApiKeyRequest, call: Call) -> pb.RevokeApiKeyResponse:
        """Ends a key, on every server within a second."""
        validate.revoke_api_key(request)
        named = (call.tenant_id, request.api_key_id, _changeable(call))
        return pb.RevokeApiKeyResponse(api_key=await self._parts.api_keys.revoke(*named, origin_of(request, call)))

    async def create_access_token(
        self, request: pb.CreateAccessTokenRequest, call: Call
    ) -> pb.CreateAccessTokenResponse:
        """Issues an access token."""
        validate.create_access_token(request)
        token = self._parts.issuer.mint(TokenKind.ACCESS_TOKEN)
        asked = pb.AccessToken()
        asked.CopyFrom(request.access_token)
        asked.access_token_id = token.token_id
        digest = self._parts.issuer.digest(token)
        made = await self._parts.access_tokens.create(asked, digest, origin_of(request, call))
        repeated = made.access_token_id != token.token_id
        return pb.CreateAccessTokenResponse(access_token=made, token="" if repeated else token.reveal())

    async def list_access_tokens(self, request: pb.ListAccessTokensRequest, _call: Call) -> pb.ListAccessTokensResponse:
        """Access tokens, ordered by id."""
        validate.list_access_tokens(request)
        size = paging.page_size(request)
        query = AccessTokenQuery(request.plan_id, request.state, paging.last_id(request), size + 1)
        found, total = await self._parts.access_tokens.page(query)
        return pb.ListAccessTokensResponse(
            access_tokens=found[:size],
            next_page_token=paging.token(request, found[size - 1].access_token_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_access_token(
        self, request: pb.UpdateAccessTokenRequest, call: Call
    ) -> pb.UpdateAccessTokenResponse:
        """Changes an access token, and with its plan that of its tenant."""
        validate.update_access_token(request)
        fields = set(request.update_mask.paths)
        asked = named_in(request.access_token, "access_token_id", fields)
        changed = await self._parts.access_tokens.update(asked, fields, origin_of(request, call))
        return pb.UpdateAccessTokenResponse(access_token=changed)

    async def revoke_access_token(
        self, request: pb.RevokeAccessTokenRequest, call: Call
    ) -> pb.RevokeAccessTokenResponse:
        """Ends an access token, and with it its tenant's plan."""
        validate.revoke_access_token(request)
        revoked = await self._parts.access_tokens.revoke(request.access_token_id, origin_of(request, call))
        return pb.RevokeAccessTokenResponse(access_token=revoked)


def _administers(call: Call) -> bool:
    return not call.principal.roles.isdisjoint(ADMIN_ROLES)


def _check_subject(key: pb.ApiKey, call: Call) -> None:
    """Lets everybody make keys for itself, and administrators for others."""
    own = (key.tenant_id, key.user_id, key.agent_id) == (call.principal.tenant_id, call.principal.user_id, "")
    if not own and not _administers(call):
        whose = "agents" if key.agent_id else "other users"
        raise RoleRequired(
            f"Keys of {whose} are an administrator's to make.", metadata={"role": Role.TENANT_ADMIN.value}
        )


def _own(call: Call) -> Whose:
    principal = call.principal
    return Whose(agent_id=principal.agent_id) if principal.agent_id else Whose(user_id=principal.user_id)


def _changeable(call: Call) -> Whose:
    return EVERYBODYS if _administers(call) else _own(call)
