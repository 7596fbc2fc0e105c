"""The pages of the person signed in, rendered whole, so that they work without JavaScript; imported by nobody.

A phone with scripts answers the same addresses from the skeletons it precached (training/app.py) and fills them with
its own state.
"""

import io
from urllib.parse import quote

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from training import my_courses as mine
from training.officials.models import Posting
from training.sync import devices
from training.sync.models import Device
from training.sync.reviews import review_of
from training.sync.state import personal_state

#: A QR code of a longer address is too fine for a cheap camera.
LONGEST_PATH = 300


@gzip_page
@never_cache
@login_required
@require_safe
def my_courses(request):
    state = personal_state(request.user)
    return render(request, "app/me.html", {"who": state["name"], **mine.my_courses(state, get_language())})


@gzip_page
@never_cache
@login_required
@require_safe
def my_results(request):
    state = personal_state(request.user)
    context = {"who": state["name"], "results": mine.my_results(state, get_language())}
    return render(request, "app/results.html", context)


@gzip_page
@never_cache
@login_required
@require_safe
def my_review(request, key):
    """An attempt with right answers and explanations; for phones whose scripts are off, and for older attempts."""
    found = review_of(request.user, key)
    if found is None:
        raise Http404
    context = {"who": request.user.full_name, **mine.my_review(found, get_language())}
    return render(request, "app/review.html", context)


@gzip_page
@never_cache
@login_required
@require_safe
def my_storage(request):
    return render(request, "app/storage.html", {"who": request.user.full_name})


@gzip_page
@never_cache
@login_required
@require_safe
def account(request):
    posting = Posting.objects.on().filter(official=request.user, is_main=True).select_related("unit").first()
    phones = Device.objects.filter(official=request.user, kind=Device.Kind.PHONE)
    context = {
        "who": request.user.full_name,
        "official": request.user,
        "posting": posting,
        "devices": phones.order_by("revoked_at", "-last_contact_at"),
        "languages": settings.LANGUAGES,
        "changed": request.GET.get("changed"),
    }
    return render(request, "app/account.html", context)


@login_required
@require_POST
def revoke_device(request):
    """From now on what this device signs is held for a person; what it signed before counts."""
    device = get_object_or_404(
        Device, official=request.user, kind=Device.Kind.PHONE, kid=request.POST.get("device", "")[:80]
    )
    devices.revoke(device, by=request.user)
    # Every session of hers has ended with it; the one she does this in goes on.
    request.user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, request.user)
    messages.success(request, _("%(device)s is revoked.") % {"device": device.name or _("The device")})
    return redirect(reverse("account") + "#tb")


@login_required
@require_POST
def set_language(request):
    language = request.POST.get("language")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    request.user.language = language
    request.user.save(update_fields=["language"])
    with override(language):
        return redirect("account")


def _own_path(request) -> str:
    """The ``path`` asked about, if it is a page of this site and nothing else."""
    path = request.GET.get("path", "")
    if not path.startswith("/") or len(path) > LONGEST_PATH or not url_has_allowed_host_and_scheme(path, None):
        raise Http404
    return path


@gzip_page
@require_safe
def open_in_browser(request):
    """The way out of Zalo's browser: an address Android hands to Chrome, and what to do where that does nothing."""
    path = _own_path(request)
    address = request.build_absolute_uri(path)
    scheme, _colon, rest = address.partition("://")
    fallback = quote(address, safe="")
    intent = f"intent://{rest}#Intent;scheme={scheme};package=com.android.chrome;S.browser_fallback_url={fallback};end"
    return render(request, "app/open.html", {"path": path, "address": address, "intent": intent})


@require_safe
@cache_control(public=True, max_age=86_400)
def qr(request):
    """The QR code of a page of ours, for opening it on another phone or outside Zalo; of nothing else."""
    path = _own_path(request)
    image = io.BytesIO()
    # Its own light ground: a camera reads dark on light, also where the page is dark.
    look = {"border": 4, "light": "#fff", "dark": "#15172b", "svgclass": None, "lineclass": None}
    code = segno.make(request.build_absolute_uri(path), error="m", micro=False)
    code.save(image, kind="svg", xmldecl=False, omitsize=True, **look)
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")
