"""What a trainer in a hurry does. No work is lost, no page is a fault, nothing broken reaches a phone."""

import html
import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, PageViewRestriction, Workflow, WorkflowTask
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses import signals
from courses.editions import current_edition, steps
from courses.models import CoursePage, Fragment, LessonPage
from courses.weight import weight_of
from tests.courses.conftest import question
from tests.courses.test_authoring import options, quiz_form, single, trainer  # noqa: F401

pytestmark = pytest.mark.django_db
BULK = "wagtail_bulk_action"


def lesson_form(body, **values):
    return nested_form_data(
        {
            "title": "Bài",
            "slug": "bai",
            "summary": "",
            "minutes": 5,
            "body": streamfield(body),
            "objectives": inline_formset([]),
            "legal_bases": inline_formset([]),
            "review_on": "",
            "action-publish": "1",
            **values,
        }
    )


def add(client, course, body, **values):
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk])
    return client.post(url, lesson_form(body, **values))


def html_of(page) -> str:
    return Fragment.objects.get(page=page.pk, language=page.locale.language_code).html


def fresh(page):
    return type(page).objects.get(pk=page.pk)


def told(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def bulk(action: str, *pages) -> str:
    return f"{reverse(BULK, args=['wagtailcore', 'page', action])}?" + "&".join(f"id={page.pk}" for page in pages)


# --- what she writes ---------------------------------------------------------------------------------------------


def pasted(text, styles=(), entities=(), kind="unstyled"):
    return {
        "key": "abcde",
        "text": text,
        "type": kind,
        "depth": 0,
        "inlineStyleRanges": [{"offset": at, "length": 1, "style": style} for at, style in styles],
        "entityRanges": [{"offset": at, "length": 1, "key": key} for at, key in entities],
    }


def test_markup_from_elsewhere_stays_outside(site, trainer):  # noqa: F811
    content = {
        "blocks": [pasted("g d h", [(0, "UNDERLINE"), (2, "BOLD")], [(4, 0)]), pasted(" ", (), [(0, 1)], "atomic")],
        "entityMap": {
            "0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "javascript:alert(1)"}},
            "1": {"type": "EMBED", "mutability": "IMMUTABLE", "data": {"url": "https://video.example/1"}},
        },
    }
    assert add(trainer, site.course(), [("text", json.dumps(content))]).status_code == 302
    html = html_of(LessonPage.objects.get())
    assert "g <b>d</b> h</p>" in html
    for gone in ("javascript:", "video.example", "<iframe", "<embed", "<u>"):
        assert gone not in html


@pytest.mark.parametrize(
    "body",
    [
        [],
        [("text", rich_text("<p></p>"))],
        [("text", rich_text("<p>  </p><p></p>"))],
        [("heading", "  ")],
        [("steps", streamfield([]))],
        [("steps", streamfield([("", rich_text("<p></p>"))]))],
        [("callout", {"kind": "warn", "title": "Chú ý", "text": rich_text("<p></p>")})],
        [("accordion", {"title": "Thêm", "text": rich_text("<p></p>")})],
        [("comparison", {"right_title": "a", "right": streamfield([]), "wrong_title": "b", "wrong": streamfield([])})],
    ],
    ids=["nothing", "text", "spaces", "heading", "no step", "empty step", "callout", "accordion", "comparison"],
)
def test_an_empty_block_is_not_published_and_can_be_kept_as_a_draft(site, trainer, body):  # noqa: F811
    course = site.course()
    answer = add(trainer, course, body)
    assert answer.status_code == 200
    assert answer.context["form"].errors["body"]
    form = {name: value for name, value in lesson_form(body).items() if name != "action-publish"}
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk])
    assert trainer.post(url, form).status_code == 302
    lesson = LessonPage.objects.get()
    assert trainer.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk])).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        [("picture", {"image": {"image": "", "alt_text": "", "decorative": ""}, "caption": ""})],
        [("drawing", {"drawing": "", "alt": "", "caption": ""})],
        [("document", {"document": "", "title": ""})],
        [("audio", {"audio": "", "transcript": rich_text("")})],
        [("video", {"video": "", "captions": "", "transcript": rich_text("")})],
        [("check", {"type": "single", "text": "", "options": streamfield([]), "explanation": ""})],
        [("check", {"type": "", "text": "", "options": options(False), "explanation": ""})],
        [("callout", {"kind": "", "title": "", "text": rich_text("")})],
    ],
    ids=["picture", "drawing", "document", "audio", "video", "check", "check of one option", "callout"],
)
def test_a_block_she_has_only_just_put_there_is_kept_while_she_goes_for_the_picture(site, trainer, body):  # noqa: F811
    """The editor saves by itself every now and then: that must not fail because she isn't done."""
    course = site.course()
    form = {name: value for name, value in lesson_form(body).items() if name != "action-publish"}
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk])
    answer = trainer.post(url, form)
    assert answer.status_code == 302, answer.context["form"].errors
    lesson = LessonPage.objects.get()
    edit = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    assert trainer.get(edit).status_code == 200
    assert trainer.post(edit, form).status_code == 302
    assert trainer.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk])).status_code == 200
    assert trainer.post(edit, {**form, "action-publish": "1"}).status_code == 200
    assert not LessonPage.objects.get().live


