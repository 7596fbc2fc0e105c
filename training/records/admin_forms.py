"""HR's forms for assignments. Choosers offer and accept published courses and units of the actor's scope only."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Activity, ActivityKind, Fragment
from training.officials.admin_forms import UnitField, date_input, offer_posting_units
from training.records.models import Assignment


def published_courses():
    """Courses that an official can open today."""
    in_sight = Fragment.objects.filter(activity=OuterRef("pk"), kind=Fragment.Kind.COURSE)
    return Activity.objects.filter(Exists(in_sight), kind=ActivityKind.COURSE).order_by("code", "title")


class CourseField(forms.ModelChoiceField):
    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError as error:
            # No key at all, of which Django speaks English.
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            ) from error

    def label_from_instance(self, course):
        return f"{course.code} – {course.title}" if course.code else course.title


class DeadlineForm(forms.Form):
    due_on = forms.DateField(label=_("Deadline"), widget=date_input())

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise ValidationError(_("The deadline has passed. Choose today or a later day."))
        if day > timezone.localdate() + timedelta(days=3 * 366):
            raise ValidationError(_("That is more than three years ahead."))
        return day


class AssignForm(DeadlineForm):
    course = CourseField(label=_("Course"), queryset=Activity.objects.none(), empty_label=_("Choose a course"))
    unit = UnitField(
        label=_("Unit"),
        empty_label=_("Choose a unit"),
        help_text=_("The course is owed by everyone posted there or below, and by whoever joins later."),
    )

    field_order = ["course", "unit", "due_on"]

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = published_courses()
        offer_posting_units(self.fields["unit"], actor)

    def clean(self):
        data = super().clean()
        course, unit = data.get("course"), data.get("unit")
        if course and unit:
            self.refuse_second(course, unit)
        return data

    def refuse_second(self, course, unit) -> bool:
        """Asked again once the course is locked: two officers can have looked at the same time."""
        taken = Assignment.objects.in_force().filter(course=course, unit=unit).exists()
        if taken:
            self.add_error("course", _("This course is assigned to this unit already. Change that deadline instead."))
        return taken

    def assignment(self, by) -> Assignment:
        return Assignment(**self.cleaned_data, assigned_by=by)
