"""How an answer becomes points: pure functions on plain data, no Django, no database.

Called by quizzes/events.py, which marks attempts against the frozen questions they name.
tests/contract/marking.json holds it to the same results as static/js/marking.js, which marks practice
quizzes on the phone.

A question version is a dict with `type` ("single", "multiple" or "true_false"), `points` (int, 0 or more),
`rule` ({"name": "exact" | "partial"}), `options` (the texts) and `key` (indexes of the right options).
An answer is a list of indexes into the options of that version; None or [] is a question left unanswered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Points are counted in whole parts. 2520 is the least number that every number from 1 to 10 divides, so a
# third or a seventh of a point is exact and three thirds are one point. In thousandths they would be 999, and
# an official who stands exactly on the pass mark would fail it. With more than ten right options a mark is
# rounded, half up.
PARTS_PER_POINT = 2520

ONE_CHOICE = {"single", "true_false"}


@dataclass(frozen=True)
class Mark:
    earned: int  # parts
    possible: int  # parts
    answered: bool  # something was given, readable or not
    valid: bool  # False: the answer cannot be read as a choice among the options; it earns nothing
    correct: bool  # exactly the key, also where the question carries no points


@dataclass(frozen=True)
class AttemptMark:
    earned: int  # parts
    possible: int  # parts
    percent_hundredths: int  # 8000 is 80 %
    passed: bool
    valid: bool  # False: an answer was not, or there were more answers than questions
    marks: tuple[Mark, ...]


def grade(question: dict[str, Any], answer: object) -> Mark:
    """Mark one answer.

    No answer, however malformed, raises; a question of an unknown type or rule does (ValueError).
    """
    if question["type"] not in ("single", "multiple", "true_false"):
        raise ValueError(f"unknown question type: {question['type']}")
    if question["rule"]["name"] not in ("exact", "partial"):
        raise ValueError(f"unknown marking rule: {question['rule']['name']}")
    possible = question["points"] * PARTS_PER_POINT
    # Comes first, so that even a question whose key is empty by mistake gives nothing for silence.
    if answer is None or answer == []:
        return Mark(0, possible, answered=False, valid=True, correct=False)
    chosen = _chosen_options(question, answer)
    if chosen is None:
        return Mark(0, possible, answered=True, valid=False, correct=False)
    key = set(question["key"])
    correct = chosen == key
    if question["rule"]["name"] == "exact":
        earned = possible if correct else 0
    else:
        surplus = len(chosen & key) - len(chosen - key)
        earned = _share_rounded_half_up(possible, surplus, len(key)) if surplus > 0 else 0
    return Mark(earned, possible, answered=True, valid=True, correct=correct)


def mark_attempt(questions: Sequence[dict[str, Any]], answers: object, pass_mark_percent: int) -> AttemptMark:
    """Mark a paper. Answers stand in the order of its questions; missing ones at the end are unanswered."""
    given: list[object] = answers if isinstance(answers, list) else []
    unreadable = answers is not None and not isinstance(answers, list)
    marks = tuple(
        grade(question, answers if unreadable else given[n] if n < len(given) else None)
        for n, question in enumerate(questions)
    )
    earned = sum(mark.earned for mark in marks)
    possible = sum(mark.possible for mark in marks)
    return AttemptMark(
        earned=earned,
        possible=possible,
        # Rounded down, so that nobody reads "80 %" beside "not yet passed" when 80 is the pass mark.
        percent_hundredths=earned * 10_000 // possible if possible else 0,
        passed=possible > 0 and earned * 100 >= pass_mark_percent * possible,
        valid=not unreadable and len(given) <= len(marks) and all(mark.valid for mark in marks),
        marks=marks,
    )


def _chosen_options(question: dict[str, Any], answer: object) -> set[int] | None:
    if not isinstance(answer, list) or (question["type"] in ONE_CHOICE and len(answer) > 1):
        return None
    chosen = set()
    for index in answer:
        # JavaScript cannot tell 1.0 from 1 in JSON, so neither may Python. True is an int to Python only.
        if isinstance(index, float) and index.is_integer():
            index = int(index)
        if not isinstance(index, int) or isinstance(index, bool):
            return None
        if not 0 <= index < len(question["options"]) or index in chosen:
            return None
        chosen.add(index)
    return chosen


def _share_rounded_half_up(parts: int, over: int, under: int) -> int:
    return (2 * parts * over + under) // (2 * under)
