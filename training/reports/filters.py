"""The report's filter form. It turns a request and an actor into a Selection that cannot leave the actor's scope.

Units go by code, courses by key; one that is unknown or outside the scope is answered 404, never with data.
"""

from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Activity
from training.officials import access
from training.officials.admin_forms import UnitField, date_input
from training.officials.models import Category, Unit
from training.records.admin_forms import CourseField
from training.reports import periods, queries


class ReportFilter(forms.Form):
    unit = UnitField(label=_("Unit"), required=False, empty_label=_("All my units"))
    course = CourseField(label=_("Course"), queryset=Activity.objects.none(), required=False, empty_label=_("All"))
    category = forms.ChoiceField(label=_("Personnel category"), required=False)
    period = forms.CharField(label=_("Completed in the period"), required=False, widget=forms.Select)
    start = forms.DateField(label=_("From"), required=False, widget=date_input())
    end = forms.DateField(label=_("To"), required=False, widget=date_input())
    #: Set by links of the table only: those posted at the unit itself, not below it. It names that unit, so that
    #: it is dropped when she goes on to choose another.
    direct = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, actor):
        if data.get("direct") != data.get("unit"):
            data = data.copy()
            data.pop("direct", None)
        super().__init__(data)
        self.actor = actor
        self.scope = access.units_of(actor)
        self.fields["unit"].offer(self.scope)
        self.fields["course"].queryset = queries.courses_of(self.scope)
        self.fields["category"].choices = [("", _("All")), *Category.choices]
        self.fields["period"].widget.choices = periods.choices(timezone.localdate())

    def clean_period(self):
        key = self.cleaned_data["period"]
        if key and key != periods.CUSTOM:
            try:
                periods.bounds(key)
            except ValueError:
                raise ValidationError(_("Choose a period from the list.")) from None
        return key

    def clean(self):
        data = super().clean()
        if data.get("period") and data["period"] != periods.CUSTOM:
            data["start"], data["end"] = periods.bounds(data["period"])
        if data.get("start") and data.get("end") and data["start"] > data["end"]:
            self.add_error("end", _("The last day lies before the first."))
        return data

    def selection(self) -> queries.Selection:
        """Raises Http404 for a unit or course that is not the actor's to name."""
        if not self.is_valid():
            if "unit" in self.errors or "course" in self.errors or "category" in self.errors:
                raise Http404
            raise ValidationError(self.errors)
        chosen = self.cleaned_data
        unit = chosen["unit"]
        if unit is None:
            units, tops = self.scope, tuple(access.tops_of(self.actor))
        elif chosen["direct"]:
            units, tops = Unit.objects.filter(pk=unit.pk), (unit,)
        else:
            units, tops = access.subtree(unit), (unit,)
        return queries.Selection(
            units=units,
            tops=tops,
            course=chosen["course"],
            category=chosen["category"],
            start=chosen["start"],
            end=chosen["end"],
        )

    def parameters(self) -> dict[str, str]:
        """What was chosen, as it stands in an address and in the access log."""
        if not self.is_bound:
            return {}
        return {name: self.data[name] for name in self.fields if self.data.get(name)}

    def query(self, **changes) -> str:
        """The query string of the same choice with changes; None or "" leaves a part out."""
        merged = {**self.parameters(), **changes}
        return urlencode({name: value for name, value in merged.items() if value not in (None, "", False)})
