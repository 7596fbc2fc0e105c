"""Who may read what is published: the one answer for pages, packs, media, the catalogue and search.

What is a draft, expired, or shut off by a view restriction has no fragment, so nobody is asked about it here.
"""

from uuid import UUID

from django.db.models import QuerySet

from courses.models.fragment import Fragment


def may_read(user, shown) -> bool:
    """``shown`` is a fragment, or whatever else says of itself that it is public."""
    return shown.is_public or _is_official(user)


def read_in_part(user) -> set[tuple[UUID, str]]:
    """Courses, each in a language, of which a page asks this user to sign in: she gets no pack of them."""
    if _is_official(user):
        return set()
    pages = Fragment.objects.filter(is_public=False, course__isnull=False)
    return set(pages.order_by().values_list("course_id", "language").distinct())


def readable_fragments(user) -> QuerySet[Fragment]:
    if _is_official(user):
        return Fragment.objects.all()
    return Fragment.objects.filter(is_public=True)


def _is_official(user) -> bool:
    return user.is_authenticated and user.is_active
