"""A simulated provider on a real socket."""

from pointsman_server.sandbox.faults import Fault
from pointsman_server.sandbox.meter import Entry, Meter
from pointsman_server.sandbox.models import MODELS, SandboxModel
from pointsman_server.sandbox.server import Sandbox, serve

__all__ = ["MODELS", "Entry", "Fault", "Meter", "Sandbox", "SandboxModel", "serve"]
