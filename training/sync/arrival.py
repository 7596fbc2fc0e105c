"""Arrival: an event on its way through the handlers, whether it came just now or is judged anew.

Made by intake (from a phone), witness (from the server itself) and ledger (from a stored row). Handlers only read
it and set ``verdict`` and ``code``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(slots=True)
class Arrival:
    official_id: int
    public_id: UUID
    event_id: UUID
    seq: int
    kind: str
    activity: UUID | None
    edition: str
    #: The phone's clock; then when it happened as far as can be told, within the interval.
    occurred_at: datetime
    happened_at: datetime
    earliest_at: datetime
    latest_at: datetime
    received_at: datetime
    data: dict
    is_server: bool = False
    verdict: str | None = None
    code: str = ""

    # What the ledger needs beside it.
    device_id: int | None = None
    jws: str = field(default="", repr=False)
    digest: str = ""
    #: Primary key of its row; None for one that is not stored yet.
    row: int | None = None
    #: The last server time its phone had heard, and what to add to the phone's clock.
    heard: datetime | None = None
    correction: timedelta = timedelta(0)

    def settle(self, verdict: str, code: str) -> None:
        self.verdict, self.code = verdict, code
