"""What a person decides about a phone and about what is held from it, as evidence: who, what, why.

Called by devices.py (revoke, trust again) and by HR's screens (accept or void what is held). Each decision is an event
of the official's server device with the actor in ``data.by``; settings.SYNC_EVENT_HANDLERS lists this module, so that a
device's standing is worked out from those events, and rebuilding finds what was accepted in them (ledger.to_replay).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import orjson
from django.db import transaction
from django.utils import timezone

from training.officials.models import Official
from training.sync import clock, intake, jose, ledger, schemas
from training.sync.codes import ACCEPTED, FOR_A_PERSON, REJECTED
from training.sync.models import Conflict, Device, Event
from training.sync.witness import Draft, witness_all

STANDING, DECIDED = "device_standing", "held_decided"


def stand(device: Device, *, revoked: bool, by, reason: str = "") -> None:
    """Whether what the device sends from now on is believed."""
    data = {"device": device.kid, "revoked": revoked, "reason": reason}
    witness_all(device.official, [Draft(STANDING, None, "", timezone.now(), data)], by)
    device.refresh_from_db(fields=["revoked_at", "revoked_by"])


def accept(official, digests, by, reason: str) -> int:
    """Judge what is held like anything else from now on; returns how many texts that were.

    Also what was voided before: an acceptance stands over a voiding, whichever came first. A text whose number another
    has taken can't become an event of its phone; the server witnesses what it says. Two that say the same are one.
    """
    with transaction.atomic():
        ledger.lock(official.pk)
        events, conflicts = _open(official, digests, (*FOR_A_PERSON, "voided"))
        wanted = _wanted(official, conflicts)
        texts = [one.digest for one in events] + [one.digest for one, _ in wanted]
        if not texts:
            return 0
        drafts = {draft.event_id: draft for _, draft in wanted}
        _, *made = witness_all(official, [_decision(ACCEPTED, texts, reason), *drafts.values()], by)
        copies = dict(zip(drafts, made, strict=True))
        for conflict, draft in wanted:
            # What waits is judged when its turn comes; to its phone the matter is settled.
            copy = copies[draft.event_id]
            conflict.code = copy.code if copy.verdict == REJECTED else "counted"
            conflict.save(update_fields=["code"])
        intake.rejudge(official, [one.digest for one in events])
    return len(texts)


def void(official, digests, by, reason: str) -> int:
    """What is held never counts, unless it is accepted later; returns how many texts that were.

    Second answers to one attempt never do, whoever looks at them: to void them is to say that they were seen.
    """
    with transaction.atomic():
        ledger.lock(official.pk)
        found = _open(official, digests, (*FOR_A_PERSON, "attempt_answered"))
        texts = [one.digest for several in found for one in several]
        if texts:
            witness_all(official, [_decision("voided", texts, reason)], by)
            for model, several in zip((Event, Conflict), found, strict=True):
                rows = model.objects.filter(pk__in=[one.pk for one in several])
                rows.update(code="voided", **({"verdict": REJECTED} if model is Event else {}))
    return len(texts)


def _decision(verdict: str, texts: list[str], reason: str) -> Draft:
    data = {"verdict": verdict, "texts": sorted(texts), "reason": reason}
    return Draft(DECIDED, None, "", timezone.now(), data)


def _open(official, digests, codes) -> tuple[list[Event], list[Conflict]]:
    """Those of these texts that are the official's and waiting for a person."""
    events = Event.objects.filter(official=official, digest__in=digests, code__in=codes)
    conflicts = Conflict.objects.filter(device__official=official, digest__in=digests, code__in=codes)
    return list(events.order_by("device", "seq")), list(conflicts.select_related("device").order_by("device", "seq"))


@dataclass(frozen=True)
class Said:
    """What a text says that has no row of its own among the events."""

    payload: dict
    at: datetime


def said_in(conflict: Conflict) -> Said | None:
    """None where it is no event of this official that a phone may send: nothing to accept."""
    device = conflict.device
    try:
        payload = schemas.read_event(jose.verify(conflict.jws, jose.public_key(device.public_jwk)))
        heard = payload["clock"] or {"server": None, "device": None}
        known = [clock.parse(heard[name]) if heard[name] else None for name in ("server", "device")]
        at = clock.corrected(clock.parse(payload["occurred_at"]), *known)
    except ValueError:
        return None
    if payload["official"] != str(device.official.public_id) or payload["kind"] not in schemas.phone_kinds():
        return None
    return Said(payload, clock.clamped(at, min(device.registered_at, conflict.received_at), conflict.received_at))


def _said_in(conflict: Conflict) -> Draft | None:
    said = said_in(conflict)
    if said is None:
        return None
    payload = said.payload
    # Under its own id, by which a submission names its attempt.
    name = UUID(payload["id"])
    return Draft(payload["kind"], payload["activity"], payload["edition"], said.at, payload["data"], name)


def _wanted(official, conflicts: list[Conflict]) -> list[tuple[Conflict, Draft]]:
    """What the server is to witness of each text that says something. Where it witnessed something else under the
    text's id before, under an id that follows from what it says.
    """
    said = [(conflict, draft) for conflict in conflicts if (draft := _said_in(conflict)) is not None]
    witnessed = Event.objects.filter(
        device__official=official,
        device__kind=Device.Kind.SERVER,
        event_id__in={draft.event_id for _, draft in said},
    )
    taken = {row.event_id: _content(row) for row in witnessed}
    for _, draft in said:
        content = _content(draft)
        if taken.setdefault(draft.event_id, content) != content:
            draft.event_id = uuid5(draft.event_id, orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode())
    return said


def _content(one: Event | Draft) -> tuple:
    data = {name: value for name, value in one.data.items() if name != "by"}
    return one.kind, str(one.activity), one.edition, clock.text(clock.truncated(one.occurred_at)), data


def device_standing(arrivals: list) -> None:
    """The last word on each device stands."""
    last = {}
    for arrival in sorted(arrivals, key=lambda each: each.seq):
        arrival.settle(ACCEPTED, "counted")
        last[arrival.official_id, arrival.data["device"]] = arrival
    wanted = {arrival.data["by"] for arrival in last.values()} - {None}
    actors = {str(one.public_id): one.pk for one in Official.objects.filter(public_id__in=wanted).only("public_id")}
    for (official, kid), arrival in last.items():
        revoked = arrival.data["revoked"]
        Device.objects.filter(official=official, kid=kid).update(
            revoked_at=arrival.happened_at if revoked else None,
            revoked_by=actors.get(arrival.data["by"]) if revoked else None,
        )


def held_decided(arrivals: list) -> None:
    """Evidence only: the verdicts of what it names were changed with it, and rebuilding reads it from the ledger."""
    for arrival in arrivals:
        arrival.settle(ACCEPTED, "counted")


HANDLERS = {STANDING: device_standing, DECIDED: held_decided}
