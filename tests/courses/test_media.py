"""Files by their hash: made small, made once, served in parts, and only to who may read a page that shows them."""

import hashlib
import io
import json
import re
from datetime import timedelta

import brotli
import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as PillowImage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction
from wagtailmedia.models import get_media_model

from courses.models import Fragment, FragmentMedia, MediaFile

pytestmark = pytest.mark.django_db
LESSON = "/attt-01/mat-khau/"


def picture(image, alt="Nhà sàn có ba cột", caption="Ba cột"):
    return ("picture", {"image": {"image": image.pk, "alt_text": alt, "decorative": False}, "caption": caption})


def document(name="mau.pdf", content=b"%PDF-1.4 mau"):
    return get_document_model().objects.create(title="Biểu mẫu", file=ContentFile(content, name))


def video(content):
    return get_media_model().objects.create(
        title="Đọc một địa chỉ", file=ContentFile(content, "dia-chi.mp4"), type="video", duration=80
    )


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def files(role, path=LESSON):
    return [use.media for use in FragmentMedia.objects.filter(role=role, fragment__path=path).order_by("pk")]


def test_an_uploaded_picture_is_small_for_a_phone_and_larger_for_a_wide_screen(site, signed_in):
    site.lesson(site.course(), body=[("heading", "Nhà"), picture(site.image())])
    [small], [wide] = files("picture"), files("wide")
    assert (small.width, wide.width) == (480, 960)
    assert small.content_type == "image/webp"
    html = Fragment.objects.get(path=LESSON).html
    assert f'<source media="(min-width: 60em)" type="image/webp" srcset="{wide.url}?s={small.sha256}">' in html
    assert f'<img src="{small.url}" width="480" height="270" alt="Nhà sàn có ba cột" decoding="async">' in html
    response = signed_in.get(f"{wide.url}?s={small.sha256}")
    content = body_of(response)
    assert hashlib.sha256(content).hexdigest() == wide.sha256
    assert len(content) == wide.size == wide.raw_size
    assert PillowImage.open(io.BytesIO(content)).format == "WEBP"


def test_a_small_upload_is_not_blown_up(site):
    site.lesson(site.course(), body=[picture(site.image(300, 200))])
    assert files("picture")[0].width == 300
    assert files("wide") == []


def test_pictures_below_the_first_wait_until_they_are_near(site):
    one, two = site.image(), site.image(colour=(1, 2, 3), title="Hai")
    site.lesson(site.course(), body=[picture(one), picture(two)])
    tags = re.findall("<img[^>]+>", Fragment.objects.get(path=LESSON).html)
    assert ['loading="lazy"' in tag for tag in tags] == [False, True]


def test_publishing_again_converts_nothing(site):
    lesson = site.lesson(site.course(), body=[picture(site.image())])
    made = set(MediaFile.objects.values_list("pk", "made_at"))
    page = lesson.get_latest_revision_as_object()
    page.title = "Tên khác"
    page.save_revision().publish()
    assert set(MediaFile.objects.values_list("pk", "made_at")) == made


@pytest.mark.parametrize("left", [b"", b"half of what is to be st", None], ids=["nothing", "a part", "no file"])
def test_a_file_that_is_not_whole_is_stored_again_by_the_next_publication(site, signed_in, left):
    """What a publication killed while copying leaves under a content's name, or the power where it goes too early."""
    photo = site.image()
    lesson = site.lesson(site.course(), body=[picture(photo), ("document", {"document": document().pk, "title": ""})])
    drawing = {"drawing": "attt-01/three-pillars.svg", "alt": "Ba cây cột", "caption": ""}
    site.lesson(lesson.get_parent().specific, slug="hai", body=[("drawing", drawing)])
    stored = list(MediaFile.objects.all())
    assert {file.extension for file in stored} == {"webp", "pdf", "svg"}
    for file in stored:
        name = file.file.name
        file.file.storage.delete(name)
        if left is not None:
            file.file.storage.save(name, ContentFile(left))
    for page in lesson.get_siblings():
        page.specific.get_latest_revision_as_object().save_revision().publish()
    for file in stored:
        assert hashlib.sha256(body_of(signed_in.get(file.url))).hexdigest() == file.sha256
    assert set(MediaFile.objects.all()) == set(stored)


