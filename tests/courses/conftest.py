"""A catalogue in two languages, and short ways to make courses, lessons and quizzes in it.

The catalogue is made once for each module, inside a transaction that is rolled back after it; every test works in a
savepoint of that, with pages of its own read from it. Tests that need real commits have one made for each of them.
"""

import io
import uuid

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, Site

from courses.models import CataloguePage, CoursePage, LessonPage
from courses.models.pages import LegalBasis, Objective
from quizzes.models import QuizPage

CHECK = {
    "type": "single",
    "text": "Địa chỉ nào thật?",
    "options": [
        {"text": "`laichau.gov.vn`", "correct": True},
        {"text": "`laichau-gov.example`", "correct": False},
    ],
    "explanation": "Đọc từ phải sang trái.",
}


def question(text="Mật khẩu nào khó đoán nhất?", right=0, **extra):
    options = [{"text": f"{text} {letter}", "correct": index == right} for index, letter in enumerate("abc")]
    value = {"text": text, "points": 1, "explanation": f"Vì sao: {text}", "options": options, **extra}
    return {"type": "single", "value": value, "id": str(uuid.uuid4())}


class Ground:
    """What a trainer has before the first course: the home page in Vietnamese and English."""

    def __init__(self):
        self.vi, self.en = (Locale.objects.get(language_code=code) for code in ("vi", "en"))
        self.home, self.home_en = (CataloguePage.objects.get(locale=locale) for locale in (self.vi, self.en))

    @classmethod
    def lay(cls):
        vi, _ = Locale.objects.get_or_create(language_code="vi")
        en, _ = Locale.objects.get_or_create(language_code="en")
        root = Page.get_first_root_node()
        home = root.add_child(instance=CataloguePage(title="Trang chủ", slug="trang-chu", locale=vi))
        site = Site.objects.get(is_default_site=True)
        site.root_page = home
        site.save()
        Page.objects.filter(depth=2, slug="home").delete()
        home.save_revision().publish()
        english = home.copy_for_translation(en)
        english.title = "Home"
        english.save_revision().publish()
        return cls()

    def course(self, slug="attt-01", live=True, **values):
        values = {"title": "An toàn thông tin", "code": "ATTT-01", "summary": "Tám bài ngắn.", **values}
        return self.add(self.home, CoursePage(slug=slug, **values), live)

    def lesson(self, course, slug="mat-khau", body=None, live=True, **values):
        body = body if body is not None else [("heading", "Mật khẩu"), ("text", "<p>Giữ kín mật khẩu.</p>")]
        values = {"title": "Mật khẩu và xác thực hai bước", "summary": "Giữ tài khoản.", **values}
        page = LessonPage(slug=slug, **values)
        page.body = [{"type": kind, "value": value} for kind, value in body]
        page.objectives = [Objective(text="Đặt được mật khẩu mạnh")]
        page.legal_bases = [LegalBasis(text="Nghị định 331/2026/NĐ-CP, Điều 31")]
        return self.add(course, page, live)

    def quiz(self, course, slug="bai-kiem-tra", questions=None, live=True, **values):
        page = QuizPage(slug=slug, **{"title": "Bài kiểm tra cuối khóa", **values})
        page.questions = questions or [question(), question("Ai được biết mã OTP?", right=2)]
        return self.add(course, page, live)

    def add(self, parent, page, live):
        page.locale = parent.locale
        page.live = False
        parent.add_child(instance=page)
        revision = page.save_revision()
        if live:
            revision.publish()
            page.refresh_from_db()
        return page

    def translate(self, page, live=True, **values):
        copy = page.copy_for_translation(self.en)
        for name, value in values.items():
            setattr(copy, name, value)
        revision = copy.save_revision()
        if live:
            revision.publish()
            copy.refresh_from_db()
        return copy

    def image(self, width=1600, height=900, colour=(30, 34, 87), title="Nhà sàn"):
        from PIL import Image

        content = io.BytesIO()
        Image.new("RGB", (width, height), colour).save(content, "JPEG")
        return get_image_model().objects.create(title=title, file=ContentFile(content.getvalue(), f"{title}.jpg"))


def commits(item) -> bool:
    """Its test is in no transaction: the database is emptied after it."""
    marker = item.get_closest_marker("django_db")
    return marker is not None and marker.kwargs.get("transaction", False)


class Laid:
    """The transaction of a module, and in it the ground."""

    outer = None

    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        Ground.lay()

    def end(self) -> None:
        if self.outer is not None:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)
            self.outer = None


LAID = Laid()


@pytest.fixture(scope="module")
def laid_ground(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        try:
            LAID.begin()
            yield
        finally:
            LAID.end()


def pytest_collection_modifyitems(items):
    # Asked for by the site itself, it would begin inside the test's own transaction. (A browser's site is another.)
    for item in items:
        if "site" in item.fixturenames and "browser" not in item.path.parts and not commits(item):
            item.fixturenames = ["laid_ground", *item.fixturenames]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if commits(item):
        LAID.end()


@pytest.fixture
def site(db, request):
    return Ground.lay() if commits(request.node) else Ground()


@pytest.fixture
def official(django_user_model):
    return django_user_model.objects.create_user("CB-0001", "hoc-khong-can-mang", full_name="Lò Thị Hương")


@pytest.fixture
def signed_in(client, official):
    client.force_login(official, backend="training.officials.sign_in.StaffNumberBackend")
    return client
