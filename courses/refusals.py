"""Says what courses/deletion.py refuses about files, wherever in the admin somebody asks for it.

A middleware: pictures, documents, audio and video have views of their own, one by one, several at once, and just
after an upload, in Wagtail and in wagtailmedia, and none of them asks us beforehand.
"""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.documents import get_document_model
from wagtail.documents import permissions as documents
from wagtail.images import get_image_model
from wagtail.images import permissions as images
from wagtailmedia import get_permission_policy

from courses.deletion import StillUsed, file_goes


class SayRefusalsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
        self._asking = {
            "wagtailimages:delete": images.permission_policy,
            "wagtaildocs:delete": documents.permission_policy,
            "wagtailmedia:delete": get_permission_policy(),
        }

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        """Who is about to be asked whether she is sure reads first that it can't be."""
        policy = self._asking.get(request.resolver_match.view_name) if request.method == "GET" else None
        file = policy.model.objects.filter(pk__in=kwargs.values()).first() if policy else None
        if file is None or not policy.user_has_permission_for_instance(request.user, "delete", file):
            return None
        try:
            file_goes(file)
        except StillUsed as refused:
            return self.process_exception(request, refused)
        return None

    def process_exception(self, request, exception) -> HttpResponse | None:
        if not isinstance(exception, StillUsed):
            return None
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse({"success": False, "error": exception.sentence()}, status=409)
        messages.error(request, exception.sentence())
        return redirect(get_valid_next_url_from_request(request) or _edit_url(exception.file))


def _edit_url(file) -> str:
    name = {get_image_model(): "wagtailimages", get_document_model(): "wagtaildocs"}.get(type(file), "wagtailmedia")
    return reverse(f"{name}:edit", args=[file.pk])
