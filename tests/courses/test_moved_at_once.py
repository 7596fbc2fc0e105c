"""A course is moved, or deleted, while one of its lessons is published: both come to an end, one after the other."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Revision

from courses.models import CoursePage, Fragment
from tests.courses.test_at_once import Another
from tests.meanwhile import comes_to_a_halt, meanwhile

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def due(site):
    """The middle lesson of the second of two courses waits for its time, which has come."""
    site.course("dau", title="Khóa đầu")
    course = site.course()
    lessons = [site.lesson(course, slug, title=f"Bài {slug}") for slug in ("mot", "hai", "ba")]
    draft = lessons[1].get_latest_revision_as_object()
    draft.title, draft.go_live_at = "Bài hai đã sửa", timezone.now() - timedelta(minutes=1)
    revision = draft.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=draft.go_live_at)
    return course


@pytest.mark.parametrize("what", ["moved", "deleted"])
def test_a_course_goes_elsewhere_while_a_lesson_of_it_is_published_on_time(due, what):
    done = []

    def change():
        page = CoursePage.objects.get(pk=due.pk)
        if what == "moved":
            page.move(CoursePage.objects.get(slug="dau"), pos="left")
        else:
            page.delete()
        done.append(what)

    other = Another(change)

    def begin():
        other.start()
        comes_to_a_halt(other, other.refused)

    with meanwhile('UPDATE "wagtailcore_page"', begin):
        call_command("publish_scheduled")
    other.finish()
    assert done == [what]
    kept = list(Fragment.objects.filter(course=due.translation_key).values_list("path", "title"))
    assert ("/attt-01/hai/", "Bài hai đã sửa") in kept if what == "moved" else kept == []
    html = Fragment.objects.get(path="/").html
    if what == "moved":
        assert html.index("/attt-01/") < html.index("/dau/")
    else:
        assert "/attt-01/" not in html
