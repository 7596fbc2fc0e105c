"""How facts become a completion, and what is put on record."""

from datetime import date, timedelta

import pytest

from courses.models import Activity
from quizzes.judging import editions_named
from tests.learning import (
    ALL_RIGHT,
    ALL_WRONG,
    MORNING,
    THREE_RIGHT,
    Course,
    Intake,
    Phone,
    after,
    make_official,
    make_unit,
    post,
    rows,
)
from training.officials.models import Posting
from training.records.completion import Facts, Moment, Pass, earliest, met
from training.records.models import Completion, Enrolment, LessonProgress, StudiedEdition

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_unit("than-uyen", make_unit("lai-chau", kind="province"))


@pytest.fixture
def course():
    return Course()


@pytest.fixture
def official(commune):
    return make_official("CB-0001", commune)


@pytest.fixture
def phone(official, course):
    return Phone(official, course)


@pytest.fixture
def intake():
    return Intake()


def issued(intake):
    return [event for event in intake.evidence if event.kind == "completion_issued"]


# --- the rule --------------------------------------------------------------------------------------------------


def test_all_lessons_and_a_passed_quiz_complete_a_course(course, phone, official, intake, commune):
    assert set(intake.deliver(*phone.whole_course(THREE_RIGHT))) == {"counted"}
    completion = Completion.objects.get()
    assert (completion.official, completion.course) == (official, course.activity)
    assert (completion.edition, completion.completed_at) == (course.edition, after(11))
    assert completion.completed_on == date(2026, 11, 20)
    assert (completion.score, completion.pass_mark) == (7500, 75)
    assert completion.course_title == "An toàn khi làm việc"
    assert (completion.unit, completion.unit_name) == (commune, commune.full_name)
    assert (completion.category, completion.position) == ("cong_chuc", "Clerk")


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_without_any_one_step_it_is_not_complete(phone, intake, missing):
    events = phone.whole_course()
    left = events.pop(missing)
    intake.deliver(*events)
    assert not Completion.objects.exists()
    intake.deliver(left)
    assert Completion.objects.get().completed_at == after(11)


def test_an_optional_step_is_not_needed(course, phone, intake):
    extra = course.add_lesson()
    course.mint(optional=[extra])
    intake.deliver(*[event for event in phone.whole_course() if event.activity != extra])
    assert Completion.objects.exists()


def test_failing_the_quiz_does_not_complete(phone, intake):
    intake.deliver(*phone.whole_course(ALL_WRONG))
    assert not Completion.objects.exists()


def test_a_pass_beyond_the_limit_does_not_complete(course, phone, intake):
    intake.deliver(*[phone.finish(lesson) for lesson in course.lessons])
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, earlier=3))
    assert not Completion.objects.exists()


def test_a_course_without_quizzes_completes_without_a_score(phone, intake):
    phone.course = Course(quizzes=0)
    intake.deliver(*phone.whole_course())
    completion = Completion.objects.get()
    assert (completion.score, completion.pass_mark) == (None, None)


def test_an_edition_that_asks_for_nothing_is_never_complete(phone, intake):
    phone.course = Course(lessons=0, quizzes=0)
    intake.deliver(phone.download())
    assert not Completion.objects.exists()


def test_the_final_quiz_gives_the_score_the_best_pass_up_to_the_completion(phone, intake):
    course = phone.course = Course(quizzes=2)
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, at=1))
    intake.deliver(*phone.attempt(course.quizzes[1], THREE_RIGHT, at=5))
    intake.deliver(*[phone.finish(lesson, at=30) for lesson in course.lessons])
    assert Completion.objects.get().score == 7500
    intake.deliver(*phone.attempt(course.quizzes[1], ALL_RIGHT, at=40, earlier=1))
    assert Completion.objects.get().score == 7500
    intake.deliver(*Phone(phone.official, course).attempt(course.quizzes[1], ALL_RIGHT, at=20, earlier=1))
    assert Completion.objects.get().score == 10_000