def test_what_a_publication_that_was_killed_left_half_copied_is_not_taken_for_the_file(site, signed_in):
    content = b"%PDF-1.4 " + b"x" * 100_000
    name = hashlib.sha256(content).hexdigest()
    storage = MediaFile._meta.get_field("file").storage
    storage.save(f"published/{name[:2]}/{name}.pdf", ContentFile(content[:65_536]))
    paper = document(content=content)
    site.lesson(site.course(), body=[("document", {"document": paper.pk, "title": ""})])
    [file] = files("document")
    assert body_of(signed_in.get(file.url)) == content


def test_a_drawing_that_comes_with_the_code_travels_compressed(site, signed_in):
    value = {"drawing": "attt-01/three-pillars.svg", "alt": "Ba cây cột", "caption": ""}
    site.lesson(site.course(), body=[("drawing", value)])
    [drawing] = files("picture")
    assert drawing.content_type == "image/svg+xml"
    assert drawing.width
    assert drawing.size < drawing.raw_size
    packed = signed_in.get(drawing.url, headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.content) == drawing.size
    assert hashlib.sha256(brotli.decompress(packed.content)).hexdigest() == drawing.sha256
    plain = signed_in.get(drawing.url, headers={"Accept-Encoding": "gzip"})
    assert hashlib.sha256(plain.content).hexdigest() == drawing.sha256
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_no_drawing_from_outside_the_folder(site):
    value = {"drawing": "../css/../../manage.py", "alt": "x", "caption": ""}
    site.lesson(site.course(), body=[("drawing", value)])
    assert files("picture") == []


def test_files_cannot_run_anything_and_never_change(site, signed_in):
    site.lesson(site.course(), body=[("document", {"document": document().pk, "title": ""})])
    [pdf] = files("document")
    response = signed_in.get(pdf.url)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert signed_in.get(pdf.url, headers={"If-None-Match": f'"{pdf.sha256}"'}).status_code == 304


def test_what_a_document_weighs_stands_beside_its_link(site):
    pdf = document(content=b"%PDF" + b"x" * 41_000)
    site.lesson(site.course(), body=[("document", {"document": pdf.pk, "title": "Mẫu số 1"})])
    html = Fragment.objects.get(path=LESSON).html
    assert "Mẫu số 1</a> <small>(PDF, 41\u00a0KB)</small>" in html


# --- parts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def film(site):
    content = bytes(range(256)) * 20_000  # 5,120,000 bytes
    captions = document("phu-de.vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\nChào anh chị.\n".encode())
    value = {"video": video(content).pk, "captions": captions.pk, "transcript": "<p>Chào anh chị.</p>"}
    site.lesson(site.course(), body=[("video", value)])
    return files("video")[0], content


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-1048575", 0, 1_048_576),
        ("bytes=5000000-", 5_000_000, 5_120_000),
        ("bytes=5000000-9999999", 5_000_000, 5_120_000),
        ("bytes=-500", 5_119_500, 5_120_000),
    ],
)
def test_a_part_of_a_video_is_answered_with_that_part(film, signed_in, asked, start, end):
    file, content = film
    response = signed_in.get(file.url, headers={"Range": asked})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/5120000"
    assert int(response.headers["Content-Length"]) == end - start
    assert body_of(response) == content[start:end]


