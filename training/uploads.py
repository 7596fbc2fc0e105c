"""Uploaded files as the admin shows them: thumbnails of pictures, originals. For people who may enter the admin.

Learners never come here: what a published page needs is served by its hash (courses/views.py), with that page's own
access. Mounted at MEDIA_URL by training/urls.py.
"""

from django.conf import settings
from django.http import Http404
from django.views.static import serve


def upload(request, path: str):
    if not request.user.has_perm("wagtailadmin.access_admin") or path.startswith("published/"):
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response.headers["Cache-Control"] = "private, max-age=3600"
    # Whatever was uploaded must not act as a page of this site.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response
