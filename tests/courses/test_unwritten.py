"""A page published by hand whose course can't be written: its author is told, and the worker tries again soon."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from courses.models import Fragment, Unwritten
from tests.courses.test_authoring import trainer  # noqa: F401
from tests.courses.test_careless import lesson_form, rich_text, told
from tests.courses.test_publishing import broken

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LESSON = "/attt-01/bai/"


def test_what_could_not_be_written_is_said_and_written_within_a_minute(site, trainer, monkeypatch):  # noqa: F811
    course = site.course()
    lesson, quiz = site.lesson(course, "bai"), site.quiz(course)
    form = lesson_form([("text", rich_text("<p>Đoạn đã sửa.</p>"))])
    edit = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    with monkeypatch.context() as mistake:
        broken(quiz, mistake)
        answer = trainer.post(edit, form, follow=True)
        assert answer.status_code == 200
        assert "Learners still see “An toàn thông tin” as it was" in told(answer)
        with pytest.raises(CommandError):
            call_command("settle_courses", waiting=True)
        assert "Đoạn đã sửa." not in Fragment.objects.get(path=LESSON).html
        assert Unwritten.objects.get().pk == course.translation_key
    call_command("settle_courses", waiting=True)
    assert "Đoạn đã sửa." in Fragment.objects.get(path=LESSON).html
    assert not Unwritten.objects.exists()
    assert "Learners still see" not in told(trainer.post(edit, form, follow=True))


def test_what_is_taken_down_is_out_of_sight_and_the_rest_is_written_soon(site, trainer, monkeypatch):  # noqa: F811
    course = site.course()
    lesson, quiz = site.lesson(course, "bai"), site.quiz(course)
    with monkeypatch.context() as mistake:
        broken(quiz, mistake)
        answer = trainer.post(reverse("wagtailadmin_pages:unpublish", args=[lesson.pk]), follow=True)
        assert "Learners still see" in told(answer)
        assert not Fragment.objects.filter(path=LESSON).exists()
    call_command("settle_courses", waiting=True)
    assert LESSON not in Fragment.objects.get(path="/attt-01/").html


def test_the_worker_looks_after_it_each_minute(site, monkeypatch):
    from training.management.commands import run_worker

    site.lesson(site.course(), "bai")
    Fragment.objects.update(hash="cũ")
    Unwritten.objects.create(pk=Fragment.objects.get(path=LESSON).course_id)
    monkeypatch.setattr(run_worker, "NIGHTLY", [])
    call_command("run_worker", once=True)
    assert not Fragment.objects.filter(path=LESSON, hash="cũ").exists()
    assert not Unwritten.objects.exists()
