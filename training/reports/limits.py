"""Attempts at quizzes that a person should look at although they count. Called by the view of a person's record.

An attempt counts by what its own phone said it knew of, so that no phone without signal costs anyone a pass. What comes
of that beyond the limit displaces nothing; it is said here. So is what a phone says of a time at which it was not known
here yet.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.editions import steps
from courses.models import Activity, Edition
from quizzes.attempts import beyond_limit
from quizzes.models import Attempt
from training.officials.models import Official
from training.sync import schemas
from training.sync.codes import ACCEPTED
from training.sync.models import Device, Event

#: A phone is registered with the answer in which it first hears the server, or with the next network.
SOON_REGISTERED = timedelta(days=1)


@dataclass
class Excess:
    quiz: Activity
    sentences: list[str]


def excesses_of(official: Official, attempts: Iterable[Attempt]) -> list[Excess]:
    """Quizzes with more counted attempts than the course allows now, or with numbers no page of ours gives. Two
    queries; ``attempts`` have their quiz and course with them.
    """
    of_quiz = defaultdict(list)
    for attempt in attempts:
        of_quiz[attempt.quiz].append(attempt)
    allowed = _allowed({attempt.course for several in of_quiz.values() for attempt in several})
    starts = _Starts(official)
    found = []
    for quiz, several in of_quiz.items():
        sentences = []
        limit = allowed.get(str(quiz.pk), 0)
        if beyond_limit(several, limit):
            words = _("%(counted)d attempts count, %(allowed)d are allowed: phones not knowing of each other do so.")
            sentences.append(words % {"counted": sum(attempt.counted for attempt in several), "allowed": limit})
        if count := starts.understated[quiz.pk]:
            sentences.append(
                ngettext(
                    "%(n)d attempt was begun as if its phone had submitted fewer before. The app never does this.",
                    "%(n)d attempts were begun as if their phone had submitted fewer before. The app never does this.",
                    count,
                )
                % {"n": count}
            )
        if count := starts.overstated[quiz.pk]:
            sentences.append(
                ngettext(
                    "%(n)d attempt was begun as if more had come before than did. The app never does this.",
                    "%(n)d attempts were begun as if more had come before than did. The app never does this.",
                    count,
                )
                % {"n": count}
            )
        if sentences:
            found.append(Excess(quiz, sentences))
    return found


def _allowed(courses: Iterable[Activity]) -> dict[str, int]:
    """How many attempts each quiz allows, by the editions of now."""
    editions = Edition.objects.in_bulk({course.edition_id for course in courses} - {None})
    return {
        step["activity"]: step["attempts"]
        for edition in editions.values()
        for step in steps(edition)
        if step["kind"] == "quiz"
    }


def predated(official: Official) -> str:
    """Of results whose phone says that it had heard the server long before it was registered, so that they may be as
    old: after a restored backup that is true, else it makes up a day. One query.
    """
    count = Event.objects.filter(
        official=official,
        kind__in=schemas.result_kinds(),
        verdict=ACCEPTED,
        device__kind=Device.Kind.PHONE,
        earliest_at__lt=F("device__registered_at") - SOON_REGISTERED,
    ).count()
    words = ngettext(
        "%(n)d result says that its phone had heard the server before it was registered. Its day may be made up.",
        "%(n)d results say that their phone had heard the server before it was registered. Their day may be made up.",
        count,
    )
    return words % {"n": count} if count else ""


class _Starts:
    """By quiz, how many attempts were begun under a number that no page of ours gives. One query.

    Understated: the phone claims to know of fewer than it had submitted itself before, by its own seq. Overstated: of
    more than there were, its own by seq and others by the order in which they were recorded, for what it heard of from
    the server the server had. An overstated attempt does not count, but is marked: it tells what to answer in one that
    will.
    """

    def __init__(self, official: Official):
        self.understated: Counter[UUID] = Counter()
        self.overstated: Counter[UUID] = Counter()
        rows = Event.objects.filter(official=official, kind__in=("quiz_started", "quiz_submitted"))
        columns = ("pk", "device", "device__kind", "kind", "activity", "data", "verdict")
        starts, submitted, begun = [], defaultdict(set), defaultdict(list)
        for pk, device, whose, kind, quiz, data, verdict in rows.order_by("device", "seq").values_list(*columns):
            mine = device, quiz
            stands = verdict == ACCEPTED and whose == Device.Kind.PHONE
            if kind == "quiz_submitted":
                if stands:
                    submitted[mine].add(data["attempt"])
                continue
            if stands:
                self.understated[quiz] += data["earlier"] < len(submitted[mine])
                starts.append((pk, mine, len(begun[mine]), data["earlier"]))
            begun[mine].append(pk)
        recorded = defaultdict(list)
        for (_device, quiz), several in begun.items():
            # Of one phone in the order of their seq until now.
            several.sort()
            recorded[quiz] = sorted(recorded[quiz] + several)
        for pk, mine, own, earlier in starts:
            others = bisect_left(recorded[mine[1]], pk) - bisect_left(begun[mine], pk)
            self.overstated[mine[1]] += earlier > own + others
