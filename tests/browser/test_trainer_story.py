"""S1, the trainer at her desk: a course of two lessons and a quiz, made in the admin as a person makes it.

What the admin then says it weighs is held to what a phone really downloads.
"""

import io
import itertools
import re
import time

import pytest
from django.utils import translation
from PIL import Image

from courses.blocks import LessonBlock
from quizzes.models.pages import QuestionsBlock
from tests.browser.conftest import LIMIT


def label(block, name: str) -> str:
    with translation.override("vi"):
        return str(block().child_blocks[name].label)


class Author:
    """What a person does in a page editor."""

    def __init__(self, page):
        self.page = page

    def fill(self, name: str, text: str) -> None:
        self.page.fill(f"[name='{name}']", text)

    def editor(self, name: str):
        """The rich text editor of a field."""
        around = f"//*[@name='{name}']/ancestor::*[.//*[@contenteditable='true']][1]"
        return self.page.locator(f"xpath={around}").locator("[contenteditable=true]").first

    def write(self, name: str, text: str) -> None:
        deadline = time.monotonic() + LIMIT
        while text not in self.page.input_value(f"[name='{name}']"):
            assert time.monotonic() < deadline, f"{name} never had what was typed"
            # An editor that is only just being drawn takes a click, but not what is typed: all of it, once more.
            self.editor(name).click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
            # It hands over what was typed a quarter of a second later; nobody publishes sooner, but a script does.
            self.page.wait_for_timeout(1_000)

    def block(self, stream: str, words: str) -> None:
        """Insert a block at the end of the stream."""
        self.page.locator(f"[data-contentpath='{stream}'] button.c-sf-add-button").last.click()
        self.page.get_by_role("option", name=words, exact=True).locator("visible=true").click()

    def one_more(self, items: str) -> None:
        """One more item in a list."""
        around = f"//*[@name='{items}-count']/.."
        self.page.locator(f"xpath={around}").locator("button.c-sf-add-button").last.click()

    def upload(self, chooser: str, name: str, content: bytes, kind: str, title: str) -> None:
        """Choose by uploading, in the window that opens."""
        self.page.locator(f"#{chooser}-chooser [data-chooser-action-choose]").first.click()
        window = self.page.locator(".modal-dialog")
        window.locator("[role=tab][href='#tab-upload']").click()
        form = window.locator("form[data-chooser-modal-creation-form]")
        form.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})
        form.locator("input[name$='title']").fill(title)
        form.locator("[type=submit]").click()
        window.wait_for(state="detached")

    def publish(self) -> None:
        # The address follows the title by a script that may start after the title was typed: typed again, it does.
        title = self.page.locator("input[name=title]")
        deadline = time.monotonic() + LIMIT
        while not self.page.eval_on_selector("input[name=slug]", "field => field.value"):
            assert time.monotonic() < deadline, "the address never followed the title"
            words = title.input_value()
            title.fill("")
            title.press_sequentially(words)
            title.blur()
            self.page.wait_for_timeout(500)
        footer = self.page.locator("footer .actions")
        footer.locator(".w-dropdown__toggle").click()
        self.page.locator("button[name='action-publish']").click()
        # Where Wagtail leads who has published; the address also changes where a new page is kept meanwhile.
        self.page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))
        problems = self.page.locator(".error-message:visible, .messages .error:visible").all_inner_texts()
        assert problems == []


def jpeg() -> bytes:
    content = io.BytesIO()
    Image.linear_gradient("L").resize((1400, 900)).convert("RGB").save(content, "JPEG")
    return content.getvalue()


def page_id(site, slug: str) -> int:
    [(pk,)] = site.rows("select id from wagtailcore_page where slug = ?", slug)
    return pk


@pytest.fixture
def desk(new_desk):
    return new_desk("GV-0001")


def make_course(site, desk) -> None:
    author = Author(desk.page)
    desk.goto(f"/admin/pages/add/courses/coursepage/{page_id(site, 'trang-chu')}/")
    author.fill("title", "Đọc địa chỉ")
    author.fill("code", "DC-01")
    author.fill("summary", "Hai bài và một bài kiểm tra.")
    author.write("about", "Về khóa học.")
    author.publish()


def make_lesson(site, desk, title: str) -> None:
    author = Author(desk.page)
    desk.goto(f"/admin/pages/add/courses/lessonpage/{page_id(site, 'doc-dia-chi')}/")
    author.fill("title", title)
    author.block("body", label(LessonBlock, "heading"))
    author.fill("body-0-value", "Tình huống")
    author.block("body", label(LessonBlock, "text"))
    author.write("body-1-value", "Chị Xuân nhận được một tin nhắn lạ.")
    if title == "Bài đầu":
        author.block("body", label(LessonBlock, "picture"))
        author.upload("body-2-value-image-image", "nha-san.jpg", jpeg(), "image/jpeg", "Nhà sàn")
        author.fill("body-2-value-image-alt_text", "Nhà sàn ba gian")
        author.block("body", label(LessonBlock, "callout"))
        author.fill("body-3-value-title", "Chú ý")
        author.write("body-3-value-text", "Không bấm vào liên kết.")
        author.block("body", label(LessonBlock, "steps"))
        if not desk.page.locator("[name='body-4-value-0-value']").count():
            author.one_more("body-4-value")
        author.write("body-4-value-0-value", "Đọc tên miền.")
        author.one_more("body-4-value")
        author.write("body-4-value-1-value", "Hỏi lại người gửi.")
        author.block("body", label(LessonBlock, "document"))
        content = b"%PDF-1.4\n" + bytes(range(256)) * 30
        author.upload("body-5-value-document", "mau.pdf", content, "application/pdf", "Mẫu báo cáo")
    author.publish()


