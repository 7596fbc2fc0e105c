"""What learners ask for: pages joined from shell and fragment, and files by their hash.

A page costs one query beside session and account, and is joined and compressed once for each state of shell and
fragment. Whatever has no fragment is left to Wagtail.
"""

import gzip
import hashlib
import re

import brotli
from django.contrib.auth.views import redirect_to_login
from django.core.cache import caches
from django.core.signing import BadSignature, SignatureExpired
from django.db.models import F
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe
from wagtail.views import serve

from courses import media as files
from courses.models.fragment import Fragment, MediaFile
from courses.reading import may_read, readable_fragments
from courses.rendering import MEDIA_TOKENS
from courses.shell import join, shell

YEAR = 31_536_000
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
#: For how long a preview's addresses of files work.
TOKEN_AGE = 86_400


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponse:
    # Its text is fetched only where the joined page is not at hand.
    fragment = Fragment.objects.filter(path=request.path_info).defer("html", "data").first()
    if fragment is None:
        try:
            return serve(request, path)
        except Http404:
            return _where_it_is_now(request)
    if not fragment.is_public and not may_read(request.user, fragment):
        return redirect_to_login(request.get_full_path())
    encoding = best_encoding(request)
    if _etag(fragment, encoding) in parse_etags(request.headers.get("If-None-Match", "").replace("W/", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        body = caches["content"].get(_cache_key(fragment, encoding))
        if body is None:
            # Published again in between: then the row is another one.
            fragment = get_object_or_404(Fragment, path=request.path_info)
            body = joined(fragment, encoding)
        response = HttpResponse(body)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Content-Length"] = str(len(body))
    response.headers["ETag"] = _etag(fragment, encoding)
    response.headers["Cache-Control"] = f"{'public' if fragment.is_public else 'private'}, no-cache"
    response.headers["Content-Language"] = fragment.content_language
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _where_it_is_now(request: HttpRequest) -> HttpResponse:
    """The way from an address a page had before it was renamed or moved, while there is such a page in sight."""
    moved = Fragment.objects.filter(
        activity__addresses__path=request.path_info, language=F("activity__addresses__language")
    )
    path = moved.values_list("path", flat=True).first()
    if path is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponseRedirect(f"{path}?{query}" if query else path)
    # Never kept: what was renamed may be named back, and a browser that still knew this would go round and round.
    response.headers["Cache-Control"] = "no-store"
    return response


def _etag(fragment: Fragment, encoding: str) -> str:
    return f'"{joined_key(fragment)}-{encoding or "id"}"'


def _cache_key(fragment: Fragment, encoding: str) -> str:
    return f"page:{joined_key(fragment)}:{encoding}"


def joined_key(fragment: Fragment) -> str:
    """Names the joined page: everything that goes into it."""
    parts = f"{shell(fragment.language, fragment.kind).hash}{fragment.hash}{fragment.description}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def joined(fragment: Fragment, encoding: str) -> bytes:
    """The body of the page as it travels."""
    cache, key = caches["content"], _cache_key(fragment, encoding)
    body = cache.get(key)
    if body is None:
        body = compress(join(fragment.language, fragment, fragment.kind), encoding)
        cache.set(key, body)
    return body


def compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        # Once for each state of a page: 10 ms more there than at 9, and a twelfth less for every phone.
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=11)
    if encoding == "gzip":
        return gzip.compress(body, 9, mtime=0)
    return body


_REFUSED = re.compile(r"q=0(\.0{0,3})?\Z")


def best_encoding(request: HttpRequest) -> str:
    accepted = request.headers.get("Accept-Encoding", "")
    parts = (part.partition(";") for part in accepted.split(","))
    offers = {name.strip() for name, _, weight in parts if not _REFUSED.match(weight.replace(" ", ""))}
    return next((name for name in ("br", "gzip") if name in offers), "")


# --- files -------------------------------------------------------------------------------------------------------


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse:
    """A file by its hash, to whoever may read a page that shows it."""
    file = MediaFile.objects.filter(pk=name.partition(".")[0]).first()
    if file is None or file.url != f"/m/{name}":
        raise Http404
    is_public = _is_shown_to_all(file)
    if not is_public and not (_has_permit(request, file) or _may_have(request, file)):
        raise Http404
    response = _body(request, file)
    response.headers["Content-Type"] = file.content_type
    response.headers["Cache-Control"] = f"{'public' if is_public else 'private'}, max-age={YEAR}, immutable"
    response.headers["ETag"] = f'"{file.sha256}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def _is_shown_to_all(file: MediaFile) -> bool:
    return file.uses.filter(fragment__is_public=True).exists()


def _may_have(request: HttpRequest, file: MediaFile) -> bool:
    return file.uses.filter(fragment__in=readable_fragments(request.user)).exists()


def _has_permit(request: HttpRequest, file: MediaFile) -> bool:
    """A page rendered without a fragment (a preview) gave its reader this address."""
    permit = request.GET.get("k")
    if not permit:
        return False
    try:
        MEDIA_TOKENS.unsign(f"{file.sha256}:{permit}", max_age=TOKEN_AGE)
    except (BadSignature, SignatureExpired):
        return False
    return True


def _body(request: HttpRequest, file: MediaFile) -> HttpResponse:
    etag = f'"{file.sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified()
    if file.encoding:
        return _compressed_body(request, file)
    size = file.size
    wanted = _range(request, etag, size)
    if wanted is None:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, end, partial = wanted
    response = StreamingHttpResponse(files.chunks(file, start, end - start), status=206 if partial else 200)
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _compressed_body(request: HttpRequest, file: MediaFile) -> HttpResponse:
    """Small text, always whole: a part of a compressed body is of no use to anyone."""
    with file.file.open("rb") as stored:
        body = stored.read()
    plain = "br" not in best_encoding(request)
    response = HttpResponse(brotli.decompress(body) if plain else body)
    if not plain:
        response.headers["Content-Encoding"] = file.encoding
    response.headers["Content-Length"] = str(len(response.content))
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


#: A longer number is no place in a file, and Python refuses to read one of thousands of digits.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")


def _range(request: HttpRequest, etag: str, size: int) -> tuple[int, int, bool] | None:
    """(start, end, is partial), or None where nothing of what is asked for exists. What can't be read is ignored."""
    whole = (0, size, False)
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if not match or match[1] == match[2] == "" or request.headers.get("If-Range", etag) != etag:
        return whole
    if not match[1]:
        length = int(match[2])
        return (max(0, size - length), size, True) if length and size else None
    start = int(match[1])
    end = int(match[2]) + 1 if match[2] else max(size, start + 1)
    if end <= start:
        return whole
    return (start, min(end, size), True) if start < size else None
