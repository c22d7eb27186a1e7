"""Every filter, in the order in which they are asked. A model counts for the first one that drops it."""

from pointsman_server.router.filters.account_tier import ACCOUNT_TIER
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.filters.capabilities import CAPABILITIES
from pointsman_server.router.filters.context_window import CONTEXT_WINDOW
from pointsman_server.router.filters.cost_ceiling import COST_CEILING
from pointsman_server.router.filters.kill_switch import KILL_SWITCH
from pointsman_server.router.filters.latency_ceiling import LATENCY_CEILING
from pointsman_server.router.filters.not_routable import NOT_ROUTABLE
from pointsman_server.router.filters.pinned_models import PINNED_MODELS
from pointsman_server.router.filters.pinned_providers import PINNED_PROVIDERS
from pointsman_server.router.filters.policy_classes import POLICY_CLASSES
from pointsman_server.router.filters.policy_models import POLICY_MODELS
from pointsman_server.router.filters.policy_providers import POLICY_PROVIDERS
from pointsman_server.router.filters.policy_regions import POLICY_REGIONS
from pointsman_server.router.filters.private_uri import PRIVATE_URI
from pointsman_server.router.filters.provider_inactive import PROVIDER_INACTIVE
from pointsman_server.router.filters.simulated import SIMULATED

PINS: tuple[Filter, ...] = (PINNED_MODELS, PINNED_PROVIDERS)
"""The first: every later drop concerns what was pinned."""

OF_CATALOG: tuple[Filter, ...] = (NOT_ROUTABLE, PROVIDER_INACTIVE, ACCOUNT_TIER, SIMULATED)
"""Where nothing is pinned, these look at the catalog alone: they drop the same in every call."""

OF_POLICY: tuple[Filter, ...] = (KILL_SWITCH, POLICY_MODELS, POLICY_CLASSES, POLICY_PROVIDERS, POLICY_REGIONS)
"""These look at which models the verdict leaves."""

OF_CONTENT: tuple[Filter, ...] = (PRIVATE_URI, CAPABILITIES)
"""These look at what kinds of content a call has and needs, never at how much of it."""

OF_CALL: tuple[Filter, ...] = (
    CONTEXT_WINDOW,
    COST_CEILING,
    LATENCY_CEILING,  # the last: it asks what else stands
)

FILTERS: tuple[Filter, ...] = (*PINS, *OF_CATALOG, *OF_POLICY, *OF_CONTENT, *OF_CALL)
