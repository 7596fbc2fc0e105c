"""Attempts at quizzes that a person should look at although they count. Called by the view of a person's record.

An attempt counts by what its own phone said it knew of, so that no phone without signal costs anyone a pass. What comes
of that beyond the limit displaces nothing; it is said here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.editions import steps
from courses.models import Activity, Edition
from quizzes.attempts import beyond_limit
from quizzes.models import Attempt
from training.officials.models import Official
from training.sync.codes import ACCEPTED
from training.sync.models import Device, Event


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
    understated = _understated(official)
    found = []
    for quiz, several in of_quiz.items():
        sentences = []
        limit = allowed.get(str(quiz.pk), 0)
        if beyond_limit(several, limit):
            words = _("%(counted)d attempts count, %(allowed)d are allowed: phones not knowing of each other do so.")
            sentences.append(words % {"counted": sum(attempt.counted for attempt in several), "allowed": limit})
        if count := understated[quiz.pk]:
            sentences.append(
                ngettext(
                    "%(n)d attempt was begun as if its phone had submitted fewer before. The app never does this.",
                    "%(n)d attempts were begun as if their phone had submitted fewer before. The app never does this.",
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


def _understated(official: Official) -> Counter[UUID]:
    """By quiz, the attempts whose phone claims to know of fewer than it had submitted itself before, by its own seq."""
    rows = Event.objects.filter(
        official=official,
        kind__in=("quiz_started", "quiz_submitted"),
        verdict=ACCEPTED,
        device__kind=Device.Kind.PHONE,
    )
    submitted = defaultdict(set)
    found = Counter()
    for device, kind, quiz, data in rows.order_by("device", "seq").values_list("device", "kind", "activity", "data"):
        if kind == "quiz_submitted":
            submitted[device, quiz].add(data["attempt"])
        elif data["earlier"] < len(submitted[device, quiz]):
            found[quiz] += 1
    return found
