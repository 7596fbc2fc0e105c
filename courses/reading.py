"""Who may read what is published: the one answer for pages, packs, media, the catalogue and search.

What is a draft, expired, or shut off by a view restriction has no fragment, so nobody is asked about it here.
"""

from django.db.models import QuerySet

from courses.models.fragment import Fragment


def may_read(user, fragment: Fragment) -> bool:
    return fragment.is_public or _is_official(user)


def readable_fragments(user) -> QuerySet[Fragment]:
    if _is_official(user):
        return Fragment.objects.all()
    return Fragment.objects.filter(is_public=True)


def _is_official(user) -> bool:
    return user.is_authenticated and user.is_active
