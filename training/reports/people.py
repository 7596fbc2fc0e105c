"""Persons as the report shows them: one line for each person and course, in words. Called by the report's views."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Activity, Edition
from training.officials.models import Official, Unit, say_whose_sections
from training.records.completion import facts_of
from training.records.standing import with_bounds
from training.reports.queries import Selection, last_contacts


@dataclass
class Words:
    """A status: icon and words first, colour ("ok", "warn", "bad" or none) after."""

    icon: str
    text: str
    tone: str = ""


@dataclass
class PersonLine:
    official: Official
    course: Activity
    unit: Unit
    state: Words
    #: Required steps of the course as it is now: done, and in all. None where it has no edition.
    steps: tuple[int, int] | None
    completed_on: date | None
    due_on: date | None
    due: Words | None
    last_contact: datetime | None
    contact: Words


def state_of(enrolment) -> Words:
    if enrolment.completed_on:
        return Words("done", _("Completed"), "ok")
    if enrolment.started_at:
        return Words("half", _("Studying"))
    return Words("todo", _("Not begun"))


def due_of(enrolment, today: date) -> Words | None:
    """How the deadline stands. A completion counts whenever it came; one after the deadline says so.

    It is judged by the first day the completion can have been (standing.with_bounds): in her favour.
    """
    if enrolment.due_on is None:
        return None
    if enrolment.completed_on:
        late = ((enrolment.earliest_on or enrolment.completed_on) - enrolment.due_on).days
        if may_be_late(enrolment):
            return Words("clock", _("in time, not certain"))
        if late <= 0:
            return Words("check", _("in time"))
        return Words("clock", ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late})
    left = (enrolment.due_on - today).days
    if left < 0:
        return Words("late", ngettext("%(days)d day overdue", "%(days)d days overdue", -left) % {"days": -left}, "bad")
    if left == 0:
        return Words("clock", _("due today"), "warn")
    return Words("clock", ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left})


def may_be_late(enrolment) -> bool:
    """Whether the deadline lies between the first and the last day on which it can have been completed."""
    if enrolment.due_on is None or enrolment.earliest_on is None:
        return False
    return lies_between(enrolment.due_on, enrolment.earliest_on, enrolment.latest_on)


def lies_between(due_on: date, earliest_on: date, latest_on: date) -> bool:
    return earliest_on <= due_on < latest_on


def contact_of(last: datetime | None, is_silent: bool, today: date) -> Words:
    """Silence is news only for who has not completed: she may have done it and be without signal."""
    if last is None:
        return Words("nonet", _("No contact from a phone yet"), "warn" if is_silent else "")
    days = max((today - timezone.localdate(last)).days, 0)
    if is_silent:
        text = ngettext("%(days)d day: not heard from", "%(days)d days: not heard from", days) % {"days": days}
        return Words("nonet", text, "warn")
    if days == 0:
        return Words("", _("today"))
    if days == 1:
        return Words("", _("yesterday"))
    return Words("", ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days})


def lines_of(rows, selection: Selection) -> list[PersonLine]:
    """For the rows of one page, a queryset of queries.persons() already cut. Seven queries."""
    enrolments: Iterable = list(with_bounds(rows).select_related("official", "course"))
    contacts = last_contacts({each.official_id for each in enrolments})
    units = Unit.objects.in_bulk({each.unit for each in enrolments})
    say_whose_sections(units.values())
    required = required_steps({each.course for each in enrolments})
    facts = facts_of({each.official_id for each in enrolments}, set().union(*required.values()))
    lines = []
    for each in enrolments:
        contact = contacts.get(each.official_id)
        is_heard = contact is not None and contact >= selection.heard_since
        needed = required.get(each.course_id)
        done = sum(facts[each.official_id].met_at(step) is not None for step in needed or ())
        lines.append(
            PersonLine(
                official=each.official,
                course=each.course,
                unit=units[each.unit],
                state=state_of(each),
                steps=(done, len(needed)) if needed and each.completed_on is None else None,
                completed_on=each.completed_on,
                due_on=each.due_on,
                due=due_of(each, selection.today),
                last_contact=contact,
                contact=contact_of(contact, not is_heard and each.completed_on is None, selection.today),
            )
        )
    return lines


def required_steps(courses: Iterable[Activity]) -> dict[UUID, set[UUID]]:
    """What each course asks for now, by its current edition. One query."""
    of_course = {course.edition_id: course.pk for course in courses if course.edition_id}
    return {
        of_course[edition.pk]: {UUID(step["activity"]) for step in edition.content["steps"] if step["required"]}
        for edition in Edition.objects.filter(pk__in=of_course)
    }
