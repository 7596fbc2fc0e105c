"""Keeps Enrolment, the one row that reports and "my courses" read, in step with what is owed and what is done.

Called by HR's forms (`assign`, `change_deadline`, `withdraw`, `follow_postings`), by training/records/events.py
(`touch`, `renew`) and daily by ``manage.py refresh_enrolments``. Each is a fixed number of statements for any number
of officials: a course assigned to a province reaches hundred thousands.

An official owes a course while she is active and an assignment in force names a unit at or above the one of her main
posting; of several such assignments the earliest deadline holds. A row stays as long as the course is owed, begun or
completed.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from courses.models import Activity, ActivityKind
from training.records.models import Assignment, Enrolment

# With the rows there are, so that those no longer owed are told so by the same pass. Looking for them by themselves
# ("not exists …") took PostgreSQL minutes when the tables had just been filled and it knew nothing of their sizes.
_OWED_ROWS = """
    SELECT p.official_id, a.course_id, 1 AS owed, a.assigned_on, a.due_on,
           {never} AS started_at, {no_day} AS completed_on
    FROM records_assignment a
    JOIN officials_unitclosure c ON c.ancestor_id = a.unit_id
    JOIN officials_posting p ON p.unit_id = c.descendant_id
    JOIN officials_official o ON o.id = p.official_id
    WHERE a.withdrawn_at IS NULL AND o.is_active AND p.is_main
      AND p.valid_from <= %(today)s AND (p.valid_to IS NULL OR p.valid_to >= %(today)s) {owed_scope}
    UNION ALL
    SELECT official_id, course_id, 0, {no_day}, {no_day}, {never}, {no_day}
    FROM records_enrolment WHERE 1 = 1 {scope}
    UNION ALL
"""

_DONE_ROWS = """
    SELECT official_id, course_id, 0 AS owed, {no_day} AS assigned_on, {no_day} AS due_on,
           finished_at AS started_at, {no_day} AS completed_on
    FROM records_lessonprogress WHERE 1 = 1 {scope}
    UNION ALL
    SELECT official_id, course_id, 0, {no_day}, {no_day}, started_at, {no_day}
    FROM quizzes_attempt WHERE 1 = 1 {scope}
    UNION ALL
    SELECT official_id, course_id, 0, {no_day}, {no_day}, {never}, completed_on
    FROM records_completion WHERE 1 = 1 {scope}
"""

# Sorted, so that two that write the same rows at the same time wait for each other instead of locking each other out.
_WRITE = """
    INSERT INTO records_enrolment
        (official_id, course_id, is_assigned, assigned_on, due_on, started_at, completed_on)
    SELECT official_id, course_id, MAX(owed) = 1, MIN(assigned_on), MIN(due_on), MIN(started_at), MIN(completed_on)
    FROM ({rows}) facts WHERE 1 = 1 GROUP BY official_id, course_id ORDER BY official_id, course_id
    ON CONFLICT (official_id, course_id) DO UPDATE SET {changes}
    WHERE {differences}
"""

_VANISH = """
    DELETE FROM records_enrolment
    WHERE NOT is_assigned AND started_at IS NULL AND completed_on IS NULL {scope}
