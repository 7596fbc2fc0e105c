"""An attempt looked at again: each question with her answer, the right one and the explanation.

Called by training/sync/reviews.py, which decides whether she may see it. Writes nothing. What is shown is the paper the
attempt was marked against, whatever has been edited since.
"""

from typing import Any

from quizzes.marking import grade
from quizzes.models import Attempt, QuestionVersion


def questions_of(attempt: Attempt) -> list[dict[str, Any]]:
    """In the order of the paper. One query; the attempt has its paper with it."""
    versions = QuestionVersion.objects.in_bulk(attempt.paper.versions)
    shown = []
    for name, answer in zip(attempt.paper.versions, attempt.answers, strict=True):
        version = versions[name]
        question = version.content
        shown.append(
            {
                "text": question["text"],
                "language": version.language,
                "options": question["options"],
                "chosen": answer,
                "key": question["key"],
                "right": grade(question, answer).correct,
                "explanation": question["explanation"],
            }
        )
    return shown
