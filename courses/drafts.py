"""Pages that have no fragment: previews and drafts for authors, and restricted pages for those who pass.

Called by the pages themselves, where Wagtail serves or previews them. Nothing here is stored, frozen or recorded,
and previews run no script: a trainer looking at a draft is not an official who studies it.
"""

import re

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse

from courses.models.activity import ActivityKind
from courses.models.pages import ActivityPage, CataloguePage, CoursePage
from courses.outline import Entry, Sight
from courses.publishing import catalogue_rows
from courses.rendering import Rendered, Scene, render, render_catalogue
from courses.shell import join

_SCRIPTS = re.compile(
    rb'<script\b(?![^>]*application/json)[^>]*>.*?</script>|<link[^>]*rel="(?:modulepreload|manifest)"[^>]*>',
    re.DOTALL,
)


def answer_preview(page, request) -> HttpResponse:
    body = join(page.locale.language_code, render_draft(page, signed=True))
    return HttpResponse(_SCRIPTS.sub(b"", body))


def answer_restricted(page, request) -> HttpResponse:
    """Wagtail has found the page and let the visitor pass its view restrictions; ours come on top."""
    course = page if isinstance(page, CoursePage) else CoursePage.objects.parent_of(page).first()
    if course is None or not course.live or not Sight().path(page):
        raise Http404
    if not course.is_public and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.path_info != Sight().path(page):
        raise Http404
    rendered = render_draft(page, signed=True, reader=request)
    if rendered.asks_for_sign_in and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    response = HttpResponse(join(page.locale.language_code, rendered))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def store_files(page) -> None:
    """Converts and copies the files of a page about to be published, so that the transaction which publishes it finds
    them done: nobody else publishes meanwhile, and on SQLite nobody writes at all.
    """
    if isinstance(page, ActivityPage):
        render_draft(page)


def render_draft(page, signed: bool = False, reader=None) -> Rendered:
    """The page as given, unsaved edits included, among its siblings as they are in the tree.

    ``reader``: the request of a learner, who finds around the page only what she could open.
    """
    language = page.locale.language_code
    sight = Sight()
    if isinstance(page, CataloguePage):
        return render_catalogue(page, language, catalogue_rows(language), "/")
    course = page if isinstance(page, CoursePage) else page.get_parent().specific
    parts = list(course.get_children().order_by("path").specific()) if course.pk else []
    if reader is not None:
        parts = [part for part in parts if part.live and _may_open(part, reader)]
    scene, entry = scene_around(page, course, parts, language, sight)
    return render(entry, scene, draft=True, signed=signed)


def _may_open(page, request) -> bool:
    return all(restriction.accept_request(request) for restriction in page.get_view_restrictions())


def scene_around(page, course, parts: list, language: str, sight: Sight) -> tuple[Scene, Entry]:
    if page is not course and page.pk not in {part.pk for part in parts}:
        parts = [*parts, page]
    home = sight.path(course) or "/"
    entries = [Entry(course.translation_key, ActivityKind.COURSE.value, course, home, 0, course.content_language)]
    number = 0
    for part in parts:
        # The edited one itself, not what the database has of it.
        part = page if part.pk == page.pk else part
        path = f"{home}{part.slug}/"
        entry = Entry(
            part.translation_key, part.activity_kind.value, part, path, len(entries), part.content_language
        )
        if entry.kind == ActivityKind.LESSON:
            number += 1
            entry.number = number
        entries.append(entry)
    return Scene(language, entries), next(entry for entry in entries if entry.page is page)
