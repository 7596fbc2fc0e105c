"""Studying with JavaScript off: the same evidence, witnessed by the server."""

import re
import uuid
from datetime import date

import pytest
from django.test import Client

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT, ALL_WRONG
from tests.sync.conftest import BACKEND
from tests.sync.phone import Phone
from tests.sync.test_state import publish
from training.my_courses import course_line
from training.records.models import Completion, LessonProgress
from training.sync.models import Event
from training.sync.state import personal_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(course):
    publish(course, languages=("vi", "en"))
    return course


@pytest.fixture
def plain(official):
    """Checks tokens, as a real one meets them checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(official, backend=BACKEND)
    return client


def fields_of(page):
    assert page.status_code == 200, page.content
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.content.decode())
    fields = {}
    for name, value in found:
        fields.setdefault(name, []).append(value)
    return fields


def answers_as_fields(course, answers):
    quiz = course.quizzes[0]
    fields = {"activity": str(quiz), "paper": course.papers[quiz].name}
    return fields | {f"q{place}": chosen for place, chosen in enumerate(answers) if chosen}


def test_a_lesson_is_finished_by_way_of_a_page_that_carries_the_token(plain, published, official):
    asked = plain.post("/study/finish/", {"activity": str(published.lessons[0])})
    assert "no-store" in asked["Cache-Control"]
    assert not Event.objects.exists()
    done = plain.post("/study/confirm/", fields_of(asked))
    assert (done.status_code, done["Location"]) == (302, "/attt-01/2/")
    event = Event.objects.get()
    assert event.device.kid == f"server:{official.public_id}"
    assert (event.kind, event.data, event.verdict) == ("lesson_finished", {"seconds": 0, "by": None}, "accepted")
    assert LessonProgress.objects.get().official == official


def test_a_quiz_is_submitted_and_marked(plain, published):
    asked = plain.post("/study/submit/", answers_as_fields(published, ALL_RIGHT))
    assert not Event.objects.exists()
    done = plain.post("/study/confirm/", fields_of(asked))
    assert (done.status_code, done["Location"]) == (302, "/me/results/")
    attempt = Attempt.objects.get()
    assert (attempt.passed, attempt.answers, attempt.earlier) == (True, ALL_RIGHT, 0)
    assert list(Event.objects.order_by("seq").values_list("kind", flat=True)) == ["quiz_started", "quiz_submitted"]


def test_a_course_done_without_javascript_is_complete(plain, published):
    for lesson in published.lessons:
        plain.post("/study/confirm/", fields_of(plain.post("/study/finish/", {"activity": str(lesson)})))
    plain.post(
        "/study/confirm/",
        fields_of(plain.post("/study/submit/", answers_as_fields(published, ALL_RIGHT))),
    )
    assert Completion.objects.get().course == published.activity
    seqs = list(Event.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == [1, 2, 3, 4, 5]


def test_half_done_on_a_phone_and_half_without_javascript_is_whole(plain, published, phone):
    phone.deliver(plain, *[phone.finish(lesson) for lesson in published.lessons])
    fields = fields_of(plain.post("/study/submit/", answers_as_fields(published, ALL_RIGHT)))
    plain.post("/study/confirm/", fields)
    assert Completion.objects.exists()


def test_the_same_page_sent_twice_records_once(plain, published):
    fields = fields_of(plain.post("/study/submit/", answers_as_fields(published, ALL_WRONG)))
    for _ in range(3):
        assert plain.post("/study/confirm/", fields).status_code == 302
    assert Attempt.objects.count() == 1
    assert Event.objects.count() == 2


def test_earlier_attempts_are_counted(plain, published, phone):
    phone.deliver(plain, *phone.attempt(published.quizzes[0], ALL_WRONG))
    for _ in range(3):
        fields = fields_of(plain.post("/study/submit/", answers_as_fields(published, ALL_WRONG)))
        plain.post("/study/confirm/", fields)
    assert list(Attempt.objects.order_by("received_at", "earlier").values_list("earlier", "counted")) == [
        (0, True),
        (1, True),
        (2, True),
        (3, False),
    ]


def test_before_she_submits_she_is_told_which_attempt_it_is_and_when_it_will_not_count(plain, published):
    told = []
    for _ in range(4):
        asked = plain.post("/en/study/submit/", answers_as_fields(published, ALL_RIGHT))
        told.append(asked.content.decode())
        plain.post("/en/study/confirm/", fields_of(asked))
    for number, page in enumerate(told[:3], start=1):
        assert f"This is attempt {number} of 3." in page
        assert "it will not count" not in page
    assert "it will not count" in told[3]
    assert "of 3." not in told[3]
    results = plain.get("/en/me/results/").content.decode()
    assert results.count("· beyond the attempts allowed, so it does not count</small>") == 1
    uncounted = Attempt.objects.get(counted=False)
    review = plain.get(f"/en/me/results/{uncounted.key}/").content.decode()
    assert "beyond the attempts allowed, so it does not count" in review
    assert review.count("aria-current=") == 1


def test_no_number_of_attempts_is_told_where_there_is_no_limit(plain, published):
    published.mint(allowed=0)
    page = plain.post("/en/study/submit/", answers_as_fields(published, ALL_RIGHT)).content.decode()
    assert "This is attempt" not in page
    assert "it will not count" not in page


def test_an_attempt_that_does_not_count_is_never_the_best(plain, published):
    for answers in (ALL_WRONG, ALL_WRONG, ALL_WRONG, ALL_RIGHT):
        asked = plain.post("/study/submit/", answers_as_fields(published, answers))
        plain.post("/study/confirm/", fields_of(asked))
    (course,) = personal_state(Attempt.objects.first().official)["courses"]
    assert course_line(course, "vi", date(2026, 11, 22))["best"]["score"] == 0


def test_several_answers_and_open_questions_keep_their_places(plain, published):
    answers = [[0, 2], [], [1], []]
    asked = plain.post("/study/submit/", answers_as_fields(published, answers))
    plain.post("/study/confirm/", fields_of(asked))
    assert Attempt.objects.get().answers == answers


def test_in_english_everything_stays_in_english(plain, published):
    asked = plain.post("/en/study/finish/", {"activity": str(published.lessons[-1])})
    assert 'action="/en/study/confirm/"' in asked.content.decode()
    done = plain.post("/en/study/confirm/", fields_of(asked))
    assert done["Location"] == "/en/attt-01/3/"
    asked = plain.post("/en/study/submit/", answers_as_fields(published, ALL_RIGHT))
    assert plain.post("/en/study/confirm/", fields_of(asked))["Location"] == "/en/me/results/"


# --- who may not, and what is not usable ------------------------------------------------------------------------


def test_nothing_is_recorded_without_the_token(plain, published):
    fields = fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])}))
    del fields["csrfmiddlewaretoken"]
    assert plain.post("/study/confirm/", fields).status_code == 403
    assert not Event.objects.exists()


@pytest.mark.parametrize("path", ["/study/finish/", "/study/submit/", "/study/confirm/"])
def test_who_is_not_signed_in_is_asked_to_and_comes_back(client, published, path):
    answer = client.post(
        path, {"activity": str(published.lessons[0])}, headers={"Referer": "http://testserver/a/b/"}
    )
    assert answer["Location"] == "/accounts/login/?next=/a/b/"
    elsewhere = client.post(path, {}, headers={"Referer": "https://elsewhere.example/x"})
    assert elsewhere["Location"] == "/accounts/login/?next=/me/"


def test_a_page_asked_for_by_one_person_records_nothing_for_another(plain, published, colleague):
    fields = fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])}))
    other = Client()
    other.force_login(colleague, backend=BACKEND)
    assert other.post("/study/confirm/", fields).status_code == 409
    assert not Event.objects.exists()


@pytest.mark.parametrize("path", ["/study/finish/", "/study/submit/", "/study/confirm/"])
@pytest.mark.parametrize("key", ["", "7", "6f1c0d5e-2b7a-4c3d-9e8f-0a1b2c3d4e5f", "the course"])
def test_what_is_no_lesson_or_quiz_in_sight_is_not_found(client, official, published, path, key):
    client.force_login(official, backend=BACKEND)
    key = str(published.activity.pk) if key == "the course" else key
    assert client.post(path, {"activity": key}).status_code == 404


@pytest.mark.parametrize("path", ["/study/finish/", "/study/submit/", "/study/confirm/"])
def test_the_address_of_a_form_opened_by_itself_leads_to_her_courses(client, official, published, path):
    assert client.get(path)["Location"] == "/me/"
    client.force_login(official, backend=BACKEND)
    assert client.get(path)["Location"] == "/me/"
    assert client.get(f"/en{path}")["Location"] == "/en/me/"
    assert client.put(path).status_code == 405
    assert not Event.objects.exists()


@pytest.mark.parametrize("language", ["", "/en"])
def test_whose_session_ends_before_she_confirms_comes_back_to_the_lesson(plain, published, language):
    asked = plain.post(f"{language}/study/finish/", {"activity": str(published.lessons[0])})
    referer = f"http://testserver{language}/study/finish/"
    answer = Client().post(f"{language}/study/confirm/", fields_of(asked), headers={"Referer": referer})
    assert answer["Location"] == f"{language}/accounts/login/?next={language}/attt-01/1/"
    for key in (str(uuid.uuid4()), "x"):
        unknown = Client().post(f"{language}/study/confirm/", {"activity": key}, headers={"Referer": referer})
        assert unknown["Location"] == f"{language}/accounts/login/?next={language}/me/"


def test_a_quiz_is_not_finished_and_a_lesson_not_submitted(plain, published):
    assert plain.post("/study/finish/", {"activity": str(published.quizzes[0])}).status_code == 404
    assert plain.post("/study/submit/", {"activity": str(published.lessons[0])}).status_code == 404


@pytest.mark.parametrize(
    "change", [{"paper": "0" * 64}, {"paper": ""}, {"q0": "x"}, {"q0": "-1"}, {"q0": "٣"}, {"q0": "1" * 400}]
)
def test_answers_that_cannot_be_read_are_answered_with_a_sentence(plain, published, change):
    answer = plain.post("/study/submit/", {**answers_as_fields(published, ALL_RIGHT), **change})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert not Event.objects.exists()


def test_where_it_says_that_nothing_was_recorded_nothing_was(plain, published):
    fields = fields_of(plain.post("/study/submit/", answers_as_fields(published, [[7]] * 4)))
    answer = plain.post("/en/study/confirm/", fields)
    assert answer.status_code == 409
    assert "nothing was recorded" in answer.content.decode()
    assert not Event.objects.exists()
    assert not Attempt.objects.exists()
    fields = fields_of(plain.post("/study/submit/", answers_as_fields(published, ALL_RIGHT)))
    assert plain.post("/study/confirm/", fields).status_code == 302
    assert Attempt.objects.get().counted


def test_a_page_that_was_tampered_with_or_is_too_old_records_nothing(plain, published):
    fields = fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])}))
    for once in ("", "x", str(uuid.uuid4()), fields["once"][0][:-1] + "x"):
        assert plain.post("/study/confirm/", {**fields, "once": once}).status_code == 409
    assert not Event.objects.exists()


def test_what_one_page_asked_about_another_lesson_is_not_recorded_by(plain, published):
    fields = fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])}))
    other = {**fields, "activity": str(published.lessons[1])}
    assert [plain.post("/study/confirm/", sent).status_code for sent in (other, fields)] == [409, 302]
    assert LessonProgress.objects.get().lesson_id == published.lessons[0]


def test_what_was_unpublished_meanwhile_is_not_found(plain, published):
    fields = fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])}))
    published.activity.course_fragments.all().delete()
    assert plain.post("/study/confirm/", fields).status_code == 404


def test_a_phone_elsewhere_learns_of_it(plain, published, official):
    plain.post(
        "/study/confirm/",
        fields_of(plain.post("/study/finish/", {"activity": str(published.lessons[0])})),
    )
    Phone(official, published)
    steps = plain.get("/api/me/").json()["courses"][0]["steps"]
    assert [step["done"] for step in steps] == [True, False, False]
