"""Pictures, audio and video of a lesson in a real browser: seeking online and, once downloaded, without a network."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, ROOT
from tests.browser.study import download

LESSON = "/attt-01/nghe-nhin/"
#: Silence as an MP3 of five minutes and 5 MB: more than a browser fetches ahead, and more than one piece of a download.
MAKE_LESSON = """
import io
from django.core.files.base import ContentFile
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtailmedia.models import get_media_model
from courses.models import CoursePage, LessonPage

def made(model, name, content, **fields):
    return model.objects.create(title=name, file=ContentFile(content, name), **fields).pk

jpeg = io.BytesIO()
Image.linear_gradient("L").resize((1400, 900)).convert("RGB").save(jpeg, "JPEG")
silence = (b"\\xff\\xfb\\x90\\x00" + bytes(413)) * 12_000
film = open({film!r}, "rb").read()
captions = "WEBVTT\\n\\n00:00.000 --> 00:05.000\\nĐọc tên miền.\\n".encode()
image = made(get_image_model(), "nha-san.jpg", jpeg.getvalue())
audio = made(get_media_model(), "loi.mp3", silence, type="audio", duration=313)
video = made(get_media_model(), "phim.webm", film, type="video", duration=6, width=128, height=72)
captions = made(get_document_model(), "phu-de.vtt", captions)
course = CoursePage.objects.get(slug="attt-01", locale__language_code="vi")
page = LessonPage(title="Nghe nhìn", slug="nghe-nhin", live=False, locale_id=course.locale_id)
shown = {{"image": image, "alt_text": "Nhà sàn", "decorative": False}}
page.body = [
    {{"type": "picture", "value": {{"image": shown, "caption": ""}}}},
    {{"type": "audio", "value": {{"audio": audio, "transcript": "<p>Lời.</p>"}}}},
    {{"type": "video", "value": {{"video": video, "captions": captions, "transcript": "<p>Lời.</p>"}}}},
]
course.add_child(instance=page)
page.save_revision().publish()
"""
SEEK = """([kind, to]) => new Promise((resolve) => {
  const media = document.querySelector(kind);
  media.muted = true;
  media.preload = 'auto';
  media.onerror = () => resolve(`error ${media.error.code}: ${media.error.message}`);
  media.onseeked = () => resolve(Math.round(media.currentTime));
  media.onloadedmetadata = () => { media.currentTime = to; };
  media.load();
  setTimeout(() => resolve(`nothing came, ready ${media.readyState}`), 90_000);
})"""
CUES = """() => new Promise((resolve) => {
  const deadline = Date.now() + 90_000;
  const look = () => {
    const track = document.querySelector('video').textTracks[0];
    if (track.cues && track.cues.length) resolve(track.cues[0].text);
    else if (Date.now() > deadline) resolve(`no cues, mode ${track.mode}`);
    else setTimeout(look, 100);
  };
  look();
})"""


@pytest.fixture
def lesson(site):
    site.manage("shell", stdin=MAKE_LESSON.format(film=str(ROOT / "tests" / "browser" / "files" / "film.webm")))
    return LESSON


class Parts:
    """Answers to requests for files, and who gave them."""

    def __init__(self, phone):
        self.seen: list[tuple[str, int, str, bool]] = []
        phone.context.on("response", self._note)

    def _note(self, response):
        if "/m/" in response.url:
            asked = response.request.headers.get("range", "")
            self.seen.append((response.url.rsplit(".", 1)[1], response.status, asked, response.from_service_worker))

    def begin(self, extension: str, after: int, by_worker: bool = False) -> bool:
        """Whether a part came that begins further on in the file."""
        return any(
            kind == extension and status == 206 and worker is by_worker and int(asked[6:].split("-")[0] or 0) > after
            for kind, status, asked, worker in self.seen
        )


def width_shown(phone) -> int:
    phone.goto(LESSON)
    return phone.until("document.querySelector('main picture img').naturalWidth")


def test_sound_and_film_can_be_sought_through_with_a_network_and_without(site, lesson, new_phone):
    phone = new_phone("hers")
    phone.sign_in("CB-0001")
    parts = Parts(phone)
    phone.goto(lesson)
    assert phone.page.evaluate(SEEK, ["audio", 290]) == 290
    assert phone.page.evaluate(SEEK, ["video", 5]) == 5
    assert phone.page.evaluate(CUES) == "Đọc tên miền."
    phone.eventually(lambda: parts.begin("mp3", after=1_000_000))

    download(phone)
    phone.cut()
    phone.kill()
    phone.open()
    parts = Parts(phone)
    phone.goto(lesson)
    assert "Nghe nhìn" in phone.page.inner_text("main h1")
    assert phone.page.evaluate(SEEK, ["audio", 290]) == 290
    assert phone.page.evaluate(SEEK, ["video", 5]) == 5
    assert phone.page.evaluate(CUES) == "Đọc tên miền."
    phone.eventually(lambda: parts.begin("mp3", after=0, by_worker=True))
    assert not phone.errors


def test_a_wide_screen_gets_the_wide_picture_and_without_a_network_the_small_one(site, lesson, new_phone):
    desk = new_phone("desk", viewport=DESKTOP)
    desk.sign_in("CB-0001")
    download(desk)
    desk.cut()
    assert width_shown(desk) == 480
    desk.connect()
    # On a network that is slow for a moment the small one would do, too.
    desk.eventually(lambda: width_shown(desk) == 960)
    assert not desk.errors
    phone = new_phone("hers", viewport=PHONE)
    phone.sign_in("CB-0002")
    assert width_shown(phone) == 480
