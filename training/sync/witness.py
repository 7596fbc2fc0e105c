"""What the server itself witnesses: events signed with its own key, through the same ledger and the same handlers.

Called by plain forms (a learner without JavaScript), by HR's decisions, and by intake for what records conclude.
Each official has one server device, ``server:<public id>``, whose seq has no gaps.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from training.sync import clock, judging, keys, ledger
from training.sync.arrival import Arrival
from training.sync.models import Device


@dataclass(slots=True)
class Draft:
    """Something witnessed, before it is signed."""

    kind: str
    #: None where it is about no course, lesson or quiz.
    activity: uuid.UUID | None
    edition: str
    occurred_at: datetime
    data: dict
    #: Given by whoever may be asked for the same thing twice; else a new one.
    event_id: uuid.UUID | None = None


def server_device(official) -> Device:
    """Under the official's lock."""
    kid = f"server:{official.public_id}"
    found = Device.objects.filter(kid=kid).first()
    return found or Device.objects.create(kid=kid, official_id=official.pk, kind=Device.Kind.SERVER)


def sign(official, device: Device, seq: int, draft, received_at: datetime, by=None) -> Arrival:
    """``draft`` is a Draft, or what records concluded: anything with its first five attributes."""
    event_id = getattr(draft, "event_id", None) or uuid.uuid4()
    data = {**draft.data, "by": str(by.public_id) if by is not None else None}
    occurred_at = clock.truncated(min(draft.occurred_at, received_at))
    moment = clock.text(occurred_at)
    payload = {
        "id": str(event_id),
        "official": str(official.public_id),
        "seq": seq,
        "kind": draft.kind,
        "activity": None if draft.activity is None else str(draft.activity),
        "edition": draft.edition,
        "occurred_at": moment,
        "clock": {"server": moment, "device": moment},
        "data": data,
    }
    jws = keys.sign(payload)
    return Arrival(
        official_id=official.pk,
        public_id=official.public_id,
        event_id=event_id,
        seq=seq,
        kind=draft.kind,
        activity=None if draft.activity is None else uuid.UUID(str(draft.activity)),
        edition=draft.edition,
        occurred_at=occurred_at,
        happened_at=occurred_at,
        earliest_at=occurred_at,
        latest_at=received_at,
        received_at=received_at,
        data=data,
        is_server=True,
        device_id=device.pk,
        jws=jws,
        digest=hashlib.sha256(jws.encode()).hexdigest(),
    )


class Attestor:
    """Signs, within one transaction, what modules conclude about one official. Asks for her device when it
    must.
    """

    def __init__(self, official, received_at: datetime, device: Device | None = None, reserved: int = 0):
        self.official, self.received_at, self.device, self.reserved = official, received_at, device, reserved

    def __call__(self, found: list, already: int) -> list[Arrival]:
        if self.device is None:
            self.device = server_device(self.official)
        first = self.device.received_through + self.reserved + already + 1
        return [
            sign(self.official, self.device, seq, one, self.received_at)
            for seq, one in enumerate(found, start=first)
        ]

    def advance(self, count: int) -> None:
        """Count the events that are being stored."""
        if count:
            self.reserved = 0
            self.device.received_through += count
            through = self.device.received_through
            Device.objects.filter(pk=self.device.pk).update(received_through=through, highest_seq=through)


def witness_all(official, drafts: list[Draft], by=None, received_at: datetime | None = None) -> list[Arrival]:
    """Sign, judge and store these together; the arrivals carry their verdicts.

    A draft whose event_id is stored already is not written again: its arrival is the stored event, as it stands
    now.
    """
    received_at = clock.truncated(received_at or timezone.now())
    with transaction.atomic():
        ledger.lock(official.pk)
        device = server_device(official)
        asked = [draft.event_id for draft in drafts if draft.event_id]
        rows = ledger.stored(device.events.filter(event_id__in=asked)) if asked else []
        stored = {one.event_id: one for one in rows}
        fresh = [draft for draft in drafts if draft.event_id not in stored]
        first = device.received_through + 1
        new = [sign(official, device, seq, one, received_at, by) for seq, one in enumerate(fresh, start=first)]
        if new:
            attestor = Attestor(official, received_at, device, reserved=len(new))
            held = ledger.waiting(official.pk)
            before = {one.row: (one.verdict, one.code) for one in held}
            own = judging.judge(new + held, attestor)
            ledger.store(new + own, None)
            ledger.save_verdicts(held, before)
            attestor.advance(len(new) + len(own))
            judging.keep_order(official.pk, held, attestor)
    made = iter(new)
    return [stored[draft.event_id] if draft.event_id in stored else next(made) for draft in drafts]


def witness(official, kind, activity, edition, occurred_at, data, by=None, event_id=None) -> Arrival:
    draft = Draft(kind, activity, edition, occurred_at, data, event_id)
    return witness_all(official, [draft], by)[0]
