"""The endpoints phones talk to; each parses, checks access, calls one verb and answers. See
docs/sync-protocol.md.
"""

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone

from courses.reading import may_read
from courses.views import best_encoding
from training.sync import clock, devices, intake, jose, keys, packs, reviews, schemas, state
from training.sync.api import Refused, answer, check_csrf, endpoint, read_body, read_json, signed_in


@endpoint("POST")
def sync(request):
    """A delivery. Knows no session: the signature on each event is the authorisation."""
    body = read_body(request)
    delivery = read_json(body)
    events = delivery.get("events") if isinstance(delivery, dict) else None
    if isinstance(events, list) and len(events) > settings.SYNC_MAX_EVENTS:
        raise Refused("too_large", f"more than {settings.SYNC_MAX_EVENTS} events")
    if not schemas.is_delivery(delivery):
        raise Refused("malformed", "not a delivery; see the schema")
    signed = keys.sign(intake.take(delivery, len(body)))
    return HttpResponse(signed, content_type="application/jose", headers={"Cache-Control": "no-store"})


@endpoint("POST")
def register_device(request):
    official = signed_in(request)
    check_csrf(request)
    body = read_json(read_body(request))
    if not isinstance(body, dict) or not isinstance(body.get("name", ""), str):
        raise Refused("malformed", "send {jwk, name}")
    try:
        device = devices.register(official, body.get("jwk"), body.get("name", ""))
    except jose.Invalid as error:
        raise Refused("malformed", f"jwk: {error}") from error
    except devices.KeyOfAnother as error:
        raise Refused("key_of_another", "this key belongs to another official's device") from error
    devices.note_contact(official, device.kid)
    return answer(
        {
            "official": str(official.public_id),
            "kid": device.kid,
            **intake.standing(device),
            "server_key": keys.server_jwk(),
            "server_time": clock.text(timezone.now()),
        }
    )


@endpoint("GET", "HEAD")
def me(request):
    official = signed_in(request)
    if kid := request.GET.get("device", "")[:80]:
        devices.note_contact(official, kid)
    known = state.personal_state(official, encoding_for(request))
    token = get_token(request)
    # A sign-in changes the secret behind the token; then "unchanged" would leave the phone with a dead one.
    name = f'"{state.etag(known, request.META["CSRF_COOKIE"])}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": name, "Vary": "Accept-Encoding, Cookie"}
    if is_known(request, name):
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
        return unchanged(headers)
    body = {**known, "server_time": clock.text(timezone.now()), "csrf": token}
    return answer(body, headers=headers, encoding=encoding_for(request))


@endpoint("GET", "HEAD")
def review(request, key):
    found = reviews.review_of(signed_in(request), key)
    if found is None:
        raise Refused("not_found", "no such attempt of this official, or its answers are not shown yet")
    return answer(found, headers={"Cache-Control": "private, no-store"}, encoding=encoding_for(request))


@endpoint("GET", "HEAD")
def courses(request):
    found = {"courses": state.catalogue(request.user, encoding_for(request))}
    name = f'"{state.etag(found)}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": name, "Vary": "Accept-Encoding, Cookie"}
    if is_known(request, name):
        return unchanged(headers)
    return answer(found, headers=headers, encoding=encoding_for(request))


@endpoint("GET", "HEAD")
def pack(request, key):
    language = request.GET.get("lang", "")
    shown = packs.shown(key, language)
    if shown is None or not shown.is_public:
        # Who has no session is told that first, and nothing about what there is.
        official = signed_in(request)
        if shown is None or not may_read(official, shown):
            raise Refused("not_found", "no such course in this language, or not for this asker")
    found = packs.pack_for(shown)
    if found is None:
        raise Refused("not_found", "no such course in this language")
    headers = {
        "Cache-Control": "public, no-cache" if shown.is_public else "private, no-cache",
        "ETag": f'"{found.hash}"',
        "Vary": "Accept-Encoding" if shown.is_public else "Accept-Encoding, Cookie",
    }
    have = request.GET.get("have", "")
    if have == found.hash or is_known(request, headers["ETag"]):
        return unchanged(headers)
    encoding = encoding_for(request)
    body = (packs.delta_body(have, found, encoding) if have else None) or packs.body(found, encoding)
    headers["Content-Encoding"] = encoding
    if request.method == "HEAD":
        # What an update weighs, files included: asked where a phone offers it.
        headers["X-Download-Bytes"] = str(len(body) + packs.new_media_bytes(have, found))
    return HttpResponse(body, content_type="application/json", headers=headers)


@endpoint("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def nothing_here(request):
    raise Refused("not_found", "no such endpoint")


def encoding_for(request) -> str:
    """Brotli where it is accepted, else gzip, which every client that can hold a course understands."""
    return best_encoding(request) or "gzip"


def is_known(request, name: str) -> bool:
    known = [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]
    return name in known


def unchanged(headers: dict) -> HttpResponse:
    response = HttpResponse(status=304, headers=headers)
    del response.headers["Content-Type"]
    return response
