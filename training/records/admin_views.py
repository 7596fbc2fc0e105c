"""HR's screens for assignments in the admin: what is assigned, assign with a look at whom it reaches, change the
deadline, withdraw.

She sees what reaches people of hers, also when assigned from above, and changes only what is assigned to units of
her scope (access.py decides both). The numbers and rows are training/records/enrolments.py's.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from training.officials import access
from training.officials.admin_access import HrScreen
from training.officials.models import Official, Posting, UnitClosure
from training.records import enrolments
from training.records.admin_forms import AssignForm, DeadlineForm
from training.records.models import Assignment, Enrolment

PAGE_SIZE = 50


def visible_assignments(actor):
    """To her units, or to a unit above one of hers."""
    mine = access.units_of(actor)
    above = UnitClosure.objects.filter(descendant__in=mine).values("ancestor")
    return Assignment.objects.filter(Q(unit__in=mine) | Q(unit__in=above))


def changeable_assignments(actor):
    """To units of hers, those withdrawn included: of these she is told that it is too late."""
    return Assignment.objects.filter(unit__in=access.units_of(actor))


def reached(unit):
    """Whom an assignment to the unit reaches today."""
    postings = Posting.objects.on().filter(is_main=True, unit__in=access.subtree(unit))
    return Official.objects.filter(is_active=True, pk__in=postings.values("official"))


class AssignmentScreen(HrScreen, View):
    header_icon = "calendar-check"

    def get_breadcrumbs_items(self):
        return self.trail((reverse("hr_assignments"), _("Assigned courses")), ("", self.get_header_title()))

    def done(self, words):
        messages.success(self.request, words)
        return redirect("hr_assignments")


class AssignmentList(AssignmentScreen):
    def get_header_title(self):
        return _("Assigned courses")

    def get_breadcrumbs_items(self):
        return self.trail(("", _("Assigned courses")))

    def get_header_buttons(self):
        return [HeaderButton(_("Assign a course"), reverse("hr_assign"), icon_name="plus")]

    def get(self, request):
        withdrawn = bool(request.GET.get("withdrawn"))
        rows = visible_assignments(request.user).filter(withdrawn_at__isnull=not withdrawn)
        rows = rows.select_related("course", "unit", "assigned_by", "withdrawn_by").order_by("-due_on", "course__code")
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("p"))
        mine = set(access.units_of(request.user).values_list("pk", flat=True))
        return self.show("records/admin/list.html", page=page, mine=mine, withdrawn=withdrawn)


class Assign(AssignmentScreen):
    """Two steps: the form, then how many it reaches; only the second one saves."""

    def get_header_title(self):
        return _("Assign a course")

    def get(self, request):
        return self.ask(AssignForm(actor=request.user))

    def post(self, request):
        form = AssignForm(request.POST, actor=request.user)
        if not form.is_valid() or "change" in request.POST:
            return self.ask(form)
        if "confirmed" not in request.POST:
            return self.confirm(form)
        assignment = form.assignment(request.user)
        with transaction.atomic():
            enrolments.lock([assignment.course_id])
            if form.refuse_second(assignment.course, assignment.unit):
                return self.ask(form)
            enrolments.assign(assignment)
            log(assignment, "records.assign", user=request.user, data=_words(assignment))
        return self.done(
            _("%(course)s is assigned to %(unit)s, due on %(day)s.")
            % {
                "course": assignment.course,
                "unit": assignment.unit.full_name,
                "day": date_format(assignment.due_on, "SHORT_DATE_FORMAT"),
            }
        )

    def ask(self, form):
        return self.show_forms(
            "officials/admin/form.html", [form], button=_("See whom it reaches"), back=reverse("hr_assignments")
        )

    def confirm(self, form):
        officials = reached(form.cleaned_data["unit"])
        course = form.cleaned_data["course"]
        done = Enrolment.objects.filter(official__in=officials, course=course, completed_on__isnull=False)
        owed = Enrolment.objects.filter(official__in=officials, course=course, is_assigned=True)
        return self.show(
            "records/admin/confirm.html",
            form=form,
            chosen=form.cleaned_data,
            reached=officials.count(),
            women=officials.filter(sex="f").count(),
            done=done.count(),
            owed=owed.count(),
            back=reverse("hr_assignments"),
        )


class OneAssignment(AssignmentScreen):
    """Base of what changes an assignment; one that isn't hers to change does not exist for her."""

    assignment: Assignment

    def dispatch(self, request, pk):
        if self.may_enter(request.user):
            rows = changeable_assignments(request.user).select_related("course", "unit")
            self.assignment = rows.filter(pk=pk).first()
            if self.assignment is None:
                raise Http404
            if self.assignment.withdrawn_at is not None:
                return self.too_late()
        return super().dispatch(request)

    def too_late(self):
        messages.warning(self.request, _("This assignment has been withdrawn already."))
        return redirect("hr_assignments")


class ChangeDeadline(OneAssignment):
    def get_header_title(self):
        return _("Change the deadline")

    def get(self, request):
        return self.ask(DeadlineForm(initial={"due_on": self.assignment.due_on}))

    def post(self, request):
        form = DeadlineForm(request.POST)
        if not form.is_valid():
            return self.ask(form)
        before = self.assignment.due_on
        with transaction.atomic():
            if not enrolments.change_deadline(self.assignment, form.cleaned_data["due_on"]):
                return self.too_late()
            data = {**_words(self.assignment), "before": str(before)}
            log(self.assignment, "records.change_deadline", user=request.user, data=data)
        return self.done(
            _("The deadline is now %(day)s.") % {"day": date_format(self.assignment.due_on, "SHORT_DATE_FORMAT")}
        )

    def ask(self, form):
        return self.show_forms(
            "officials/admin/form.html",
            [form],
            button=_("Change the deadline"),
            hint=f"{self.assignment.course} · {self.assignment.unit.full_name}",
            back=reverse("hr_assignments"),
        )


class Withdraw(OneAssignment):
    def get_header_title(self):
        return _("Withdraw the assignment")

    def get(self, request):
        officials = reached(self.assignment.unit)
        rows = Enrolment.objects.filter(official__in=officials, course=self.assignment.course, is_assigned=True)
        return self.show(
            "records/admin/withdraw.html",
            assignment=self.assignment,
            unfinished=rows.filter(completed_on=None).count(),
            finished=rows.filter(completed_on__isnull=False).count(),
            back=reverse("hr_assignments"),
        )

    def post(self, request):
        with transaction.atomic():
            if not enrolments.withdraw(self.assignment, by=request.user):
                return self.too_late()
            log(self.assignment, "records.withdraw", user=request.user, data=_words(self.assignment))
        return self.done(_("The assignment is withdrawn. What was studied stays on record."))


def _words(assignment: Assignment) -> dict:
    return {
        "course": str(assignment.course_id),
        "unit": assignment.unit.code,
        "due_on": str(assignment.due_on),
    }
