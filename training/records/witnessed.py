"""What records ask the server to put on record itself.

Made by training/records/events.py (`conclude`); training/sync signs each as an event of the official's server device
and passes it through the same intake, where its handler writes the row.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Witnessed:
    official_id: int
    kind: str
    activity: UUID
    edition: str
    #: The server's clock.
    occurred_at: datetime
    data: dict[str, Any]
