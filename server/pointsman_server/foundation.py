"""What everything that a server assembles stands on."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.adapters.transport import Transport
from pointsman_server.clock import Clock
from pointsman_server.config import Settings
from pointsman_server.ledger.generations import GenerationWatch
from pointsman_server.providers import Providers
from pointsman_server.router.router import Router
from pointsman_server.storage.storage import Storage


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that most others need.

    Attributes:
        watch: knows what calls are planned under.
    """

    settings: Settings
    clock: Clock
    transport: Transport
    providers: Providers
    router: Router
    storage: Storage
    watch: GenerationWatch
