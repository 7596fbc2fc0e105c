"""What happens to an activity when its pages are deleted; the one place that may refuse.

Records hold PROTECT keys to activities, editions and papers, so the database itself says whether anything was
learned. ``page_gone`` is called after each page that goes (courses/signal_handlers.py), inside the transaction
that deletes it: tree, bulk, queryset and cascade all come by there. ``refusal`` asks the same beforehand, for the
admin to say it in a sentence.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from wagtail.models import Page

from courses.models.activity import Activity, ActivityKind


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