"""


def assign(assignment: Assignment) -> None:
    """Put the assignment in force: everyone it reaches owes the course from now on."""
    with transaction.atomic():
        assignment.save()
        refresh(courses=[assignment.course_id])


def change_deadline(assignment: Assignment, due_on: date) -> bool:
    """False when another withdrew it meanwhile: then nothing is done."""
    with transaction.atomic():
        lock([assignment.course_id])
        if not Assignment.objects.in_force().filter(pk=assignment.pk).update(due_on=due_on):
            return False
        assignment.due_on = due_on
        refresh(courses=[assignment.course_id])
    return True


def withdraw(assignment: Assignment, by) -> bool:
    """End what is owed by this assignment. What was begun or completed stays on record, no longer assigned.

    False when another withdrew it meanwhile: then nothing is done.
    """
    with transaction.atomic():
        lock([assignment.course_id])
        now = timezone.now()
        rows = Assignment.objects.in_force().filter(pk=assignment.pk)
        if not rows.update(withdrawn_at=now, withdrawn_by=by):
            return False
        assignment.withdrawn_at, assignment.withdrawn_by = now, by
        refresh(courses=[assignment.course_id])
    return True


def lock(courses: Iterable | None) -> None:
    """Whoever changes what is owed of these courses (None: of all) waits for whoever does so already.

    One after the other: each must see the assignments and postings the other has written. Facts that arrive
    meanwhile need not wait, `touch` writes other columns.
    """
    locked = Activity.objects.filter(kind=ActivityKind.COURSE).order_by("pk").select_for_update(no_key=True)
    if courses is not None:
        locked = locked.filter(pk__in=courses)
    list(locked.values_list("pk", flat=True))


def follow_postings(officials: Iterable) -> None:
    """To be called when officials joined, moved, left, or were made active or inactive."""
    refresh(officials=officials)


def refresh(officials: Iterable | None = None, courses: Iterable | None = None) -> None:
    """Bring the rows of these officials and courses (None: all) in step with what is owed and done today."""
    scope = _Scope(officials, courses)
    with transaction.atomic(), connection.cursor() as cursor:
        lock(None if courses is None else scope.courses)
        cursor.execute(scope.write(_OWED_ROWS + _DONE_ROWS, owed=True), scope.values)
        cursor.execute(scope.fill(_VANISH), scope.values)


def touch(pairs: Iterable[tuple]) -> None:
    """Write what is begun and completed by these (official, course key) pairs. One statement.

    Learners only add: a beginning or a completion moves to an earlier time, never away.
    """
    pairs = set(pairs)
    if not pairs:
        return
    scope = _Scope({official for official, _ in pairs}, {course for _, course in pairs})
    with connection.cursor() as cursor:
        cursor.execute(scope.write(_DONE_ROWS, owed=False), scope.values)


def renew(officials: Iterable | None = None) -> None:
    """Make the rows of these officials (None: of all) again from what is owed and done now."""
    officials = None if officials is None else list(officials)
    rows = Enrolment.objects.all()
    if officials is not None:
        rows = rows.filter(official__in=officials)
    with transaction.atomic():
        rows.delete()
        refresh(officials=officials)


class _Scope:
    """Which rows a statement is about, and how this database says it. One parameter for any number of keys."""

    def __init__(self, officials: Iterable | None, courses: Iterable | None):
        self.is_postgresql = connection.vendor == "postgresql"
        self.values: dict[str, Any] = {"today": connection.ops.adapt_datefield_value(timezone.localdate())}
        self.conditions: list[tuple[str, str]] = []
        if officials is not None:
            self._limit("official_id", "p.official_id", [getattr(each, "pk", each) for each in officials])
        if courses is not None:
            self.courses = [getattr(each, "pk", each) for each in courses]
            keys = [Activity._meta.pk.get_db_prep_value(key, connection) for key in self.courses]
            self._limit("course_id", "a.course_id", keys)

    def _limit(self, column: str, owed_column: str, keys: list) -> None:
        if self.is_postgresql:
            self.values[column] = keys
            within = f"= ANY(%({column})s)"
        else:
            self.values[column] = json.dumps(keys)
            within = f"IN (SELECT value FROM json_each(%({column})s))"
        self.conditions.append((f" AND {column} {within}", f" AND {owed_column} {within}"))

    def fill(self, text: str) -> str:
        return text.format(
            scope="".join(condition for condition, _ in self.conditions),
            owed_scope="".join(condition for _, condition in self.conditions),
            never=f"CAST(NULL AS {'timestamptz' if self.is_postgresql else 'text'})",
            no_day=f"CAST(NULL AS {'date' if self.is_postgresql else 'text'})",
        )

    def write(self, rows: str, *, owed: bool) -> str:
        earlier = "LEAST({0}, {1})" if self.is_postgresql else "COALESCE(MIN({0}, {1}), {0}, {1})"
        news = {column: f"excluded.{column}" for column in ("is_assigned", "assigned_on", "due_on") if owed}
        for column in ("started_at", "completed_on"):
            news[column] = earlier.format(f"records_enrolment.{column}", f"excluded.{column}")
        differs = "IS DISTINCT FROM" if self.is_postgresql else "IS NOT"
        return _WRITE.format(
            rows=self.fill(rows),
            changes=", ".join(f"{column} = {value}" for column, value in news.items()),
            differences=" OR ".join(f"records_enrolment.{column} {differs} {value}" for column, value in news.items()),
        )
