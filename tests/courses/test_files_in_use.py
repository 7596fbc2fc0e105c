"""Files that lessons use are deleted by no way; another one in their place reaches every lesson."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from courses.models import Fragment
from tests.courses.test_authoring import trainer  # noqa: F401
from tests.courses.test_media import document, files, picture, video

pytestmark = pytest.mark.django_db
#: For views that have none of their own to be taken back within the test's.
WITHOUT_TRANSACTION = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TITLE = "Mật khẩu và xác thực hai bước"


class Used:
    """A lesson that shows one file of each kind."""

    def __init__(self, site):
        self.image, self.document = site.image(), document()
        self.captions, self.film = document("a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nA\n"), video(b"film")
        shown = {"video": self.film.pk, "captions": self.captions.pk, "transcript": "<p>Bản chữ.</p>"}
        self.body = [
            picture(self.image),
            ("document", {"document": self.document.pk, "title": ""}),
            ("video", shown),
        ]
        self.course = site.course()
        self.lesson = site.lesson(self.course, body=self.body)


@pytest.fixture
def used(site):
    return Used(site)


def stored():
    return set(Fragment.objects.values_list("path", "hash"))


def is_there(file):
    return type(file).objects.filter(pk=file.pk).exists() and file.file.storage.exists(file.file.name)


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


ONE = {"image": "wagtailimages:delete", "document": "wagtaildocs:delete", "captions": "wagtaildocs:delete"}
ONE["film"] = "wagtailmedia:delete"
JUST_UPLOADED = {"image": "wagtailimages:delete_multiple", "document": "wagtaildocs:delete_multiple"}


@pytest.mark.parametrize("which", ["image", "document", "captions", pytest.param("film", marks=WITHOUT_TRANSACTION)])
def test_a_file_a_lesson_shows_is_not_deleted_and_the_sentence_names_the_lesson(used, trainer, which):  # noqa: F811
    file, before = getattr(used, which), stored()
    url = reverse(ONE[which], args=[file.pk])
    for answer in (trainer.get(url, follow=True), trainer.post(url, follow=True)):
        assert answer.status_code == 200
        assert f"“{TITLE}”" in said(answer)
        assert str(file) in said(answer)
    assert is_there(file)
    assert stored() == before


@WITHOUT_TRANSACTION
@pytest.mark.parametrize("which", JUST_UPLOADED)
def test_nor_where_several_were_uploaded(used, trainer, which):  # noqa: F811
    file = getattr(used, which)
    url = reverse(JUST_UPLOADED[which], args=[file.pk])
    answer = trainer.post(url, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.json()["success"] is False
    assert TITLE in answer.json()["error"]
    assert is_there(file)


@pytest.mark.parametrize("which", ["image", "document"])
def test_several_at_once_stay_all_of_them_where_one_is_used(site, used, trainer, which):  # noqa: F811
    file = getattr(used, which)
    other = site.image(title="Khác") if which == "image" else document("khac.pdf")
    url = reverse("wagtail_bulk_action", args=[file._meta.app_label, which, "delete"])
    answer = trainer.post(f"{url}?id={other.pk}&id={file.pk}", follow=True)
    assert TITLE in said(answer)
    assert is_there(file)
    assert is_there(other)


@pytest.mark.parametrize("which", ["image", "document", "captions", "film"])
def test_no_code_deletes_it_either(used, which):
    file = getattr(used, which)
    for delete in (file.delete, type(file).objects.all().delete):
        with pytest.raises(ProtectedError), transaction.atomic():
            delete()
    assert is_there(file)


def test_what_no_lesson_shows_any_more_is_deleted(
    site, used, trainer, django_capture_on_commit_callbacks  # noqa: F811
):
    used.lesson.body = [{"type": "text", "value": "<p>Chỉ còn chữ.</p>"}]
    used.lesson.save_revision().publish()
    for which, name in ONE.items():
        file = getattr(used, which)
        url = reverse(name, args=[file.pk])
        assert trainer.get(url).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            trainer.post(url)
        assert not is_there(file)


def test_a_lesson_taken_down_and_a_draft_still_need_their_files(site, used, trainer):  # noqa: F811
    url = reverse("wagtailimages:delete", args=[used.image.pk])
    used.lesson.unpublish()
    assert f"“{TITLE}” (bản nháp)" in said(trainer.post(url, follow=True))
    used.lesson.body = []
    used.lesson.save_revision()
    assert trainer.get(url).status_code == 200

    only_draft = site.lesson(used.course, "nhap", title="Bài còn nháp")
    only_draft.body = [{"type": "picture", "value": used.body[0][1]}]
    only_draft.save_revision()
    assert "“Bài còn nháp” (bản nháp)" in said(trainer.post(url, follow=True))
    assert is_there(used.image)


def test_what_is_published_still_needs_the_file_its_newest_draft_does_without(used, trainer):  # noqa: F811
    used.lesson.body = []
    used.lesson.save_revision()
    answer = trainer.post(reverse("wagtailimages:delete", args=[used.image.pk]), follow=True)
    assert f"“{TITLE}”." in said(answer)


def test_what_waits_for_its_time_needs_its_files(site, used):
    lesson = site.lesson(used.course, "cho", title="Bài chờ đến giờ", live=False)
    image = site.image(title="Chờ")
    lesson.body = [{"type": "picture", "value": picture(image)[1]}]
    lesson.go_live_at = timezone.now() + timezone.timedelta(days=1)
    lesson.save_revision().publish()
    lesson.body = []
    lesson.go_live_at = None
    lesson.save_revision()
    with pytest.raises(ProtectedError), transaction.atomic():
        image.delete()


def test_of_many_lessons_some_are_named_and_the_rest_counted(site, used, trainer):  # noqa: F811
    for number in range(7):
        site.lesson(used.course, f"bai-{number}", title=f"Bài {number}", body=[picture(used.image)])
    answer = trainer.post(reverse("wagtailimages:delete", args=[used.image.pk]), follow=True)
    assert "“Bài 3” và 3 trang khác" in said(answer)


def test_who_may_delete_nothing_is_told_nothing(used, signed_in):
    answer = signed_in.get(reverse("wagtailimages:delete", args=[used.image.pk]), follow=True)
    assert TITLE not in answer.content.decode()


# --- another file in its place -----------------------------------------------------------------------------------


def replace(client, name, file, upload, content):
    answer = client.post(
        reverse(f"{name}:edit", args=[file.pk]),
        {"title": file.title, "collection": file.collection_id, "file": SimpleUploadedFile(upload, content)},
    )
    assert answer.status_code in (200, 302)
    return "" if answer.status_code == 302 else str(answer.context["form"].errors)


def test_a_document_replaced_in_the_library_is_replaced_in_the_lesson_and_the_former_one_still_to_be_had(
    used, trainer  # noqa: F811
):
    (before,) = files("document")
    assert replace(trainer, "wagtaildocs", used.document, "moi.pdf", b"%PDF-1.7 moi") == ""
    (after,) = files("document")
    assert after.sha256 != before.sha256
    with after.file.open("rb") as content:
        assert content.read() == b"%PDF-1.7 moi"
    # A phone in the middle of the former download, or with the former page, loses nothing on the server's disk.
    assert before.file.storage.exists(before.file.name)


def test_captions_a_video_shows_stay_captions(used, trainer):  # noqa: F811
    before = stored()
    assert TITLE in replace(trainer, "wagtaildocs", used.captions, "a.pdf", b"%PDF-1.4")
    assert stored() == before
    assert replace(trainer, "wagtaildocs", used.captions, "b.vtt", b"WEBVTT\n\n00:00.000 --> 00:02.000\nB\n") == ""
    (captions,) = files("captions")
    assert stored() != before


def test_captions_no_video_shows_may_become_anything(site, trainer):  # noqa: F811
    assert replace(trainer, "wagtaildocs", document("a.vtt", b"WEBVTT\n"), "a.pdf", b"%PDF-1.4") == ""
