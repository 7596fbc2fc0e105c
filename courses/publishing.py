"""Writes what phones read. ``settle`` brings a course's activities, edition and fragments in step with its pages.

Called by courses/signal_handlers.py whenever Wagtail changes what is in sight, in the transaction that changes it.
It looks at the pages as they are and at nothing else, so calling it twice, late, or for nothing does no harm.
"""

import hashlib
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction
from wagtail.models import Site

from courses import editions
from courses.models.activity import Activity, ActivityKind
from courses.models.fragment import Address, Fragment, FragmentMedia, Unwritten
from courses.models.pages import CataloguePage, CoursePage
from courses.outline import LANGUAGES, Outline, Sight, leading, outline_of, prefix
from courses.rendering import Rendered, Scene, render, render_catalogue
from courses.signals import course_settled


@transaction.atomic
def settle(course_key: UUID) -> None:
    """Make activities, the edition and fragments of a course what its pages in sight say, in every language."""
    take_turns()
    sight = Sight()
    outline = outline_of(course_key, sight)
    if outline is None:
        Fragment.objects.filter(course=course_key).delete()
    else:
        _record_activities(outline)
        editions.mint(outline)
        _write(Fragment.objects.filter(course=course_key), course_fragments(outline))
    settle_catalogues(sight)
    Unwritten.objects.filter(pk=course_key).delete()
    course = Activity.objects.filter(pk=course_key).first()
    if course:
        transaction.on_commit(partial(course_settled.send, sender=Activity, course=course))


@transaction.atomic
def settle_all() -> None:
    """Every course and the catalogues: after a change of the site's root, or of what all pages render."""
    take_turns()
    for key in every_course():
        settle(key)
    settle_catalogues(Sight())


def every_course() -> list[UUID]:
    """Whatever is in sight or should be."""
    keys = set(CoursePage.objects.filter(live=True).values_list("translation_key", flat=True))
    keys |= set(Fragment.objects.exclude(course=None).values_list("course", flat=True))
    return sorted(keys)


