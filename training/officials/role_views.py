"""An administrator's screens for the roles of an official: who is HR officer of which units, who is a trainer.

A role is a grant with its dates (models/posting.py); it opens the admin's doors by itself (signal_handlers.py). Each
change is in Wagtail's log (staffing.py).
"""

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from training.officials import access, staffing
from training.officials.admin_access import HrScreen, official_or_404
from training.officials.admin_forms import UnitField, date_input
from training.officials.models import Grant, Official, Role, Unit


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    unit = UnitField(
        label=gettext_lazy("Unit, with all below it"),
        empty_label=gettext_lazy("Choose a unit"),
        help_text=gettext_lazy("Whom an HR officer answers for. A trainer writes for everybody, whatever her unit."),
    )
    valid_from = forms.DateField(label=gettext_lazy("From"), widget=date_input(), initial=timezone.localdate)

    def __init__(self, *args, official: Official, **kwargs):
        super().__init__(*args, **kwargs)
        self.official = official
        self.fields["unit"].offer(Unit.objects.exclude(valid_to__lt=timezone.localdate()))

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise ValidationError(_("Choose today or a later day."))
        return day

    def clean(self):
        data = super().clean()
        held = Grant.objects.not_over().filter(official=self.official, role=data.get("role"), unit=data.get("unit"))
        if data.get("unit") and held.exists():
            self.add_error("role", _("She has this role for this unit already."))
        return data


class RoleScreen(HrScreen, View):
    header_icon = "key"
    official: Official

    def may_enter(self, user) -> bool:
        return access.gives_roles(user)

    def dispatch(self, request, public_id, **kwargs):
        if self.may_enter(request.user):
            self.official = official_or_404(Official.objects.filter(is_active=True), public_id)
        return super().dispatch(request, **kwargs)

    def get_header_title(self):
        return _("Roles")

    def get_breadcrumbs_items(self):
        return self.trail(
            (reverse("hr_officials"), _("Officials")),
            (reverse("hr_official_edit", args=[self.official.public_id]), self.official.full_name),
            ("", self.get_header_title()),
        )


class Roles(RoleScreen):
    def get(self, request):
        return self.page(RoleForm(official=self.official))

    def post(self, request):
        form = RoleForm(request.POST, official=self.official)
        if form.is_valid():
            staffing.give_role(self.official, **form.cleaned_data, by=request.user)
            return redirect("hr_official_roles", public_id=self.official.public_id)
        return self.page(form)

    def page(self, form):
        return self.show_forms(
            "officials/admin/roles.html",
            [form],
            button=_("Give the role"),
            official=self.official,
            grants=self.official.grants.not_over().select_related("unit").order_by("role", "valid_from", "pk"),
            back=reverse("hr_official_edit", args=[self.official.public_id]),
        )


class EndRole(RoleScreen):
    """At once: from the next request on it opens nothing."""

    http_method_names = ["post"]

    def post(self, request, grant):
        held = self.official.grants.not_over().filter(pk=grant).first()
        if held is None:
            raise Http404
        staffing.end_role(held, by=request.user)
        return redirect("hr_official_roles", public_id=self.official.public_id)
