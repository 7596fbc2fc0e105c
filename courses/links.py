"""Links from one page's text to another: only to what learners can open, and written anew when that changes.

The handler is registered in courses/wagtail_hooks.py; courses/signal_handlers.py asks who has links to a page that
comes into sight or goes. A link that leads nowhere is plain text: a dead one costs a person in a village a day.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.html import escape
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from courses.models.fragment import Fragment
from courses.models.pages import CoursePage, StudyPage
from courses.outline import Sight


class OpenPageLinkHandler(PageLinkHandler):
    """Wagtail's, without addresses of drafts, of what has expired, and of what only some may see."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        sight = Sight()
        pages = [page and _open(page.localized, sight) for page in cls.get_many(attrs_list)]
        return [f'<a href="{escape(page.url)}">' if page else "<a>" for page in pages]


def _open(page: Page, sight: Sight) -> Page | None:
    if not isinstance(page, StudyPage) or not page.live or not sight.allows(page):
        return None
    course = None if isinstance(page, CoursePage) else CoursePage.objects.ancestor_of(page).first()
    return page if course is None or course.live else None


def courses_that_link_to(paths: Iterable[str]) -> set[UUID]:
    """Courses in sight with a link to one of these addresses in their text."""
    linked = Q()
    for path in paths:
        linked |= Q(html__contains=f'href="{escape(path)}"')
    if not linked:
        return set()
    found = Fragment.objects.filter(linked, course__isnull=False)
    return set(found.values_list("course_id", flat=True).distinct())
