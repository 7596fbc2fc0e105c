"""The evidence ledger as rows: what is known, what is new, what is kept.

Called by intake and witness inside the transaction that holds the official's lock, and by rebuild. Every function
asks or writes with a number of queries that does not depend on how many events there are.
"""

import operator
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from quizzes.rows import among, read, read_where, values_of
from training.officials.models import Official
from training.sync import clock
from training.sync.arrival import Arrival
from training.sync.codes import ACCEPTED, HELD, SETTLED, WAITING
from training.sync.models import Device, Event

#: Held events judged anew at once; more than this wait for the next time.
REJUDGED_AT_ONCE = 2000
#: Rows in a statement: 1,000 are 18,000 values, below the least limit (SQLite's 32,766).
STORED_AT_ONCE = 1000


def lock(official_id: int) -> None:
    """One delivery at a time for each official. SQLite's transactions begin IMMEDIATE, which locks everyone.

    Not the key: whoever writes rows that refer to her would wait for a delivery that waits for those rows.
    """
    if connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT FROM {Official._meta.db_table} WHERE id = %s FOR NO KEY UPDATE", [official_id])


class Stored(NamedTuple):
    """What intake looks at of a stored event."""

    pk: int
    device_id: int
    event_id: UUID
    seq: int
    digest: str
    verdict: str
    code: str
    earliest_at: datetime
    happened_at: datetime
    received_at: datetime


def near(devices: dict[int, Device], arrivals: list[Arrival]) -> list[Stored]:
    """Stored events that have the id or the seq of any of these, and all from their device's ``received_through`` on:
    what `known` and `place` look at.
    """
    per_device = defaultdict(list)
    for arrival in arrivals:
        per_device[arrival.device_id].append(arrival)
    of_one = f"device_id = %s AND ({among(Event, 'event_id')} OR {among(Event, 'seq')} OR seq >= %s)"
    values = []
    for device, group in per_device.items():
        ids = values_of(Event, "event_id", [one.event_id for one in group])
        numbers = values_of(Event, "seq", [one.seq for one in group])
        values += [device, ids, numbers, devices[device].received_through]
    condition = " OR ".join([f"({of_one})"] * len(per_device))
    columns = [name.removesuffix("_id") if name == "device_id" else name for name in Stored._fields]
    columns[0] = "id"
    return list(map(Stored._make, read_where(Event, columns, condition, values)))


def known(stored: list[Stored]) -> tuple[dict, dict]:
    """By (device, id), and by (device, seq)."""
    return {(row.device_id, row.event_id): row for row in stored}, {(row.device_id, row.seq): row for row in stored}


def repeated(by_id: dict[tuple, Stored], arrivals: list[Arrival]) -> set[str]:
    """The digests of those that are the stored event of their id. Its text is read only where digests differ: above a
    gap there may be thousands of others.
    """
    found, respelled = set(), []
    for arrival in arrivals:
        row = by_id.get((arrival.device_id, arrival.event_id))
        if row is not None and row.digest == arrival.digest:
            found.add(arrival.digest)
        elif row is not None:
            respelled.append((row.pk, arrival))
    if respelled:
        texts = dict(read(Event, ("id", "jws"), id={pk for pk, _ in respelled}))
        found.update(arrival.digest for pk, arrival in respelled if same_text(texts[pk], arrival.jws))
    return found


def same_text(one: str, other: str) -> bool:
    """The same signed bytes. Whoever carries a text can respell its signature (r, n − s), but not what it
    signs.
    """
    return one.rpartition(".")[0] == other.rpartition(".")[0]


def place(
    devices: dict[int, Device], arrivals: list[Arrival], stored: list[Stored]
) -> list[tuple[int, datetime, datetime]]:
    """Fill in the interval of each new arrival, and move its device's ``received_through`` on.

    Every seq up to ``received_through`` is stored, so new ones lie above it. Returns (row, earliest_at,
    happened_at) of stored events whose interval the new ones narrow: only a phone that contradicts itself has any.
    """
    chains = defaultdict(list)
    for row in stored:
        if row.device_id in devices and row.seq >= devices[row.device_id].received_through:
            chains[row.device_id].append((row.seq, None, row))
    for arrival in arrivals:
        chains[arrival.device_id].append((arrival.seq, arrival, None))
    narrowed = []
    for pk, chain in chains.items():
        device, below = devices[pk], None
        chain.sort(key=operator.itemgetter(0))
        for seq, arrival, row in chain:
            if arrival is not None:
                below = _place_one(arrival, device, below)
            else:
                earliest_at = row.earliest_at
                if below is not None and below > earliest_at:
                    earliest_at = min(below, row.received_at)
                    narrowed.append((row.pk, earliest_at, max(row.happened_at, earliest_at)))
                below = earliest_at
            if seq == device.received_through + 1:
                device.received_through = seq
            device.highest_seq = max(device.highest_seq, seq)
    return narrowed


def _place_one(arrival: Arrival, device: Device, below: datetime | None) -> datetime:
    arrival.latest_at = arrival.received_at
    arrival.earliest_at = clock.earliest(arrival.heard, device.registered_at, below, arrival.received_at)
    moment = arrival.occurred_at + arrival.correction
    arrival.happened_at = clock.clamped(moment, arrival.earliest_at, arrival.latest_at)
    return arrival.earliest_at


