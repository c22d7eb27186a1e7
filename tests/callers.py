"""Who asks in tests that are about something else."""

from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import LOCAL_ADMIN, Principal


async def local_admin(_presented: Presented) -> Principal:
    """Whoever connects is the first administrator."""
    return LOCAL_ADMIN
