"""The holder of the current snapshot."""

from pointsman_server.catalog.snapshot import Snapshot


class Catalog:
    """Gives the current snapshot and takes the next one. Readers keep the one that they began with."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot."""
        return self._snapshot

    def replace(self, snapshot: Snapshot) -> None:
        """Swaps the snapshot whole."""
        self._snapshot = snapshot
