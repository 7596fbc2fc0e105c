"""Whether an official may look at an attempt of hers again, with key and explanations, and what she then sees.

Called by the view of /api/attempts/<attempt>/review/ and by the server's own page of it (/me/results/<attempt>/). The
key of an assessed quiz leaves the server here and nowhere else.
"""

from typing import Any
from uuid import UUID

from courses.editions import steps
from courses.models import Activity, Edition
from quizzes.attempts import attempts_of, explanations_allowed
from quizzes.models import Attempt
from quizzes.review import questions_of
from training.officials.models import Official
from training.sync import clock


def review_of(official: Official, key: UUID) -> dict[str, Any] | None:
    """None where there is no such attempt of hers, or nothing of it may be shown yet."""
    mine = Attempt.objects.filter(official=official, key=key, submitted_at__isnull=False)
    attempt = mine.select_related("paper").first()
    if attempt is None:
        return None
    others = attempts_of(official, [attempt.quiz_id])[attempt.quiz_id]
    step = _rule(attempt)
    if not explanations_allowed(others, step):
        return None
    return {
        "official": str(official.public_id),
        "attempt": str(attempt.key),
        "quiz": str(attempt.quiz_id),
        "title": step["titles"],
        "submitted_at": clock.text(attempt.submitted_at),
        "score": attempt.score,
        "passed": attempt.passed,
        "counted": attempt.counted,
        "questions": questions_of(attempt),
    }


def _rule(attempt: Attempt) -> dict[str, Any]:
    """What the course says of the quiz now, as in the personal state; what it said then, where the quiz has left it.

    Not what the attempt says of itself: a phone may name an edition in which the same questions were still practice.
    """
    now = Activity.objects.filter(pk=attempt.course_id).values("edition")
    editions = Edition.objects.in_bulk([attempt.edition_id, *(row["edition"] for row in now if row["edition"])])
    then = editions.pop(attempt.edition_id)
    for edition in (*editions.values(), then):
        for step in steps(edition):
            if step["activity"] == str(attempt.quiz_id):
                return step
    raise ValueError(f"edition {then.name} lacks the quiz of its attempt")
