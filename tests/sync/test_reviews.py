"""Right answers and explanations of an attempt: to whom, and not before there is nothing left to gain by them."""

import uuid

import pytest

from courses.models import Edition
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT
from tests.sync.conftest import BACKEND
from tests.sync.phone import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(course):
    return course.quizzes[0]


def take(client, phone, quiz, answers, earlier=0):
    """The id of an attempt, begun and submitted."""
    start = phone.event("quiz_started", quiz, {"earlier": earlier})
    data = {"attempt": start["id"], "paper": phone.course.papers[quiz].name, "answers": answers}
    phone.deliver(client, phone.sign(start), phone.record("quiz_submitted", quiz, data))
    return start["id"]


def ask(client, attempt):
    return client.get(f"/api/attempts/{attempt}/review/")


def page(client, attempt, **more):
    return client.get(f"/me/results/{attempt}/", **more)


def refused(client, attempt) -> bool:
    answer = ask(client, attempt)
    assert "key" not in answer.content.decode()
    return (answer.status_code, answer.json()["code"], page(client, attempt).status_code) == (404, "not_found", 404)


def test_after_passing_every_question_comes_with_her_answer_the_right_one_and_why(signed_in, phone, quiz, official):
    attempt = take(signed_in, phone, quiz, THREE_RIGHT)
    answer = ask(signed_in, attempt)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    review = answer.json()
    assert (review["official"], review["attempt"], review["score"]) == (str(official.public_id), attempt, 7500)
    assert [(one["chosen"], one["key"], one["right"]) for one in review["questions"]] == [
        ([1], [1], True),
        ([1], [1], True),
        ([1], [1], True),
        ([0], [1], False),
    ]
    assert {one["explanation"] for one in review["questions"]} == {"Because."}


def test_without_scripts_the_page_says_the_same_in_words(signed_in, phone, quiz):
    attempt = take(signed_in, phone, quiz, [[1], [1], [1], []])
    vietnamese, english = ("Đáp án đúng: Option 1", "bỏ trống"), ("The right answer: Option 1", "left it open")
    for language, said in (("", vietnamese), ("/en", english)):
        answer = signed_in.get(f"{language}/me/results/{attempt}/")
        text = answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert all(words in text for words in said), said
        assert text.count("Because.") == 4


def test_a_failed_attempt_with_attempts_left_tells_nothing(signed_in, phone, quiz):
    attempts = [take(signed_in, phone, quiz, ALL_WRONG, earlier) for earlier in range(2)]
    assert all(refused(signed_in, attempt) for attempt in attempts)
    attempts.append(take(signed_in, phone, quiz, ALL_WRONG, 2))
    assert all(ask(signed_in, attempt).status_code == 200 for attempt in attempts)


def test_attempts_that_do_not_count_use_up_none_and_open_nothing(signed_in, phone, quiz):
    attempts = [take(signed_in, phone, quiz, ALL_WRONG, earlier) for earlier in (3, 4, 5)]
    assert all(refused(signed_in, attempt) for attempt in attempts)
    attempts += [take(signed_in, phone, quiz, ALL_WRONG, earlier) for earlier in range(2)]
    assert all(refused(signed_in, attempt) for attempt in attempts)
    attempts.append(take(signed_in, phone, quiz, ALL_WRONG, 2))
    assert all(ask(signed_in, attempt).status_code == 200 for attempt in attempts)


def test_an_attempt_that_was_not_submitted_tells_nothing(signed_in, phone, quiz):
    start = phone.event("quiz_started", quiz, {"earlier": 1})
    take(signed_in, phone, quiz, ALL_RIGHT)
    phone.deliver(signed_in, phone.sign(start))
    assert refused(signed_in, start["id"])


def test_nobody_sees_the_attempt_of_another(client, signed_in, phone, quiz, colleague, course):
    attempt = take(signed_in, phone, quiz, ALL_RIGHT)
    take(signed_in, Phone(colleague, course), quiz, ALL_RIGHT)
    client.force_login(colleague, backend=BACKEND)
    assert refused(client, attempt)
    assert refused(client, uuid.uuid4())


def test_without_a_session_it_is_refused_before_anything_is_told(client, phone, quiz):
    attempt = take(client, phone, quiz, ALL_RIGHT)
    assert (ask(client, attempt).status_code, ask(client, attempt).json()["code"]) == (401, "signed_out")
    assert page(client, attempt).status_code == 302


def test_naming_an_edition_in_which_the_quiz_was_practice_opens_nothing(signed_in, phone, quiz, course):
    then = course.mint(mode="practice")
    course.mint(mode="assessed")
    start = phone.event("quiz_started", quiz, {"earlier": 0}, edition=then.name)
    data = {"attempt": start["id"], "paper": course.papers[quiz].name, "answers": ALL_WRONG}
    phone.deliver(signed_in, phone.sign(start), phone.record("quiz_submitted", quiz, data, edition=then.name))
    assert Edition.objects.count() == 3
    assert refused(signed_in, start["id"])


def test_a_practice_quiz_explains_at_once(signed_in, phone, quiz, course):
    course.mint(mode="practice")
    assert ask(signed_in, take(signed_in, phone, quiz, ALL_WRONG)).status_code == 200


@pytest.mark.parametrize("questions", [4, 40])
def test_a_review_asks_as_often_for_many_questions_as_for_few(
    signed_in, phone, quiz, course, questions, django_assert_max_num_queries
):
    course.papers[quiz] = course.make_paper(quiz, questions)
    attempt = take(signed_in, phone, quiz, [[1]] * questions)
    with django_assert_max_num_queries(8):
        ask(signed_in, attempt)