def test_a_very_long_comparison_is_published_weighed_and_told_to_be_heavy(site, trainer, settings):  # noqa: F811
    settings.COURSES_LESSON_BUDGET = 20_000
    rows = streamfield([("", f"Dòng {n} {n * 7919 % 1000} " + "xin chào bà con " * 20) for n in range(300)])
    comparison = {"right_title": "Đúng", "right": rows, "wrong_title": "Sai", "wrong": rows}
    endless = ("text", rich_text("<p>" + " ".join(str(n**3) for n in range(9_000)) + "</p>"))
    assert add(trainer, site.course(), [("comparison", comparison), endless]).status_code == 302
    lesson = LessonPage.objects.get()
    assert weight_of(lesson).too_heavy
    page = trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert "Heavy for a weak signal" in page


@pytest.mark.parametrize("minutes", ["0", "-1", "601", "99999", "x", ""])
def test_minutes_nobody_has_are_refused(site, trainer, minutes):  # noqa: F811
    answer = add(trainer, site.course(), [("heading", "a")], minutes=minutes)
    assert answer.status_code == 200
    assert "minutes" in answer.context["form"].errors


def test_a_second_lesson_of_the_same_address_is_refused_with_all_she_wrote_still_there(site, trainer):  # noqa: F811
    course = site.course()
    assert add(trainer, course, [("heading", "Một")]).status_code == 302
    answer = add(trainer, course, [("heading", "Soan-ca-buoi-chieu")])
    assert answer.status_code == 200
    assert "slug" in answer.context["form"].errors
    assert "Soan-ca-buoi-chieu" in answer.content.decode()


# --- links -------------------------------------------------------------------------------------------------------


@pytest.fixture
def linked(site):
    """A lesson with a link to a lesson of another course, which is a draft."""
    other = site.course("khac", title="Khóa khác")
    target = site.lesson(other, "dich", live=False)
    text = f'<p>Xem <a linktype="page" id="{target.pk}">bài kia</a>.</p>'
    return site.lesson(site.course(), body=[("text", text)]), target


def test_a_link_to_a_draft_is_text_until_the_draft_is_published_and_again_once_it_goes(linked):
    lesson, target = linked
    link = '<a href="/khac/dich/">bài kia</a>'
    assert "Xem bài kia." in html_of(lesson)
    target.get_latest_revision().publish()
    assert link in html_of(lesson)
    LessonPage.objects.get(pk=target.pk).unpublish()
    assert "Xem bài kia." in html_of(lesson)
    target.get_latest_revision().publish()
    assert link in html_of(lesson)
    CoursePage.objects.get(slug="khac").unpublish()
    assert "Xem bài kia." in html_of(lesson)
    CoursePage.objects.get(slug="khac").get_latest_revision().publish()
    assert link in html_of(lesson)


