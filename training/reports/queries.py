"""What HR reads, as SQL: unit × course, and the persons behind a number.

Called by the report's views and exports. The scope comes in with the selection (training/reports/filters.py takes it
from training/officials/access.py), so that no query here can be asked without one. Each function runs a fixed number
of queries, pinned by tests/reports/test_queries.py.

An enrolment counts while it is assigned, under the unit of the official's main posting today. It is completed, in
progress or not started, never two of them; overdue and not heard from are parts of what is not completed. A period
does not change these states: it picks, among the completions, those whose date lies in it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Activity
from training.officials.models import Official, Unit, UnitClosure
from training.officials.models.official import Sex
from training.officials.names import found
from training.records.models import Enrolment
from training.records.standing import IS_COMPLETED, IS_IN_PROGRESS, IS_NOT_STARTED, completed_between, is_overdue
from training.sync.models import Device


@dataclass(frozen=True)
class Selection:
    """What is asked. ``units`` is already cut to the actor's scope."""

    units: QuerySet[Unit]
    #: The units lines begin under: the chosen one, else the highest of the scope.
    tops: tuple[Unit, ...] = ()
    course: Activity | None = None
    category: str = ""
    start: date | None = None
    end: date | None = None
    today: date = field(default_factory=timezone.localdate)
    now: datetime = field(default_factory=timezone.now)

    @property
    def has_period(self) -> bool:
        return self.start is not None or self.end is not None

    @property
    def heard_since(self) -> datetime:
        return self.now - timedelta(days=settings.REPORTS_SILENT_DAYS)


@dataclass
class Cell:
    """The numbers of one unit and course, or of any sum of them."""

    assigned: int = 0
    completed: int = 0
    in_progress: int = 0
    not_started: int = 0
    overdue: int = 0
    silent: int = 0
    completed_in_period: int = 0
    #: The earliest and the latest deadline among them.
    first_due: date | None = None
    last_due: date | None = None

    def add(self, other: "Cell") -> None:
        # Written out: a province's table adds some thousand cells, and asking a dataclass for its fields costs more.
        self.assigned += other.assigned
        self.completed += other.completed
        self.in_progress += other.in_progress
        self.not_started += other.not_started
        self.overdue += other.overdue
        self.silent += other.silent
        self.completed_in_period += other.completed_in_period
        if other.first_due is not None and (self.first_due is None or other.first_due < self.first_due):
            self.first_due = other.first_due
        if other.last_due is not None and (self.last_due is None or other.last_due > self.last_due):
            self.last_due = other.last_due

    @property
    def unfinished(self) -> int:
        return self.in_progress + self.not_started

    @property
    def rate(self) -> float:
        return self.completed / self.assigned if self.assigned else 0.0


@dataclass(eq=False)
class Line:
    """A unit of the table with all below it, and its courses."""

    unit: Unit
    #: Only those posted at the unit itself, not below it.
    direct: bool = False
    total: Cell = field(default_factory=Cell)
    courses: dict[Activity, Cell] = field(default_factory=dict)
    #: Whether there are units below it to look into.
    has_parts: bool = False

    @property
    def rate(self) -> float:
        return self.total.rate

    @property
    def name(self) -> str:
        if self.direct:
            return _("%(unit)s, posted there directly") % {"unit": self.unit.full_name}
        return self.unit.full_name

    @property
    def token(self) -> str:
        """How an address names the line."""
        return self.unit.code + ("!" if self.direct else "")

    @property
    def direct_at(self) -> str:
        """What the filter form's ``direct`` is for the line."""
        return self.unit.code if self.direct else ""

    @property
    def anchor(self) -> str:
        return f"{self.unit.pk}{'d' if self.direct else ''}"


@dataclass
class Summary:
    lines: list[Line]
    total: Cell
    persons: int
    women: int


def in_period(selection: Selection) -> Q:
    return completed_between(selection.start, selection.end)


def overdue(selection: Selection) -> Q:
    return is_overdue(selection.today)


def silent(selection: Selection) -> Q:
    """Not completed, and no phone of hers spoke to the server lately: she may have done it and be without signal.

    A plain form is heard of by the server's own device for her (training/sync/devices.py).
    """
    heard = Device.objects.filter(last_contact_at__gte=selection.heard_since)
    return ~IS_COMPLETED & ~Q(official__in=heard.values("official"))


def enrolments(selection: Selection) -> QuerySet[Enrolment]:
    """What is owed by the persons posted in the selected units today; ``main`` is that posting."""
    posted_today = (
        Q(official__postings__is_main=True)
        & Q(official__postings__valid_from__lte=selection.today)
        & (Q(official__postings__valid_to=None) | Q(official__postings__valid_to__gte=selection.today))
    )
    rows = (
        Enrolment.objects.order_by()
        .alias(main=FilteredRelation("official__postings", condition=posted_today))
        .filter(is_assigned=True, main__unit__in=selection.units)
    )
    if selection.course is not None:
        rows = rows.filter(course=selection.course)
    if selection.category:
        rows = rows.filter(main__category=selection.category)
    return rows


