"""What happens to an activity when its pages are deleted, and to files that pages show; the one place that may refuse.

Records hold PROTECT keys to activities, editions and papers, so the database itself says whether anything was
learned. ``page_gone`` is called after each page that goes (courses/signal_handlers.py), inside the transaction
that deletes it: tree, bulk, queryset and cascade all come by there. ``refusal`` asks the same beforehand, for the
admin to say it in a sentence. ``file_goes`` is called before a picture, document, audio or video goes, by whatever
way; courses/refusals.py says its refusal.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Model, ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from courses.models.activity import Activity, ActivityKind
from courses.uses import pages_that_use

#: Pages named in a sentence; more are counted.
NAMED = 5


class StillUsed(ProtectedError):
    """A file that a lesson shows, or that a draft of one would."""

    def __init__(self, file: Model, pages: list[tuple[Page, bool]]):
        super().__init__(f"{file._meta.label} {file.pk} is used by pages", {page for page, _draft in pages})
        self.file = file
        self.pages = pages

    def sentence(self) -> str:
        return _("“%(file)s” is not deleted: it is used in %(pages)s. Take it out there first.") % {
            "file": self.file,
            "pages": named(self.pages),
        }


def named(pages: list[tuple[Page, bool]]) -> str:
    """For a sentence; in each pair, whether only a draft of the page is meant."""
    names = [(_("“%s” (draft)") if is_draft else "“%s”") % page.get_admin_display_title() for page, is_draft in pages]
    text = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    if more <= 0:
        return text
    words = ngettext("%(pages)s and %(more)d more page", "%(pages)s and %(more)d more pages", more)
    return words % {"pages": text, "more": more}


def file_goes(file: Model) -> None:
    """Editions keep bytes of their own, so nothing that was published before hinders it."""
    pages = pages_that_use(file)
    if pages:
        raise StillUsed(file, pages)


def page_gone(key: UUID) -> list[UUID]:
    """Follow the deletion of a page; returns the keys of courses to settle.

    A course goes with its editions and parts. A lesson or quiz that leaves a course stays as an activity: editions
    name it, and phones may still hold results for it.
    """
    activity = Activity.objects.filter(pk=key).first()
    if activity is None:
        return []
    if Page.objects.filter(translation_key=key).exists():
        return [activity.course_id]
    if activity.kind == ActivityKind.COURSE:
        for part in activity.parts.exclude(pk=key):
            if Page.objects.filter(translation_key=part.pk).exists():
                # It was moved to another course that is not in sight yet.
                Activity.objects.filter(pk=part.pk).update(course=None)
        activity.delete()
        return []
    _refuse_if_recorded(activity)
    return [activity.course_id] if activity.course_id else []


def refusal(pages: Iterable[Page]) -> list[Activity]:
    """The activities with records that would lose their last page if these pages and all below them were deleted."""
    doomed: set[int] = set()
    keys: set[UUID] = set()
    for page in pages:
        for pk, key in page.get_descendants(inclusive=True).values_list("pk", "translation_key"):
            doomed.add(pk)
            keys.add(key)
    keys -= set(
        Page.objects.filter(translation_key__in=keys)
        .exclude(pk__in=doomed)
        .values_list("translation_key", flat=True)
    )
    return [activity for activity in Activity.objects.filter(pk__in=keys).order_by("title") if _is_recorded(activity)]


def is_studied(page: Page) -> bool:
    """Whether officials have records for the page or for one below it, in whatever language they studied it."""
    keys = page.get_descendants(inclusive=True).values_list("translation_key", flat=True)
    return any(_is_recorded(activity) for activity in Activity.objects.filter(pk__in=list(keys)))


def _is_recorded(activity: Activity) -> bool:
    try:
        _refuse_if_recorded(activity)
    except ProtectedError:
        return True
    return False


def _refuse_if_recorded(activity: Activity) -> None:
    """Raise ProtectedError if a record holds it: found out by deleting it and taking that back."""
    with transaction.atomic():
        activity.fragments.all().delete()
        Activity.objects.get(pk=activity.pk).delete()
        transaction.set_rollback(True)
