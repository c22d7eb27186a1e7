"""When a kept thing was made and last changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Times:
    """Both in UTC."""

    created_at: datetime
    updated_at: datetime
