"""What the endpoints under /api/ have in common: JSON answers with stable codes, no redirects, no page of HTML.

Called by training/sync/views.py.
"""

import logging
import zlib
from functools import wraps

import brotli
import orjson
from django.conf import settings
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from training.sync.codes import STATUS_OF

logger = logging.getLogger(__name__)

#: What is read of a body that is too large, so that its sender gets to read the answer.
DRAINED = 16_000_000
_CHUNK = 65_536
#: Bytes of an answer below which compressing it saves nothing.
WORTH_COMPRESSING = 600


class Refused(Exception):
    """The request is answered with this code."""

    def __init__(self, code: str, detail: str, headers: dict | None = None):
        super().__init__(code)
        self.code, self.detail, self.headers = code, detail, headers or {}


def answer(body, status: int = 200, headers: dict | None = None, encoding: str = "") -> HttpResponse:
    """JSON; as brotli where ``encoding`` says so and it is long enough to gain by it."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    content = orjson.dumps(body)
    if encoding == "br" and len(content) >= WORTH_COMPRESSING:
        # Quality 4: a tenth of the time of the highest for a few hundred bytes more.
        content = brotli.compress(content, mode=brotli.MODE_TEXT, quality=4)
        headers["Content-Encoding"] = "br"
    return HttpResponse(content, content_type="application/json", status=status, headers=headers)


def endpoint(*methods: str):
    """A view of the API: these methods only, and every refusal as ``{"code", "detail"}``.

    Exempt from the middleware's CSRF check, whose answer is a page; what needs a session calls ``check_csrf``.
    """

    def decorate(view):
        @csrf_exempt
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            try:
                if request.method not in methods:
                    raise Refused("method_not_allowed", f"use {', '.join(methods)}", {"Allow": ", ".join(methods)})
                return view(request, *args, **kwargs)
            except Refused as refused:
                body = {"code": refused.code, "detail": refused.detail}
                return answer(body, STATUS_OF[refused.code], refused.headers)
            except (OperationalError, InterfaceError):
                # Nothing was committed for what is not acknowledged; the phone sends again.
                body = {"code": "busy", "detail": "the database did not answer in time; send again"}
                return answer(body, STATUS_OF["busy"], {"Retry-After": "30"})
            except DataError:
                # Not to be tried again as it is: a phone sends half of it, down to the one event that is to blame.
                logger.exception("the database does not store what was sent")
                body = {"code": "malformed", "detail": "something the database does not store"}
                return answer(body, STATUS_OF["malformed"])

        return wrapped

    return decorate


def signed_in(request):
    """The official of the session; refuses who has none."""
    if not request.user.is_authenticated:
        raise Refused("signed_out", "no session")
    return request.user


class _Check(CsrfViewMiddleware):
    def _reject(self, request, reason):
        return reason


def check_csrf(request) -> None:
    check = _Check(lambda request: None)
    check.process_request(request)
    reason = check.process_view(request, None, (), {})
    if reason:
        raise Refused("csrf_failed", reason)


def read_body(request) -> bytes:
    """The body, decompressed; refuses what is larger than allowed at either stage, however small it came."""
    limit = settings.SYNC_MAX_BYTES
    parts, size = [], 0
    while size <= DRAINED and (part := request.read(_CHUNK)):
        size += len(part)
        if size <= limit:
            parts.append(part)
    if size > limit:
        raise Refused("too_large", f"more than {limit} bytes")
    body = b"".join(parts)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "gzip":
        return _gunzip(body, limit)
    if encoding != "identity":
        raise Refused("malformed", "Content-Encoding is neither gzip nor identity")
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refused("malformed", "not gzip") from error
    if len(plain) > limit:
        raise Refused("too_large", f"more than {limit} bytes after decompression")
    if not stream.eof or stream.unused_data:
        raise Refused("malformed", "gzip is cut off or followed by something else")
    return plain


def read_json(body: bytes):
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise Refused("malformed", "not JSON") from error