def narrow(rows: list[tuple[int, datetime, datetime]]) -> None:
    """One statement for a thousand events: one text that comes late may narrow all that came before it."""
    quote, ready = connection.ops.quote_name, _ready(Event._meta.get_field("earliest_at"))
    table = quote(Event._meta.db_table)
    casts = ("::bigint", "::timestamptz", "::timestamptz") if connection.vendor == "postgresql" else ("", "", "")
    one = f"({', '.join(f'%s{cast}' for cast in casts)})"
    for start in range(0, len(rows), STORED_AT_ONCE):
        several = rows[start : start + STORED_AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET earliest_at = narrowed.column2, happened_at = narrowed.column3 "
                f"FROM (VALUES {', '.join([one] * len(several))}) AS narrowed WHERE {table}.id = narrowed.column1",
                [value for row, *moments in several for value in (row, *map(ready, moments))],
            )


def waiting(official_id: int, accepted: Collection[str] = (), asked: Collection[int] = ()) -> list[Arrival]:
    """Her held events that may have become good: what they waited for came, or their device is trusted again.

    With them those that a person ``accepted``, by digest. Where there are more than are judged at once, these and
    those a phone ``asked`` about, by row, are among them: else the first would be judged each time and the last never.
    """
    of_hers = "official_id = %s AND verdict = %s LIMIT 1"
    if not accepted and not read_where(Event, ("id",), of_hers, [official_id, HELD]):
        # Nearly always: nothing is missing, and nothing waits for a person.
        return []
    may = Q(code__in=WAITING) | Q(code="device_revoked", device__revoked_at=None)
    may &= Q(verdict=HELD)
    held = Event.objects.filter(may | Q(digest__in=accepted) if accepted else may, official=official_id)
    rows = set(held.order_by("device_id", "seq").values_list("pk", flat=True)[:REJUDGED_AT_ONCE])
    if len(rows) == REJUDGED_AT_ONCE:
        rows.update(held.filter(Q(digest__in=accepted) | Q(pk__in=asked)).values_list("pk", flat=True))
    return stored(Event.objects.filter(pk__in=rows)) if rows else []


_OF_AN_ARRIVAL = (
    *("official_id", "event_id", "seq", "kind", "activity", "edition", "occurred_at", "happened_at", "earliest_at"),
    *("latest_at", "received_at", "data", "verdict", "code", "device_id", "digest"),
)


def stored(events) -> list[Arrival]:
    """What handlers look at of these rows, in the order they were recorded in: by primary key, given under the
    official's lock. Without their texts, and not as rows, which would take four times as long for thousands.
    """
    columns = ("pk", "official__public_id", "device__kind", *_OF_AN_ARRIVAL)
    return [
        Arrival(
            row=pk,
            public_id=public_id,
            is_server=kind == Device.Kind.SERVER,
            **dict(zip(_OF_AN_ARRIVAL, values, strict=True)),
        )
        for pk, public_id, kind, *values in events.order_by("pk").values_list(*columns)
    ]


def store(arrivals: list[Arrival], delivery: int | None) -> None:
    """One statement for a thousand events. bulk_create would send one for every fifty-five on SQLite, and take
    four times as long.
    """
    fields = [field for field in Event._meta.concrete_fields if not field.primary_key]
    quote, ready = connection.ops.quote_name, [_ready(field) for field in fields]
    columns = ", ".join(quote(field.column) for field in fields)
    names = [field.attname for field in fields]
    one = f"({', '.join(['%s'] * len(fields))})"
    for start in range(0, len(arrivals), STORED_AT_ONCE):
        several = arrivals[start : start + STORED_AT_ONCE]
        values = [
            prepare(delivery if name == "delivery_id" else getattr(arrival, name))
            for arrival in several
            for name, prepare in zip(names, ready, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {quote(Event._meta.db_table)} ({columns}) VALUES {', '.join([one] * len(several))}",
                values,
            )


def _ready(field):
    """What makes a value of this field one the database takes."""
    operations = connection.ops
    if isinstance(field, models.DateTimeField):
        return operations.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return lambda value: operations.adapt_json_value(value, None)
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda value: value and value.hex
    return lambda value: value


def save_verdicts(arrivals: list[Arrival], before: dict[int, tuple[str, str]]) -> None:
    """Write the verdicts that changed, one statement for each outcome."""
    outcomes = defaultdict(list)
    for one in arrivals:
        if before[one.row] != (one.verdict, one.code):
            outcomes[one.verdict, one.code].append(one.row)
    for (verdict, code), rows in outcomes.items():
        Event.objects.filter(pk__in=rows).update(verdict=verdict, code=code)


def to_replay(officials: list[int]) -> list[Arrival]:
    """Everything these officials' facts are a function of, in the order in which it was recorded."""
    decisions = Event.objects.filter(official__in=officials, kind="held_decided").values_list("data", flat=True)
    accepted = {text for data in decisions if data["verdict"] == ACCEPTED for text in data["texts"]}
    settled = Q(code__in=SETTLED) & ~Q(code="device_revoked", device__revoked_at=None) & ~Q(digest__in=accepted)
    return stored(Event.objects.filter(official__in=officials).exclude(settled))
