"""Intake: a delivery comes in, its events become evidence and facts, and the reply says what became of each.

Called by the view of /api/sync/ (and by load_demo, which plays phones). All that happens for one official happens
in one transaction, so a crash before the commit loses nothing that was acknowledged, and the reply is made after
it. docs/sync-protocol.md is the specification.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from training.officials.models import Official
from training.sync import clock, jose, judging, ledger, schemas
from training.sync.arrival import Arrival
from training.sync.codes import VERDICT_OF
from training.sync.models import Conflict, Delivery, Device, Event, Quarantine
from training.sync.witness import Attestor

#: Characters of one signed text; a submission of 200 questions has about 3,000.
MAX_EVENT = 16_384
#: Of what does not verify: entries kept of one delivery, characters of each, and rows in all.
QUARANTINED_AT_ONCE, QUARANTINED_TEXT, QUARANTINED_IN_ALL = 50, 4_000, 10_000
#: How many events beyond those seen a phone may say it has.
MOST_UNSEEN = 10_000


_OF_A_DEVICE = (
    "kid",
    "public_jwk",
    "registered_at",
    "last_contact_at",
    "revoked_at",
    "received_through",
    "highest_seq",
    "pending_results",
)


@dataclass(slots=True)
class Entry:
    """One text of a delivery, and what becomes of it."""

    text: str
    digest: str
    code: str = ""
    verdict: str = ""
    #: What is wrong with a text that is kept apart; for whoever looks into the quarantine, phones get the code.
    why: str = ""
    again: bool = False
    device: Device | None = None
    arrival: Arrival | None = None
    #: Row of the event it repeats.
    row: int | None = None

    def settle(self, code: str, why: str = "") -> None:
        self.code, self.verdict, self.why = code, VERDICT_OF[code], why

    def result(self) -> dict:
        named = {}
        if self.arrival is not None:
            named = {"kid": self.device.kid, "id": str(self.arrival.event_id), "seq": self.arrival.seq}
        again = {"again": True} if self.again else {}
        return {"digest": self.digest, **named, "verdict": self.verdict, "code": self.code, **again}


def take(delivery: dict, size: int = 0, received_at: datetime | None = None) -> dict:
    """Take in a delivery that fits the schema; returns the reply, not yet signed."""
    received_at = clock.truncated(received_at or timezone.now())
    sent_at = clock.parse(delivery["sent_at"])
    entries = [Entry(text, hashlib.sha256(text.encode()).hexdigest()) for text in delivery["events"]]
    devices = _open(entries, delivery["devices"], received_at)
    groups = defaultdict(list)
    for entry in entries:
        if entry.arrival is not None:
            groups[entry.device.official_id].append(entry)
    header = Delivery(
        key=UUID(delivery["delivery"]),
        received_at=received_at,
        sent_at=sent_at,
        event_count=len(entries),
        size=size,
    )
    for official_id in sorted(groups):
        # What one delivery brings is recorded in the order it was signed in, however it was packed.
        group = sorted(groups[official_id], key=lambda entry: (entry.device.pk, entry.arrival.seq))
        for device in _take_in(official_id, group, header, delivery["devices"]):
            devices[device.kid] = device
    _quarantine([entry for entry in entries if entry.arrival is None], received_at)
    return {
        "delivery": delivery["delivery"],
        "received_at": clock.text(received_at),
        "results": [entry.result() for entry in entries],
        "devices": {kid: standing(device) for kid, device in devices.items()},
    }


def standing(device: Device) -> dict:
    return {"received_through": device.received_through, "revoked": device.revoked_at is not None}


def _open(entries: list[Entry], named: dict, received_at: datetime) -> dict[str, Device]:
    """Verify each text and read it. Returns the known devices by kid."""
    kids = {}
    for entry in entries:
        try:
            if len(entry.text) > MAX_EVENT:
                entry.settle("malformed", f"longer than {MAX_EVENT} characters")
            else:
                kids[entry.digest] = jose.kid_of(entry.text)
        except jose.Invalid as error:
            entry.settle("signature_invalid", str(error))
    wanted = {*kids.values(), *named}
    phones = Device.objects.filter(kid__in=wanted, kind=Device.Kind.PHONE).select_related("official")
    phones = phones.only(*_OF_A_DEVICE, "official__public_id")
    devices = {device.kid: device for device in phones} if wanted else {}
    for entry in entries:
        if not entry.code:
            entry.device = devices.get(kids[entry.digest])
            _read(entry, received_at)
    return devices


def _read(entry: Entry, received_at: datetime) -> None:
    if entry.device is None:
        return entry.settle("device_unknown", "no phone is registered with this key")
    try:
        payload = jose.verify(entry.text, jose.public_key(entry.device.public_jwk))
    except jose.Invalid as error:
        return entry.settle("signature_invalid", str(error))
    try:
        event = schemas.read_event(payload)
        occurred_at = clock.parse(event["occurred_at"])
        heard = clock.parse(event["clock"]["server"]) if event["clock"] else None
        correction = heard - clock.parse(event["clock"]["device"]) if event["clock"] else None
    except ValueError as error:
        return _read_malformed(entry, payload, received_at, str(error))
    official, is_known = entry.device.official, event["kind"] in schemas.phone_kinds()
    entry.arrival = _arrival(
        entry,
        received_at,
        event_id=UUID(event["id"]),
        seq=event["seq"],
        kind=event["kind"],
        activity=UUID(event["activity"]),
        edition=event["edition"],
        occurred_at=occurred_at,
        # Of an unknown kind nothing is known of its data either; the signed text has it.
        data=event["data"] if is_known else {},
    )
    if correction is not None:
        entry.arrival.heard, entry.arrival.correction = heard, correction
    if event["official"] != str(official.public_id):
        entry.settle("other_official")
    elif not is_known:
        entry.settle("kind_unknown")


def _read_malformed(entry: Entry, payload: bytes, received_at: datetime, why: str) -> None:
    """Verified, but no event. If it says which it is, it takes its place in the ledger, or its device would wait
    for that seq for ever."""
    entry.settle("malformed", why)
    name = schemas.read_name(payload)
    if name is not None:
        event_id, seq = name
        entry.arrival = _arrival(
            entry,
            received_at,
            event_id=event_id,
            seq=seq,
            kind="",
            activity=None,
            edition="",
            occurred_at=received_at,
            data={},
        )


def _arrival(entry: Entry, received_at: datetime, **fields) -> Arrival:
    return Arrival(
        official_id=entry.device.official_id,
        public_id=entry.device.official.public_id,
        happened_at=received_at,
        earliest_at=received_at,
        latest_at=received_at,
        received_at=received_at,
        device_id=entry.device.pk,
        jws=entry.text,
        digest=entry.digest,
        **fields,
    )


def _take_in(official_id: int, entries: list[Entry], header: Delivery, stated: dict) -> list[Device]:
    """All of one official's part of a delivery, in one transaction. Returns her devices as they stand after it."""
    with transaction.atomic():
        ledger.lock(official_id)
        devices = _as_they_stand({entry.device.pk: entry.device for entry in entries})
        stored = ledger.near(devices, [entry.arrival for entry in entries])
        new = _sort_out(entries, devices, stored)
        arrivals = [entry.arrival for entry in new]
        narrowed = []
        if arrivals:
            having = {pk: devices[pk] for pk in {one.device_id for one in arrivals}}
            narrowed = ledger.place(having, arrivals, stored)
        anew = _judge(official_id, entries, new, header)
        if narrowed:
            ledger.narrow(narrowed)
            judging.derive_anew(official_id, _attestor(official_id, entries, header))
        if narrowed or anew:
            _read_verdicts(entries)
        for device in devices.values():
            _say_of_itself(device, stated.get(device.kid), header.received_at, _results(entries, device))
            Device.objects.filter(pk=device.pk).update(
                received_through=device.received_through,
                highest_seq=device.highest_seq,
                pending_results=device.pending_results,
                last_contact_at=device.last_contact_at,
            )
    return list(devices.values())


