"""Publishing writes each question as it stands into an immutable version, and the quiz's order into a paper.

Called through QuizPage.edition_part when a course is settled. The same content gives the same version: publishing
twice writes nothing new. What phones are told about a quiz (``shown``) is built from the versions too.
"""

import hashlib
import secrets
import unicodedata
from uuid import UUID

from django.db import transaction

from courses.editions import canonical
from quizzes.models import Paper, QuestionVersion, QuizPage

#: The options of a true/false question. Not from the catalogue of translations: a better word there must not make
#: new versions of every question.
TRUE_FALSE = {"vi": ["Đúng", "Sai"], "en": ["True", "False"]}
#: What everyone sees of a question; the rest is for practice only.
OPEN_FIELDS = ["type", "points", "text", "options"]
MARKING_FIELDS = ["rule", "key", "explanation"]


def contents(page: QuizPage) -> list[tuple[UUID, dict]]:
    """Each question of the page as (identity, content), in order; see QuestionVersion.content."""
    page.ensure_question_ids()
    return [
        (UUID(block.value["question"]), _content(block.block_type, block.value, page.content_language))
        for block in page.questions
    ]


def _content(kind: str, value: dict, language: str) -> dict:
    if kind == "true_false":
        options = TRUE_FALSE.get(language, TRUE_FALSE["en"])
        key = [0 if value["is_true"] else 1]
    else:
        options = [_text(option["text"]) for option in value["options"]]
        key = [index for index, option in enumerate(value["options"]) if option["correct"]]
    return {
        "type": kind,
        "points": value["points"],
        "rule": {"name": "partial" if value.get("partial") else "exact"},
        "text": _text(value["text"]),
        "options": options,
        "key": key,
        "explanation": _text(value["explanation"]),
    }


def _text(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "").strip()


@transaction.atomic
def freeze(page: QuizPage) -> Paper:
    """The paper of the page as it stands, with its versions; made where they are new."""
    language = page.content_language
    questions = [(question, content, _hash(language, content)) for question, content in contents(page)]
    known = {
        (version.question, version.content_hash): version.name
        for version in QuestionVersion.objects.filter(
            question__in=[question for question, _, _ in questions],
            content_hash__in=[content_hash for _, _, content_hash in questions],
        ).only("question", "content_hash")
    }
    new = [
        _version(question, language, content, content_hash)
        for question, content, content_hash in questions
        if (question, content_hash) not in known
    ]
    QuestionVersion.objects.bulk_create(new)
    known |= {(version.question, version.content_hash): version.name for version in new}
    names = [known[question, content_hash] for question, _, content_hash in questions]
    paper, _ = Paper.objects.get_or_create(
        name=hashlib.sha256("\n".join(names).encode()).hexdigest(),
        defaults={"quiz_id": page.translation_key, "versions": names},
    )
    return paper


def _hash(language: str, content: dict) -> str:
    return hashlib.sha256(canonical({"language": language, **content})).hexdigest()


def _version(question: UUID, language: str, content: dict, content_hash: str) -> QuestionVersion:
    salt = secrets.token_bytes(16)
    salted = salt + canonical({"question": str(question), "language": language, **content})
    return QuestionVersion(
        name=hashlib.sha256(salted).hexdigest(),
        question=question,
        language=language,
        content=content,
        content_hash=content_hash,
        salt=salt,
    )


def shown(page: QuizPage, speaker: QuizPage, draft: bool = False) -> dict:
    """What a phone is told: docs/course-packs.md. ``speaker`` is the page whose rules hold in all languages."""
    names = _draft_names(page) if draft else freeze(page).versions
    fields = OPEN_FIELDS + (MARKING_FIELDS if speaker.mode == QuizPage.Mode.PRACTICE else [])
    return {
        "mode": speaker.mode,
        "pass_mark": speaker.pass_mark,
        "allowed": speaker.attempts_allowed,
        "paper": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        "questions": [
            {"name": name, **{field: content[field] for field in fields}}
            for name, (_, content) in zip(names, contents(page), strict=True)
        ],
    }


def _draft_names(page: QuizPage) -> list[str]:
    """As long as real ones, so that a preview weighs what the quiz will."""
    return [hashlib.sha256(question.bytes).hexdigest() for question, _ in contents(page)]
