"""Fields and forms of HR's screens in the admin. A chooser offers and accepts only units of the actor's scope."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from training.officials import access, staffing
from training.officials.models import Category, Official, Posting, Unit, UnitClosure
from training.officials.names import clean
from training.officials.validators import not_long_ago


class UnitField(forms.ModelChoiceField):
    """Units by their code, in the order of the tree, indented below each other."""

    def __init__(self, **kwargs):
        kwargs.setdefault("queryset", Unit.objects.none())
        super().__init__(to_field_name="code", **kwargs)

    def offer(self, units) -> None:
        """Only these, whatever a request names."""
        self.queryset = units
        first = [] if self.empty_label is None else [("", self.empty_label)]
        self.choices = first + tree_choices(units)


def tree_choices(units) -> list[tuple[str, str]]:
    """(code, name indented by depth) of the units, each under its parent where that is among them. Two queries."""
    known = {unit.pk: unit for unit in units}
    parents = dict(UnitClosure.objects.filter(depth=1).values_list("descendant", "ancestor"))
    children: dict[int | None, list[Unit]] = {}
    for unit in sorted(known.values(), key=lambda each: (each.position, each.code)):
        parent = parents.get(unit.pk)
        children.setdefault(parent if parent in known else None, []).append(unit)
    rows: list[tuple[str, str]] = []

    def walk(parent, depth):
        for unit in children.get(parent, ()):
            rows.append((unit.code, "\u2003" * depth + unit.full_name))
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return rows


def date_input() -> forms.DateInput:
    """The browser's own calendar; it wants ISO dates whatever the language."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def offer_posting_units(field: UnitField, actor) -> None:
    """Units she answers for where people can be posted today."""
    today = timezone.localdate()
    field.offer(access.units_of(actor).filter(valid_from__lte=today).exclude(valid_to__lt=today))


class OfficialForm(forms.ModelForm):
    class Meta:
        model = Official
        fields = ["staff_number", "full_name", "sex", "email", "phone_number"]
        help_texts = {
            "staff_number": _("She signs in with it. Letters become capitals."),
            "full_name": _("As in her papers, family name first."),
            "email": _("Leave empty if there is none."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Reports count women apart; without this nobody could.
        self.fields["sex"].required = True

    def clean_staff_number(self):
        number = clean(self.cleaned_data["staff_number"]).upper()
        if Official.objects.filter(staff_number=number).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This staff number is taken."))
        return number

    def taken_meanwhile(self, error: IntegrityError) -> None:
        """Another wrote the number between our look and our writing; any other clash is raised again."""
        if "staff_number" not in str(error):
            raise error
        self.add_error("staff_number", _("This staff number is taken."))

    def clean_full_name(self):
        name = clean(self.cleaned_data["full_name"])
        if not name:
            raise ValidationError(_("Type the full name."))
        return name


class PostingForm(forms.Form):
    """Unit, category, position and from which day; shared by adding, moving and taking back."""

    unit = UnitField(label=_("Unit"), empty_label=_("Choose a unit"))
    category = forms.ChoiceField(label=_("Personnel category"), choices=[("", "—"), *Category.choices])
    position = forms.CharField(label=_("Position"), max_length=150, required=False)
    valid_from = forms.DateField(label=_("From"), widget=date_input(), validators=[not_long_ago])

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_posting_units(self.fields["unit"], actor)
        self.fields["valid_from"].initial = timezone.localdate

    def clean_position(self):
        return clean(self.cleaned_data["position"])

    def posting(self) -> Posting:
        return Posting(**self.cleaned_data)


class FirstPostingForm(PostingForm):
    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if day > timezone.localdate():
            raise ValidationError(_("Add her on the day she begins, not before."))
        return day


class MoveForm(PostingForm):
    """To another unit, category or position. A later day is fine: she is moved when it comes.

    A move planned for a later day is replaced, so it can be brought forward or put off.
    """

    def __init__(self, *args, current: Posting | None, **kwargs):
        if current is not None:
            kwargs["initial"] = {
                "unit": current.unit.code,
                "category": current.category,
                "position": current.position,
            }
            if current.valid_from > timezone.localdate():
                kwargs["initial"]["valid_from"] = current.valid_from
        super().__init__(*args, **kwargs)
        self.current = current

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        earliest = None if self.current is None else staffing.earliest_move(self.current)
        if earliest is not None and day < earliest:
            began = date_format(earliest, "SHORT_DATE_FORMAT")
            words = _("Her last posting begins on %(day)s. Choose that day or a later one.")
            raise ValidationError(words % {"day": began})
        if day > timezone.localdate() + timedelta(days=366):
            raise ValidationError(_("That is more than a year ahead."))
        return day


class TakeBackForm(MoveForm):
    """After leaving. The old posting stays as it was; the same post without a break simply goes on."""

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if day > timezone.localdate():
            raise ValidationError(_("Take her back on the day she begins, not before."))
        return day

    def clean(self):
        data = super().clean()
        last, day = self.current, data.get("valid_from")
        if last is not None and day is not None and day <= last.valid_to:
            now = (data.get("unit"), data.get("category"), data.get("position"))
            if now != (last.unit, last.category, last.position):
                ended = date_format(last.valid_to, "SHORT_DATE_FORMAT")
                self.add_error(
                    "valid_from", _("Her last posting ended on %(day)s. Choose a later day.") % {"day": ended}
                )
        return data


class RevokeForm(forms.Form):
    """Whether her phones are still trusted. Asked wherever an account closes or its password is reset."""

    revoke_devices = forms.BooleanField(
        label=_("Revoke her phones as well"),
        required=False,
        help_text=_(
            "Tick it when a phone was lost or is in other hands. What it sent so far counts; what it sends "
            "later is kept and waits for HR."
        ),
    )


class LeaveForm(RevokeForm):
    left_on = forms.DateField(label=_("Last day of service"), widget=date_input(), initial=timezone.localdate)

    field_order = ["left_on", "revoke_devices"]

    def __init__(self, *args, official: Official, **kwargs):
        super().__init__(*args, **kwargs)
        self.official = official

    def clean_left_on(self):
        day = self.cleaned_data["left_on"]
        if day > timezone.localdate():
            raise ValidationError(_("Close the account on her last day or after it."))
        here = self.official.postings.on().filter(is_main=True).first() or staffing.last_main_posting(
            self.official
        )
        if here is not None and day < here.valid_from:
            began = date_format(here.valid_from, "SHORT_DATE_FORMAT")
            raise ValidationError(
                _("Her posting began on %(day)s. Choose that day or a later one.") % {"day": began}
            )
        return day


class OfficialFilter(forms.Form):
    STATUSES = [("", _("In service")), ("left", _("Left service")), ("new", _("Not signed in yet"))]

    unit = UnitField(label=_("Unit"), required=False, empty_label=_("All my units"))
    category = forms.ChoiceField(label=_("Personnel category"), required=False)
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)

    def __init__(self, data, *, actor):
        super().__init__(data)
        self.fields["unit"].offer(access.units_of(actor))
        self.fields["category"].choices = [("", _("All")), *Category.choices]

    def parameters(self) -> dict[str, str]:
        return {name: self.data[name] for name in self.fields if self.data.get(name)}
