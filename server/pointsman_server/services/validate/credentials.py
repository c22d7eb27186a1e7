"""Checks what is asked of keys and access tokens. Each function returns when its request is sound.

Raises:
    InvalidRequest: names each wrong field, what is wrong and what to do.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_AGENT

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

ACCESS_TOKEN_FIELDS: Final = ("display_name", "plan_id", "expire_time")
MAX_OVERLAP_SECONDS: Final = 30 * 86_400

_KEY_MADE: Final = ("tenant_id", "api_key_id", "state", "create_time", "replaced_by_api_key_id")
_TOKEN_MADE: Final = ("access_token_id", "tenant_id", "state", "create_time", "update_time")


def create_api_key(request: pb.CreateApiKeyRequest) -> None:
    """Checks a new key."""
    violations = Violations()
    key = request.api_key
    violations.identifier(request.tenant_id, "tenant_id")
    violations.unset(key, "api_key", _KEY_MADE)
    _display_name(key.display_name, "api_key.display_name", violations)
    subject = key.WhichOneof("subject")
    if subject is not None:
        violations.identifier(getattr(key, subject), f"api_key.{subject}", required=True)
    violations.enums(key, "roles", "api_key.roles")
    if subject == "agent_id" and key.roles:
        violations.add("api_key.roles", "belongs to keys of users; an agent's has the role AGENT, so leave it unset")
    elif PRINCIPAL_ROLE_AGENT in key.roles:
        violations.add("api_key.roles", "has AGENT, which belongs to keys of agents; name the user's roles")
    _expiry(key, "api_key.expire_time", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def list_api_keys(request: pb.ListApiKeysRequest) -> None:
    """Checks a question for keys."""
    violations = Violations()
    for name in ("tenant_id", "user_id", "agent_id"):
        violations.identifier(getattr(request, name), name)
    violations.enum(request, "state", "state")
    violations.page(request)
    violations.raise_if_any()


def rotate_api_key(request: pb.RotateApiKeyRequest) -> None:
    """Checks a rotation."""
    violations = Violations()
    _named_key(request, violations)
    if request.HasField("overlap"):
        _overlap(request.overlap, violations)
    _expiry(request, "expire_time", violations)
    violations.raise_if_any()


def revoke_api_key(request: pb.RevokeApiKeyRequest) -> None:
    """Checks a revocation."""
    violations = Violations()
    _named_key(request, violations)
    violations.raise_if_any()


def create_access_token(request: pb.CreateAccessTokenRequest) -> None:
    """Checks a new access token."""
    violations = Violations()
    token = request.access_token
    violations.unset(token, "access_token", _TOKEN_MADE)
    _display_name(token.display_name, "access_token.display_name", violations)
    violations.identifier(token.plan_id, "access_token.plan_id", required=True)
    _expiry(token, "access_token.expire_time", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def list_access_tokens(request: pb.ListAccessTokensRequest) -> None:
    """Checks a question for access tokens."""
    violations = Violations()
    violations.identifier(request.plan_id, "plan_id")
    violations.enum(request, "state", "state")
    violations.page(request)
    violations.raise_if_any()


def update_access_token(request: pb.UpdateAccessTokenRequest) -> None:
    """Checks a change of an access token."""
    violations = Violations()
    token = request.access_token
    violations.identifier(token.access_token_id, "access_token.access_token_id", required=True)
    fields = violations.mask(request, ACCESS_TOKEN_FIELDS)
    if "display_name" in fields:
        _display_name(token.display_name, "access_token.display_name", violations)
    if "plan_id" in fields:
        violations.identifier(token.plan_id, "access_token.plan_id", required=True)
    if "expire_time" in fields:
        _expiry(token, "access_token.expire_time", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def revoke_access_token(request: pb.RevokeAccessTokenRequest) -> None:
    """Checks a revocation."""
    violations = Violations()
    violations.identifier(request.access_token_id, "access_token_id", required=True)
    violations.raise_if_any()


def _named_key(request: pb.RotateApiKeyRequest | pb.RevokeApiKeyRequest, violations: Violations) -> None:
    violations.identifier(request.tenant_id, "tenant_id")
    violations.identifier(request.api_key_id, "api_key_id", required=True)


def _display_name(value: str, path: str, violations: Violations) -> None:
    violations.text(value, path, limits.MAX_DISPLAY_NAME_CHARACTERS, required=True)


def _expiry(message: Any, path: str, violations: Violations) -> None:  # noqa: ANN401  # every message with expire_time
    if message.HasField("expire_time"):
        violations.timestamp(message.expire_time, path)


def _overlap(overlap: Duration, violations: Violations) -> None:
    whole, rest = overlap.seconds, overlap.nanos
    if whole < 0 or rest < 0 or whole > MAX_OVERLAP_SECONDS or (whole == MAX_OVERLAP_SECONDS and rest):
        violations.add("overlap", "is not between 0 and 30 days; give such a time, or leave it unset for an hour")
