"""A page as learners read it: HTML of <main>, the data beside it, and the files it needs.

Called by courses/publishing.py for what is in sight and by courses/drafts.py for what only authors see. The result
holds nothing personal and nothing that a redesign changes (icons have a stable address), so that a phone downloads
a lesson again only when the lesson has changed.
"""

import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.core.signing import TimestampSigner
from django.template.loader import render_to_string
from django.utils import translation
from wagtail.images.models import SourceImageIOError
from wagtail.models import CollectionViewRestriction

from courses import media
from courses.models.activity import ActivityKind
from courses.models.fragment import FragmentMedia, MediaFile
from courses.outline import LANGUAGES, Entry, prefix

logger = logging.getLogger(__name__)
Role = FragmentMedia.Role
MEDIA_TOKENS = TimestampSigner(salt="courses.media")


@dataclass
class Scene:
    """One language of a course, as a page of it sees its surroundings."""

    language: str
    #: The course page first, then its lessons and quizzes.
    entries: list[Entry]
    #: Where an activity is in the other languages: (key, language) → path.
    elsewhere: dict[tuple[UUID, str], str] = field(default_factory=dict)

    @property
    def course(self) -> Entry:
        return self.entries[0]

    @property
    def steps(self) -> list[Entry]:
        return self.entries[1:]


@dataclass
class Rendered:
    title: str
    description: str
    content_language: str
    html: str
    data: dict
    media: list[tuple[MediaFile, str]]
    #: It shows a file that only who is signed in may see.
    asks_for_sign_in: bool = False


class Files:
    """What the templates ask for pictures and files, and afterwards the list of what they asked for."""

    def __init__(self, signed: bool = False):
        #: For a page without a fragment, whose files the media view would not know: addresses that carry a permit.
        self.signed = signed
        self.found: list[tuple[MediaFile, str]] = []
        self.asks_for_sign_in = False
        self.pictures = 0
        self.headings = 0

    def _use(self, file: MediaFile, role: str) -> str:
        if (file, role) not in self.found:
            self.found.append((file, role))
        return f"{file.url}?k={MEDIA_TOKENS.sign(file.sha256).split(':', 1)[1]}" if self.signed else file.url

    def _may_not_show(self, item) -> bool:
        """Nobody gets what only some may see by way of a lesson; who may see it signed in, as she sees such a page."""
        kinds = media.restrictions_on(item)
        if kinds - {CollectionViewRestriction.LOGIN}:
            return True
        self.asks_for_sign_in |= bool(kinds)
        return False

    def picture(self, image) -> dict | None:
        if image is None or self._may_not_show(image):
            return None
        made = _or_nothing(media.picture, image)
        return self._shown(*made) if made else None

    def drawing(self, name: str) -> dict | None:
        file = media.drawing(name or "")
        return self._shown(file) if file else None

    def ornament(self, name: str) -> dict | None:
        """A picture of the site's own that says nothing."""
        file = media.ornament(name)
        return {"url": self._use(file, Role.PICTURE), "file": file} if file else None

    def poster(self, file) -> dict | None:
        small = _or_nothing(media.poster, file)
        return {"url": self._use(small, Role.PICTURE), "file": small} if small else None

    def _shown(self, small: MediaFile, wide: MediaFile | None = None) -> dict:
        self.pictures += 1
        shown = {"url": self._use(small, Role.PICTURE), "file": small, "lazy": self.pictures > 1}
        if wide and wide != small:
            url = self._use(wide, Role.WIDE)
            # Offline a wide screen has only the small one: the worker reads its name here.
            shown["wide"] = f"{url}{'&' if self.signed else '?'}s={small.sha256}"
        return shown

    def document(self, item) -> dict | None:
        return self._passed_on(item, Role.DOCUMENT)

    def audio(self, item) -> dict | None:
        return self._passed_on(item, Role.AUDIO)

    def video(self, item) -> dict | None:
        return self._passed_on(item, Role.VIDEO)

    def captions(self, item) -> dict | None:
        return self._passed_on(item, Role.CAPTIONS)

    def _passed_on(self, item, role: str) -> dict | None:
        if item is None or self._may_not_show(item):
            return None
        file = _or_nothing(media.upload, item.file)
        return {"url": self._use(file, role), "file": file} if file else None


def _or_nothing(make: Callable, source):
    """A file that went, or that nobody can open, costs its place in the lesson and not the lesson."""
    try:
        return make(source)
    except (OSError, ValueError, SyntaxError, SourceImageIOError) as error:
        logger.warning("%s cannot be shown: %s", source, error)
        return None


def render(entry: Entry, scene: Scene, *, speaker=None, draft: bool = False, signed: bool = False) -> Rendered:
    """``draft``: for authors' eyes, nothing is frozen. ``signed``: addresses of files carry a permit of their own."""
    page = entry.page
    data = page.fragment_data(speaker or page, draft=draft)
    index = scene.entries.index(entry)
    lessons = [step for step in scene.steps if step.kind == ActivityKind.LESSON]
    context = {
        "scene": scene,
        "language": scene.language,
        "entry": entry,
        "course": scene.course,
        "steps": scene.steps,
        "lessons": lessons,
        "minutes": sum(step.minutes for step in lessons),
        "previous": scene.entries[index - 1] if index > 1 else None,
        "next": scene.entries[index + 1] if 0 < index < len(scene.entries) - 1 else None,
        "home": f"{prefix(scene.language)}/",
        "my_courses": f"{prefix(scene.language)}/me/",
        "study": f"{prefix(scene.language)}/study/",
        "alternate": _alternate(entry, scene),
    }
    return _render(page, scene.language, entry.language, context, data, signed)


def render_catalogue(page, language: str, courses: list[dict], alternate: str) -> Rendered:
    context = {
        "language": language,
        "courses": courses,
        "home": f"{prefix(language)}/",
        "my_courses": f"{prefix(language)}/me/",
        "sign_in": f"{prefix(language)}/accounts/login/",
        "alternate": alternate,
    }
    return _render(page, language, language, context, {}, signed=False)


def _render(page, language: str, content_language: str, context: dict, data: dict, signed: bool) -> Rendered:
    files = Files(signed)
    with translation.override(language):
        html = render_to_string(
            page.fragment_template,
            {**context, "page": page, "content_language": content_language, "data": data, "files": files},
        )
    description = getattr(page, "summary", "") or getattr(page, "introduction", "")
    return Rendered(
        _nfc(page.title),
        _nfc(description),
        content_language,
        _nfc(_tidy(html)),
        data,
        files.found,
        files.asks_for_sign_in,
    )


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _alternate(entry: Entry, scene: Scene) -> str:
    other = next(code for code in LANGUAGES if code != scene.language)
    return (
        scene.elsewhere.get((entry.key, other))
        or scene.elsewhere.get((scene.course.key, other))
        or f"{prefix(other)}/"
    )


def _tidy(html: str) -> str:
    """Without the templates' indentation, which a phone would pay for and which no reader sees."""
    return re.sub(r"\s*\n\s*", "\n", html).strip() + "\n"
