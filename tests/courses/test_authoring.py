"""Authoring in the admin: mistakes are refused, previews and weights tell the truth, a copy is a course of its own."""

import brotli
import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield
from wagtail.users.models import UserProfile

from courses import signals
from courses.checks import problems
from courses.models import Activity, CoursePage, Fragment, FragmentMedia, LessonPage
from courses.permissions import give_authoring
from courses.weight import pack_size, weight_of, weights_of_parts
from quizzes.models import QuizPage
from tests.courses.conftest import CHECK, question
from tests.courses.test_media import document, picture, video

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(site, client, django_user_model):
    group = Group.objects.create(name="Biên soạn")
    for page in (site.home, site.home_en):
        give_authoring(group, page)
        give_authoring(group, page)
    user = django_user_model.objects.create_user("GV-0001", "hoc-khong-can-mang", full_name="Nguyễn Văn Khôi")
    user.groups.add(group)
    profile = UserProfile.get_for_user(user)
    profile.preferred_language = "en"
    profile.save()
    client.force_login(user, backend="training.officials.sign_in.StaffNumberBackend")
    return client


def options(*marks, text="Phương án"):
    return streamfield([("", {"text": f"{text} {n}", "correct": "on" if m else ""}) for n, m in enumerate(marks)])


# --- making a course ---------------------------------------------------------------------------------------------


def test_a_trainer_makes_a_course_a_lesson_and_a_quiz_and_it_is_in_the_catalogue_at_once(site, trainer):
    trainer.post(
        reverse("wagtailadmin_pages:add", args=["courses", "coursepage", site.home.pk]),
        nested_form_data(
            {
                "title": "Kỹ năng số",
                "slug": "kns-01",
                "code": "KNS-01",
                "summary": "Bảy bài.",
                "audience": "",
                "about": rich_text("<p>Về khóa học.</p>"),
                "action-publish": "1",
            }
        ),
    )
    course = CoursePage.objects.get()
    assert course.live
    image = site.image()
    pdf = document()
    body = [
        ("heading", "Tình huống"),
        ("text", rich_text("<p>Chị Xuân mở danh sách.</p>")),
        (
            "picture",
            {"image": {"image": image.pk, "alt_text": "Nhà sàn", "decorative": ""}, "caption": "Ba cột"},
        ),
        ("callout", {"kind": "warn", "title": "Chú ý", "text": rich_text("<p>Không cho mượn.</p>")}),
        ("document", {"document": pdf.pk, "title": "Biểu mẫu"}),
    ]
    response = trainer.post(
        reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk]),
        nested_form_data(
            {
                "title": "Bài một",
                "slug": "bai-mot",
                "summary": "",
                "minutes": 5,
                "body": streamfield(body),
                "objectives": inline_formset([{"text": "Biết"}]),
                "legal_bases": inline_formset([]),
                "review_on": "",
                "action-publish": "1",
            }
        ),
    )
    assert response.status_code == 302, response.context["form"].errors
    response = trainer.post(
        reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", course.pk]),
        nested_form_data(
            quiz_form([("true_false", {"question": "", "text": "Đúng?", "points": 1, "is_true": "on"})])
        ),
    )
    assert response.status_code == 302, response.context["form"].errors

    assert 'href="/kns-01/"' in trainer.get("/").content.decode()
    html = trainer.get("/kns-01/bai-mot/").content.decode()
    assert "Không cho mượn." in html
    assert 'alt="Nhà sàn"' in html
    assert set(FragmentMedia.objects.filter(fragment__kind="lesson").values_list("role", flat=True)) == {
        "picture",
        "wide",
        "document",
    }
    assert Fragment.objects.get(kind="quiz").data["questions"][0]["type"] == "true_false"


def quiz_form(questions, **values):
    return {
        "title": "Bài kiểm tra",
        "slug": "bai-kiem-tra",
        "introduction": "",
        "mode": "assessed",
        "pass_mark": 80,
        "attempts_allowed": 3,
        "minutes": 15,
        "is_required": "on",
        "questions": streamfield(questions),
        "action-publish": "1",
        **values,
    }


def single(text, *marks, opts=None):
    value = {"question": "", "text": text, "points": 1, "explanation": "", "options": opts or options(*marks)}
    return ("single", value)


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        ([], "A quiz needs at least one question."),
        ([single(f"Câu {n}?", True, False) for n in range(201)], "A quiz has at most 200 questions."),
        ([single("Câu?", False, False)], "Mark the right option"),
        ([single("Câu?", True, True)], "Only one option can be right here."),
        ([single("Câu?", True)], "A question needs at least two options."),
        (
            [
                single(
                    "Câu?",
                    opts=streamfield(
                        [("", {"text": "Đúng  vậy", "correct": "on"}), ("", {"text": "đúng vậy", "correct": ""})]
                    ),
                )
            ],
            "Two options say the same.",
        ),
        ([("multiple", single("Câu?", False, False)[1])], "Mark the right option"),
    ],
)
def test_a_quiz_that_cannot_be_answered_is_not_published_and_the_form_says_why(site, trainer, questions, sentence):
    course = site.course()
    url = reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", course.pk])
    response = trainer.post(url, nested_form_data(quiz_form(questions)))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not QuizPage.objects.exists()


