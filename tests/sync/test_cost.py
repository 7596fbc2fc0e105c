"""What a delivery costs in questions to the database: the same for one event as for many."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.learning import ALL_RIGHT, ALL_WRONG, Course
from tests.sync.phone import Phone, now, stamp


def queries(client, phone, texts):
    with CaptureQueriesContext(connection) as asked:
        phone.deliver(client, *texts)
    return len(asked)


def of_every_kind(phone, lessons):
    texts = [phone.download(), *phone.attempt(phone.course.quizzes[0], ALL_WRONG)]
    return texts + [phone.finish(lesson) for lesson in lessons]


def test_a_delivery_of_two_hundred_events_asks_as_often_as_one_of_four(client, official):
    course = Course(lessons=196)
    # The first delivery reads the edition and the papers, which are kept.
    phone = Phone(official, course)
    phone.deliver(client, *of_every_kind(phone, course.lessons[:1]))
    few, many = Phone(official, course), Phone(official, course)
    expected = queries(client, few, of_every_kind(few, course.lessons[1:2]))
    assert queries(client, many, of_every_kind(many, course.lessons[2:])) == expected
    assert expected <= 26


def test_twenty_events_that_complete_a_course_ask_a_bounded_number_of_times(client, official, colleague):
    course = Course(lessons=16, quizzes=2)
    counts = []
    for person in (official, colleague):
        phone = Phone(person, course)
        texts = [phone.finish(lesson) for lesson in course.lessons]
        for quiz in course.quizzes:
            texts += phone.attempt(quiz, ALL_RIGHT)
        counts.append(queries(client, phone, texts))
    assert counts[1] <= 33


def test_what_comes_again_costs_five_questions(client, official):
    course = Course()
    phone = Phone(official, course)
    texts = of_every_kind(phone, course.lessons)
    phone.deliver(client, *texts)
    # Whose it is; begin, how her phone stands, what is known of it, its contact, commit.
    assert queries(client, phone, texts) <= 7


def test_above_a_gap_no_text_but_of_what_comes_is_read(client, official):
    course = Course(lessons=8)
    phone = Phone(official, course)
    missing, *texts, last = [phone.finish(lesson) for lesson in course.lessons]
    phone.deliver(client, *texts)
    with CaptureQueriesContext(connection) as asked:
        phone.deliver(client, texts[0], last)
    assert not [each["sql"] for each in asked if each["sql"].startswith("SELECT") and "jws" in each["sql"]]
    assert phone.deliver(client, missing)["devices"][phone.kid]["received_through"] == 8


def test_one_event_that_narrows_many_asks_as_often_as_one_that_narrows_few(client, official):
    course = Course(lessons=41)
    late = stamp(now() - timedelta(hours=1))
    counts = []
    for many in (1, 2, 40):
        phone = Phone(official, course)
        first = phone.finish(course.lessons[0], clock={"server": late, "device": late})
        phone.deliver(client, *[phone.finish(lesson) for lesson in course.lessons[1 : many + 1]])
        counts.append(queries(client, phone, [first]))
        narrowed = phone.device.events.filter(earliest_at=late, happened_at=late)
        assert narrowed.count() == many + 1
    assert counts[1] == counts[2]
