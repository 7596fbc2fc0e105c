"""The whole demo as `make run` loads it: half a year through the real intake, every state there, once and for all."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from courses.models import CoursePage
from quizzes.models import Attempt
from training.officials.models import Official, Unit
from training.records.models import Completion, Enrolment
from training.reports.queries import Cell, Selection, cells
from training.sync.models import Delivery, Device, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            call_command("load_demo", force=True, verbosity=0)
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def counts() -> dict[str, int]:
    of = [Official, Unit, CoursePage, Device, Delivery, Event, Attempt, Enrolment, Completion]
    return {model.__name__: model.objects.count() for model in of}


def test_about_200_officials_have_sent_at_least_5000_events_over_six_months(loaded):
    assert 195 <= Official.objects.count() <= 215
    assert Event.objects.count() >= 5000
    first = Event.objects.order_by("occurred_at").first().occurred_at
    assert 150 <= (timezone.now() - first).days <= 185


def test_every_state_an_hr_officer_can_meet_is_there(loaded):
    total = Cell()
    for cell in cells(Selection(units=Unit.objects.all())).values():
        total.add(cell)
    assert total.assigned == total.completed + total.in_progress + total.not_started
    for state in ("completed", "in_progress", "not_started", "overdue", "silent"):
        assert getattr(total, state) > 0, state
    assert {"accepted", "held"} <= set(Event.objects.values_list("verdict", flat=True))
    assert set(Attempt.objects.values_list("passed", flat=True)) >= {True, False}


def test_loading_again_adds_nothing(loaded):
    before = counts()
    call_command("load_demo", force=True, verbosity=0)
    assert counts() == before


def test_nobody_has_studied_without_ever_signing_in(loaded):
    assert not Official.objects.filter(last_login=None, events__isnull=False).exists()
