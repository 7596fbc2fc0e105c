"""Authors who publish at the same moment, and whoever works meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.images.models import Filter
from wagtail.models import Revision
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from courses.models import Activity, Fragment
from courses.publishing import settle
from tests.learning import make_official
from tests.meanwhile import LIMIT, comes_to_a_halt
from training.records.models import LessonProgress

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class Another(threading.Thread):
    """Does something on a connection of its own while the test's transaction is open.

    SQLite lets nobody else begin meanwhile, and a database in memory says so at once: there it is done afterwards.
    """

    def __init__(self, work):
        super().__init__()
        self.work, self.refused, self.ended = work, threading.Event(), threading.Event()

    def run(self):
        try:
            self.work()
        except OperationalError:
            if connection.vendor == "sqlite":
                self.refused.set()
                self.ended.wait(LIMIT)
                self.work()
        finally:
            connection.close()

    def finish(self):
        self.ended.set()
        self.join(LIMIT)


def test_two_courses_published_at_once_are_both_in_the_catalogue(site):
    first, second = [site.course(slug=slug, title=f"Khóa {slug}", live=False) for slug in ("mot", "hai")]
    other = Another(lambda: second.get_latest_revision().publish())
    with transaction.atomic():
        first.get_latest_revision().publish()
        other.start()
        comes_to_a_halt(other, other.refused)
    other.finish()
    html = Fragment.objects.get(path="/").html
    assert "Khóa mot" in html
    assert "Khóa hai" in html


def test_results_are_recorded_while_a_course_is_being_published(site):
    lesson = site.lesson(site.course())
    official, activity = make_official("CB-0001"), Activity.objects.get(pk=lesson.translation_key)
    course = activity.course
    done = []

    def record():
        times = dict.fromkeys(["finished_at", "earliest_at", "latest_at"], timezone.now())
        LessonProgress.objects.create(official=official, lesson=activity, course=course, **times)
        done.append(True)

    other = Another(record)
    with transaction.atomic():
        settle(course.pk)
        other.start()
        comes_to_a_halt(other, other.refused)
        in_time = bool(done)
    other.finish()
    assert done
    assert in_time or connection.vendor == "sqlite"


@pytest.fixture
def conversions(monkeypatch):
    """For each picture made small, whether a transaction was open: whoever wants to write would wait for it."""
    seen = []
    convert = Filter.run

    def seeing(self, *args, **kwargs):
        seen.append(connection.in_atomic_block)
        return convert(self, *args, **kwargs)

    monkeypatch.setattr(Filter, "run", seeing)
    return seen


@pytest.fixture
def draft(site):
    image = site.image()
    lesson = site.lesson(site.course(), live=False)
    body = [("picture", {"image": {"image": image.pk, "alt_text": "Nhà sàn", "decorative": ""}, "caption": "Bản"})]
    return lesson, body


def test_pictures_are_made_small_before_a_trainer_publishes(draft, client, django_user_model, conversions):
    lesson, body = draft
    admin = django_user_model.objects.create_superuser("ADMIN", "hoc-khong-can-mang")
    client.force_login(admin, backend="training.officials.sign_in.StaffNumberBackend")
    values = {
        "title": "Nhà sàn",
        "slug": "nha-san",
        "minutes": 6,
        "body": streamfield(body),
        "objectives": inline_formset([]),
        "legal_bases": inline_formset([{"text": "Nghị định 30/2020/NĐ-CP"}]),
        "action-publish": "action-publish",
    }
    answer = client.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), nested_form_data(values))
    assert answer.status_code == 302
    assert Fragment.objects.get(path="/attt-01/nha-san/").media.count() == 2
    assert conversions == [False, False]


def test_pictures_are_made_small_before_a_page_is_published_on_time(draft, conversions):
    lesson, body = draft
    page = lesson.get_latest_revision_as_object()
    page.body = [{"type": kind, "value": value} for kind, value in body]
    page.go_live_at = timezone.now() - timedelta(minutes=1)
    revision = page.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=page.go_live_at)
    call_command("publish_scheduled")
    assert Fragment.objects.get(path="/attt-01/mat-khau/").media.count() == 2
    assert conversions == [False, False]