def _as_they_stand(devices: dict[int, Device]) -> dict[int, Device]:
    """Under the lock: what may have changed since they were looked up."""
    fields = ("pk", "received_through", "highest_seq", "revoked_at", "last_contact_at")
    for pk, *values in Device.objects.filter(pk__in=devices).values_list(*fields):
        for name, value in zip(fields[1:], values, strict=True):
            setattr(devices[pk], name, value)
    return devices


def _sort_out(entries: list[Entry], devices: dict[int, Device], stored: list[ledger.Stored]) -> list[Entry]:
    """Find what is known already and what contradicts it; returns the entries that are new."""
    by_id, by_seq = ledger.known(stored)
    repeated = ledger.repeated(by_id, [entry.arrival for entry in entries])
    new, conflicts = [], []
    for entry in entries:
        arrival = entry.arrival
        taken_id = by_id.get((arrival.device_id, arrival.event_id))
        taken_seq = by_seq.get((arrival.device_id, arrival.seq))
        if taken_id is None and taken_seq is None:
            by_id[arrival.device_id, arrival.event_id] = by_seq[arrival.device_id, arrival.seq] = entry.arrival
            new.append(entry)
        elif arrival.digest in repeated:
            entry.again = True
            entry.row, entry.verdict, entry.code = taken_id.pk, taken_id.verdict, taken_id.code
        elif isinstance(taken_id, Arrival) and ledger.same_text(taken_id.jws, arrival.jws):
            # Twice in one delivery: whatever becomes of the first becomes of this.
            entry.again, entry.arrival = True, taken_id
        else:
            entry.settle("id_conflict" if taken_id is not None else "seq_conflict")
            conflicts.append(entry)
    _keep_conflicts(conflicts)
    for entry in new:
        if not entry.code and devices[entry.arrival.device_id].revoked_at is not None:
            entry.settle("device_revoked")
        if entry.code:
            entry.arrival.settle(entry.verdict, entry.code)
    return new


