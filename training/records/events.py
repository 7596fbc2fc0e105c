"""What lesson_finished, course_downloaded and completion_issued do, and what follows from a delivery.

Loaded by name by training/sync (settings.SYNC_EVENT_HANDLERS). Handlers write LessonProgress and Completion;
`conclude` runs after the handlers of all kinds, remembers which editions were named and says which completions the
server is to put on record. Those come back as completion_issued events, and only they make Completion rows: rebuilding
from evidence copies what was issued and decides nothing anew. `settle` comes last and keeps enrolments in step.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from courses.models import ActivityKind
from quizzes.judging import accept, editions_named, judge, reject
from quizzes.rows import less, more, read, upsert
from training.officials.models import Unit
from training.records import enrolments
from training.records.completion import decide, studied_editions
from training.records.models import Completion, LessonProgress, StudiedEdition
from training.records.witnessed import Witnessed


def lesson_finished(arrivals: list) -> None:
    """A lesson is finished at the earliest time any event says so, and within the course that event was about. The
    first of several may have been any of them, so each bound of its interval is the earliest of theirs.
    """
    finished = {}
    for each in judge(arrivals, ActivityKind.LESSON):
        arrival = each.arrival
        key = (arrival.official_id, arrival.activity)
        when = (arrival.happened_at, each.edition.course), arrival.earliest_at, arrival.latest_at
        finished[key] = _first(when, finished.get(key))
        accept(arrival)
    known = {
        row[:2]: (row[2:4], *row[4:])
        for row in read(
            LessonProgress,
            ("official", "lesson", "finished_at", "course", "earliest_at", "latest_at"),
            official={official for official, _ in finished},
            lesson={lesson for _, lesson in finished},
        )
    }
    rows = []
    for key, found in finished.items():
        when = _first(found, known.get(key))
        if when != known.get(key):
            (finished_at, course), earliest_at, latest_at = when
            rows.append(
                LessonProgress(
                    official_id=key[0],
                    lesson_id=key[1],
                    course_id=course,
                    finished_at=finished_at,
                    earliest_at=earliest_at,
                    latest_at=latest_at,
                )
            )
    upsert(rows, ("official_id", "lesson_id"))


def _first(one: tuple, other: tuple | None) -> tuple:
    return one if other is None else tuple(map(min, one, other))


def course_downloaded(arrivals: list) -> None:
    """Its fact, the edition it names, is written by `conclude` as for every other event."""
    for each in judge(arrivals, ActivityKind.COURSE):
        accept(each.arrival)


def completion_issued(arrivals: list) -> None:
    """Write what was issued, word for word. Of several for one course, the last one issued stands."""
    from_server = []
    for arrival in arrivals:
        if arrival.is_server:
            from_server.append(arrival)
        else:
            reject(arrival, "kind_unknown")
    issued = {}
    for each in judge(from_server, ActivityKind.COURSE):
        arrival = each.arrival
        key = (arrival.official_id, arrival.activity)
        if key not in issued or arrival.seq > issued[key].seq:
            issued[key] = arrival
        accept(arrival)
    units = dict(read(Unit, ("code", "id"), code={arrival.data["unit"] for arrival in issued.values()} - {None}))
    completions = [_completion(arrival, units) for arrival in issued.values()]
    upsert(completions, ("official_id", "course_id"), more(Completion, "issued_seq"))


HANDLERS = {
    "lesson_finished": lesson_finished,
    "course_downloaded": course_downloaded,
    "completion_issued": completion_issued,
}


def conclude(arrivals: Iterable) -> list[Witnessed]:
    """What follows from the arrivals of one delivery, of whatever kinds. Idempotent."""
    learned = [each for each in arrivals if _is_learned(each)]
    if not learned:
        return []
    editions = editions_named(each.edition for each in learned)
    learned = [each for each in learned if each.edition in editions]
    _remember_editions(learned)
    studied = studied_editions(each.official_id for each in learned)
    activities = defaultdict(set)
    pairs = defaultdict(set)
    for each in learned:
        activities[each.official_id].add(each.activity)
        pairs[each.official_id].add(editions[each.edition].course)
    for official, touched in activities.items():
        # A lesson that was moved counts for each course that has or had it.
        pairs[official].update(each.course for each in studied[official] if touched & each.steps.keys())
    now = timezone.now()
    return [
        Witnessed(
            official_id=decision.official,
            kind="completion_issued",
            activity=decision.met.edition.course,
            edition=decision.met.edition.name,
            occurred_at=now,
            data=decision.evidence(),
        )
        for decision in decide(pairs, studied)
    ]


def settle(arrivals: Iterable) -> None:
    """Enrolments follow the facts and conclusions written for these arrivals, the server's own included."""
    counted = [each for each in arrivals if _is_sound(each)]
    editions = editions_named(each.edition for each in counted)
    enrolments.touch(
        (each.official_id, editions[each.edition].course) for each in counted if each.edition in editions
    )


def forget(officials=None) -> None:
    """Delete the facts and conclusions kept here (of the officials), so that they can be rebuilt from evidence.

    quizzes.events forgets its own first: what is left of an enrolment then is that it is owed.
    """
    officials = None if officials is None else list(officials)
    for model in (LessonProgress, StudiedEdition, Completion):
        rows = model.objects.all()
        if officials is not None:
            rows = rows.filter(official__in=officials)
        rows.delete()
    enrolments.renew(officials)


def _is_learned(arrival) -> bool:
    return _is_sound(arrival) and arrival.kind != "completion_issued"


def _is_sound(arrival) -> bool:
    # Which of two submissions of one attempt is refused can depend on which came first. So that nothing else does,
    # the refused one names its edition too.
    return arrival.verdict == "accepted" or arrival.code == "attempt_answered"


def _remember_editions(learned: list) -> None:
    first = {}
    for each in learned:
        key = (each.official_id, each.edition)
        first[key] = min(each.happened_at, first.get(key, each.happened_at))
    rows = [StudiedEdition(official_id=key[0], edition_id=key[1], first_at=at) for key, at in first.items()]
    upsert(rows, ("official_id", "edition_id"), less(StudiedEdition, "first_at"))


def _completion(arrival, units: dict[str, int]) -> Completion:
    data = arrival.data
    return Completion(
        official_id=arrival.official_id,
        course_id=arrival.activity,
        edition_id=arrival.edition,
        completed_at=datetime.fromisoformat(data["completed_at"]),
        completed_on=date.fromisoformat(data["completed_on"]),
        # Completions of the first months name one day.
        earliest_on=date.fromisoformat(data.get("earliest_on", data["completed_on"])),
        latest_on=date.fromisoformat(data.get("latest_on", data["completed_on"])),
        score=data["score"],
        pass_mark=data["pass_mark"],
        course_title=data["course_title"],
        unit_id=units.get(data["unit"]),
        unit_name=data["unit_name"],
        category=data["category"],
        position=data["position"],
        recorded_at=arrival.received_at,
        issued_seq=arrival.seq,
    )
