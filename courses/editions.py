"""What a course was: editions, named by their content.

Minted by courses/publishing.py; read by records and sync, which judge an event by the edition it names.
"""

import hashlib
import json
import unicodedata
from typing import Any
from uuid import UUID

from django.core.cache import caches

from courses.models.activity import Activity, Edition
from courses.outline import Outline


def canonical(value: Any) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, text in NFC. Hashes are made of this."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return unicodedata.normalize("NFC", text).encode()


def content_of(outline: Outline) -> dict:
    return {
        "format": 1,
        "course": str(outline.key),
        "titles": _titles(outline.pages),
        "rule": {"name": "all_required"},
        "steps": [
            {
                "activity": str(step.key),
                "kind": step.page.activity_kind.value,
                "titles": _titles(step.pages),
                **step.page.edition_part(step.pages),
            }
            for step in outline.steps
        ],
    }


def _titles(pages: dict) -> dict[str, str]:
    return {language: unicodedata.normalize("NFC", page.title) for language, page in pages.items()}


def mint(outline: Outline) -> Edition:
    """The edition of the course as it is now; a new row only if it never was so before."""
    content = content_of(outline)
    name = hashlib.sha256(canonical(content)).hexdigest()
    course = Activity.objects.get(pk=outline.key)
    edition = Edition.objects.filter(pk=name).first()
    if edition is None:
        last = course.editions.order_by("-number").values_list("number", flat=True).first() or 0
        edition = Edition.objects.create(name=name, course=course, number=last + 1, content=content)
    if course.edition_id != name:
        course.edition = edition
        course.save(update_fields=["edition"])
    return edition


def current_edition(course_key: UUID) -> Edition | None:
    """What the course consists of now, or consisted of when it was last in sight."""
    return Edition.objects.filter(pk__in=Activity.objects.filter(pk=course_key).values("edition")).first()


def steps(edition: Edition | str) -> list[dict]:
    """The steps of an edition in their order; kept by its name, which can't change its meaning."""
    name = edition if isinstance(edition, str) else edition.name
    cache = caches["content"]
    found = cache.get(f"steps:{name}")
    if found is None:
        content = edition.content if isinstance(edition, Edition) else Edition.objects.get(pk=name).content
        found = content["steps"]
        cache.set(f"steps:{name}", found)
    return found
