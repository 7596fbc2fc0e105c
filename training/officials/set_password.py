"""Whoever signed in with a one-time code sets a password before anything else.

The mark is kept in the session at sign-in (signal_handlers), so that no page asks the database for it.
"""

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import redirect

MARK = "set_password_first"
#: What must go on meanwhile: the form itself, signing out, and what carries nothing of a person's own.
LEFT_ALONE = (
    "/accounts/",
    "/en/accounts/",
    "/static/",
    "/api/sync/",
    "/health/",
    "/manifest.json",
    "/serviceworker.js",
)


class SetPasswordFirstMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Without a session cookie the session is not touched, so that public pages stay cacheable for everyone.
        if (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            and not request.path_info.startswith(LEFT_ALONE)
            and request.session.get(MARK)
        ):
            if request.path_info.startswith("/api/"):
                # A redirect would look to a phone like a captive portal. The sign-in page then leads to the form.
                return JsonResponse({"code": "signed_out", "detail": "set a password first"}, status=401)
            return redirect("set_password")
        return self.get_response(request)