def test_an_unfinished_quiz_can_be_saved_as_a_draft(site, trainer):
    course = site.course()
    form = quiz_form([single("Câu?", False, False)])
    del form["action-publish"]
    url = reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", course.pk])
    assert trainer.post(url, nested_form_data(form)).status_code == 302
    assert not QuizPage.objects.get().live


@pytest.mark.parametrize(("field", "value"), [("pass_mark", 0), ("pass_mark", 101), ("attempts_allowed", 1000)])
def test_rules_nobody_could_keep_are_refused(site, trainer, field, value):
    url = reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", site.course().pk])
    response = trainer.post(url, nested_form_data(quiz_form([single("Câu?", True, False)], **{field: value})))
    assert response.status_code == 200
    assert field in response.context["form"].errors


def test_pictures_need_words_audio_a_transcript_and_video_both(site):
    course = site.course()
    image, film, pdf = site.image(), video(b"film"), document()
    wrong = [
        picture(image, alt=""),
        ("video", {"video": film.pk, "captions": pdf.pk, "transcript": "<p> </p>"}),
        ("check", {**CHECK, "options": [{"text": "a", "correct": False}, {"text": "b", "correct": False}]}),
    ]
    lesson = site.lesson(course, body=wrong, live=False)
    with translation.override("en"):
        found = " ".join(problems(lesson))
    for sentence in ("alt text", "Write down what is said", "must be a .vtt file", "Mark the right option"):
        assert sentence in found
    assert problems(site.lesson(course, "khac", live=False)) == []


def test_the_bulk_action_publishes_nothing_with_mistakes(site, trainer):
    course = site.course()
    quiz = site.quiz(course, questions=[question(right=9)], live=False)
    good = site.lesson(course, live=False)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = trainer.post(f"{url}?id={quiz.pk}&id={good.pk}", follow=True)
    assert any("Mark the right option" in str(message) for message in response.context["messages"])
    assert not Page.objects.filter(pk__in=[quiz.pk, good.pk], live=True).exists()
    trainer.post(f"{url}?id={good.pk}")
    assert Page.objects.get(pk=good.pk).live


# --- weight ------------------------------------------------------------------------------------------------------


def test_a_lesson_weighs_what_a_phone_then_downloads(site, signed_in):
    pdf = document(content=b"%PDF" + bytes(40_000))
    body = [picture(site.image()), ("document", {"document": pdf.pk, "title": ""}), ("check", CHECK)]
    lesson = site.lesson(site.course(), body=body)

    weight = weight_of(lesson)
    response = signed_in.get("/attt-01/mat-khau/", headers={"Accept-Encoding": "gzip, br"})
    assert weight.text == int(response.headers["Content-Length"]) == len(response.content)
    [shown] = FragmentMedia.objects.filter(role="picture", fragment__kind="lesson")
    file = signed_in.get(shown.media.url, headers={"Accept-Encoding": "br"})
    assert weight.pictures == int(file.headers["Content-Length"])
    assert weight.opening == weight.text + weight.pictures
    assert weight.documents == 40_004
    assert "Nhà sàn có ba cột" in brotli.decompress(response.content).decode()


def test_a_draft_weighs_what_it_will_once_published(site):
    course = site.course()
    site.lesson(course, "mot")
    lesson = site.lesson(course, "hai", body=[picture(site.image())], live=False)
    before = weight_of(lesson.get_latest_revision_as_object())
    lesson.latest_revision.publish()
    after = weight_of(LessonPage.objects.get(pk=lesson.pk))
    assert before == after


def test_the_edit_view_shows_the_weight(site, trainer):
    course = site.course()
    lesson, quiz = site.lesson(course), site.quiz(course)
    lesson, quiz = LessonPage.objects.get(pk=lesson.pk), QuizPage.objects.get(pk=quiz.pk)
    html = trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert f'data-weight="{weight_of(lesson).opening}"' in html
    html = trainer.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).content.decode()
    for weight in weights_of_parts(course):
        assert f'data-weight="{weight.opening}"' in html
    assert f'data-weight="{weight_of(quiz).opening}"' in html