def cells(selection: Selection) -> dict[tuple[int, object], Cell]:
    """The numbers of each (unit posted at, course). One query."""
    rows = (
        enrolments(selection)
        .values_list("main__unit", "course")
        .annotate(
            assigned=Count("pk"),
            completed=Count("pk", filter=IS_COMPLETED),
            in_progress=Count("pk", filter=IS_IN_PROGRESS),
            not_started=Count("pk", filter=IS_NOT_STARTED),
            overdue=Count("pk", filter=overdue(selection)),
            silent=Count("pk", filter=silent(selection)),
            completed_in_period=Count("pk", filter=in_period(selection)),
            first_due=Min("due_on"),
            last_due=Max("due_on"),
        )
    )
    return {(unit, course): Cell(*numbers) for unit, course, *numbers in rows}


def summarise(selection: Selection) -> Summary:
    """The table: one line for each unit directly under the tops, lowest rate first. Five queries."""
    numbers = cells(selection)
    courses = Activity.objects.in_bulk({course for _unit, course in numbers})
    home, units, parents = _lines_of_units(selection)
    lines: dict[tuple[int, bool], Line] = {}
    for (unit, course), cell in numbers.items():
        place = home.get(unit)
        if place is None:
            continue
        line = lines.get(place)
        if line is None:
            line = lines[place] = Line(units[place[0]], place[1], has_parts=not place[1] and place[0] in parents)
        line.total.add(cell)
        line.courses.setdefault(courses[course], Cell()).add(cell)
    total = Cell()
    for line in lines.values():
        total.add(line.total)
        line.courses = dict(sorted(line.courses.items(), key=lambda item: (item[1].rate, item[0].code)))
    persons, women = _headcount(selection)
    ordered = sorted(lines.values(), key=lambda line: (line.rate, line.unit.position, line.unit.code, line.direct))
    return Summary(ordered, total, persons, women)


def _lines_of_units(selection: Selection):
    """Under which line each unit's numbers go: ``{unit: (line's unit, direct)}``, the units, those with parts."""
    tops = {top.pk: top for top in selection.tops}
    units = dict(tops)
    pairs = UnitClosure.objects.filter(
        Q(ancestor__in=tops) | Q(ancestor__closure_up__ancestor__in=tops, ancestor__closure_up__depth=1)
    )
    below: dict[int, set[int]] = defaultdict(set)
    for ancestor, descendant, depth in pairs.values_list("ancestor", "descendant", "depth").distinct():
        if depth or ancestor not in tops:
            below[ancestor].add(descendant)
    if len(tops) != 1:
        home = {pk: (pk, False) for pk in tops}
        home |= {unit: (pk, False) for pk in tops for unit in below[pk]}
        return home, units, {pk for pk in tops if below[pk]}
    (top,) = tops
    children = set(below) - {top}
    units |= Unit.objects.in_bulk(children)
    home = {top: (top, bool(children))}
    home |= {unit: (child, False) for child in children for unit in below[child]}
    return home, units, {child for child in children if len(below[child]) > 1}


def _headcount(selection: Selection) -> tuple[int, int]:
    persons = Official.objects.filter(pk__in=enrolments(selection).values("official"))
    counted = persons.order_by().aggregate(all=Count("pk"), women=Count("pk", filter=Q(sex=Sex.FEMALE)))
    return counted["all"], counted["women"]


STATES = {
    "completed": lambda selection: IS_COMPLETED,
    "in_period": in_period,
    "in_progress": lambda selection: IS_IN_PROGRESS,
    "not_started": lambda selection: IS_NOT_STARTED,
    "unfinished": lambda selection: ~IS_COMPLETED,
    "overdue": overdue,
    "silent": silent,
}


def persons(selection: Selection, state: str = "", search: str = "") -> QuerySet[Enrolment]:
    """The lines behind a number: person × course, by given name as Vietnamese sorts, then by course."""
    rows = enrolments(selection)
    if state:
        rows = rows.filter(STATES[state](selection))
    if search:
        rows = rows.filter(found(search, "official__"))
    return rows.annotate(unit=F("main__unit"), category=F("main__category")).order_by(
        "official__name_sort", "official__staff_number", "course__code", "pk"
    )


def last_contacts(officials: Iterable[int] | QuerySet) -> dict[int, datetime]:
    """When a phone of each of these officials last spoke to the server. One query."""
    phones = Device.objects.filter(last_contact_at__isnull=False, official__in=officials)
    return dict(phones.order_by().values_list("official").annotate(Max("last_contact_at")))


def courses_of(units: QuerySet[Unit]) -> QuerySet[Activity]:
    """Courses anyone in the units owes: what the course filter offers."""
    owed = Enrolment.objects.filter(
        course=OuterRef("pk"),
        is_assigned=True,
        official__postings__is_main=True,
        official__postings__unit__in=units,
    )
    return Activity.objects.filter(Exists(owed)).order_by("code", "title")
