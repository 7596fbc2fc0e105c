"""What a person decides about a phone and about what is held from it, as evidence: who, what, why.

Called by devices.py (revoke, trust again) and by HR's screens (accept or void what is held). Each decision is an event
of the official's server device with the actor in ``data.by``; settings.SYNC_EVENT_HANDLERS lists this module, so that a
device's standing is worked out from those events, and rebuilding finds what was accepted in them (ledger.to_replay).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    has taken can't become an event of its phone; the server witnesses what it says.
    """
    with transaction.atomic():
        ledger.lock(official.pk)
        events, conflicts = _open(official, digests, (*FOR_A_PERSON, "voided"))
        conflicts = [(one, draft) for one in conflicts if (draft := _said_in(one)) is not None]
        texts = [one.digest for one in events] + [one.digest for one, _ in conflicts]
        if not texts:
            return 0
        drafts = [_decision(ACCEPTED, texts, reason), *(draft for _, draft in conflicts)]
        _, *copies = witness_all(official, drafts, by)
        for (conflict, _), copy in zip(conflicts, copies, strict=True):
            # What waits is judged when its turn comes; to its phone the matter is settled.
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
