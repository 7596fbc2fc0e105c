"""HR's screens for a person's phones and for what is held: revoke, trust again, accept, void; the list of what waits.

Each looks the person up among those the actor may manage (access.py): a guessed address finds nobody. What is decided
is an event with her name on it (training/sync/decisions.py).
"""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from training.officials import access
from training.officials.admin_access import official_or_404
from training.officials.names import clean
from training.reports import attention
from training.reports.person_views import PersonScreen
from training.reports.views import ReportScreen
from training.sync import decisions, devices
from training.sync.models import Device


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It is kept with the decision and cannot be changed later."),
    )

    def clean_reason(self):
        return clean(self.cleaned_data["reason"])


class OnePhone(PersonScreen):
    """Base of what changes one of her phones: asks for the reason, then does it."""

    phone: Device

    def dispatch(self, request, public_id, device):
        if self.may_enter(request.user):
            official = official_or_404(access.manageable_officials(request.user), public_id)
            phones = official.devices.filter(kind=Device.Kind.PHONE, revoked_at__isnull=not self.is_revoked)
            self.phone = phones.filter(pk=device).first()
            if self.phone is None:
                raise Http404
        return super().dispatch(request, public_id)

    def get_breadcrumbs_items(self):
        record = reverse("reports_person", args=[self.official.public_id])
        return self.trail_to_person((record, self.official.full_name))

    def get(self, request):
        return self.ask(ReasonForm())

    def post(self, request):
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.ask(form)
        self.decide(form.cleaned_data["reason"])
        return redirect("reports_person", public_id=self.official.public_id)

    def ask(self, form):
        name = self.phone.name or _("Unnamed device")
        return self.show_forms(
            "officials/admin/form.html",
            [form],
            official=self.official,
            hint=self.hint % {"phone": name},
            button=self.get_header_title(),
            back=reverse("reports_person", args=[self.official.public_id]) + "#devices-h",
        )


class RevokeDevice(OnePhone):
    is_revoked = False
    hint = gettext_lazy(
        "%(phone)s: what it sent so far counts. What it sends from now on is kept and waits for your decision. "
        "No result is lost. She is signed out everywhere and signs in again on her other phones."
    )

    def get_header_title(self):
        return _("Revoke the phone")

    def decide(self, reason):
        devices.revoke(self.phone, by=self.request.user, reason=reason)
        words = _("The phone is revoked. What it sent so far counts; what it sends from now on waits for you.")
        messages.success(self.request, words)


class TrustDevice(OnePhone):
    is_revoked = True
    hint = gettext_lazy(
        "%(phone)s: everything that is held from it counts, except what was voided, and what it sends from now on "
        "counts as before."
    )

    def get_header_title(self):
        return _("Trust the phone again")

    def decide(self, reason):
        devices.trust_again(self.phone, by=self.request.user, reason=reason)
        messages.success(self.request, _("The phone is trusted again. What was held from it counts."))


class DecideHeld(PersonScreen):
    """Accept or void what is chosen in the list on the person's record; refused, the record says what is missing."""

    verbs = {"accept": decisions.accept, "void": decisions.void}

    def dispatch(self, request, public_id):
        if self.may_enter(request.user):
            official_or_404(access.manageable_officials(request.user), public_id)
        return super().dispatch(request, public_id)

    def post(self, request):
        form = ReasonForm(request.POST)
        decide = self.verbs.get(request.POST.get("decision", ""))
        chosen = {text for value in request.POST.getlist("chosen") for text in value.split()}
        if decide is None:
            raise Http404
        if not form.is_valid() or not chosen:
            return self.record(form, chosen)
        count = len(request.POST.getlist("chosen"))
        if not decide(self.official, sorted(chosen), request.user, form.cleaned_data["reason"]):
            messages.warning(request, _("Nothing of what was chosen waits for a decision any longer."))
        elif decide is decisions.accept:
            words = ngettext("%(count)d result is accepted.", "%(count)d results are accepted.", count)
            messages.success(request, words % {"count": count})
        else:
            words = ngettext("%(count)d result is voided.", "%(count)d results are voided.", count)
            messages.success(request, words % {"count": count})
        return redirect("reports_person", public_id=self.official.public_id)


class WaitingList(ReportScreen):
    """Everybody of hers of whom something waits for a decision."""

    header_icon = "warning"

    def get_header_title(self):
        return _("Waiting for a decision")

    def get_breadcrumbs_items(self):
        return self.trail((reverse("wagtailadmin_home"), _("Reports")), ("", self.get_header_title()))

    def get(self, request):
        lines = attention.waiting_for_a_decision(access.readable_officials(request.user))
        manageable = set(access.manageable_officials(request.user).values_list("pk", flat=True)) if lines else set()
        for line in lines:
            line["may_manage"] = line["official"].pk in manageable
        return self.show("reports/waiting.html", lines=lines)
