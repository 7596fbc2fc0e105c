"""Security headers of every answer: one policy for learners' pages, one for the API, one for the admin.

The policies are documented in docs/security.md, each exception with its reason.
"""

import base64
import hashlib
from functools import cache

from django.contrib.staticfiles import finders

#: Inline style of the shell's first paint; allowed by its hash and by nothing else.
CRITICAL_CSS = "css/critical.css"

#: Whether a page may frame an answer does not follow from default-src.
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
#: Wagtail's admin needs inline styles and scripts and frames its previews; nothing from other hosts all the same.
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'; frame-src 'self'"
)


@cache
def critical_css() -> str:
    path = finders.find(CRITICAL_CSS)
    if not path:
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


@cache
def learner_policy() -> str:
    digest = base64.b64encode(hashlib.sha256(critical_css().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def preview_policy() -> str:
    """A learner's page in the frame of the edit view: what it looks like, without what it does."""
    policy = learner_policy().replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return policy.replace("script-src 'self'; ", "")


class SecurityHeadersMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Content-Security-Policy" in response.headers:
            return response
        path = request.path_info
        if getattr(request, "is_preview", False):
            policy = preview_policy()
        elif path.startswith("/api/"):
            policy = API_POLICY
        elif path.startswith("/admin/"):
            policy = ADMIN_POLICY
        else:
            policy = learner_policy()
        response.headers["Content-Security-Policy"] = policy
        return response


class HeadersOfPagesMiddleware:
    """Outermost: what Django says with every answer about openers and referrers is heard from pages alone. Files, data
    and "unchanged" go without, which is a tenth of what a small file weighs.
    """

    NAMES = ("Cross-Origin-Opener-Policy", "Referrer-Policy")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            for name in self.NAMES:
                response.headers.pop(name, None)
        return response
