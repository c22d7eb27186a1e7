"""The providers of one configuration: their rows, their keys, and the catalog that is kept true to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pointsman.v1.model_pb2 import ProviderState

from pointsman_server.adapters.dialects import DIALECTS, QUIRKS
from pointsman_server.adapters.discovery import Discovery
from pointsman_server.adapters.transport import Transport
from pointsman_server.catalog import loader
from pointsman_server.catalog.assembly import Findings, assemble, switched_off
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import Provider
from pointsman_server.catalog.price_watch import PriceWatch
from pointsman_server.catalog.prices import PriceLibrary
from pointsman_server.catalog.provider_file import BUILT_IN
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.clock import Clock
from pointsman_server.config import ALIASES, PREFIX, Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.router.strategies import provider_priority
from pointsman_server.secrets.environment import EnvironmentKeys
from pointsman_server.toml_document import suggestion


class Providers:
    """The providers of one configuration: their rows, their keys, and the catalog that discovery keeps true."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        transport: Transport,
        clock: Clock,
        *,
        prepare: Callable[[Snapshot], None] | None = None,
    ) -> None:
        self.keys = EnvironmentKeys(environment)
        self._rows = loader.load(
            environment,
            dialects=QUIRKS,
            operator_dir=settings.operator_providers_dir,
            private_networks=settings.private_networks,
        )
        _check_priority(settings.provider_priority, [row.provider.id for row in self._rows])
        self._local_discovery = settings.local_discovery
        self._sandbox = settings.sandbox != "off"
        self._prices = PriceLibrary()
        self._clock = clock
        self._inside: dict[str, str] = {}
        self.catalog = Catalog(self._assemble({}))
        self.discovery = Discovery(
            self.catalog,
            self._assemble,
            transport=transport,
            dialects=DIALECTS,
            keys=self.keys,
            clock=clock,
            prepare=prepare,
        )
        self.price_watch = PriceWatch(self.catalog, self.discovery.rebuild, clock=clock)

    @property
    def active(self) -> list[str]:
        """The ids of the providers that can be called now."""
        statuses = self.catalog.snapshot.statuses
        return [name for name, status in statuses.items() if status.state == ProviderState.PROVIDER_STATE_ACTIVE]

    async def serve_inside(self, base_url: str) -> None:
        """Says that the built-in simulated provider is served by this process, at this address."""
        self._inside = {row.provider.id: base_url for row in self._rows if is_built_in_sandbox(row.provider)}
        await self.discovery.refresh()

    def _assemble(self, findings: Mapping[str, Findings]) -> Snapshot:
        off = switched_off(self._rows, local_discovery=self._local_discovery, sandbox=self._sandbox)
        return assemble(
            self._rows,
            self.keys,
            findings,
            prices=self._prices,
            now=self._clock.now(),
            base_urls=self._inside,
            disabled=off,
        )


def _check_priority(names: Sequence[str], providers: Sequence[str]) -> None:
    for name in provider_priority.unknown(names, providers):
        near = suggestion(name, [*providers, provider_priority.LOCAL])
        variables = f"{PREFIX}PROVIDER_PRIORITY or {ALIASES['provider_priority']}"
        raise ConfigurationError(f"provider_priority ({variables}): there is no provider {name}.{near}")


def is_built_in_sandbox(provider: Provider) -> bool:
    """Whether this is the simulated provider that the server can run inside."""
    return provider.simulated and provider.source == BUILT_IN
