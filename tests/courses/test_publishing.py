"""Publishing a course: activities, edition and fragments follow the pages."""

import pytest

from courses.editions import current_edition, steps
from courses.models import Activity

pytestmark = pytest.mark.django_db


def test_a_published_course_is_on_the_home_page_and_its_lesson_can_be_read(site, signed_in):
    course = site.course()
    lesson = site.lesson(course)
    quiz = site.quiz(course)

    home = signed_in.get("/").content.decode()
    assert "An toàn thông tin" in home
    assert 'href="/attt-01/"' in home
    page = signed_in.get("/attt-01/mat-khau/").content.decode()
    assert "Bài 1. Mật khẩu và xác thực hai bước" in page or "Lesson 1." in page
    assert "Giữ kín mật khẩu." in page
    assert signed_in.get("/attt-01/bai-kiem-tra/").status_code == 200
    assert set(Activity.objects.values_list("key", "kind")) == {
        (course.translation_key, "course"),
        (lesson.translation_key, "lesson"),
        (quiz.translation_key, "quiz"),
    }
    edition = current_edition(course.translation_key)
    assert [step["activity"] for step in steps(edition)] == [
        str(lesson.translation_key),
        str(quiz.translation_key),
    ]
