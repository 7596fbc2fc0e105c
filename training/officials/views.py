"""Signing in and out, and setting a password: plain forms that work without JavaScript."""

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from training.officials.forms import PasswordForm, SignInForm
from training.officials.lockout import Standing, address_of, standing
from training.officials.set_password import MARK

#: Whose the last sign-in of this browser was: a phone without an answer since knows so for whom to record.
WHO = "official"
#: Tries left from which on the page says how many.
SAY_TRIES_LEFT = 3


@method_decorator(gzip_page, name="dispatch")
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignInView(LoginView):
    """Django's: rotates the session, accepts ``next`` only within this site, keeps the language of its address."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm

    def get(self, request, *args, **kwargs):
        return redirect("set_password") if request.session.get(MARK) else super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        # The admin sends here whom it does not let in; without a word she would sign in again and again.
        not_for_you = self.get_redirect_url().startswith(reverse("wagtailadmin_home"))
        return super().get_context_data(not_for_you=not_for_you, **kwargs)

    def get_success_url(self):
        # Straight there: the page asked for may come from the phone's own store, which knows nothing of it.
        return reverse("set_password") if self.request.session.get(MARK) else super().get_success_url()

    def form_valid(self, form):
        response = super().form_valid(form)
        # Changes together with the CSRF cookie, by which static/js/identity.js sees that somebody has signed in.
        response.set_cookie(
            WHO,
            str(form.get_user().public_id),
            max_age=settings.CSRF_COOKIE_AGE,
            secure=settings.CSRF_COOKIE_SECURE,
            samesite=settings.CSRF_COOKIE_SAMESITE,
        )
        return response

    def form_invalid(self, form):
        tries = None
        if form.non_field_errors():
            left = standing(form.data.get("username", ""), address_of(self.request))
            tries = left.tries_left if left.until is None and left.tries_left <= SAY_TRIES_LEFT else None
        return self.render_to_response(self.get_context_data(form=form, tries_left=tries))


def locked_out(request, typed: str, where: Standing):
    """The answer to every sign-in during a delay; called by the lock-out for whatever view was asked."""
    context = {
        "form": SignInForm(request, initial={"username": typed}),
        "seconds": where.seconds,
        "minutes": -(-where.seconds // 60),
        "next": _own(request, request.POST.get("next") or request.GET.get("next") or ""),
    }
    response = render(request, "accounts/login.html", context, status=429)
    response.headers["Retry-After"] = str(where.seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _own(request, url: str) -> str:
    own = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if own else ""


@gzip_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request):
    """Asks first: the page's script says whether results wait on this phone, and that they are kept."""
    if request.method != "POST":
        return render(request, "accounts/logout.html", {"csrf": True})
    logout(request)
    return _forgotten(redirect("login"))


def _forgotten(response):
    response.delete_cookie(WHO, samesite=settings.CSRF_COOKIE_SAMESITE)
    return response


@gzip_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_of_admin(request):
    """In the place of Wagtail's: its script tells the phone too, which else went on working for her."""
    if request.method != "POST":
        return redirect("logout")
    who = request.user
    left, language = (str(who.public_id), who.language) if who.is_authenticated else ("", get_language())
    logout(request)
    with override(language):
        return _forgotten(render(request, "accounts/login.html", {"form": SignInForm(request), "left": left}))


@gzip_page
@never_cache
@login_required
@sensitive_post_parameters()
def set_password(request):
    """Change the password; after a one-time code this page comes before all others."""
    first = bool(request.session.get(MARK))
    form = PasswordForm(request.user, request.POST or None, knows_old=not first)
    if request.method == "POST" and form.is_valid():
        form.save()
        # Other sessions of hers end with the old password; this one goes on under a new key.
        update_session_auth_hash(request, form.user)
        request.session.pop(MARK, None)
        return (
            redirect(settings.LOGIN_REDIRECT_URL) if first else redirect(reverse("account") + "?changed=password")
        )
    return render(request, "accounts/password.html", {"form": form, "first": first})
