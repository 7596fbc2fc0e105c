"""Where Wagtail calls us: whatever changes what learners may see. Each handler finds the courses and settles them.

Connected by courses/apps.py. Settling is idempotent, so a handler rather settles once too often.
"""

import functools
import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from treebeard.mp_tree import MP_MoveHandler, MP_NodeQuerySet
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move
from wagtailmedia.models import get_media_model

from courses import deletion
from courses.links import courses_that_link_to
from courses.models.fragment import Fragment, Unwritten
from courses.models.pages import ActivityPage, CataloguePage, CoursePage, StudyPage
from courses.outline import Sight
from courses.publishing import settle, settle_all, settle_catalogues, take_turns
from courses.uses import live_pages_that_use

logger = logging.getLogger(__name__)


def connect() -> None:
    for signal in (page_published, page_unpublished):
        signal.connect(page_changed, dispatch_uid="courses.page_changed")
    page_slug_changed.connect(slug_changed, dispatch_uid="courses.slug_changed")
    post_page_move.connect(page_moved, dispatch_uid="courses.page_moved")
    post_delete.connect(page_deleted, sender=Page, dispatch_uid="courses.page_deleted")
    for model in (get_image_model(), get_document_model(), get_media_model()):
        uid = f"courses.file_changed.{model._meta.label}"
        post_save.connect(file_changed, sender=model, dispatch_uid=uid)
        pre_delete.connect(file_deleted, sender=model, dispatch_uid=uid)
    for signal in (post_save, post_delete):
        signal.connect(restriction_changed, sender=PageViewRestriction, dispatch_uid="courses.restriction_changed")
        signal.connect(
            everything_changed, sender=CollectionViewRestriction, dispatch_uid="courses.collection_changed"
        )
        signal.connect(everything_changed, sender=Site, dispatch_uid="courses.site_changed")
    # Treebeard lowers the parent's count of children first and asks afterwards; a refusal must take that back too.
    _take_turns_before(MP_NodeQuerySet, "delete")
    _take_turns_before(MP_MoveHandler, "process")


def _take_turns_before(kind: type, name: str) -> None:
    """Moving and deleting change many pages in one transaction."""
    change = getattr(kind, name)
    if hasattr(change, "__wrapped__"):
        return

    @functools.wraps(change)
    def in_turn(*args, **kwargs):
        with transaction.atomic():
            take_turns()
            return change(*args, **kwargs)

    setattr(kind, name, in_turn)


def page_changed(sender, instance, **kwargs) -> None:
    """Published or unpublished, expiry and changes of slug among them."""
    if not issubclass(sender, StudyPage):
        return
    if issubclass(sender, CataloguePage):
        settle_all()
        return
    own = course_keys([instance])
    was_in_sight = _is_in_sight(instance)
    _settle(own)
    if not was_in_sight and _is_in_sight(instance):
        _settle(course_keys(live_pages_that_use(instance, *instance.get_descendants())) - own)
    elif not instance.live:
        _settle(_courses_with_links_to(instance, *instance.get_descendants()) - own)


def _is_in_sight(page: Page) -> bool:
    return Fragment.objects.filter(page=page.pk).exists()


def _courses_with_links_to(*pages: Page) -> set[UUID]:
    sight = Sight()
    return courses_that_link_to(path for page in pages if (path := sight.path(page)))


def slug_changed(sender, instance, **kwargs) -> None:
    """Lessons of other courses may have links to this page or to one below it. Sent after the commit."""
    if issubclass(sender, ActivityPage):
        _settle(course_keys(live_pages_that_use(instance, *instance.get_descendants())))


def page_moved(sender, instance, parent_page_before, parent_page_after, **kwargs) -> None:
    page = instance.specific
    keys = course_keys([page, parent_page_before.specific, parent_page_after.specific])
    keys |= course_keys(page.get_descendants().specific())
    if parent_page_before != parent_page_after:
        keys |= course_keys(live_pages_that_use(page, *page.get_descendants()))
    _settle(keys)
    settle_catalogues()


def page_deleted(sender, instance, **kwargs) -> None:
    """Raises ProtectedError where it was the last page of an activity with records; see courses/deletion.py."""
    for course in deletion.page_gone(instance.translation_key):
        settle(course)
    others = _courses_with_links_to(instance)
    if others:
        transaction.on_commit(lambda: _settle(others))


def file_changed(sender, instance, created=False, **kwargs) -> None:
    """An image with another focal point, a document with another file."""
    if not created:
        _settle(course_keys(live_pages_that_use(instance)))


def file_deleted(sender, instance, **kwargs) -> None:
    """Raises ProtectedError where a page still needs it; see courses/deletion.py."""
    deletion.file_goes(instance)


def restriction_changed(sender, instance, **kwargs) -> None:
    page = Page.objects.filter(pk=instance.page_id).first()
    if page is None:
        return
    page = page.specific
    if isinstance(page, ActivityPage):
        _settle(course_keys([page]))
    else:
        settle_all()


def everything_changed(sender, **kwargs) -> None:
    if Fragment.objects.exists() or CoursePage.objects.filter(live=True).exists():
        settle_all()


# --- which courses -----------------------------------------------------------------------------------------------


def course_keys(pages: Iterable[Page]) -> set[UUID]:
    """The courses these pages are or stand in."""
    keys = set()
    for page in pages:
        if isinstance(page, CoursePage):
            keys.add(page.translation_key)
        elif isinstance(page, ActivityPage):
            parent = CoursePage.objects.parent_of(page).first()
            if parent:
                keys.add(parent.translation_key)
    return keys


def _settle(keys: set[UUID]) -> None:
    """Each course by itself. What can't be written is tried again by the worker, and its author is told
    (courses/wagtail_hooks.py): the page itself has changed already. In somebody's transaction it has not, so there the
    error is theirs, who take the change back.
    """
    for key in sorted(keys):
        try:
            settle(key)
        except Exception:
            if transaction.get_connection().in_atomic_block:
                raise
            logger.exception("the pages of course %s could not be written", key)
            Unwritten.objects.get_or_create(pk=key)
