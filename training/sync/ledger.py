"""The evidence ledger as rows: what is known, what is new, what is kept.

Called by intake and witness inside the transaction that holds the official's lock, and by rebuild. Every function
asks or writes with a number of queries that does not depend on how many events there are.
"""

import operator
from collections import defaultdict
from functools import reduce

from django.db import connection
from django.db.models import Q

from training.officials.models import Official
from training.sync import clock
from training.sync.arrival import Arrival
from training.sync.codes import HELD, SETTLED_AT_INTAKE, WAITING
from training.sync.models import Device, Event

#: Held events judged anew at once; more than this wait for the next time.
REJUDGED_AT_ONCE = 2000


def lock(official_id: int) -> None:
    """One delivery at a time for each official. SQLite's transactions begin IMMEDIATE, which locks everyone."""
    if connection.features.has_select_for_update:
        list(Official.objects.select_for_update().filter(pk=official_id).values_list("pk"))


def known(arrivals: list[Arrival]) -> tuple[dict, dict]:
    """Stored events that have the id, and those that have the seq, of any of these: by (device, id), (device,
    seq).
    """
    per_device = defaultdict(list)
    for arrival in arrivals:
        per_device[arrival.device_id].append(arrival)
    same = reduce(
        operator.or_,
        (
            Q(device=device)
            & (Q(event_id__in=[one.event_id for one in group]) | Q(seq__in=[one.seq for one in group]))
            for device, group in per_device.items()
        ),
    )
    fields = ("pk", "device_id", "event_id", "seq", "digest", "jws", "verdict", "code")
    rows = list(Event.objects.filter(same).values_list(*fields, named=True))
    return {(row.device_id, row.event_id): row for row in rows}, {(row.device_id, row.seq): row for row in rows}


def same_text(one, other) -> bool:
    """The same signed bytes. Whoever carries a text can respell its signature (r, n − s), but not what it
    signs.
    """
    if one.digest == other.digest:
        return True
    return one.jws.rpartition(".")[0] == other.jws.rpartition(".")[0]


def place(devices: dict[int, Device], arrivals: list[Arrival]) -> list[Event]:
    """Fill in the interval of each new arrival, and move its device's ``received_through`` on.

    Every seq up to ``received_through`` is stored, so new ones lie above it. Returns the stored events whose
    interval the new ones narrow, changed and not yet saved: only a phone that contradicts itself has any.
    """
    above = reduce(
        operator.or_, (Q(device=device, seq__gte=device.received_through) for device in devices.values())
    )
    fields = ("pk", "device_id", "seq", "earliest_at", "happened_at", "received_at")
    chains = defaultdict(list)
    for row in Event.objects.filter(above).only(*fields):
        chains[row.device_id].append(row)
    for arrival in arrivals:
        chains[arrival.device_id].append(arrival)
    narrowed = []
    for pk, chain in chains.items():
        device, below = devices[pk], None
        chain.sort(key=lambda one: one.seq)
        for one in chain:
            if isinstance(one, Arrival):
                one.latest_at = one.received_at
                one.earliest_at = clock.earliest(one.heard, device.registered_at, below, one.received_at)
                moment = one.occurred_at + one.correction
                one.happened_at = clock.clamped(moment, one.earliest_at, one.latest_at)
            elif below is not None and below > one.earliest_at:
                one.earliest_at = min(below, one.received_at)
                one.happened_at = max(one.happened_at, one.earliest_at)
                narrowed.append(one)
            below = one.earliest_at
            if one.seq == device.received_through + 1:
                device.received_through = one.seq
            device.highest_seq = max(device.highest_seq, one.seq)
    return narrowed


def waiting(official_id: int) -> list[Arrival]:
    """Her held events that may have become good: what they waited for came, or their device is trusted again."""
    rows = Event.objects.filter(
        Q(code__in=WAITING) | Q(code="device_revoked", device__revoked_at=None), official=official_id, verdict=HELD
    ).order_by("device_id", "seq")[:REJUDGED_AT_ONCE]
    return [from_row(row) for row in rows.select_related("official", "device")]


def from_row(row: Event) -> Arrival:
    return Arrival(
        official_id=row.official_id,
        public_id=row.official.public_id,
        event_id=row.event_id,
        seq=row.seq,
        kind=row.kind,
        activity=row.activity,
        edition=row.edition,
        occurred_at=row.occurred_at,
        happened_at=row.happened_at,
        earliest_at=row.earliest_at,
        latest_at=row.latest_at,
        received_at=row.received_at,
        data=row.data,
        is_server=row.device.kind == Device.Kind.SERVER,
        verdict=row.verdict,
        code=row.code,
        device_id=row.device_id,
        jws=row.jws,
        digest=row.digest,
        row=row.pk,
    )


def store(arrivals: list[Arrival], delivery) -> None:
    Event.objects.bulk_create(
        Event(
            device_id=one.device_id,
            official_id=one.official_id,
            event_id=one.event_id,
            seq=one.seq,
            kind=one.kind,
            activity=one.activity,
            edition=one.edition,
            occurred_at=one.occurred_at,
            earliest_at=one.earliest_at,
            latest_at=one.latest_at,
            happened_at=one.happened_at,
            received_at=one.received_at,
            data=one.data,
            jws=one.jws,
            digest=one.digest,
            delivery=delivery,
            verdict=one.verdict,
            code=one.code,
        )
        for one in arrivals
    )


def save_verdicts(arrivals: list[Arrival], before: dict[int, tuple[str, str]]) -> int:
    """Write the verdicts that changed, one statement for each outcome. Returns how many did."""
    outcomes = defaultdict(list)
    for one in arrivals:
        if before[one.row] != (one.verdict, one.code):
            outcomes[one.verdict, one.code].append(one.row)
    for (verdict, code), rows in outcomes.items():
        Event.objects.filter(pk__in=rows).update(verdict=verdict, code=code)
    return sum(map(len, outcomes.values()))


def to_replay(officials: list[int]) -> list[Arrival]:
    """Everything these officials' facts are a function of, oldest device first, each device in its own order."""
    rows = Event.objects.filter(official__in=officials).exclude(
        Q(code__in=SETTLED_AT_INTAKE) & ~Q(code="device_revoked", device__revoked_at=None)
    )
    return [from_row(row) for row in rows.select_related("official", "device").order_by("device_id", "seq")]