@pytest.mark.parametrize("asked", ["bytes=5120000-", "bytes=9999999-10000000", "bytes=-0"])
def test_a_part_that_does_not_exist_is_said_not_to(film, signed_in, asked):
    response = signed_in.get(film[0].url, headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */5120000"


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=5-2", "bytes=0-1,5-6", "items=0-5", "bytes=-", "bytes=a-b", "bytes"),
        *(f"bytes={'9' * 5_000}-", f"bytes=-{'9' * 5_000}", f"bytes=0-{'9' * 5_000}", "bytes=٣-٤"),
    ],
    ids=lambda asked: asked[:15],
)
def test_a_range_that_cannot_be_read_gets_the_whole_file(film, signed_in, asked):
    response = signed_in.get(film[0].url, headers={"Range": asked})
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) == 5_120_000
    assert response.headers["Accept-Ranges"] == "bytes"


def test_a_part_of_another_file_is_not_glued_to_this_one(film, signed_in):
    file, _ = film
    same = signed_in.get(file.url, headers={"Range": "bytes=0-9", "If-Range": f'"{file.sha256}"'})
    other = signed_in.get(file.url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_a_large_file_can_be_checked_piece_by_piece(film):
    file, content = film
    pieces = [content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20)]
    assert file.piece_hashes == [hashlib.sha256(piece).hexdigest() for piece in pieces]


def test_a_video_has_captions_and_a_transcript_and_does_not_load_by_itself(film, signed_in):
    html = Fragment.objects.get(path=LESSON).html
    [captions] = files("captions")
    assert 'preload="none"' in html
    assert re.search(f'<track kind="captions" srclang="vi" label="[^"]+" src="{captions.url}" default>', html)
    assert "<p>Chào anh chị.</p></div></details>" in html
    response = signed_in.get(captions.url, headers={"Accept-Encoding": "br"})
    assert response.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert b"WEBVTT" in brotli.decompress(response.content)


# --- who may ----------------------------------------------------------------------------------------------------


def test_files_of_a_lesson_are_for_who_may_read_it(site, client, signed_in):
    lesson = site.lesson(site.course(), body=[("document", {"document": document().pk, "title": ""})])
    [pdf] = files("document")
    assert signed_in.get(pdf.url).status_code == 200
    lesson.unpublish()
    assert signed_in.get(pdf.url).status_code == 404
    lesson.save_revision().publish()
    assert signed_in.get(pdf.url).status_code == 200
    signed_in.logout()
    assert client.get(pdf.url).status_code == 404


