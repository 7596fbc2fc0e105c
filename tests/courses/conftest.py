"""A catalogue in two languages, and short ways to make courses, lessons and quizzes in it."""

import io
import uuid

import pytest
from django.core.files.base import ContentFile
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
        self.vi, _ = Locale.objects.get_or_create(language_code="vi")
        self.en, _ = Locale.objects.get_or_create(language_code="en")
        root = Page.get_first_root_node()
        self.home = root.add_child(instance=CataloguePage(title="Trang chủ", slug="trang-chu", locale=self.vi))
        site = Site.objects.get(is_default_site=True)
        site.root_page = self.home
        site.save()
        Page.objects.filter(depth=2, slug="home").delete()
        self.home.save_revision().publish()
        self.home_en = self.home.copy_for_translation(self.en)
        self.home_en.title = "Home"
        self.home_en.save_revision().publish()

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


@pytest.fixture
def site(db):
    return Ground()


@pytest.fixture
def official(django_user_model):
    return django_user_model.objects.create_user("CB-0001", "hoc-khong-can-mang", full_name="Lò Thị Hương")


@pytest.fixture
def signed_in(client, official):
    client.force_login(official, backend="training.officials.sign_in.StaffNumberBackend")
    return client
