"""rebuild_records: facts and conclusions from the evidence alone, the same again, and no new evidence but of what had
waited.
"""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT, Course, rows
from tests.sync import clumsy
from tests.sync.phone import Phone, codes
from training.records.models import Completion, Enrolment, LessonProgress, StudiedEdition
from training.sync.models import Event

pytestmark = pytest.mark.django_db


#: An edition that is not known; like every edition's its name belongs to one content only.
UNKNOWN = uuid.uuid4().hex * 2


@pytest.fixture
def learned(client, phone, course):
    texts = [phone.finish(lesson) for lesson in course.lessons]
    texts += phone.attempt(course.quizzes[0], ALL_RIGHT)
    texts.append(phone.finish(course.lessons[0], edition=UNKNOWN))
    phone.deliver(client, *texts)
    return phone


def rebuild(**options):
    said = StringIO()
    call_command("rebuild_records", stdout=said, **options)
    return said.getvalue()


def restored(edition, name):
    """The edition is here again."""
    edition.pk, edition.number = name, 9
    edition.save(force_insert=True)


def evidence():
    return list(Event.objects.order_by("pk").values())


def test_rebuilding_makes_the_same_records_and_adds_no_evidence(learned):
    before, kept = rows(issue=True), evidence()
    assert "0 officials with records that differed, 0 verdicts" in rebuild()
    assert (rows(issue=True), evidence()) == (before, kept)


def test_records_that_were_lost_come_back_with_their_first_dates_and_numbers(learned):
    before, kept = rows(issue=True), evidence()
    for model in (Completion, Enrolment, StudiedEdition, LessonProgress, Attempt):
        model.objects.all().delete()
    assert "1 officials with records that differed" in rebuild()
    assert (rows(issue=True), evidence()) == (before, kept)


def test_a_record_without_evidence_goes(learned, colleague, course):
    LessonProgress.objects.create(
        official=colleague,
        lesson_id=course.lessons[0],
        course=course.activity,
        **dict.fromkeys(("finished_at", "earliest_at", "latest_at"), "2026-11-01T00:00:00Z"),
    )
    rebuild()
    assert not LessonProgress.objects.filter(official=colleague).exists()


def test_checking_says_who_differs_fails_and_writes_nothing(learned, official):
    Attempt.objects.update(earned=0)
    Attempt.objects.update(passed=False)
    before = rows(issue=True)
    said = StringIO()
    with pytest.raises(
        CommandError, match="1 officials with records that differed, 0 verdicts; nothing was written"
    ):
        call_command("rebuild_records", check=True, stdout=said)
    assert "CB-0001: attempts" in said.getvalue()
    assert rows(issue=True) == before


def test_checking_what_follows_from_the_evidence_succeeds(learned):
    assert "0 officials with records that differed, 0 verdicts" in rebuild(check=True)


def test_verdicts_of_what_waited_become_what_they_are_now(learned, course):
    restored(course.edition, UNKNOWN)
    assert "1 verdicts" in rebuild()
    assert set(Event.objects.values_list("code", flat=True)) == {"counted"}


def completed(phone, client, texts):
    assert Completion.objects.count() == Event.objects.filter(kind="completion_issued").count() == 1
    assert Enrolment.objects.get().completed_on == Completion.objects.get().completed_on
    before, kept = rows(issue=True), evidence()
    assert set(codes(phone.deliver(client, *texts))) == {"counted"}
    assert "0 officials with records that differed, 0 verdicts" in rebuild()
    assert (rows(issue=True), evidence()) == (before, kept)
    return True


def test_a_course_whose_events_had_waited_for_its_edition_is_completed(client, official):
    course = Course(lessons=2, quizzes=0)
    phone, name = Phone(official, course), uuid.uuid4().hex * 2
    texts = [phone.finish(lesson, edition=name) for lesson in course.lessons]
    assert set(codes(phone.deliver(client, *texts))) == {"edition_unknown"}
    restored(course.edition, name)
    with pytest.raises(CommandError, match="1 officials with records that differed, 2 verdicts"):
        rebuild(check=True)
    assert not Completion.objects.exists()
    assert "1 officials with records that differed, 2 verdicts" in rebuild()
    assert completed(phone, client, texts)


def test_a_course_whose_events_had_failed_is_completed_when_the_handler_is_repaired(client, official, settings):
    course = Course(lessons=1, quizzes=0)
    phone = Phone(official, course)
    text = phone.record("lesson_finished", course.lessons[0], {"seconds": clumsy.FAILS})
    settings.SYNC_EVENT_HANDLERS = ["quizzes.events", "tests.sync.clumsy"]
    assert codes(phone.deliver(client, text)) == ["failed"]
    settings.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    rebuild()
    assert completed(phone, client, [text])


def test_only_one_official_may_be_rebuilt(learned, official, colleague):
    LessonProgress.objects.all().delete()
    rebuild(official=["CB-0002"])
    assert not LessonProgress.objects.exists()
    rebuild(official=["CB-0001"])
    assert LessonProgress.objects.count() == 2


def test_a_staff_number_nobody_has_is_refused(db):
    with pytest.raises(CommandError, match="CB-9999"):
        rebuild(official=["CB-9999"])