@pytest.mark.parametrize("how", ["restricted", "its course restricted", "expired", "its course unpublished"])
def test_files_go_out_of_sight_with_their_lesson_for_whoever_knows_their_address(site, signed_in, client, how):
    course = site.course(is_public=True)
    lesson = site.lesson(course, body=[("document", {"document": document().pk, "title": ""})])
    [pdf] = files("document")
    assert signed_in.get(pdf.url).status_code == 200
    if how == "expired":
        type(lesson).objects.filter(pk=lesson.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
        call_command("publish_scheduled", verbosity=0)
    elif how == "its course unpublished":
        type(course).objects.get(pk=course.pk).unpublish()
    else:
        page = lesson if how == "restricted" else course
        restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
        restriction.groups.add(Group.objects.create(name="Ban chỉ đạo"))
    assert signed_in.get(pdf.url).status_code == 404
    assert signed_in.get(pdf.url, headers={"Range": "bytes=0-3"}).status_code == 404
    assert signed_in.get(pdf.url, headers={"If-None-Match": f'"{pdf.sha256}"'}).status_code == 404
    signed_in.logout()
    assert client.get(pdf.url).status_code == 404


def test_files_of_a_public_course_are_for_anyone(site, client, django_assert_num_queries):
    site.lesson(site.course(is_public=True), body=[("document", {"document": document().pk, "title": ""})])
    [pdf] = files("document")
    with django_assert_num_queries(2):
        response = client.get(pdf.url)
    assert response.status_code == 200
    assert response.headers["Cache-Control"].startswith("public")


def test_names_that_are_guessed_lead_nowhere(site, signed_in):
    site.lesson(site.course(), body=[("document", {"document": document().pk, "title": ""})])
    [pdf] = files("document")
    assert signed_in.get(f"/m/{pdf.sha256}.svg").status_code == 404
    assert signed_in.get(f"/m/{'0' * 64}.pdf").status_code == 404
    assert signed_in.post(pdf.url).status_code in (403, 405)


def test_wagtails_own_address_of_a_document_is_for_authors_only(site, client, signed_in, django_user_model):
    pdf = document()
    assert signed_in.get(pdf.url).status_code == 404
    signed_in.logout()
    assert client.get(pdf.url).status_code == 404
    client.force_login(
        django_user_model.objects.create_superuser("ADMIN", "hoc-khong-can-mang"),
        backend="training.officials.sign_in.StaffNumberBackend",
    )
    assert client.get(pdf.url).status_code == 200


def test_what_lies_in_a_private_collection_reaches_nobody(site):
    private = Collection.get_first_root_node().add_child(name="Nội bộ")
    pdf = document()
    pdf.collection = private
    pdf.save()
    site.lesson(site.course(), body=[("document", {"document": pdf.pk, "title": ""})])
    assert len(files("document")) == 1
    restriction = CollectionViewRestriction.objects.create(
        collection=private, restriction_type="password", password="x"
    )
    assert files("document") == []
    restriction.delete()
    assert len(files("document")) == 1


def test_a_page_with_a_file_for_the_signed_in_is_for_the_signed_in(site, client, signed_in):
    inside = Collection.get_first_root_node().add_child(name="Nội bộ")
    image, pdf = site.image(), document()
    course = site.course(is_public=True)
    site.lesson(course, body=[picture(image), ("document", {"document": pdf.pk, "title": ""})])
    site.lesson(course, slug="mo", title="Mở")
    addresses = [LESSON, files("picture")[0].url, files("document")[0].url]
    signed_in.logout()
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]

    CollectionViewRestriction.objects.create(collection=inside, restriction_type="login")
    for file in (image, pdf):
        file.collection = inside
        file.save()
        assert client.get(LESSON).status_code == 302
    assert [client.get(address).status_code for address in addresses] == [302, 404, 404]
    assert client.get("/attt-01/mo/").status_code == 200
    assert client.get(f"/api/courses/{course.translation_key}/pack/?lang=vi").status_code == 401


def test_who_passes_a_password_without_an_account_gets_no_file_for_the_signed_in(site, client):
    inside = Collection.get_first_root_node().add_child(name="Nội bộ")
    CollectionViewRestriction.objects.create(collection=inside, restriction_type="login")
    pdf = document()
    pdf.collection = inside
    pdf.save()
    lesson = site.lesson(
        site.course(is_public=True), body=[("document", {"document": pdf.pk, "title": ""})]
    )
    restriction = PageViewRestriction.objects.create(page=lesson, restriction_type="password", password="x")
    session = client.session
    session["passed_page_view_restrictions"] = [restriction.pk]
    session.save()
    assert client.get(LESSON).headers["Location"] == f"/accounts/login/?next={LESSON}"


def test_an_uploaded_drawing_is_refused(site):
    form = get_image_form(get_image_model())
    content = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    upload = SimpleUploadedFile("hinh.svg", content, "image/svg+xml")
    bound = form({"title": "Hình", "collection": Collection.get_first_root_node().pk}, {"file": upload})
    assert not bound.is_valid()
    assert "file" in bound.errors
    disguised = SimpleUploadedFile("hinh.png", content, "image/png")
    bound = form({"title": "Hình", "collection": Collection.get_first_root_node().pk}, {"file": disguised})
    assert not bound.is_valid()


def test_files_have_no_personal_or_hidden_names(site):
    site.lesson(site.course(), body=[("document", {"document": document("luong-thang-9.pdf").pk, "title": "Mẫu"})])
    for file in MediaFile.objects.all():
        assert re.fullmatch(r"/m/[0-9a-f]{64}\.[a-z0-9]+", file.url)
        assert json.dumps(file.piece_hashes) == "[]"