def test_the_edit_view_of_an_empty_draft_opens(site, trainer):
    course = site.course(live=False)
    lesson = site.lesson(course, body=[("picture", {"image": {"image": None}, "caption": ""})], live=False)
    quiz = site.quiz(course, questions=[{"type": "single", "value": {"text": "", "options": []}}], live=False)
    for page in (course, lesson, quiz):
        assert trainer.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
        assert trainer.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk])).status_code == 200


def test_the_size_of_the_whole_course_comes_from_who_packs_it(site, monkeypatch):
    course = site.course()
    course = CoursePage.objects.get(pk=course.pk)
    monkeypatch.setattr(signals, "pack_sizes", [lambda key, language: None, lambda key, language: 41_200])
    assert pack_size(course) == 41_200


# --- preview -----------------------------------------------------------------------------------------------------


def test_a_preview_shows_the_draft_at_phone_size_and_runs_no_script(site, trainer):
    course = site.course()
    lesson = site.lesson(course, body=[picture(site.image()), ("check", CHECK)])
    draft = lesson.get_latest_revision_as_object()
    draft.title = "Bản nháp mới"
    draft.save_revision()
    assert lesson.default_preview_size == "phone"
    assert lesson.preview_sizes[0]["device_width"] == 360
    response = trainer.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk]))
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    html = response.content.decode()
    assert "Bản nháp mới</h1>" in html
    assert 'type="module"' not in html
    assert "modulepreload" not in html
    assert 'type="application/json"' in html


def test_pictures_of_a_preview_can_be_seen_and_only_for_a_while(site, trainer, client):
    lesson = site.lesson(site.course(live=False), body=[picture(site.image())], live=False)
    html = trainer.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk])).content.decode()
    url = html.split('<img src="/m/')[1].split('"')[0]
    trainer.logout()
    assert client.get(f"/m/{url}").status_code == 200
    assert client.get(f"/m/{url.split('?')[0]}").status_code == 404
    assert client.get(f"/m/{url}x").status_code == 404


def test_a_preview_writes_nothing_that_is_read(site, trainer):
    course = site.course()
    quiz = site.quiz(course, live=False)
    trainer.get(reverse("wagtailadmin_pages:view_draft", args=[quiz.pk]))
    assert not Fragment.objects.filter(page=quiz.pk).exists()
    assert not Activity.objects.filter(pk=quiz.translation_key).exists()


# --- copies, unpublishing, permissions ---------------------------------------------------------------------------


def test_a_course_can_be_copied_as_a_template_from_the_admin(site, trainer):
    course = site.course()
    site.lesson(course)
    site.quiz(course)
    url = reverse("wagtailadmin_pages:copy", args=[course.pk])
    assert 'name="alias"' not in trainer.get(url).content.decode()
    response = trainer.post(
        url,
        {
            "new_title": "Bản sao",
            "new_slug": "ban-sao",
            "new_parent_page": site.home.pk,
            "copy_subpages": "on",
            "alias": "on",
        },
    )
    assert response.status_code == 302
    copy = CoursePage.objects.get(slug="ban-sao")
    assert not copy.live
    assert copy.alias_of_id is None
    assert copy.get_children().count() == 2
    keys = {page.translation_key for page in [course, *course.get_children()]}
    assert not keys & {page.translation_key for page in [copy, *copy.get_children()]}
    assert "/ban-sao/" not in set(Fragment.objects.values_list("path", flat=True))


def test_unpublishing_names_who_is_studying(site, trainer, monkeypatch):
    course = site.course()
    monkeypatch.setattr(signals, "unpublish_notes", [lambda key: "12 officials are studying this course."])
    html = trainer.get(reverse("wagtailadmin_pages:unpublish", args=[course.pk])).content.decode()
    assert "12 officials are studying this course." in html
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    assert "12 officials are studying this course." in trainer.get(f"{bulk}?id={course.pk}").content.decode()


def test_a_trainer_authors_and_sees_no_people(site, trainer):
    course = site.course()
    assert trainer.get(reverse("wagtailadmin_home")).status_code == 200
    assert trainer.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).status_code == 200
    for name in ("wagtailimages:index", "wagtaildocs:index", "wagtailmedia:index", "wagtailimages:add"):
        assert trainer.get(reverse(name)).status_code == 200
    assert trainer.get(reverse("wagtailusers_users:index")).status_code in (302, 403)
    root = Page.get_first_root_node()
    assert trainer.get(
        reverse("wagtailadmin_pages:add", args=["courses", "cataloguepage", root.pk])
    ).status_code in (
        302,
        403,
    )


def test_a_lesson_stands_in_a_course_only(site):
    with pytest.raises((ValidationError, AssertionError)):
        assert LessonPage.can_create_at(site.home)
    assert LessonPage.can_create_at(site.course())


def test_the_editor_makes_addresses_from_vietnamese_titles(site, trainer):
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", site.course().pk])
    assert "js/admin/slugs.js" in trainer.get(url).content.decode()
