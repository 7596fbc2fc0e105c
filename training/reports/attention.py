"""What of a person's results needs a person, in plain words, and whether HR can settle it. Called by the record's view
and by the list of what waits for a decision.

Held for a decision: what came from a revoked phone, and what claims a number that another text has. Everything else is
said so that HR knows whom to tell what; nothing of it can be decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courses.models import Activity
from training.officials.models import Official
from training.sync import decisions
from training.sync.codes import FOR_A_PERSON
from training.sync.models import Conflict, Device, Event

WHAT = {
    "lesson_finished": gettext_lazy("Lesson finished"),
    "quiz_started": gettext_lazy("Quiz begun"),
    "quiz_submitted": pgettext_lazy("a result", "Quiz submitted"),
    "course_downloaded": gettext_lazy("Course downloaded"),
}
_TAKEN = gettext_lazy(
    "The phone used one number for two different results, as a copied or restored phone does. The first stands."
)
_DAMAGED = gettext_lazy(
    "Signed by her phone, but not as the app writes it. Have her open the app with a network, and try again."
)
#: Why it needs somebody. What is only waiting for another delivery is not among these.
WHY = {
    "device_revoked": gettext_lazy("Sent after this phone was revoked."),
    "id_conflict": _TAKEN,
    "seq_conflict": _TAKEN,
    "attempt_answered": gettext_lazy(
        "Other answers to an attempt that had been submitted already. The first ones stand; these never count."
    ),
    "over_limit": gettext_lazy("Beyond the number of attempts allowed: kept and marked, but it does not count."),
    "failed": gettext_lazy(
        "The server had a fault with it and tries again by itself. Tell the administrator if it stays."
    ),
    "malformed": _DAMAGED,
    "other_official": _DAMAGED,
    "kind_unknown": _DAMAGED,
    "activity_mismatch": gettext_lazy(
        "The lesson or quiz was not part of the course. Ask her to open the course and finish it again."
    ),
    "answers_mismatch": gettext_lazy("The answers do not fit the questions of this quiz. Ask her to take it again."),
    "voided": gettext_lazy("Voided."),
}
ACCEPTABLE = frozenset(FOR_A_PERSON)
VOIDABLE = ACCEPTABLE | {"attempt_answered"}


@dataclass
class Decision:
    """What an HR officer decided, and why."""

    by: str
    at: datetime
    reason: str


@dataclass
class Matter:
    """One result, or what else a phone sent, that needs somebody."""

    what: str
    title: str
    happened_at: datetime | None
    received_at: datetime
    device: Device
    code: str
    #: The texts it consists of: a submitted quiz goes with its start.
    texts: list[str] = field(default_factory=list)
    #: False where the text says nothing that could count.
    is_readable: bool = True
    decision: Decision | None = None

    @property
    def why(self) -> str:
        return WHY[self.code]

    @property
    def may_accept(self) -> bool:
        return self.is_readable and (self.code in ACCEPTABLE or self.code == "voided")

    @property
    def may_void(self) -> bool:
        return self.code in VOIDABLE

    @property
    def choice(self) -> str:
        """The value of its box in the form."""
        return " ".join(self.texts)


def matters_of(official: Official) -> tuple[list[Matter], list[Matter]]:
    """What needs somebody, what can be decided first; and what was voided. Five queries, the conflicts' own aside."""
    events = list(
        Event.objects.filter(official=official, code__in=WHY).select_related("device").order_by("-received_at", "-pk")
    )
    conflicts = [
        (one, decisions.said_in(one))
        for one in Conflict.objects.filter(device__official=official, code__in=WHY)
        .select_related("device__official")
        .order_by("-received_at", "-pk")
    ]
    named = {event.activity for event in events} | {UUID(said.payload["activity"]) for _one, said in conflicts if said}
    titles = dict(Activity.objects.filter(pk__in=named - {None}).values_list("pk", "title"))
    decided = decisions_about(official) if any(one.code == "voided" for one in events) or conflicts else {}
    matters = _of_events(events, titles) + [_of_conflict(one, said, titles) for one, said in conflicts]
    for matter in matters:
        matter.decision = next((decided[text] for text in matter.texts if text in decided), None)
    open_ones = [matter for matter in matters if matter.code != "voided"]
    open_ones.sort(key=lambda matter: not matter.may_void)
    return open_ones, [matter for matter in matters if matter.code == "voided"]


