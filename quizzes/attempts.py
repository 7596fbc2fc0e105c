"""Attempts as they are read: by the personal state, result pages and reports. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from quizzes.models import Attempt


def attempts_of(official, quizzes: Iterable[UUID] | None = None) -> dict[UUID, list[Attempt]]:
    """Her attempts by quiz, in the order in which they were begun. One query."""
    rows = Attempt.objects.filter(official=official).order_by("started_at", "key")
    if quizzes is not None:
        rows = rows.filter(quiz__in=quizzes)
    by_quiz = defaultdict(list)
    for attempt in rows:
        by_quiz[attempt.quiz_id].append(attempt)
    return by_quiz


def has_passed(attempts: Iterable[Attempt]) -> bool:
    """Any counted pass is a pass, whatever came before or after it."""
    return any(attempt.counted and attempt.passed for attempt in attempts)


def beyond_limit(attempts: Iterable[Attempt], allowed: int) -> int:
    """By how many counted attempts two phones together went over the limit; above 0 a person should look."""
    counted = sum(attempt.counted for attempt in attempts)
    return max(0, counted - allowed) if allowed else 0


def explanations_allowed(attempts: Iterable[Attempt], step: dict[str, Any]) -> bool:
    """May she see answers and explanations of this quiz, by the step of an edition? In practice always.

    Of an assessed quiz only when nothing is left to gain by them: after passing, or when the attempts allowed are
    used up. An attempt that was begun but not yet submitted may still be; one that does not count uses up none, for
    else a phone that says it knew of many would get the key with every attempt still to come.
    """
    if step["mode"] == "practice":
        return True
    attempts = list(attempts)
    submitted = sum(attempt.counted and attempt.submitted_at is not None for attempt in attempts)
    return has_passed(attempts) or 0 < step["attempts"] <= submitted