def test_the_day_is_the_local_one(phone, intake):
    phone.course = Course(lessons=1, quizzes=0)
    late_evening = 22 * 60  # 07:00 on the 21st in Vietnam
    intake.deliver(phone.finish(phone.course.lessons[0], at=late_evening))
    assert Completion.objects.get().completed_on == date(2026, 11, 21)


# --- editions --------------------------------------------------------------------------------------------------


def test_facts_of_one_edition_meet_the_steps_of_another(course, phone, intake):
    first = course.edition
    intake.deliver(*[phone.finish(lesson, edition=first) for lesson in course.lessons])
    course.mint(pass_mark=50)
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT))
    assert Completion.objects.get().edition in course.editions


def test_a_newer_edition_that_asks_for_more_takes_nothing_away(course, phone, intake):
    first = course.edition
    intake.deliver(*phone.whole_course())
    lesson = course.add_lesson()
    course.mint()
    intake.deliver(phone.download(at=60), phone.finish(lesson, at=61))
    completion = Completion.objects.get()
    assert (completion.edition, completion.completed_at) == (first, after(11))
    assert len(issued(intake)) == 1


def test_naming_an_edition_that_asks_for_less_completes_it_from_when_that_was_met(course, phone, intake):
    extra = course.add_lesson()
    course.mint()
    intake.deliver(*[event for event in phone.whole_course() if event.activity != extra])
    assert not Completion.objects.exists()
    course.mint(lessons=course.lessons[:2])
    intake.deliver(phone.download(at=90))
    completion = Completion.objects.get()
    assert (completion.edition, completion.completed_at) == (course.edition, after(11))


def test_an_edition_none_of_her_events_names_completes_nothing(course, phone, intake):
    extra = course.add_lesson()
    with_extra = course.mint()
    course.mint(lessons=course.lessons[:2])
    events = phone.whole_course()
    for event in events:
        event.edition = with_extra.name
    intake.deliver(*[event for event in events if event.activity != extra])
    assert not Completion.objects.exists()


def certain(moment):
    return Moment(moment, moment, moment)


def test_of_editions_met_at_the_same_moment_the_newest_counts():
    course = Course(lessons=1, quizzes=0)
    course.mint()
    editions = editions_named(edition.name for edition in course.editions).values()
    facts = Facts(lessons={course.lessons[0]: certain(MORNING)})
    assert earliest(editions, facts).edition.name == course.edition.name


def test_the_rule_needs_no_database_beyond_the_edition():
    course = Course(lessons=1)
    (edition,) = editions_named([course.edition.name]).values()
    facts = Facts(lessons={course.lessons[0]: certain(MORNING)})
    assert met(edition, facts) is None
    facts.passes[course.quizzes[0]] = [Pass(certain(after(7)), 8000, 75), Pass(certain(after(3)), 7500, 75)]
    reached = met(edition, facts)
    assert (reached.completed_at, reached.score) == (after(3), 7500)


def test_a_lesson_that_was_moved_counts_for_both_courses(course, phone, intake):
    other = Course(lessons=1, quizzes=0)
    moved = course.lessons[0]
    other.mint(lessons=[other.lessons[0], moved])
    reader = Phone(phone.official, other)
    intake.deliver(reader.finish(other.lessons[0]))
    assert not Completion.objects.exists()
    intake.deliver(phone.finish(moved, at=5))
    assert Completion.objects.get().course == other.activity


# --- late, repeated, from elsewhere ----------------------------------------------------------------------------


def test_the_same_events_again_issue_nothing_again(phone, intake):
    delivery = phone.whole_course()
    intake.deliver(*delivery)
    before = rows(issue=True)
    intake.deliver(*delivery)
    intake.deliver(phone.download(at=300))
    assert rows(issue=True)["Completion"] == before["Completion"]
    assert len(issued(intake)) == 1


def test_work_on_two_phones_adds_up(official, course, intake):
    here, there = Phone(official, course), Phone(official, course)
    intake.deliver(here.finish(course.lessons[0]), *here.attempt(course.quizzes[0], ALL_RIGHT))
    intake.deliver(there.finish(course.lessons[1], at=50))
    assert Completion.objects.get().completed_at == after(50)


