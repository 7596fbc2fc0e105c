"""When an event really happened: the interval, and the time to show (docs/sync-protocol.md, part 5).

Pure functions. Nobody's clock is rewritten; what is worked out here stands beside what the phone said.
"""

from datetime import UTC, datetime


def parse(text: str) -> datetime:
    """An RFC 3339 time of the protocol; raises ValueError for a day that does not exist."""
    return datetime.fromisoformat(text)


def text(moment: datetime) -> str:
    """As the protocol writes times: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def truncated(moment: datetime) -> datetime:
    """To the millisecond, which is all the protocol can say."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def corrected(occurred_at: datetime, server: datetime | None, device: datetime | None) -> datetime:
    """What the phone's clock said, put right by what it said when it last heard the server's time."""
    if server is None or device is None:
        return occurred_at
    return occurred_at + (server - device)


def earliest(
    server: datetime | None, registered_at: datetime, below: datetime | None, received_at: datetime
) -> datetime:
    """The event was made after its phone heard ``server`` and after the event with the next lower seq was made.

    ``below`` is that event's earliest moment, None where it has none. A phone that contradicts what the server saw
    itself is not believed: nothing happens after it was received.
    """
    own = registered_at if server is None else server
    return min(own if below is None else max(own, below), received_at)


def clamped(moment: datetime, earliest_at: datetime, latest_at: datetime) -> datetime:
    return max(earliest_at, min(moment, latest_at))