def _keep_conflicts(entries: list[Entry]) -> None:
    if not entries:
        return
    digests = {entry.digest for entry in entries}
    seen = dict(Conflict.objects.filter(digest__in=digests).values_list("digest", "code"))
    fresh = {}
    for entry in entries:
        entry.again = entry.digest in seen or entry.digest in fresh
        # A person may have decided about it since.
        entry.settle(seen.get(entry.digest, entry.code))
        fresh.setdefault(
            entry.digest,
            Conflict(
                device_id=entry.arrival.device_id,
                event_id=entry.arrival.event_id,
                seq=entry.arrival.seq,
                code=entry.code,
                jws=entry.text,
                digest=entry.digest,
                received_at=entry.arrival.received_at,
            ),
        )
    Conflict.objects.bulk_create([row for digest, row in fresh.items() if digest not in seen])


def _judge(official_id: int, entries: list[Entry], new: list[Entry], header: Delivery) -> bool:
    """Judge what is new together with what was waiting for it, and store everything. True if verdicts of other
    events may have changed by it.
    """
    fresh = [entry.arrival for entry in new]
    asked = {entry.row for entry in entries if entry.again and entry.row and entry.verdict == "held"}
    held = ledger.waiting(official_id, asked=asked) if fresh or asked else []
    before = {one.row: (one.verdict, one.code) for one in held}
    attestor = _attestor(official_id, entries, header)
    own = judging.judge([one for one in fresh if one.verdict is None] + held, attestor)
    if fresh:
        if header.pk is None:
            header.save(force_insert=True)
        ledger.store(fresh + own, header.pk)
    elif own:
        ledger.store(own, None)
    attestor.advance(len(own))
    ledger.save_verdicts(held, before)
    verdicts = {one.row: one for one in held}
    for entry in entries:
        if entry.row in verdicts:
            now = verdicts[entry.row]
        elif not entry.code:
            now = entry.arrival
        else:
            continue
        entry.verdict, entry.code = now.verdict, now.code
    return judging.keep_order(official_id, held, attestor)


def _attestor(official_id: int, entries: list[Entry], header: Delivery) -> Attestor:
    return Attestor(Official(pk=official_id, public_id=entries[0].device.official.public_id), header.received_at)


def _read_verdicts(entries: list[Entry]) -> None:
    digests = {entry.arrival.digest for entry in entries}
    rows = Event.objects.filter(digest__in=digests).values_list("device_id", "digest", "verdict", "code")
    now = {(device, digest): (verdict, code) for device, digest, verdict, code in rows}
    for entry in entries:
        outcome = now.get((entry.arrival.device_id, entry.arrival.digest))
        if outcome:
            entry.verdict, entry.code = outcome


def _results(entries: list[Entry], device: Device) -> int:
    """How many results this delivery brought from a device: what it called pending is no longer so."""
    kinds = schemas.result_kinds()
    return len(
        {one.arrival.event_id for one in entries if one.device.pk == device.pk and one.arrival.kind in kinds}
    )


def _say_of_itself(device: Device, stated: dict | None, received_at: datetime, brought: int) -> None:
    """Anyone can write what a delivery says of a device: believed beside an event the device signed, within reason."""
    device.last_contact_at = max(device.last_contact_at or received_at, received_at)
    if stated is not None:
        said = min(int(stated["highest_seq"]), device.highest_seq + MOST_UNSEEN)
        device.highest_seq = max(device.highest_seq, said)
        unseen = device.highest_seq - device.received_through
        device.pending_results = min(max(0, int(stated["pending"]) - brought), unseen)


def _quarantine(entries: list[Entry], received_at: datetime) -> None:
    """Keep what did not verify, for a while and within bounds: anyone can send such texts."""
    rows = {
        entry.digest: Quarantine(
            digest=entry.digest,
            reason=entry.code,
            detail=entry.why[:200],
            text=entry.text[:QUARANTINED_TEXT].replace("\0", "\ufffd"),
            received_at=received_at,
        )
        for entry in entries[:QUARANTINED_AT_ONCE]
    }
    if not rows:
        return
    with transaction.atomic():
        Quarantine.objects.bulk_create(rows.values(), ignore_conflicts=True)
        newest = Quarantine.objects.aggregate(newest=Max("pk"))["newest"]
        Quarantine.objects.filter(pk__lte=newest - QUARANTINED_IN_ALL).delete()


def rejudge(official, accepted=()) -> None:
    """Judge her waiting events anew, after something they waited for came about without a delivery; with them those
    a person ``accepted``, by digest.
    """
    received_at = clock.truncated(timezone.now())
    with transaction.atomic():
        ledger.lock(official.pk)
        held = ledger.waiting(official.pk, accepted)
        before = {one.row: (one.verdict, one.code) for one in held}
        attestor = Attestor(official, received_at)
        own = judging.judge(held, attestor)
        ledger.store(own, None)
        attestor.advance(len(own))
        ledger.save_verdicts(held, before)
        judging.keep_order(official.pk, held, attestor)
