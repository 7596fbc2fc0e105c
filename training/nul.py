"""No NUL character reaches a view: a database can't store one, and nobody's keyboard makes one.

A middleware. What is inside a JSON body or a signed text is looked at by training/sync, which reads those.
"""

from itertools import chain

from django.core.exceptions import BadRequest
from django.http import JsonResponse

API = "/api/"


class RefuseNulMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not _has_nul(request):
            return self.get_response(request)
        if request.path_info.startswith(API):
            body = {"code": "malformed", "detail": "a NUL character in the address or a cookie"}
            return JsonResponse(body, status=400, headers={"Cache-Control": "no-store"})
        raise BadRequest("a NUL character")


def _has_nul(request) -> bool:
    # A session's key may be written with octal escapes.
    if "\0" in request.path_info or any("\0" in value for value in request.COOKIES.values()):
        return True
    query = request.META.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        return True
    if request.method != "POST" or request.path_info.startswith(API):
        # The API reads no forms; its bodies are read in pieces, and none that is too large.
        return False
    fields = request.POST.lists()
    return any("\0" in text for name, values in fields for text in chain([name], values))
