"""Deleting: what has records stays, by whatever way it is asked; what has none goes whole."""

import uuid

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from courses import signals
from courses.editions import current_edition, steps
from courses.models import Activity, CoursePage, Edition, Fragment
from quizzes.models import Attempt, Paper
from training.records.models import LessonProgress

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(site):
    course = site.course()
    site.lesson(course)
    site.quiz(course)
    return fresh(course)


@pytest.fixture
def lesson(course):
    return course.get_children().first().specific


@pytest.fixture
def studied(course, lesson, official):
    """She has finished the lesson."""
    LessonProgress.objects.create(
        official=official,
        lesson_id=lesson.translation_key,
        course_id=course.translation_key,
        **dict.fromkeys(("finished_at", "earliest_at", "latest_at"), timezone.now()),
    )


@pytest.fixture
def admin(client, django_user_model):
    client.force_login(
        django_user_model.objects.create_superuser("ADMIN", "hoc-khong-can-mang"),
        backend="training.officials.sign_in.StaffNumberBackend",
    )
    return client


def fresh(page):
    return type(page).objects.get(pk=page.pk)


def everything():
    return (
        list(Page.objects.order_by("path").values_list("path", "numchild", "live")),
        set(Activity.objects.values_list("pk", flat=True)),
        set(Fragment.objects.values_list("path", "hash")),
        set(Edition.objects.values_list("pk", flat=True)),
    )


# --- without records ---------------------------------------------------------------------------------------------


def test_a_course_nobody_studied_goes_with_all_that_was_made_of_it(course):
    course.delete()
    assert not Activity.objects.exists()
    assert not Edition.objects.exists()
    assert not Paper.objects.exists()
    assert set(Fragment.objects.values_list("path", flat=True)) == {"/", "/en/"}


def test_a_lesson_that_goes_leaves_the_others_in_step_and_stays_known_to_phones(course, lesson):
    before = current_edition(course.translation_key)
    lesson.delete()
    assert not Fragment.objects.filter(path="/attt-01/mat-khau/").exists()
    after = current_edition(course.translation_key)
    assert len(steps(after)) == len(steps(before)) - 1
    assert "mat-khau" not in Fragment.objects.get(path="/attt-01/").html
    assert Activity.objects.filter(pk=lesson.translation_key).exists()


def test_deleting_one_language_keeps_the_activity(site, course, lesson):
    english = site.translate(course)
    site.translate(lesson)
    fresh(english).delete()
    assert set(Fragment.objects.filter(language="en").values_list("path", flat=True)) == {"/en/"}
    assert Activity.objects.filter(pk=course.translation_key).exists()
    assert steps(current_edition(course.translation_key))[0]["titles"].keys() == {"vi"}


# --- with records ------------------------------------------------------------------------------------------------


def by_its_own_method(course, lesson):
    fresh(lesson).delete()


def as_a_plain_page(course, lesson):
    Page.objects.get(pk=lesson.pk).delete()


def through_its_course(course, lesson):
    fresh(course).delete()


def through_the_home_page(course, lesson):
    Page.objects.get(pk=course.get_parent().pk).delete()


def by_a_queryset(course, lesson):
    Page.objects.filter(translation_key=lesson.translation_key).delete()


def by_a_queryset_of_courses(course, lesson):
    CoursePage.objects.filter(translation_key=course.translation_key).delete()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("languages", [1, 2])
@pytest.mark.parametrize(
    "delete",
    [
        by_its_own_method,
        as_a_plain_page,
        through_its_course,
        through_the_home_page,
        by_a_queryset,
        by_a_queryset_of_courses,
    ],
)
def test_the_last_page_of_a_lesson_with_records_is_not_deleted(site, course, lesson, studied, languages, delete):
    if languages == 2:
        site.translate(course)
        site.translate(lesson)
        if delete is not by_a_queryset:
            Page.objects.get(pk=lesson.get_translation(site.en).pk).delete()
    before = everything()
    with pytest.raises(ProtectedError):
        delete(course, lesson)
    assert everything() == before


def test_a_quiz_that_was_taken_is_not_deleted_either(course, official):
    quiz = course.get_children().last().specific
    paper = Paper.objects.get(quiz=quiz.translation_key)
    Attempt.objects.create(
        key=uuid.uuid4(),
        official=official,
        quiz_id=quiz.translation_key,
        course_id=course.translation_key,
        edition=current_edition(course.translation_key),
        paper=paper,
        started_at=timezone.now(),
        received_at=timezone.now(),
    )
    for page in (quiz, course):
        with pytest.raises(ProtectedError), transaction.atomic():
            fresh(page).delete()


# --- in the admin ------------------------------------------------------------------------------------------------


def test_the_admin_says_why_a_lesson_with_records_stays(course, lesson, studied, admin):
    before = everything()
    for page in (lesson, course, course.get_parent()):
        response = admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
        assert response.status_code == 200
        sentences = [str(message) for message in response.context["messages"]]
        assert any("Mật khẩu và xác thực hai bước" in sentence for sentence in sentences)
    assert everything() == before


def test_the_admin_says_so_before_asking_to_confirm(course, lesson, studied, admin):
    response = admin.get(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert response.status_code == 302


def test_the_bulk_action_is_refused_too(site, course, lesson, studied, admin):
    other = site.lesson(course, "khac")
    before = everything()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    response = admin.post(f"{url}?id={lesson.pk}&id={other.pk}", follow=True)
    assert any("Mật khẩu" in str(message) for message in response.context["messages"])
    assert everything() == before


def test_the_admin_deletes_what_has_no_records(course, lesson, admin):
    admin.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert not Page.objects.filter(pk=lesson.pk).exists()


# --- one language of what officials study ------------------------------------------------------------------------


@pytest.fixture
def in_two_languages(site, course, lesson, studied):
    english = site.translate(course)
    site.translate(lesson)
    return english


def test_one_language_of_what_was_studied_goes_only_after_its_author_has_read_what_follows(
    course, in_two_languages, admin, monkeypatch
):
    monkeypatch.setattr(signals, "unpublish_notes", [lambda key: "12 officials are studying this course."])
    before = everything()
    url = reverse("wagtailadmin_pages:delete", args=[course.pk])
    answer = admin.post(url, {"next": "/admin/"})
    asked = answer.content.decode()
    assert "12 officials are studying this course." in asked
    assert "English" in asked
    assert 'name="next" value="/admin/"' in asked
    assert everything() == before
    admin.post(url, {"next": "/admin/", "take_away": "1"})
    assert not Page.objects.filter(pk=course.pk).exists()
    assert Page.objects.filter(pk=in_two_languages.pk).exists()
    assert LessonProgress.objects.exists()


def test_the_bulk_action_asks_too(course, in_two_languages, admin):
    before = everything()
    url = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}?id={course.pk}"
    asked = admin.post(url).content.decode()
    assert 'name="take_away"' in asked
    assert f'action="{url}"' in asked
    assert everything() == before
    admin.post(url, {"take_away": "1"})
    assert not Page.objects.filter(pk=course.pk).exists()


def test_a_language_nobody_sees_goes_without_a_question(site, course, lesson, studied, admin):
    english = site.translate(course, live=False)
    admin.post(reverse("wagtailadmin_pages:delete", args=[english.pk]))
    assert not Page.objects.filter(pk=english.pk).exists()
