"""A course changes in the admin while a phone without a network holds it: what is learned there counts all the same."""

from types import SimpleNamespace

import pytest
from wagtail.models import PageViewRestriction

from courses.editions import current_edition
from courses.models import CoursePage, LessonPage
from quizzes.models import Attempt, Paper, QuestionVersion, QuizPage
from tests.courses.conftest import question, site  # noqa: F401
from tests.sync.phone import Phone, codes
from training.records.models import Completion

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(site, official):  # noqa: F811
    """Two lessons and a quiz, as the phone downloaded them."""
    course = site.course()
    one, two = site.lesson(course, "mot"), site.lesson(course, "hai")
    quiz = site.quiz(course, questions=[question("A?", right=0), question("B?", right=2)], pass_mark=100)
    edition = current_edition(course.translation_key)
    paper = Paper.objects.get(quiz=quiz.translation_key)
    activity = SimpleNamespace(pk=course.translation_key)
    known = SimpleNamespace(edition=edition, activity=activity, papers={quiz.translation_key: paper})
    return SimpleNamespace(course=course, one=one, two=two, quiz=quiz, phone=Phone(official, known))


def fresh(page):
    return type(page).objects.get(pk=page.pk)


def edit(page, **values):
    changed = fresh(page).get_latest_revision_as_object()
    for name, value in values.items():
        setattr(changed, name, value)
    changed.save_revision().publish()


def other_key(held):
    """What was right is wrong now, in a question of other words."""
    changed = QuizPage.objects.get(pk=held.quiz.pk).get_latest_revision_as_object()
    for option in changed.questions[0].value["options"]:
        option["correct"] = not option["correct"]
    changed.questions[0].value["text"] = "Khác?"
    changed.save_revision().publish()


CHANGES = {
    "a lesson is unpublished": lambda held, ground: fresh(held.one).unpublish(),
    "the course is unpublished": lambda held, ground: fresh(held.course).unpublish(),
    "a lesson moves to another course": lambda held, ground: fresh(held.one).move(
        CoursePage.objects.get(pk=ground.course("khac").pk), "last-child"
    ),
    "the lessons change places": lambda held, ground: fresh(held.two).move(fresh(held.one), "left"),
    "the course has another address": lambda held, ground: edit(held.course, slug="dia-chi-moi"),
    "a lesson has another address": lambda held, ground: edit(held.one, slug="dia-chi-moi"),
    "the quiz is edited": lambda held, ground: other_key(held),
    "a question goes": lambda held, ground: edit(held.quiz, questions=[question("Mới?")]),
    "the quiz is unpublished": lambda held, ground: fresh(held.quiz).unpublish(),
    "the quiz becomes practice": lambda held, ground: edit(held.quiz, mode="practice"),
    "a lesson is added": lambda held, ground: ground.lesson(fresh(held.course), "ba"),
    "a lesson is deleted": lambda held, ground: LessonPage.objects.get(pk=held.one.pk).delete(),
    "the course is shut off": lambda held, ground: PageViewRestriction.objects.create(
        page=held.course, restriction_type="password", password="x"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_learned_from_the_course_as_it_was_counts_and_completes_it(client, held, site, change):  # noqa: F811
    change(held, site)
    phone, quiz = held.phone, held.quiz.translation_key
    reply = phone.deliver(
        client,
        phone.finish(held.one.translation_key),
        phone.finish(held.two.translation_key),
        *phone.attempt(quiz, [[0], [2]]),
    )
    assert codes(reply) == ["counted"] * 4
    assert Attempt.objects.get().passed
    assert Completion.objects.get().course_id == held.course.translation_key


def test_the_questions_she_answered_stay_whatever_becomes_of_the_quiz(client, held, site):  # noqa: F811
    other_key(held)
    phone, quiz = held.phone, held.quiz.translation_key
    phone.deliver(client, *phone.attempt(quiz, [[0], [2]]))
    fresh(held.quiz).unpublish()
    asked = Attempt.objects.get().paper.versions
    texts = {version.content["text"] for version in QuestionVersion.objects.filter(name__in=asked)}
    assert texts == {"A?", "B?"}
