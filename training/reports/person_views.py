"""A person's record as HR reads it, with her phones and what needs attention, and the log of who looked at what.

Reading a record is written to the access log before it is shown.
"""

from django.core.paginator import Paginator
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import Activity
from quizzes.models import Attempt
from training.officials import access
from training.officials.admin_access import official_or_404
from training.officials.models import Category, Official, Unit, say_whose_sections
from training.records.models import Completion, Enrolment, LessonProgress
from training.records.standing import with_bounds
from training.reports import attention, limits, people
from training.reports.models import AccessRecord
from training.reports.queries import Selection
from training.reports.views import PAGE_SIZE, ReportScreen


class PersonScreen(ReportScreen):
    """Base of the screens about one person whose record the actor may read."""

    header_icon = "user"
    official: Official

    def dispatch(self, request, public_id):
        if self.may_enter(request.user):
            self.official = official_or_404(access.readable_officials(request.user), public_id)
        return super().dispatch(request)

    def get_breadcrumbs_items(self):
        return self.trail_to_person()

    def trail_to_person(self, *person):
        return self.trail(
            (reverse("reports_completion"), _("Completion by unit and course")),
            (reverse("reports_persons"), _("Persons")),
            *person,
            ("", self.get_header_title()),
        )

    def get_header_title(self):
        return self.official.full_name

    def record(self, form=None, chosen=()):
        """The whole record; with the form of a decision that was refused."""
        official, request = self.official, self.request
        selection = Selection(units=Unit.objects.none())
        courses = course_lines(official, selection)
        matters, voided = attention.matters_of(official)
        AccessRecord.objects.create(
            official=request.user,
            what=AccessRecord.What.PERSON,
            report="person",
            filters={"official": str(official.public_id)},
            rows=len(courses),
        )
        attempts = attempt_lines(official)
        posting = official.postings.on().filter(is_main=True).select_related("unit").first()
        say_whose_sections([posting.unit] if posting else ())
        return self.show(
            "reports/person.html",
            422 if form is not None else 200,
            official=official,
            posting=posting,
            courses=courses,
            attempts=attempts,
            excesses=limits.excesses_of(official, attempts),
            predated=limits.predated(official),
            phones=attention.phones_of(official),
            matters=matters,
            voided=voided,
            may_decide=any(matter.may_accept or matter.may_void for matter in [*matters, *voided]),
            decision=form,
            chosen=chosen,
            may_manage=access.manageable_officials(request.user).filter(pk=official.pk).exists(),
            selection=selection,
        )


class PersonRecord(PersonScreen):
    def get(self, request):
        return self.record()


def course_lines(official: Official, selection: Selection) -> list[dict]:
    """Every course owed or begun, with what was done of it. Three queries."""
    finished = dict(
        LessonProgress.objects.filter(official=official).values_list("course").annotate(Count("pk")).order_by()
    )
    completions = {each.course_id: each for each in Completion.objects.filter(official=official)}
    enrolments = with_bounds(Enrolment.objects.filter(official=official)).select_related("course")
    return [
        {
            "course": each.course,
            "enrolment": each,
            "state": people.state_of(each),
            "due": people.due_of(each, selection.today) if each.is_assigned else None,
            "may_be_late": each.is_assigned and people.may_be_late(each),
            "lessons": finished.get(each.course_id, 0),
            "completion": completions.get(each.course_id),
            "share": share_of(completions.get(each.course_id)),
        }
        for each in enrolments.order_by("-is_assigned", "due_on", "course__code")
    ]


def share_of(completion: Completion | None) -> float | None:
    return None if completion is None or completion.score is None else completion.score / 10_000


def attempt_lines(official: Official) -> list[Attempt]:
    attempts = Attempt.objects.filter(official=official).select_related("quiz", "course")
    lines = list(attempts.order_by("-submitted_at", "-started_at", "-pk"))
    for attempt in lines:
        attempt.share = attempt.earned / attempt.possible if attempt.submitted_at and attempt.possible else None
    return lines


class AccessLog(ReportScreen):
    """Who exported what, and who read whose record. For those who answer for the whole tree."""

    header_icon = "history"

    def may_enter(self, user) -> bool:
        return access.answers_for_everything(user)

    def get_breadcrumbs_items(self):
        return self.trail((reverse("wagtailadmin_home"), _("Reports")), ("", _("Access log")))

    def get_header_title(self):
        return _("Access log")

    def get(self, request):
        records = AccessRecord.objects.select_related("official")
        page = Paginator(records, PAGE_SIZE).get_page(request.GET.get("p"))
        return self.show("reports/access_log.html", page=page, lines=access_lines(page.object_list))


def access_lines(records) -> list[dict]:
    """Each record with its filters in words. Three queries for a page."""
    records = list(records)
    codes = {record.filters.get("unit") for record in records} - {None}
    keys = {record.filters.get("course") for record in records} - {None}
    read = {record.filters.get("official") for record in records} - {None}
    units = {unit.code: unit.full_name for unit in Unit.objects.filter(code__in=codes)}
    courses = {str(course.pk): course.code or course.title for course in Activity.objects.filter(pk__in=keys)}
    names = {str(each.public_id): str(each) for each in Official.objects.filter(public_id__in=read)}
    known = {"unit": units, "course": courses, "official": names, "category": dict(Category.choices)}
    reports = {
        "completion": _("Completion by unit and course"),
        "persons": _("Persons and courses"),
        "person": _("A person's record"),
    }
    return [
        {
            "record": record,
            "report": reports.get(record.report, record.report),
            "filters": [known.get(name, {}).get(value, value) for name, value in record.filters.items()],
        }
        for record in records
    ]