def test_a_link_to_a_page_that_was_deleted_is_text(linked, django_capture_on_commit_callbacks):
    lesson, target = linked
    target.get_latest_revision().publish()
    assert "/khac/dich/" in html_of(lesson)
    with django_capture_on_commit_callbacks(execute=True):
        CoursePage.objects.get(slug="khac").delete()
    assert "Xem bài kia." in html_of(lesson)
    assert not Fragment.objects.filter(path__startswith="/khac/").exists()


def test_lessons_of_a_course_that_goes_may_have_had_links_to_each_other(site, django_capture_on_commit_callbacks):
    course = site.course()
    one = site.lesson(course, "mot")
    site.lesson(course, "hai", body=[("text", f'<p><a linktype="page" id="{one.pk}">bài một</a></p>')])
    assert 'href="/attt-01/mot/"' in Fragment.objects.get(path="/attt-01/hai/").html
    with django_capture_on_commit_callbacks(execute=True):
        CoursePage.objects.get().delete()
    assert set(Fragment.objects.values_list("path", flat=True)) == {"/", "/en/"}


# --- what she publishes ------------------------------------------------------------------------------------------


def test_who_publishes_a_lesson_of_an_unpublished_course_is_told_that_nobody_sees_it(site, trainer):  # noqa: F811
    course = site.course(live=False)
    answer = trainer.post(
        reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk]),
        lesson_form([("heading", "a")]),
        follow=True,
    )
    assert "Nobody sees “Bài” yet" in told(answer)
    assert not Fragment.objects.filter(path__contains="bai").exists()


def test_who_publishes_a_course_that_asks_for_nothing_is_told_that_nobody_can_complete_it(site, trainer):  # noqa: F811
    words = "Nobody can complete"
    course = site.course()
    publish = reverse("wagtailadmin_pages:edit", args=[course.pk])
    form = nested_form_data({"title": "Khóa", "slug": course.slug, "summary": "S", "about": rich_text("<p></p>")})
    assert words in told(trainer.post(publish, {**form, "action-publish": "1"}, follow=True))
    site.lesson(course)
    assert words not in told(trainer.post(publish, {**form, "action-publish": "1"}, follow=True))


def test_a_time_in_the_past_publishes_at_once_and_an_end_in_the_past_is_refused(site, trainer):  # noqa: F811
    course = site.course()
    answer = add(trainer, course, [("heading", "a")], go_live_at="2020-01-01 10:00", expire_at="")
    assert answer.status_code == 302
    assert LessonPage.objects.get().live
    answer = add(trainer, course, [("heading", "a")], slug="b", go_live_at="", expire_at="2020-01-01 10:00")
    assert "expire_at" in answer.context["form"].errors


def test_who_sets_an_end_for_what_is_being_studied_is_told_how_many_study_it(site, trainer, monkeypatch):  # noqa: F811
    monkeypatch.setattr(signals, "unpublish_notes", [lambda key: "12 officials are studying this course."])
    end = (timezone.localtime() + timedelta(days=3)).strftime("%Y-%m-%d %H:%M")
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", site.course().pk])
    answer = trainer.post(url, lesson_form([("heading", "a")], go_live_at="", expire_at=end), follow=True)
    assert "will be taken away on" in told(answer)
    assert "12 officials are studying this course." in told(answer)


def test_publishing_a_course_with_all_below_it_publishes_nothing_with_mistakes(site, trainer):  # noqa: F811
    course = site.course(live=False)
    site.quiz(course, questions=[question(right=9)], live=False)
    answer = trainer.post(bulk("publish", course), {"include_descendants": "on"}, follow=True)
    assert "Mark the right option" in told(answer)
    assert not Page.objects.filter(pk=course.pk, live=True).exists()
    # Alone it is without mistakes.
    trainer.post(bulk("publish", course), {})
    assert Page.objects.get(pk=course.pk).live


