"""A person's courses and results as the server shows them, for phones whose scripts are off or not there yet.

Called by training/views.py with the personal state. The same questions are answered on the phone, with what waits
there added, by static/js/pages/progress.js.
"""

import datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

#: Days before a deadline from which on the line is drawn as a warning.
DUE_SOON = 14


def in_language(texts: dict, language: str) -> tuple[str, str]:
    """The text and the language it is in: the asked one, else Vietnamese, else whatever there is."""
    for code in (language, "vi", *texts):
        if code in texts:
            return texts[code], code
    return "", language


def _step(step: dict, language: str) -> dict:
    title, title_language = in_language(step["title"], language)
    attempts = step.get("attempts", [])
    counted = [attempt for attempt in attempts if attempt.get("score") is not None and attempt["counted"]]
    return {
        **step,
        "title": title,
        "title_language": title_language,
        "path": in_language(step["path"], language)[0],
        "best": max(counted, key=lambda attempt: attempt["score"], default=None),
        "attempts": attempts,
    }


def course_line(course: dict, language: str, today: datetime.date) -> dict:
    title, title_language = in_language(course["title"], language)
    steps = [_step(step, language) for step in course["steps"]]
    required = [step for step in steps if step["required"]]
    following = next((step for step in required if not step["done"]), None)
    due = parse_date(course["due_on"]) if course["due_on"] else None
    completed = parse_date(course["completed_on"]) if course["completed_on"] else None
    path = in_language(course["path"], language)[0]
    again = following is None and not completed and bool(required and path)
    if again:
        # The step she lacked has left the course. A course is complete by an edition that something of hers names:
        # a lesson finished once more names the present one.
        following = next((step for step in reversed(required) if step["kind"] == "lesson"), required[-1])
    days = (due - today).days if due else None
    if completed:
        group = "completed"
    elif course["started"]:
        group = "studying"
    else:
        group = "assigned" if course["assigned"] else "open"
    return {
        "key": course["course"],
        "title": title,
        "title_language": title_language,
        "path": path,
        "steps": steps,
        "total": len(required),
        "done": sum(step["done"] for step in required),
        "next": following,
        "again": again,
        "next_number": required.index(following) if following and course["started"] else None,
        "due": due,
        "days": days,
        "overdue_days": -days if days is not None and days < 0 and not completed else 0,
        "due_soon": days is not None and 0 <= days <= DUE_SOON and not completed,
        "completed": completed,
        "group": group,
        "best": max(
            (step["best"] for step in steps if step["best"]), key=lambda best: best["score"], default=None
        ),
    }


def my_courses(state: dict, language: str) -> dict:
    """Groups in the order of the page, and the course that stands in the panel: overdue, then due, then begun."""
    today = timezone.localdate()
    lines = [course_line(course, language, today) for course in state["courses"]]
    open_lines = [line for line in lines if line["group"] in ("studying", "assigned")]
    far = datetime.date.max
    first = min(open_lines, key=lambda line: (line["due"] or far, line["group"] != "studying"), default=None)
    lines_but_first = [line for line in lines if line is not first]
    return {
        "first": first,
        "groups": [
            (name, found)
            for name in ("studying", "assigned", "completed", "open")
            if (found := [line for line in lines_but_first if line["group"] == name])
        ],
        "count": sum(line["group"] != "open" for line in lines),
        "overdue": sum(bool(line["overdue_days"]) for line in lines),
        "unit": state["unit"],
    }


def my_results(state: dict, language: str) -> list[dict]:
    """What has arrived: quizzes with their marks, newest first, also those that have left their course since; then the
    lessons done.
    """
    today = timezone.localdate()
    quizzes, lessons = [], []
    for course in state["courses"]:
        line = course_line(course, language, today)
        past = [_step(step, language) for step in course.get("past", [])]
        for step in [*line["steps"], *past]:
            if step["kind"] == "lesson" and step["done"]:
                lessons.append({"step": step, "course": line, "attempt": None})
            for number, attempt in enumerate(step["attempts"], start=1):
                at = parse_datetime(attempt["submitted_at"])
                quizzes.append({"step": step, "course": line, "attempt": attempt, "number": number, "at": at})
    quizzes.sort(key=lambda row: row["at"], reverse=True)
    return quizzes + lessons


def my_review(review: dict, language: str) -> dict:
    """An attempt with its questions: those to look at again first, as on the phone (static/js/pages/quiz-review.js)."""
    title, title_language = in_language(review["title"], language)
    questions = []
    for number, question in enumerate(review["questions"], start=1):
        options = question["options"]
        questions.append(
            {
                **question,
                "number": number,
                "chosen": "; ".join(options[index] for index in question["chosen"]),
                "key": "; ".join(options[index] for index in question["key"]),
            }
        )
    return {
        **review,
        "title": title,
        "title_language": title_language,
        "at": parse_datetime(review["submitted_at"]),
        "wrong": [question for question in questions if not question["right"]],
        "right": [question for question in questions if question["right"]],
    }