def make_quiz(site, desk) -> None:
    author = Author(desk.page)
    desk.goto(f"/admin/pages/add/quizzes/quizpage/{page_id(site, 'doc-dia-chi')}/")
    author.fill("title", "Bài kiểm tra")
    author.fill("pass_mark", "60")
    author.fill("attempts_allowed", "2")
    for number, (kind, right) in enumerate((("single", {0}), ("multiple", {0, 1}), ("true_false", None))):
        question = f"questions-{number}-value"
        author.block("questions", label(QuestionsBlock, kind))
        author.fill(f"{question}-text", f"Câu {number + 1}?")
        author.fill(f"{question}-explanation", "Đọc từ phải sang trái.")
        if right is None:
            desk.page.check(f"[name='{question}-is_true']")
            continue
        for option in range(3):
            if not desk.page.locator(f"[name='{question}-options-{option}-value-text']").count():
                author.one_more(f"{question}-options")
            author.fill(f"{question}-options-{option}-value-text", f"Phương án {option + 1}")
            if option in right:
                desk.page.check(f"[name='{question}-options-{option}-value-correct']")
    author.publish()


class Meter:
    """Counts the bytes of bodies as they travel, for each address, worker's requests included."""

    def __init__(self, phone):
        self.bodies: dict[str, int] = {}
        phone.context.on("requestfinished", self._count)

    def of(self, *beginnings: str) -> dict[str, int]:
        return {path: size for path, size in self.bodies.items() if path.startswith(beginnings)}

    def _count(self, request):
        response = request.response()
        if response and not response.from_service_worker:
            path = request.url.split("/", 3)[3]
            self.bodies[f"/{path}"] = int(response.headers.get("content-length") or request.sizes()["responseBodySize"])


def test_a_course_is_made_weighed_and_in_the_catalogue_at_once(site, desk, new_phone):
    make_course(site, desk)
    for title in ("Bài đầu", "Bài sau"):
        make_lesson(site, desk, title)
    make_quiz(site, desk)

    desk.goto(f"/admin/pages/{page_id(site, 'bai-dau')}/edit/")
    weight = int(desk.page.locator("[data-weight]").get_attribute("data-weight"))
    assert f"{weight:,}".replace(",", ".") in desk.page.locator("[data-weight]").inner_text()
    assert desk.page.locator("[data-device-width='360']").count() or desk.page.locator("[value='360']").count()
    desk.goto(f"/admin/pages/{page_id(site, 'doc-dia-chi')}/edit/")
    panel = desk.page.locator("section, div").filter(has=desk.page.locator("[data-weight]")).last.inner_text()
    desk.goto("/")
    assert "Đọc địa chỉ" in desk.page.inner_text("main")

    phone = new_phone("hers", service_workers="block")
    phone.sign_in("CB-0001")
    meter = Meter(phone)
    phone.goto("/doc-dia-chi/bai-dau/")
    phone.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    phone.until("[...document.querySelectorAll('main img')].every(each => each.complete && each.naturalWidth)")
    # The page and its one picture, weighed when the browser has told of both.
    phone.eventually(lambda: len(meter.of("/doc-dia-chi/bai-dau/", "/m/")) >= 2)
    opened = meter.of("/doc-dia-chi/bai-dau/", "/m/")
    assert len(opened) == 2
    assert sum(opened.values()) == weight
    text = phone.page.inner_text("main")
    for words in ("Tình huống", "tin nhắn lạ", "Không bấm vào liên kết.", "Hỏi lại người gửi.", "Mẫu báo cáo"):
        assert words in text
    assert phone.page.locator("main img").get_attribute("alt") == "Nhà sàn ba gian"

    other = new_phone("another")
    other.sign_in("CB-0002")
    other.goto("/doc-dia-chi/")
    other.ready()
    other.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
    promised = int(other.page.locator("[data-bytes]").first.get_attribute("data-bytes"))
    meter = Meter(other)
    other.page.click("[data-action=download-course]")
    other.until("document.querySelector('main [data-offline=ready]') !== null")
    # The browser tells of each a little later than the page.
    other.eventually(lambda: sum(meter.of("/api/courses/", "/m/").values()) >= promised)
    got = meter.of("/api/courses/", "/m/")
    assert sum(got.values()) == promised, got
    assert f"{promised:,}".replace(",", ".") in panel
    assert not re.search(r"\bNone\b", panel)
    for each in (phone, other):
        assert not each.errors


def test_a_new_page_is_kept_when_its_author_says_so_and_not_beside_what_she_publishes(site, desk):
    page, sent = desk.page, []
    desk.context.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    home = page_id(site, "trang-chu")
    desk.goto(f"/admin/pages/add/courses/coursepage/{home}/")
    author = Author(page)
    author.fill("title", "Đọc địa chỉ")
    author.fill("code", "DC-01")
    for version in range(4):
        author.fill("summary", f"Hai bài và một bài kiểm tra, bản {version}.")
        # Long enough for Wagtail to see that something changed, and to keep it.
        page.wait_for_timeout(1_000)
    assert not [url for url in sent if "/pages/add/courses/coursepage/" in url and "preview" not in url]
    author.publish()
    assert site.rows("select live from wagtailcore_page where title = ?", "Đọc địa chỉ") == [(True,)]
    # Once it is there, it is kept as it is written.
    desk.goto(f"/admin/pages/{page_id(site, 'doc-dia-chi')}/edit/")
    kept = "select content from wagtailcore_revision"
    versions = itertools.count(10)

    def written_on() -> bool:
        # Wagtail begins to look for changes a while after the page has come.
        author.fill("summary", f"Version {next(versions)}.")
        page.wait_for_timeout(1_000)
        return any("Version 1" in str(content) for (content,) in site.rows(kept))

    desk.eventually(written_on)
    assert not desk.errors