@pytest.mark.parametrize(
    "questions",
    [
        [question(right=9)],
        [{"type": "single", "value": {"text": "", "options": []}, "id": "1"}],
        [{"type": "single", "value": {"text": "", "points": None, "options": []}, "id": "1"}],
        [{"type": "multiple", "value": {"text": "Câu?"}, "id": "1"}],
        [{"type": "true_false", "value": {}, "id": "1"}],
    ],
)
def test_a_broken_quiz_that_gets_published_by_code_is_a_fault_nowhere(site, trainer, signed_in, questions):  # noqa: F811
    course = site.course()
    quiz = site.quiz(course, questions=questions)
    assert signed_in.get("/attt-01/bai-kiem-tra/").status_code == 200
    assert len(steps(current_edition(course.translation_key))) == 1
    quiz.unpublish()
    assert steps(current_edition(course.translation_key)) == []


def test_only_the_vietnamese_is_unpublished_and_the_english_goes_on(site, signed_in):
    course = site.course()
    lesson, quiz = site.lesson(course), site.quiz(course)
    site.translate(course, title="Information security")
    site.translate(quiz, title="Final quiz")
    half = signed_in.get("/en/attt-01/mat-khau/")
    assert half.status_code == 200
    CoursePage.objects.get(pk=course.pk).unpublish()
    assert signed_in.get("/attt-01/").status_code == 404
    assert signed_in.get("/en/attt-01/").status_code == 200
    assert signed_in.get("/en/attt-01/bai-kiem-tra/").status_code == 200
    # Her lesson's page went with its course; nothing of it is lost, and it is back with the course.
    assert signed_in.get("/en/attt-01/mat-khau/").status_code == 404
    CoursePage.objects.get(pk=course.pk).save_revision().publish()
    assert signed_in.get("/en/attt-01/mat-khau/").status_code == 200
    assert LessonPage.objects.get(pk=lesson.pk).live


def test_an_old_revision_of_a_quiz_brings_back_the_very_same_questions(site, trainer):  # noqa: F811
    course = site.course()
    quiz = site.quiz(course)
    before = current_edition(course.translation_key)
    first = quiz.get_latest_revision()
    changed = quiz.get_latest_revision_as_object()
    changed.questions[0].value["text"] = "Câu khác?"
    changed.save_revision().publish()
    assert current_edition(course.translation_key) != before
    first.publish()
    assert current_edition(course.translation_key) == before


def test_a_copy_has_all_of_the_original_and_leaves_its_review_alone(site, trainer, django_user_model):  # noqa: F811
    course = site.course()
    lesson, quiz = site.lesson(course, review_on=date(2027, 6, 30)), site.quiz(course, pass_mark=65, attempts_allowed=2)
    site.lesson(course, "nhap", title="Bản nháp", live=False)
    workflow = Workflow.objects.filter(active=True).first() or Workflow.objects.create(name="Duyệt", active=True)
    task = GroupApprovalTask.objects.create(name="Duyệt bài")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    changed = fresh(lesson).get_latest_revision_as_object()
    changed.title = "Đang chờ duyệt"
    changed.save_revision()
    workflow.start(fresh(lesson), django_user_model.objects.get(staff_number="GV-0001"))
    form = {"new_title": "Mẫu", "new_slug": "mau", "new_parent_page": site.home.pk, "copy_subpages": "on"}
    assert trainer.post(reverse("wagtailadmin_pages:copy", args=[course.pk]), form).status_code == 302
    one, asked, draft = [page.specific for page in CoursePage.objects.get(slug="mau").get_children()]
    kept = one.get_latest_revision_as_object()
    assert kept.title == "Đang chờ duyệt"
    assert kept.review_on == date(2027, 6, 30)
    assert [each.text for each in kept.objectives.all()] == [each.text for each in lesson.objectives.all()]
    assert [each.text for each in kept.legal_bases.all()] == [each.text for each in lesson.legal_bases.all()]
    assert (asked.pass_mark, asked.attempts_allowed, len(asked.questions)) == (65, 2, len(quiz.questions))
    assert draft.title == "Bản nháp"
    assert one.current_workflow_state is None
    assert fresh(lesson).current_workflow_state.status == "in_progress"
    assert not any(page.live for page in (one, asked, draft))


