"""The pages of the person signed in, rendered whole, so that they work without JavaScript; imported by nobody.

A phone with scripts answers the same addresses from the skeletons it precached (training/app.py) and fills them with
its own state.
"""

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from training import my_courses as mine
from training.officials.models import Posting
from training.sync.models import Device
from training.sync.state import personal_state

#: A QR code of a longer address is too fine for a cheap camera.
LONGEST_QR_PATH = 300


@never_cache
@login_required
@require_safe
def my_courses(request):
    state = personal_state(request.user)
    return render(request, "app/me.html", {"who": state["name"], **mine.my_courses(state, get_language())})


@never_cache
@login_required
@require_safe
def my_results(request):
    state = personal_state(request.user)
    context = {"who": state["name"], "results": mine.my_results(state, get_language())}
    return render(request, "app/results.html", context)


@never_cache
@login_required
@require_safe
def my_storage(request):
    return render(request, "app/storage.html", {"who": request.user.full_name})


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
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = timezone.now(), request.user
        device.save(update_fields=["revoked_at", "revoked_by"])
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


@require_safe
@cache_control(public=True, max_age=86_400)
def qr(request):
    """The QR code of a page of ours, for opening it on another phone or outside Zalo; of nothing else."""
    path = request.GET.get("path", "")
    own = path.startswith("/") and len(path) <= LONGEST_QR_PATH
    if not own or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        raise Http404
    image = io.BytesIO()
    # Its own light ground: a camera reads dark on light, also where the page is dark.
    look = {"border": 4, "light": "#fff", "dark": "#15172b", "svgclass": None, "lineclass": None}
    code = segno.make(request.build_absolute_uri(path), error="m", micro=False)
    code.save(image, kind="svg", xmldecl=False, omitsize=True, **look)
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")
