"""The door of every screen of HR in the admin: an HR officer of today, or 403. Used by views of three packages."""

from django.http import Http404
from django.shortcuts import render
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from training.officials import access
from training.officials.models import Official


def refuse(request):
    """403 as a page. Wagtail answers PermissionDenied with a redirect, which a check can't tell from success."""
    return render(request, "officials/admin/refused.html", status=403)


class HrScreen(WagtailAdminTemplateMixin):
    """Mixin of views. Nothing personal is kept by a cache or a shared computer's back button."""

    def dispatch(self, request, *args, **kwargs):
        if not self.may_enter(request.user):
            return refuse(request)
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def may_enter(self, user) -> bool:
        return access.is_hr(user)

    def show(self, template, status=200, **context):
        return render(self.request, template, {**self.get_context_data(), **context}, status=status)

    def show_forms(self, template, forms, **context):
        """422 with a summary of what to mend when a form was refused, 200 when it is asked for."""
        has_errors = any(form.errors for form in forms)
        return self.show(template, 422 if has_errors else 200, forms=forms, has_errors=has_errors, **context)

    def trail(self, *steps):
        """Breadcrumbs: (address, words) pairs; the last has no address."""
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in steps)]


def official_or_404(officials, public_id) -> Official:
    """One of these; whoever is outside them does not exist for the actor."""
    official = officials.filter(public_id=public_id).first()
    if official is None:
        raise Http404
    return official
