"""Whatever way a set of signed events comes in, it makes the same records, and rebuilding makes them again."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.learning import ALL_RIGHT, ALL_WRONG, Course, make_official, make_unit, rows
from tests.sync.phone import Phone, now, stamp
from training.sync import intake, judging
from training.sync.models import Event

pytestmark = pytest.mark.django_db


class Scene:
    """An official with two phones, one of which contradicts itself about the time, and all they have signed."""

    def __init__(self):
        self.received_at = now()
        self.course = Course(lessons=3)
        self.official = make_official("CB-0001", make_unit("than-uyen", make_unit("lai-chau", kind="province")))
        phones = [Phone(self.official, self.course) for _ in range(2)]
        first, second = phones
        quiz, lessons = self.course.quizzes[0], self.course.lessons
        first.download()
        first.finish(lessons[0])
        first.attempt(quiz, ALL_WRONG)
        # Says it heard the server later than its next events do.
        late = stamp(first.heard + timedelta(hours=5))
        first.finish(lessons[1], clock={"server": late, "device": late})
        first.finish(lessons[2])
        first.attempt(quiz, ALL_RIGHT, earlier=1)
        second.finish(lessons[0])
        second.finish(lessons[2], edition="f" * 64)
        second.finish(quiz)
        second.record("lesson_finished", lessons[1], {"seconds": -1})
        second.attempt(quiz, ALL_RIGHT, earlier=3)
        second.attempt(quiz, ALL_RIGHT)
        self.texts = [*first.kept, *second.kept]

    def deliver(self, texts) -> dict[str, tuple[str, str]]:
        reply = intake.take(
            {
                "delivery": str(uuid.uuid4()),
                "sent_at": stamp(self.received_at),
                "devices": {},
                "events": list(texts),
            },
            received_at=self.received_at,
        )
        return {result["digest"]: (result["verdict"], result["code"]) for result in reply["results"]}

    def outcome(self, deliveries):
        """Verdicts, records, and times of the evidence after these deliveries; then everything is as before."""
        with transaction.atomic():
            for delivery in deliveries:
                self.deliver(self.texts[number] for number in delivery)
            times = sorted(
                Event.objects.exclude(kind="completion_issued").values_list(
                    "digest", "earliest_at", "happened_at", "latest_at"
                )
            )
            verdicts = self.deliver(self.texts)
            records = rows()
            assert judging.replay([self.official.pk]) == []
            assert rows() == records
            transaction.set_rollback(True)
        return verdicts, records, times


@st.composite
def deliveries(draw, count):
    """Every number at least once, some more often, in any order and portions."""
    order = list(draw(st.permutations(range(count))))
    order += draw(st.lists(st.integers(0, count - 1), max_size=8))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    edges = [0, *cuts, len(order)]
    return [order[start:end] for start, end in zip(edges, edges[1:], strict=False)]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_split_order_and_repetition_makes_the_same_records_and_verdicts(data):
    with transaction.atomic():
        scene = Scene()
        expected = scene.outcome([range(len(scene.texts))])
        for _ in range(2):
            assert scene.outcome(data.draw(deliveries(len(scene.texts)))) == expected
        transaction.set_rollback(True)


def test_one_by_one_backwards_is_as_good_as_all_at_once(db):
    scene = Scene()
    count = len(scene.texts)
    verdicts, records, times = scene.outcome([range(count)])
    assert scene.outcome([[number] for number in reversed(range(count))]) == (verdicts, records, times)
    assert sorted(code for _, code in verdicts.values()) == sorted(
        ["counted"] * 11 + ["over_limit"] * 2 + ["edition_unknown", "activity_mismatch", "malformed"]
    )
    assert len(records["Completion"]) == 1
    assert len(records["Attempt"]) == 4