def take_turns() -> None:
    """Whoever settles is alone, before reading anything: all courses together make the catalogues, and of two who
    each miss what the other has not committed, one would take the other's course out. Rows that refer to courses are
    written meanwhile: officials' deliveries don't wait. (SQLite has one writer at a time anyway.)

    What changes several pages, or a page and what phones read, in one transaction takes its turn before it changes any:
    of two who hold pages each and want the turn, or the other's pages, neither would get on.
    """
    list(Site.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def item_hash(path: str, title: str, language: str, html: str, data: dict) -> str:
    """Names an item of a pack; docs/course-packs.md. ``language`` is that of the text."""
    lines = [path.encode(), title.encode(), language.encode(), html.encode(), editions.canonical(data)]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _record_activities(outline: Outline) -> None:
    known = Activity.objects.in_bulk([outline.key, *(step.key for step in outline.steps)])
    for key, page in [(outline.key, outline.page), *((step.key, step.page) for step in outline.steps)]:
        values = {"course_id": outline.key, "title": page.title, "code": getattr(page, "code", "")}
        activity = known.get(key)
        if activity is None:
            Activity.objects.create(key=key, kind=page.activity_kind, **values)
        elif any(getattr(activity, name) != value for name, value in values.items()):
            Activity.objects.filter(pk=key).update(**values)


# --- courses -----------------------------------------------------------------------------------------------------


def course_fragments(outline: Outline) -> Iterable[tuple[Fragment, Rendered]]:
    entries = {language: outline.entries(language) for language in outline.pages}
    elsewhere = {(entry.key, language): entry.path for language, several in entries.items() for entry in several}
    speakers = {outline.key: outline.page, **{step.key: step.page for step in outline.steps}}
    for language, several in entries.items():
        scene = Scene(language, several, elsewhere)
        course = outline.pages[language]
        is_public = course.is_public and outline.sight.is_open(course)
        lesson_minutes = sum(entry.minutes for entry in several if entry.kind == ActivityKind.LESSON)
        for entry in several:
            rendered = render(entry, scene, speaker=speakers[entry.key])
            is_open = outline.sight.is_open(entry.page) and not rendered.asks_for_sign_in
            yield (
                Fragment(
                    page_id=entry.page.pk,
                    path=entry.path,
                    language=language,
                    kind=entry.kind,
                    activity_id=entry.key,
                    course_id=outline.key,
                    position=entry.position,
                    minutes=lesson_minutes if entry.kind == ActivityKind.COURSE else entry.minutes,
                    is_public=is_public and is_open,
                ),
                rendered,
            )


# --- catalogues --------------------------------------------------------------------------------------------------


@transaction.atomic
def settle_catalogues(sight: Sight | None = None) -> None:
    """``sight``: of who took her turn already."""
    if sight is None:
        take_turns()
        sight = Sight()
    pages = CataloguePage.objects.filter(live=True).select_related("locale")
    shown = {page.locale.language_code: page for page in pages if sight.is_root(page) and sight.allows(page)}
    _write(
        Fragment.objects.filter(kind=Fragment.Kind.CATALOGUE),
        [_catalogue_fragment(page, language, sight, shown) for language, page in shown.items()],
    )


def _catalogue_fragment(page, language: str, sight: Sight, shown: dict) -> tuple[Fragment, Rendered]:
    others = [code for code in LANGUAGES if code != language]
    alternate = next((sight.path(shown[code]) for code in others if code in shown), f"{prefix(others[0])}/")
    rendered = render_catalogue(page, language, catalogue_rows(language), alternate)
    fragment = Fragment(
        page_id=page.pk,
        path=sight.path(page),
        language=language,
        kind=Fragment.Kind.CATALOGUE,
        is_public=sight.is_open(page),
    )
    return fragment, rendered


def catalogue_rows(language: str) -> list[dict]:
    """Every course in sight, in this language or else in the one it has, in the order of the tree."""
    fragments = (
        Fragment.objects.filter(kind=Fragment.Kind.COURSE)
        .select_related("page")
        .only("course_id", "language", "content_language", "path", "title", "description", "minutes", "page__path")
        .order_by("page__path")
    )
    by_course: dict[UUID, dict[str, Fragment]] = {}
    for fragment in fragments:
        by_course.setdefault(fragment.course_id, {})[fragment.language] = fragment
    chosen = [several.get(language) or leading(several) for several in by_course.values()]
    pages = CoursePage.objects.in_bulk([fragment.page_id for fragment in chosen])
    lessons: dict[tuple, int] = {}
    for key in Fragment.objects.filter(kind=Fragment.Kind.LESSON).values_list("course_id", "language"):
        lessons[key] = lessons.get(key, 0) + 1
    return [
        {
            "fragment": fragment,
            "page": pages[fragment.page_id],
            "lessons": lessons.get((fragment.course_id, fragment.language), 0),
        }
        for fragment in chosen
    ]


# --- rows --------------------------------------------------------------------------------------------------------


def _write(stored, wanted: Iterable[tuple[Fragment, Rendered]]) -> None:
    """Make the stored rows those wanted; untouched where a phone would see no difference."""
    wanted = list(wanted)
    pages = {fragment.page_id for fragment, _ in wanted}
    # A page that came from another course still has its fragment there.
    before = {(row.page_id, row.language): row for row in Fragment.objects.filter(page__in=pages)}
    before |= {(row.page_id, row.language): row for row in stored}
    changed: list[tuple[Fragment, Rendered]] = []
    for fragment, rendered in wanted:
        fragment.title, fragment.description = rendered.title, rendered.description
        fragment.content_language, fragment.html, fragment.data = (
            rendered.content_language,
            rendered.html,
            rendered.data,
        )
        fragment.hash = item_hash(
            fragment.path, fragment.title, fragment.content_language, fragment.html, fragment.data
        )
        old = before.get((fragment.page_id, fragment.language))
        if old is not None and _same(old, fragment):
            del before[old.page_id, old.language]
        else:
            changed.append((fragment, rendered))
    # First all that goes, so that two lessons may exchange their paths.
    Fragment.objects.filter(pk__in=[row.pk for row in before.values()]).delete()
    Fragment.objects.filter(path__in=[fragment.path for fragment, _ in changed]).delete()
    Fragment.objects.bulk_create([fragment for fragment, _ in changed])
    Address.objects.bulk_create(
        [
            Address(path=fragment.path, language=fragment.language, activity_id=fragment.activity_id)
            for fragment, _ in changed
            if fragment.activity_id
        ],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["language", "activity"],
    )
    FragmentMedia.objects.bulk_create(
        FragmentMedia(fragment=fragment, media=file, role=role)
        for fragment, rendered in changed
        for file, role in rendered.media
    )


_COMPARED = ["hash", "path", "kind", "activity_id", "course_id", "position", "description", "minutes", "is_public"]


def _same(old: Fragment, new: Fragment) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in _COMPARED)