# --- what she takes away -----------------------------------------------------------------------------------------


def test_a_trainer_deletes_a_course_with_lessons_that_nobody_studied(site, trainer):  # noqa: F811
    course = site.course()
    site.lesson(course)
    answer = trainer.post(reverse("wagtailadmin_pages:delete", args=[course.pk]), follow=True)
    assert answer.status_code == 200
    assert not CoursePage.objects.exists()
    second = site.course("hai")
    site.lesson(second)
    trainer.post(bulk("delete", second), follow=True)
    assert not CoursePage.objects.exists()


@pytest.mark.parametrize("which", ["home", "home_en"])
@pytest.mark.parametrize("action", ["delete", "unpublish"])
def test_a_trainer_takes_the_home_page_away_by_no_way(site, trainer, action, which):  # noqa: F811
    home = getattr(site, which)
    for way in (reverse(f"wagtailadmin_pages:{action}", args=[home.pk]), bulk(action, home)):
        answer = trainer.post(way, follow=True)
        assert answer.status_code == 200
        assert "The home page stays" in told(answer), way
        assert Page.objects.get(pk=home.pk).live


@pytest.mark.parametrize("action", ["action-publish", "action-submit", None])
def test_the_home_page_gets_no_end_by_which_it_would_go(site, trainer, action):  # noqa: F811
    before = site.home.revisions.count()
    end = timezone.localtime() + timedelta(days=1)
    form = {"title": "Trang chủ", "slug": site.home.slug, "introduction": "", "expire_at": f"{end:%Y-%m-%d %H:%M}"}
    answer = trainer.post(
        reverse("wagtailadmin_pages:edit", args=[site.home.pk]), {**form, **({action: "x"} if action else {})}
    )
    assert "The home page stays, so it can have no end" in html.unescape(answer.content.decode())
    home = Page.objects.get(pk=site.home.pk)
    assert home.expire_at is None
    assert home.revisions.count() == before


@pytest.mark.parametrize("which", ["home", "home_en"])
def test_only_an_administrator_shuts_the_whole_site(site, trainer, admin_client, which):  # noqa: F811
    home = getattr(site, which)
    course = site.course()
    way, choice = "wagtailadmin_pages:set_privacy", {"restriction_type": "login"}
    trainer.post(reverse(way, args=[home.pk]), choice)
    assert not PageViewRestriction.objects.exists()
    trainer.post(reverse(way, args=[course.pk]), choice)
    assert PageViewRestriction.objects.get().page_id == course.pk
    admin_client.post(reverse(way, args=[home.pk]), choice)
    assert PageViewRestriction.objects.filter(page=home.pk).exists()


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete"])
def test_a_bulk_action_without_a_way_back_leads_to_the_pages(site, trainer, action):  # noqa: F811
    course = site.course()
    answer = trainer.post(bulk(action, course), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[0][0] == reverse("wagtailadmin_explore_root")


def test_questions_that_cannot_be_answered_are_kept_in_the_form(site, trainer):  # noqa: F811
    url = reverse("wagtailadmin_pages:add", args=["quizzes", "quizpage", site.course().pk])
    answer = trainer.post(url, nested_form_data(quiz_form([single("Soan-mai-moi-xong", False, False)])))
    assert answer.status_code == 200
    assert "Soan-mai-moi-xong" in answer.content.decode()
