"""Every kind of rule, by its key."""

from collections.abc import Mapping
from typing import Any, Final

from pointsman_server.policy.rules.agent_max_steps import AGENT_MAX_STEPS
from pointsman_server.policy.rules.allowed_classes import ALLOWED_CLASSES
from pointsman_server.policy.rules.allowed_hours import ALLOWED_HOURS
from pointsman_server.policy.rules.allowed_models import ALLOWED_MODELS
from pointsman_server.policy.rules.allowed_providers import ALLOWED_PROVIDERS
from pointsman_server.policy.rules.allowed_regions import ALLOWED_REGIONS
from pointsman_server.policy.rules.base import Kind
from pointsman_server.policy.rules.check_moderation import CHECK_MODERATION
from pointsman_server.policy.rules.check_personal_data import CHECK_PERSONAL_DATA
from pointsman_server.policy.rules.check_secrets import CHECK_SECRETS
from pointsman_server.policy.rules.denied_models import DENIED_MODELS
from pointsman_server.policy.rules.denied_providers import DENIED_PROVIDERS
from pointsman_server.policy.rules.denied_regions import DENIED_REGIONS
from pointsman_server.policy.rules.diagram_files_per_req import DIAGRAM_FILES_PER_REQ
from pointsman_server.policy.rules.max_api_calls import MAX_API_CALLS
from pointsman_server.policy.rules.max_concurrent import MAX_CONCURRENT
from pointsman_server.policy.rules.max_documents import MAX_DOCUMENTS
from pointsman_server.policy.rules.max_images import MAX_IMAGES
from pointsman_server.policy.rules.max_messages import MAX_MESSAGES
from pointsman_server.policy.rules.max_request_bytes import MAX_REQUEST_BYTES
from pointsman_server.policy.rules.max_tokens_in import MAX_TOKENS_IN
from pointsman_server.policy.rules.max_tokens_out import MAX_TOKENS_OUT
from pointsman_server.policy.rules.max_tools import MAX_TOOLS
from pointsman_server.policy.rules.requests_per_minute import REQUESTS_PER_MINUTE
from pointsman_server.policy.rules.retrieval_top_k import RETRIEVAL_TOP_K
from pointsman_server.policy.rules.tokens_per_minute import TOKENS_PER_MINUTE

AnyKind = Kind[Any, Any]

_ALL: tuple[AnyKind, ...] = (
    MAX_TOKENS_IN,
    MAX_TOKENS_OUT,
    MAX_REQUEST_BYTES,
    MAX_MESSAGES,
    MAX_IMAGES,
    MAX_DOCUMENTS,
    MAX_TOOLS,
    MAX_API_CALLS,
    RETRIEVAL_TOP_K,
    DIAGRAM_FILES_PER_REQ,
    AGENT_MAX_STEPS,
    REQUESTS_PER_MINUTE,
    TOKENS_PER_MINUTE,
    MAX_CONCURRENT,
    ALLOWED_MODELS,
    DENIED_MODELS,
    ALLOWED_CLASSES,
    ALLOWED_PROVIDERS,
    DENIED_PROVIDERS,
    ALLOWED_REGIONS,
    DENIED_REGIONS,
    ALLOWED_HOURS,
    CHECK_SECRETS,
    CHECK_PERSONAL_DATA,
    CHECK_MODERATION,
)

KINDS: Final[Mapping[str, AnyKind]] = {kind.key: kind for kind in _ALL}
