"""The report of completion in the Wagtail admin: the table of units and courses, and the persons behind a number.

A view parses the filters, checks the door (HrScreen) and the scope (ReportFilter), asks queries.py and shows. A name
searched for is posted, so that it stands in no address, log or history.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from training.officials.admin_access import HrScreen
from training.reports import exports, people, queries
from training.reports.bars import bars_of
from training.reports.filters import ReportFilter

PAGE_SIZE = 50
#: Persons shown in an opened line; the rest is one link away.
DRILL_SIZE = 10


class ReportScreen(HrScreen, View):
    header_icon = "table"


class CompletionReport(ReportScreen):
    def get_breadcrumbs_items(self):
        return self.trail((reverse("wagtailadmin_home"), _("Reports")), ("", _("Completion by unit and course")))

    def get_header_title(self):
        return _("Completion by unit and course")

    def get(self, request):
        self.form = form = ReportFilter(request.GET, actor=request.user)
        try:
            selection = form.selection()
        except ValidationError:
            return self.show("reports/completion.html", form=form)
        kind = request.GET.get("export")
        if kind in exports.FORMATS:
            return exports.export(
                request.user, kind, "completion", form.parameters(), lambda: exports.summary_sheet(selection)
            )
        summary = queries.summarise(selection)
        context = {
            "form": form,
            "summary": summary,
            "selection": selection,
            "opened": self.opened(form, summary),
        }
        part = request.GET.get("part")
        if part:
            line = next((line for line in summary.lines if line.anchor == part), None)
            if line is None:
                raise Http404
            return self.show("reports/_line.html", line=line, **context)
        bars, by_course = bars_of(summary)
        return self.show(
            "reports/completion.html",
            bars=bars,
            by_course=by_course,
            target=settings.REPORTS_TARGET_PERCENT,
            target_rate=settings.REPORTS_TARGET_PERCENT / 100,
            silent_days=settings.REPORTS_SILENT_DAYS,
            **context,
        )

    def opened(self, form, summary) -> dict:
        """The line the address asks to be open, and within it the course with its persons."""
        token = self.request.GET.get("open")
        line = next((line for line in summary.lines if line.token == token), None)
        if line is None:
            return {}
        opened = {"line": line}
        for course, cell in line.courses.items():
            if str(course.pk) == self.request.GET.get("open_course"):
                inner = ReportFilter(
                    {**form.parameters(), "unit": line.unit.code, "direct": line.direct_at, "course": str(course.pk)},
                    actor=self.request.user,
                ).selection()
                rows = queries.persons(inner, "unfinished")[:DRILL_SIZE]
                opened |= {"course": course, "cell": cell, "people": people.lines_of(rows, inner)}
                opened["rest"] = max(cell.unfinished - len(opened["people"]), 0)
        return opened


class PersonsReport(ReportScreen):
    """Person × course: GET for a filter, POST for a filter and a name."""

    def get_breadcrumbs_items(self):
        report = reverse("reports_completion")
        query = self.form.query(direct=None)
        return self.trail((f"{report}?{query}", _("Completion by unit and course")), ("", _("Persons")))

    def get_header_title(self):
        return _("Persons")

    def get(self, request):
        return self.answer(request.GET, "")

    def post(self, request):
        return self.answer(request.POST, request.POST.get("q", "").strip()[:100])

    def answer(self, data, search):
        self.search = search
        self.form = form = ReportFilter(data, actor=self.request.user)
        self.state = data.get("state", "")
        if self.state and self.state not in queries.STATES:
            raise Http404
        try:
            selection = form.selection()
        except ValidationError:
            return self.show("reports/persons.html", form=form)
        if data.get("export") in exports.FORMATS:
            asked = form.parameters()
            if self.state:
                asked["state"] = self.state
            if search:
                asked["search"] = search
            return exports.export(
                self.request.user,
                data["export"],
                "persons",
                asked,
                lambda: exports.persons_sheet(selection, self.state, search),
            )
        page = Paginator(queries.persons(selection, self.state, search), PAGE_SIZE).get_page(data.get("p"))
        return self.show(
            "reports/persons.html",
            form=form,
            selection=selection,
            state=self.state,
            states=state_choices(selection),
            search=search,
            page=page,
            lines=people.lines_of(page.object_list, selection),
        )


def state_choices(selection) -> list[tuple[str, str]]:
    choices = [
        ("", _("All states")),
        ("completed", _("Completed")),
        ("in_progress", _("Studying")),
        ("not_started", _("Not begun")),
        ("unfinished", _("Not completed")),
        ("overdue", _("Not completed and overdue")),
        ("silent", _("Not completed and not heard from")),
    ]
    if selection.has_period:
        choices.insert(2, ("in_period", _("Completed in the period")))
    return choices
