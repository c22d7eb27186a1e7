"""The version of the routing's tables and weights: a digest, so that it changes when one of them does."""

import hashlib

from pointsman_server.router import attempts, contest, field, tables, tokens
from pointsman_server.router.filters.table import FILTERS
from pointsman_server.router.model import Defaults
from pointsman_server.router.strategies import balanced, table

ALGORITHM = 1
"""Counted up by hand when the arithmetic changes and none of the figures below does."""

_FIGURES = (
    tables.TOOL_TASK_TYPES,
    tables.TASK_TYPE_KEYWORDS,
    tables.MEDIA_TYPE_TASK_TYPES,
    tables.MEDIA_FAMILY_TASK_TYPES,
    tables.EXTENSION_TASK_TYPES,
    tables.PURPOSES,
    tables.FALLBACK_CHAIN,
    [filter_.reason for filter_ in FILTERS],
    (tokens.REQUEST_TOKENS, tokens.MESSAGE_TOKENS, tokens.PART_TOKENS, tokens.TOOL_TOKENS),
    (tokens.IMAGE_TOKENS_BOUND, tokens.IMAGE_TOKENS_EXPECTED, tokens.BYTES_PER_EXPECTED_TOKEN),
    (tokens.AUDIO_BYTES_PER_TOKEN_BOUND, tokens.AUDIO_BYTES_PER_TOKEN_EXPECTED),
    (tokens.DOCUMENT_TOKENS_BOUND_LEAST, tokens.REMOTE_DOCUMENT_TOKENS_BOUND, tokens.REMOTE_DOCUMENT_TOKENS_EXPECTED),
    (contest.TYPICAL_OUTPUT_TOKENS, field.ASSUMED_TOKENS_PER_SECOND, field.LARGE_CONTEXT_TOKENS),
    (contest.HALFWAY_COST_NANOS, contest.HALFWAY_TIME_MS, field.PURPOSE_WEIGHT),
    (balanced.MARGIN, balanced.COST_WEIGHT, attempts.DIVERSITY_MARGIN),
    (table.TIGHT_LATENCY_MS, table.TIGHT_COST_NANOS),
)


def router_version(defaults: Defaults) -> str:
    """What decisions carry, made under these defaults of the operator."""
    return f"{ALGORITHM}-{hashlib.sha256(repr((_FIGURES, defaults)).encode()).hexdigest()[:8]}"
