"""Addresses a page can't have, and titles and texts nobody would see: refused on the server, by whatever way."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses.addresses import is_taken
from courses.models import CoursePage, LessonPage
from courses.visible import is_visible
from quizzes.models import QuizPage
from tests.courses.test_authoring import quiz_form, single, trainer  # noqa: F401
from tests.courses.test_careless import add

pytestmark = pytest.mark.django_db
UNSEEN = "\u200b\u2060 \u3164\ufe0f"


def course_form(**values):
    return nested_form_data(
        {
            "title": "Khóa",
            "slug": "khoa",
            "code": "",
            "summary": "Tóm tắt.",
            "audience": "",
            "period_count": "",
            "about": rich_text(""),
            "comments": inline_formset([]),
            "action-publish": "1",
            **values,
        }
    )


def add_course(client, site, **values):
    url = reverse("wagtailadmin_pages:add", args=["courses", "coursepage", site.home.pk])
    return client.post(url, course_form(**values))


@pytest.mark.parametrize(
    "slug",
    [
        *("me", "admin", "api", "en", "vi", "open", "offline", "accounts"),
        *("m", "media", "static", "study", "shell", "health", "documents", "Admin"),
    ],
)
def test_what_the_site_answers_itself_is_no_address_of_a_course(site, trainer, slug):  # noqa: F811
    answer = add_course(trainer, site, slug=slug)
    assert answer.status_code == 200
    assert slug in str(answer.context["form"].errors["slug"])
    assert not CoursePage.objects.exists()


def test_every_address_of_the_site_without_variable_parts_is_kept_free(client):
    for name in ("login", "me", "wagtailadmin_home", "offline", "study_confirm", "open"):
        assert is_taken(reverse(name).split("/")[1])
    assert is_taken(settings.STATIC_URL.strip("/"))
    assert not is_taken("attt-01")
    assert not is_taken("menu")


def test_a_course_moves_to_no_address_of_the_site_by_copy_edit_or_code(site, trainer):  # noqa: F811
    course = site.course()
    answer = trainer.post(
        reverse("wagtailadmin_pages:copy", args=[course.pk]),
        {"new_title": "Bản sao", "new_slug": "me", "new_parent_page": site.home.pk},
    )
    assert answer.context["form"].errors["new_slug"]
    edit = reverse("wagtailadmin_pages:edit", args=[course.pk])
    assert trainer.post(edit, course_form(slug="api")).context["form"].errors["slug"]
    course.slug = "media"
    with pytest.raises(ValidationError):
        course.save()
    assert list(CoursePage.objects.values_list("slug", flat=True)) == ["attt-01"]


def test_a_lesson_may_be_called_what_only_stands_at_the_root(site, trainer):  # noqa: F811
    assert add(trainer, site.course(), [("heading", "Một")], slug="offline").status_code == 302


@pytest.mark.parametrize("slug", ["dấu-tiếng-việt", "урок", "a b"])
def test_an_address_with_accents_is_refused_on_the_server(site, trainer, slug):  # noqa: F811
    course = site.course()
    answer = add(trainer, course, [("heading", "Một")], slug=slug)
    assert answer.status_code == 200
    assert answer.context["form"].errors["slug"]
    assert add_course(trainer, site, slug=slug).context["form"].errors["slug"]
    assert not LessonPage.objects.exists()


# --- nothing to be seen ------------------------------------------------------------------------------------------


def test_text_is_what_one_can_see():
    assert not any(is_visible(text) for text in ("", " ", "\u200b", "\u00ad\ufeff", "\u2800", UNSEEN))
    assert all(is_visible(text) for text in ("ổ", "o\u0302", "?", "1", "🙂", "\u200bx"))


@pytest.mark.parametrize(
    "body",
    [
        [("heading", UNSEEN)],
        [("text", rich_text(f"<p>{UNSEEN}</p>"))],
        [("text", rich_text("<p>&#8203;</p>"))],
        [("callout", {"kind": "warn", "title": UNSEEN, "text": rich_text("<p>Có.</p>")})],
        [
            (
                "comparison",
                {
                    "right_title": "a",
                    "right": streamfield([("", UNSEEN)]),
                    "wrong_title": "b",
                    "wrong": streamfield([("", "c")]),
                },
            )
        ],
    ],
    ids=["heading", "text", "as an entity", "title of a callout", "comparison"],
)
def test_a_block_of_characters_nobody_sees_is_empty(site, trainer, body):  # noqa: F811
    answer = add(trainer, site.course(), body)
    assert answer.status_code == 200
    assert answer.context["form"].errors["body"]


@pytest.mark.parametrize("unseen", ["text", "option"])
def test_a_question_or_an_option_nobody_sees_is_empty(site, trainer, unseen):  # noqa: F811
    course = site.course()
    question = single("Câu?", True, False)
    if unseen == "text":
        question[1]["text"] = UNSEEN
    else:
        question[1]["options"] = streamfield(
            [("", {"text": UNSEEN, "correct": "on"}), ("", {"text": "Có", "correct": ""})]
        )
    url = reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", course.pk])
    answer = trainer.post(url, nested_form_data(quiz_form([question])))
    assert answer.status_code == 200
    assert answer.context["form"].errors["questions"]
    assert not QuizPage.objects.exists()


def test_a_title_nobody_sees_is_refused(site, trainer):  # noqa: F811
    answer = add(trainer, site.course(), [("heading", "Một")], title=UNSEEN)
    assert answer.status_code == 200
    assert answer.context["form"].errors["title"]