def test_what_one_official_does_completes_nothing_for_another(phone, course, intake, commune):
    other = Phone(make_official("CB-0002", commune), course)
    intake.deliver(*[phone.finish(lesson) for lesson in course.lessons])
    intake.deliver(*other.attempt(course.quizzes[0], ALL_RIGHT))
    assert not Completion.objects.exists()


def test_evidence_that_comes_late_moves_a_completion_to_its_true_earlier_day(official, course, intake):
    here, forgotten = Phone(official, course), Phone(official, course)
    intake.deliver(*here.whole_course(at=3 * 24 * 60))
    assert Completion.objects.get().completed_on == date(2026, 11, 23)
    intake.deliver(*forgotten.whole_course())
    assert Completion.objects.get().completed_on == date(2026, 11, 20)
    assert Enrolment.objects.get().completed_on == date(2026, 11, 20)
    assert len(issued(intake)) == 2


def test_a_later_repetition_of_the_course_moves_nothing(phone, intake):
    intake.deliver(*phone.whole_course())
    intake.deliver(*phone.whole_course(ALL_WRONG, at=9000))
    assert Completion.objects.get().completed_at == after(11)
    assert len(issued(intake)) == 1


def test_a_moment_finer_than_a_millisecond_is_issued_once(phone, intake):
    events = phone.whole_course()
    for event in events:
        event.happened_at += timedelta(microseconds=321_654)
    intake.deliver(*events)
    intake.deliver(phone.download(at=99))
    assert Completion.objects.get().completed_at == after(11) + timedelta(milliseconds=321)
    assert len(issued(intake)) == 1


# --- what a completion copies ----------------------------------------------------------------------------------


def test_the_posting_of_that_day_is_copied_not_the_one_of_now(official, course, phone, intake, commune):
    Posting.objects.filter(official=official).update(valid_to=date(2026, 11, 20))
    post(official, make_unit("muong-kim"), since=date(2026, 11, 21))
    intake.deliver(*phone.whole_course())
    assert Completion.objects.get().unit == commune


def test_without_a_posting_on_that_day_the_completion_still_counts(course, intake):
    phone = Phone(make_official("CB-0009"), course)
    intake.deliver(*phone.whole_course())
    completion = Completion.objects.get()
    assert (completion.unit, completion.unit_name, completion.category) == (None, "", "")


def test_reorganisation_and_renaming_rewrite_no_history(official, phone, intake, commune, course):
    intake.deliver(*phone.whole_course())
    before = rows(issue=True)
    commune.name = "Another name"
    commune.save()
    Posting.objects.filter(official=official).delete()
    Activity.objects.filter(pk=course.activity.pk).update(title="Another title")
    intake.replay()
    assert rows(issue=True) == before


def test_a_phone_cannot_issue_its_own_completion(course, phone, intake):
    forged = phone.event("completion_issued", course.activity.pk, {"score": 10_000})
    assert intake.deliver(forged) == ["kind_unknown"]
    assert not Completion.objects.exists()


# --- single facts ----------------------------------------------------------------------------------------------


def test_a_lesson_is_finished_at_the_earliest_time_said(course, phone, intake):
    for at in (20, 5, 40):
        intake.deliver(phone.finish(course.lessons[0], at=at))
    assert LessonProgress.objects.get().finished_at == after(5)


def test_a_download_is_remembered_as_the_edition_it_names_and_begins_nothing(course, phone, intake):
    assert intake.deliver(phone.download()) == ["counted"]
    assert StudiedEdition.objects.get().edition == course.edition
    assert not Enrolment.objects.exists()


def test_a_download_of_a_lesson_is_a_mistake(course, phone, intake):
    event = phone.download()
    event.activity = course.lessons[0]
    assert intake.deliver(event) == ["activity_mismatch"]


def test_a_quiz_cannot_be_finished_as_a_lesson(course, phone, intake):
    assert intake.deliver(phone.finish(course.quizzes[0])) == ["activity_mismatch"]
    assert not LessonProgress.objects.exists()