def _of_events(events: list[Event], titles: dict) -> list[Matter]:
    starts = {str(event.event_id): event for event in events if event.kind == "quiz_started"}
    matters = []
    for event in events:
        texts = [event.digest]
        if event.kind == "quiz_submitted":
            start = starts.get(event.data.get("attempt", ""))
            if start is not None and start.code == event.code:
                texts.append(starts.pop(str(start.event_id)).digest)
        matters.append(
            Matter(
                what=WHAT.get(event.kind, ""),
                title=titles.get(event.activity, ""),
                happened_at=event.happened_at if event.kind else None,
                received_at=event.received_at,
                device=event.device,
                code=event.code,
                texts=texts,
            )
        )
    paired = {text for matter in matters for text in matter.texts[1:]}
    return [matter for matter in matters if matter.texts[0] not in paired]


def _of_conflict(conflict: Conflict, said, titles: dict) -> Matter:
    return Matter(
        what=WHAT.get(said.payload["kind"], "") if said else "",
        title=titles.get(UUID(said.payload["activity"]), "") if said else "",
        happened_at=said.at if said else None,
        received_at=conflict.received_at,
        device=conflict.device,
        code=conflict.code,
        texts=[conflict.digest],
        is_readable=said is not None,
    )


def decisions_about(official: Official) -> dict[str, Decision]:
    """The last decision about each text of hers."""
    rows = Event.objects.filter(official=official, kind=decisions.DECIDED).order_by("seq")
    rows = list(rows.values_list("data", "happened_at"))
    names = names_of(data["by"] for data, _at in rows)
    return {
        text: Decision(names.get(data["by"], ""), at, data["reason"]) for data, at in rows for text in data["texts"]
    }


def names_of(public_ids: Iterable[str | None]) -> dict[str, str]:
    wanted = set(public_ids) - {None}
    return {str(each.public_id): each.full_name for each in Official.objects.filter(public_id__in=wanted)}


@dataclass
class PhoneLine:
    device: Device
    #: Why it was revoked, as was written down then.
    reason: str = ""

    @property
    def name(self) -> str:
        return self.device.name or _("Unnamed device")


def phones_of(official: Official) -> list[PhoneLine]:
    """Her phones, and why the revoked ones are. Two queries."""
    phones = official.devices.filter(kind=Device.Kind.PHONE).select_related("revoked_by")
    rows = Event.objects.filter(official=official, kind=decisions.STANDING).order_by("seq")
    reasons = {data["device"]: data["reason"] for data in rows.values_list("data", flat=True)}
    return [
        PhoneLine(phone, reasons.get(phone.kid, "") if phone.revoked_at else "")
        for phone in phones.order_by("-last_contact_at", "-registered_at")
    ]


def waiting_for_a_decision(officials) -> list[dict]:
    """The officials of whom something waits, with how many texts since when; the longest waiting first."""
    found: dict[int, dict] = {}
    for rows in (
        Event.objects.filter(code__in=VOIDABLE, official__in=officials).values_list("official"),
        Conflict.objects.filter(code__in=VOIDABLE, device__official__in=officials).values_list("device__official"),
    ):
        for pk, count, since in rows.order_by().annotate(Count("pk"), Min("received_at")):
            line = found.setdefault(pk, {"count": 0, "since": since})
            line["count"] += count
            line["since"] = min(line["since"], since)
    known = Official.objects.in_bulk(found)
    lines = [{"official": known[pk], **line} for pk, line in found.items()]
    return sorted(lines, key=lambda line: line["since"])
