"""Grants begin and end by date, when nobody saves anything: whoever enters the admin holds those of that very day.

A middleware; once a day for each session it puts the person into the groups of her grants, and out of the others. The
nightly command settle_grants does the same for everyone (Wagtail's mails, for one, go by groups).
"""

from django.conf import settings
from django.utils import timezone

from training.officials import groups

MARK = "grants_of"
#: Where groups open doors: the admin, and the uploads that only its users may see.
DOORS = ("/admin/", "/media/", "/documents/")


class GrantsOfTodayMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.path_info.startswith(DOORS):
            today = timezone.localdate().isoformat()
            if request.session.get(MARK) != today and request.user.is_authenticated:
                groups.settle([request.user])
                request.session[MARK] = today
        return self.get_response(request)
