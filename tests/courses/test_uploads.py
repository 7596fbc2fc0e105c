"""What is uploaded is what its name says: anything else is refused with a sentence, before a lesson can show it."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.users.models import UserProfile
from wagtailmedia.models import get_media_model

from courses import media
from courses.models import Fragment, MediaFile
from courses.templatetags.fragments import duration
from tests.courses.test_authoring import trainer  # noqa: F401
from tests.courses.test_media import document, picture, video

pytestmark = pytest.mark.django_db


def encoded(picture, kind="JPEG", **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def noise(size=(900, 600)):
    return Image.effect_noise(size, 60).convert("RGB")


def archive(*names) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return content.getvalue()


def send(client, kind, name, content, **more):
    """Send one file to the library; returns what is wrong with it, or nothing."""
    url = reverse(f"wagtail{kind}:add", args=[more.pop("type")] if "type" in more else [])
    file = SimpleUploadedFile(name, content, "application/octet-stream")
    answer = client.post(url, {"title": "T", "collection": 1, "file": file, **more})
    assert answer.status_code in (200, 302)
    return "" if answer.status_code == 302 else str(answer.context["form"].errors)


# --- pictures ----------------------------------------------------------------------------------------------------


def test_half_a_picture_is_refused(trainer):  # noqa: F811
    whole = encoded(noise())
    assert "damaged or only half there" in send(trainer, "images", "a.jpg", whole[: len(whole) // 2])
    assert send(trainer, "images", "a.jpg", whole) == ""


@pytest.mark.parametrize("size", [(8_001, 8_000), (16_000, 11_000), (30_000, 30_000)], ids=str)
def test_a_small_file_that_unpacks_to_an_enormous_picture_is_refused_before_it_is_unpacked(
    trainer, size, monkeypatch  # noqa: F811
):
    bomb = encoded(Image.new("1", size), "PNG")
    assert len(bomb) < 200_000

    def unpack(*args):
        raise AssertionError("unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpack)
    assert "too many pixels" in send(trainer, "images", "a.png", bomb)
    assert not get_image_model().objects.exists()


@pytest.mark.parametrize(("size", "taken"), [((300, 16_384), False), ((1080, 19_000), False), ((1080, 18_000), True)])
def test_a_picture_too_long_for_a_phone_is_refused_and_not_lost_on_the_way(trainer, size, taken):  # noqa: F811
    wrong = send(trainer, "images", "a.png", encoded(Image.new("1", size), "PNG"))
    assert ("too long for a phone" in wrong) is not taken
    for image in get_image_model().objects.all():
        small, wide = media.picture(image)
        assert (small.height, wide.height) == (8_000, 16_000)


@pytest.mark.parametrize(("seconds", "taken"), [("1e308", False), (86_401, False), (86_400, True), ("0.4", True)])
def test_nothing_lasts_longer_than_a_day(trainer, seconds, taken):  # noqa: F811
    wrong = send(trainer, "media", "a.mp3", b"ID3" + b"\0" * 20, type="audio", duration=seconds)
    assert (wrong == "") is taken


def test_what_lasts_less_than_half_a_second_lasts_one():
    with translation.override("en"):
        assert duration(0.4) == "1 second"


def test_thirty_megabytes_are_refused(trainer):  # noqa: F811
    assert "too big" in send(trainer, "images", "a.jpg", encoded(noise()) + b"\0" * 30_000_000)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_what_is_no_picture_is_refused(trainer, name):  # noqa: F811
    for content in (b"%PDF-1.4", b"<svg/>", b"<html>", b""):
        assert send(trainer, "images", name, content)
    assert not get_image_model().objects.exists()


def test_several_at_once_are_asked_the_same(trainer):  # noqa: F811
    def add(content):
        file = SimpleUploadedFile("a.jpg", content, "image/jpeg")
        answer = trainer.post(
            reverse("wagtailimages:add_multiple"),
            {"title": "T", "collection": 1, "files[]": file},
            headers={"X-Requested-With": "XMLHttpRequest"},
        )
        assert answer.status_code == 200
        return answer.json()

    whole = encoded(noise())
    assert "half there" in add(whole[: len(whole) // 2])["error_message"]
    assert add(whole)["success"]


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("P", "PNG"), ("LA", "PNG"), ("1", "PNG")])
def test_pictures_of_every_sort_reach_a_phone_as_webp(site, mode, kind):
    from django.core.files.base import ContentFile

    content = encoded(noise().convert(mode), kind)
    image = get_image_model().objects.create(title="T", file=ContentFile(content, f"a.{kind.lower()[:4]}"))
    site.lesson(site.course(), body=[picture(image)])
    assert {file.width for file in MediaFile.objects.filter(extension="webp")} == {480, 900}


def test_a_photo_is_turned_upright_and_loses_where_it_was_taken(site):
    from django.core.files.base import ContentFile

    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    image = get_image_model().objects.create(
        title="T", file=ContentFile(encoded(noise(), exif=exif), "a.jpg")
    )
    site.lesson(site.course(), body=[picture(image)])
    small = MediaFile.objects.filter(extension="webp").order_by("width").first()
    assert small.height > small.width
    assert not Image.open(small.file.open()).getexif()


# --- documents, audio, video -------------------------------------------------------------------------------------


GOOD = [
    ("docs", "a.pdf", b"%PDF-1.7\n", {}),
    ("docs", "A.PDF", b"\n%PDF-1.4", {}),
    ("docs", "a.vtt", "\ufeffWEBVTT\n\n".encode(), {}),
    ("docs", "a.docx", archive("[Content_Types].xml", "word/document.xml"), {}),
    ("docs", "a.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), {}),
    ("docs", "a.pptx", archive("[Content_Types].xml", "ppt/presentation.xml"), {}),
    ("media", "a.mp4", b"\0\0\0\x20ftypisom", {"type": "video", "duration": 3}),
    ("media", "a.webm", b"\x1aE\xdf\xa3", {"type": "video", "duration": 3}),
    ("media", "a.mp3", b"ID3\4", {"type": "audio", "duration": 3}),
    ("media", "b.mp3", b"\xff\xfb\x90", {"type": "audio", "duration": 3}),
    ("media", "a.ogg", b"OggS\0", {"type": "audio", "duration": 3}),
]
BAD = [
    ("docs", "a.pdf", b"<html><script>alert(1)</script>", {}),
    ("docs", "a.pdf", archive("[Content_Types].xml", "word/document.xml"), {}),
    ("docs", "a.vtt", b"1\n00:00:00,000 --> 00:00:02,000\nsrt", {}),
    ("docs", "a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nÂ\n".encode("latin-1"), {}),
    ("docs", "a.docx", b"\xd0\xcf\x11\xe0 an old .doc", {}),
    ("docs", "a.docx", archive("[Content_Types].xml", "xl/workbook.xml"), {}),
    ("docs", "a.xlsx", archive("a.txt"), {}),
    ("docs", "a.exe", b"MZ", {}),
    ("docs", "a.svg", b"<svg/>", {}),
    ("docs", "a.html", b"<html>", {}),
    ("media", "a.mp4", b"<html>", {"type": "video", "duration": 3}),
    ("media", "a.webm", b"\0\0\0\x20ftypisom", {"type": "video", "duration": 3}),
    ("media", "a.mp3", b"RIFF", {"type": "audio", "duration": 3}),
    ("media", "a.avi", b"RIFF", {"type": "video", "duration": 3}),
]


@pytest.mark.parametrize(("kind", "name", "content", "more"), GOOD, ids=[each[1] for each in GOOD])
def test_a_file_that_is_what_its_name_says_is_taken(trainer, kind, name, content, more):  # noqa: F811
    assert send(trainer, kind, name, content, **more) == ""


@pytest.mark.parametrize(("kind", "name", "content", "more"), BAD, ids=[f"{each[1]} {n}" for n, each in enumerate(BAD)])
def test_a_file_that_is_not_is_refused(trainer, kind, name, content, more):  # noqa: F811
    assert send(trainer, kind, name, content, **more)
    assert not get_document_model().objects.exists()
    assert not get_media_model().objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.html", b"<html>", "Không dùng được tệp có đuôi “html”"),
        ("a.pdf", b"<html>", "không phải tệp loại ấy"),
        ("a.pdf", b"", "rỗng"),
        ("a.vtt", "WEBVTT\n".encode("utf-16"), "không phải tệp loại ấy"),
    ],
)
def test_a_refused_document_is_refused_with_one_reason_and_in_vietnamese(
    trainer, django_user_model, name, content, words  # noqa: F811
):
    UserProfile.objects.update_or_create(user=django_user_model.objects.get(), defaults={"preferred_language": "vi"})
    wrong = send(trainer, "docs", name, content)
    assert words in wrong
    assert wrong.count("<li>") == 2, "one for the field, one for the reason"


def test_the_still_of_a_video_is_a_picture(trainer):  # noqa: F811
    for content, taken in ((b"%PDF-1.4", False), (encoded(noise()), True)):
        still = SimpleUploadedFile("still.jpg", content, "image/jpeg")
        wrong = send(trainer, "media", "a.webm", b"\x1aE\xdf\xa3", type="video", duration=3, thumbnail=still)
        assert (wrong == "") is taken


# --- what went all the same --------------------------------------------------------------------------------------


def test_a_file_that_went_costs_its_place_and_not_the_lesson(site, trainer):  # noqa: F811
    image, film, pdf, captions = site.image(), video(b"film"), document(), document("a.vtt", b"WEBVTT\n")
    body = [
        ("heading", "Còn lại"),
        picture(image),
        ("video", {"video": film.pk, "captions": captions.pk, "transcript": "<p>Bản chữ.</p>"}),
        ("document", {"document": pdf.pk, "title": ""}),
    ]
    lesson = site.lesson(site.course(), body=body)
    for each in (image, film, pdf, captions):
        # As from outside: Django itself is refused.
        type(each).objects.filter(pk=each.pk)._raw_delete("default")
    lesson.save_revision().publish()
    html = Fragment.objects.get(page=lesson.pk).html
    assert "Còn lại" in html
    assert "Bản chữ." in html
    for gone in ("<img", "<video", "Video:", "/m/"):
        assert gone not in html
    assert trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).status_code == 200


def test_a_file_lost_from_the_disk_hinders_no_publishing(site, trainer):  # noqa: F811
    image = site.image()
    image.file.storage.delete(image.file.name)
    film = video(b"film")
    film.thumbnail.save("still.pdf", io.BytesIO(b"%PDF"))
    captions = document("a.vtt", b"WEBVTT\n")
    body = [picture(image), ("video", {"video": film.pk, "captions": captions.pk, "transcript": "<p>Bản chữ.</p>"})]
    lesson = site.lesson(site.course(), body=body)
    html = Fragment.objects.get(page=lesson.pk).html
    assert "<img" not in html
    assert "<video" in html
    assert trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).status_code == 200
