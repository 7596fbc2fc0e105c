"""S1 over HTTP: a trainer makes, previews, weighs, publishes, copies and takes away courses in Wagtail's own forms."""

import io
import json
import re
from datetime import timedelta

import brotli
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Workflow
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses.editions import current_edition, steps
from courses.models import Activity, CataloguePage, CoursePage, Fragment, LessonPage
from quizzes.models import Paper, QuestionVersion, QuizPage
from tests.flows.conftest import signed_in
from training.officials.models import Official
from training.records.models import Enrolment
from training.wagtail_hooks import who_is_studying

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(world):
    return CataloguePage.objects.get(locale__language_code="vi")


@pytest.fixture
def kns(world):
    return CoursePage.objects.get(slug="kns-01")


@pytest.fixture
def admin(world) -> Client:
    return signed_in("admin")


@pytest.fixture
def studied(official, kns):
    """CB-0001 has finished the first lesson of a starter course."""
    first = kns.get_children().first()
    answer = official.post("/study/finish/", {"activity": str(first.translation_key)})
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode()))
    assert official.post("/study/confirm/", fields).status_code == 302
    return first


def sent(client, url, data, **options):
    """Send a form as on a real site, where what waits for the commit then runs: packs are made there."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(url, data, **options)
    if answer.status_code == 200 and answer.context and "form" in answer.context:
        raise AssertionError(answer.context["form"].errors)
    return answer


def add(client, parent, app, model, **values):
    url = reverse("wagtailadmin_pages:add", args=[app, model, parent.pk])
    answer = sent(client, url, nested_form_data(values))
    assert answer.status_code == 302
    return Page.objects.child_of(parent).get(slug=values["slug"]).specific


def edit(client, page, values, **action):
    answer = sent(client, reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data({**values, **action}))
    assert answer.status_code == 302
    return Page.objects.get(pk=page.pk).specific


def upload_picture(client) -> int:
    content = io.BytesIO()
    Image.linear_gradient("L").resize((1400, 900)).convert("RGB").save(content, "JPEG")
    file = SimpleUploadedFile("nha-san.jpg", content.getvalue(), "image/jpeg")
    sent(client, reverse("wagtailimages:add"), {"title": "Nhà sàn", "file": file, "collection": 1})
    return get_image_model().objects.get(title="Nhà sàn").pk


def upload_pdf(client) -> int:
    file = SimpleUploadedFile("mau-01.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 40, "application/pdf")
    sent(client, reverse("wagtaildocs:add"), {"title": "Mẫu 01", "file": file, "collection": 1})
    return get_document_model().objects.get(title="Mẫu 01").pk


def course_form(**values) -> dict:
    return {
        "title": "Soạn thảo văn bản hành chính",
        "slug": "vb-01",
        "code": "VB-01",
        "summary": "Hai bài ngắn và một bài kiểm tra.",
        "audience": "Công chức cấp xã",
        "about": rich_text("<p>Về khóa học.</p>"),
        **values,
    }


def lesson_form(slug, title, body, **values) -> dict:
    return {
        "title": title,
        "slug": slug,
        "summary": "Tóm tắt.",
        "minutes": 6,
        "body": streamfield(body),
        "objectives": inline_formset([{"text": "Trình bày đúng thể thức"}]),
        "legal_bases": inline_formset([{"text": "Nghị định 30/2020/NĐ-CP"}]),
        "review_on": "2027-06-30",
        **values,
    }


def first_body(picture, pdf) -> list:
    return [
        ("heading", "Tình huống"),
        ("text", rich_text("<p>Chị Xuân soạn <b>công văn</b> trả lời bà con.</p>")),
        ("picture", {"image": {"image": picture, "alt_text": "Nhà sàn ba gian", "decorative": ""}, "caption": "Bản"}),
        ("callout", {"kind": "warn", "title": "Chú ý", "text": rich_text("<p>Ghi đúng ngày ký.</p>")}),
        ("steps", streamfield([("", rich_text("<p>Mở mẫu.</p>")), ("", rich_text("<p>Điền nội dung.</p>"))])),
        ("document", {"document": pdf, "title": "Mẫu công văn"}),
    ]


def options(*texts, right) -> dict:
    return streamfield([("", {"text": t, "correct": "on" if n in right else ""}) for n, t in enumerate(texts)])


def questions() -> list:
    return [
        (
            "single",
            {
                "question": "",
                "text": "Ai ký công văn?",
                "points": 1,
                "explanation": "Người có thẩm quyền ký.",
                "options": options("Chủ tịch", "Văn thư", right={0}),
            },
        ),
        (
            "multiple",
            {
                "question": "",
                "text": "Phần nào bắt buộc?",
                "points": 2,
                "explanation": "Quốc hiệu và số, ký hiệu.",
                "partial": "",
                "options": options("Quốc hiệu", "Hoa văn", "Số, ký hiệu", right={0, 2}),
            },
        ),
        (
            "true_false",
            {
                "question": "",
                "text": "Công văn phải ghi ngày ký.",
                "points": 1,
                "explanation": "Bắt buộc.",
                "is_true": "on",
            },
        ),
    ]


def quiz_form(**values) -> dict:
    return {
        "title": "Bài kiểm tra cuối khóa",
        "slug": "bai-kiem-tra",
        "introduction": "Ba câu.",
        "mode": "assessed",
        "pass_mark": 75,
        "attempts_allowed": 2,
        "minutes": 10,
        "is_required": "on",
        "questions": streamfield(questions()),
        **values,
    }


PUBLISH = {"action-publish": "1"}


@pytest.fixture
def made(trainer, home):
    """Her course as she saved it, nothing of it published yet: course, two lessons, quiz."""
    picture, pdf = upload_picture(trainer), upload_pdf(trainer)
    course = add(trainer, home, "courses", "coursepage", **course_form())
    one = lesson_form("the-thuc", "Thể thức", first_body(picture, pdf))
    two = lesson_form("gui-di", "Gửi đi", [("text", rich_text("<p>Gửi qua trục văn bản.</p>"))])
    return [
        course,
        add(trainer, course, "courses", "lessonpage", **one),
        add(trainer, course, "courses", "lessonpage", **two),
        add(trainer, course, "quizzes", "quizpage", **quiz_form()),
    ]


def publish(client, pages) -> None:
    """As the bulk action of the listing does, the course last."""
    query = "&".join(f"id={page.pk}" for page in pages)
    answer = sent(client, f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?{query}", {})
    assert answer.status_code == 302
    for page in pages:
        page.refresh_from_db()
        assert page.live, page.title


@pytest.fixture
def published(trainer, made):
    publish(trainer, [*made[1:], made[0]])
    return made


# --- making and publishing -------------------------------------------------------------------------------------------


def test_what_she_saved_is_nobodys_to_see_until_she_publishes(made, official, client):
    key = str(made[0].translation_key)
    for path in ("/vb-01/", "/vb-01/the-thuc/", "/vb-01/bai-kiem-tra/"):
        assert official.get(path).status_code == 404
        assert client.get(path).status_code in (302, 404)
    assert "VB-01" not in official.get("/").content.decode()
    assert key not in official.get("/api/courses/").content.decode()
    assert official.get(f"/api/courses/{key}/pack/?lang=vi").status_code == 404
    assert not Fragment.objects.filter(path__startswith="/vb-01/").exists()


def test_once_published_the_course_is_in_the_catalogue_and_for_phones_at_once(published, official):
    course, lesson, _, quiz = published
    assert 'href="/vb-01/"' in official.get("/").content.decode()
    [entry] = [
        entry
        for entry in official.get("/api/courses/").json()["courses"]
        if entry["course"] == str(course.translation_key)
    ]
    assert "vi" in entry["packs"]
    page = official.get("/vb-01/").content.decode()
    for title in ("Thể thức", "Gửi đi", "Bài kiểm tra cuối khóa"):
        assert title in page
    html = official.get("/vb-01/the-thuc/").content.decode()
    assert "<b>công văn</b>" in html or "<strong>công văn</strong>" in html
    assert 'alt="Nhà sàn ba gian"' in html
    assert re.search(r'<img[^>]+width="\d+"[^>]*height="\d+"', html)
    assert "Ghi đúng ngày ký." in html
    assert "Điền nội dung." in html
    assert "Nghị định 30/2020/NĐ-CP" in html
    assert "30/06/2027" in html or "30/6/2027" in html
    pdf = re.search(r'href="(/m/[0-9a-f]{64}\.pdf)"', html)[1]
    assert official.get(pdf).getvalue().startswith(b"%PDF-1.4")
    kinds = [question["type"] for question in Fragment.objects.get(activity=quiz.translation_key).data["questions"]]
    assert kinds == ["single", "multiple", "true_false"]
    part = steps(current_edition(course.translation_key))[-1]
    assert (part["mode"], part["pass_mark"], part["attempts"]) == ("assessed", 75, 2)


def test_a_practice_quiz_can_be_marked_on_the_phone_and_an_assessed_one_cannot(trainer, published, official):
    quiz = published[3]
    data = Fragment.objects.get(activity=quiz.translation_key).data
    assert not any("key" in question for question in data["questions"])
    edit(trainer, quiz, quiz_form(mode="practice"), **PUBLISH)
    data = Fragment.objects.get(activity=quiz.translation_key).data
    assert [question["key"] for question in data["questions"]] == [[0], [0, 2], [0]]


def test_a_mistake_is_refused_with_a_sentence_and_nothing_is_published(trainer, made):
    quiz = made[3]
    wrong = questions()
    wrong[0][1]["options"] = options("Chủ tịch", "Văn thư", right=set())
    url = reverse("wagtailadmin_pages:edit", args=[quiz.pk])
    answer = trainer.post(url, nested_form_data(quiz_form(questions=streamfield(wrong), **PUBLISH)))
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not QuizPage.objects.get(pk=quiz.pk).live


def test_she_previews_a_draft_at_phone_size(trainer, made):
    lesson = made[1]
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    body = [("text", rich_text("<p>Chưa lưu, chỉ xem thử.</p>"))]
    answer = trainer.post(url, nested_form_data(lesson_form("the-thuc", "Thể thức mới", body)))
    assert answer.json()["is_valid"]
    page = trainer.get(url).content.decode()
    assert "Chưa lưu, chỉ xem thử." in page
    assert "Thể thức mới" in page
    form = trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert re.search(r'data-device-width="360"|value="360"', form)
    assert not Fragment.objects.filter(path="/vb-01/the-thuc/").exists()


def test_the_weight_she_is_shown_is_what_a_phone_then_downloads(trainer, published, official):
    course, lesson, *_ = published
    form = trainer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    [shown] = [int(number) for number in re.findall(r'data-weight="(\d+)"', form)]
    page = official.get("/vb-01/the-thuc/", headers={"accept-encoding": "br"})
    picture = re.search(r'<img[^>]+src="(/m/[^"]+)"', official.get("/vb-01/the-thuc/").content.decode())[1]
    assert shown == len(page.content) + int(official.get(picture).headers["Content-Length"])

    form = trainer.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).content.decode()
    assert f'data-weight="{shown}"' in form
    pack = official.get(f"/api/courses/{course.translation_key}/pack/?lang=vi", headers={"accept-encoding": "br"})
    assert pack.status_code == 200
    known = brotli.decompress(official.get("/api/courses/", headers={"accept-encoding": "br"}).content)
    [entry] = [each for each in json.loads(known)["courses"] if each["course"] == str(course.translation_key)]
    whole = len(pack.content) + entry["packs"]["vi"]["media_bytes"]
    assert entry["packs"]["vi"]["bytes"] == len(pack.content)
    assert f"{whole:,}".replace(",", ".") in form


# --- drafts, revisions, schedule, review -----------------------------------------------------------------------------


def test_a_draft_over_a_published_lesson_waits_and_an_older_revision_comes_back(trainer, published, official):
    lesson = published[2]
    new = lesson_form("gui-di", "Gửi đi", [("text", rich_text("<p>Gửi bằng thư điện tử.</p>"))])
    edit(trainer, lesson, new)
    assert "trục văn bản" in official.get("/vb-01/gui-di/").content.decode()
    edit(trainer, lesson, new, **PUBLISH)
    assert "thư điện tử" in official.get("/vb-01/gui-di/").content.decode()

    history = reverse("wagtailadmin_pages:history", args=[lesson.pk])
    assert trainer.get(history).status_code == 200
    oldest = lesson.revisions.order_by("pk").first()
    url = reverse("wagtailadmin_pages:revisions_revert", args=[lesson.pk, oldest.pk])
    assert "trục văn bản" in trainer.get(url).context["form"].instance.body[0].value.source
    old = lesson_form("gui-di", "Gửi đi", [("text", rich_text("<p>Gửi qua trục văn bản.</p>"))])
    edit(trainer, lesson, old, revision=oldest.pk, **PUBLISH)
    assert "trục văn bản" in official.get("/vb-01/gui-di/").content.decode()


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("which", ["course", "lesson", "quiz"])
def test_scheduled_publishing_fires_in_the_worker(trainer, published, official, which):
    course, _, lesson, quiz = published
    at = timezone.localtime() + timedelta(minutes=30)
    schedule = {"go_live_at": at.strftime("%Y-%m-%d %H:%M"), "expire_at": ""}
    page, values, path = {
        "course": (course, course_form(title="Soạn thảo văn bản, bản mới", **schedule), "/vb-01/"),
        "lesson": (lesson, lesson_form("gui-di", "Gửi đi sau", [("heading", "Mới")], **schedule), "/vb-01/gui-di/"),
        "quiz": (quiz, quiz_form(title="Kiểm tra, bản mới", **schedule), "/vb-01/bai-kiem-tra/"),
    }[which]
    title = values["title"]
    edit(trainer, page, values, **PUBLISH)
    run("publish_scheduled")
    assert title not in official.get(path).content.decode()
    with later(minutes=31):
        run("run_worker", once=True)
    assert title in official.get(path).content.decode()


@pytest.mark.usefixtures("kept_connection")
def test_a_course_goes_when_its_time_is_over(trainer, published, official):
    course = published[0]
    at = timezone.localtime() + timedelta(minutes=30)
    edit(trainer, course, course_form(expire_at=at.strftime("%Y-%m-%d %H:%M"), go_live_at=""), **PUBLISH)
    assert official.get("/vb-01/").status_code == 200
    with later(minutes=31):
        run("run_worker", once=True)
    for path in ("/vb-01/", "/vb-01/the-thuc/"):
        assert official.get(path).status_code == 404
    assert str(course.translation_key) not in official.get("/api/courses/").content.decode()
    assert official.get(f"/api/courses/{course.translation_key}/pack/?lang=vi").status_code == 404


def run(command, **options):
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command(command, verbosity=0, **options)


class later:
    """The clock of the site, put forward."""

    def __init__(self, **ahead):
        self.patch = pytest.MonkeyPatch()
        now = timezone.now
        self.patch.setattr(timezone, "now", lambda: now() + timedelta(**ahead))

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.patch.undo()


@pytest.mark.parametrize("which", [0, 1, 3])
def test_a_page_goes_through_review_and_is_published_when_approved(trainer, admin, published, official, which):
    page = published[which]
    new = [
        (course_form(title="Qua duyệt"), "/vb-01/"),
        (lesson_form("the-thuc", "Qua duyệt", [("heading", "Qua duyệt")]), "/vb-01/the-thuc/"),
        None,
        (quiz_form(title="Qua duyệt"), "/vb-01/bai-kiem-tra/"),
    ][which]
    values, path = new
    assert Workflow.objects.filter(active=True).exists()
    edit(trainer, page, values, **{"action-submit": "1"})
    state = page.current_workflow_state
    assert state is not None
    assert state.status == "in_progress"
    assert "Qua duyệt" not in official.get(path).content.decode()
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.current_task_state_id])
    assert admin.get(url).status_code == 200
    sent(admin, url, {"comment": "Đồng ý."})
    assert "Qua duyệt" in official.get(path).content.decode()


# --- copy, unpublish, delete -----------------------------------------------------------------------------------------


def test_a_copied_course_is_one_of_its_own_with_questions_of_its_own(trainer, published, home):
    course = published[0]
    url = reverse("wagtailadmin_pages:copy", args=[course.pk])
    form = {"new_title": "Khóa mẫu", "new_slug": "vb-02", "new_parent_page": home.pk, "copy_subpages": "on"}
    assert sent(trainer, url, form).status_code == 302
    copy = CoursePage.objects.get(slug="vb-02")
    assert not copy.live
    pages = [copy, *(child.specific for child in copy.get_children())]
    assert [page.title for page in pages[1:]] == [page.title for page in published[1:]]
    assert not {page.translation_key for page in pages} & {page.translation_key for page in published}
    publish(trainer, [*pages[1:], copy])

    def identities(quiz):
        return {block.value["question"] for block in QuizPage.objects.get(pk=quiz.pk).questions}

    assert len(identities(pages[3])) == 3
    assert not identities(pages[3]) & identities(published[3])
    asked = QuestionVersion.objects.filter(name__in=Paper.objects.get(quiz=pages[3].translation_key).versions)
    assert {str(version.question) for version in asked} == identities(pages[3])


def test_unpublishing_names_how_many_are_studying_it(trainer, studied, kns, official):
    course = Activity.objects.get(pk=kns.translation_key)
    begun = Enrolment.objects.filter(course=course, started_at__isnull=False)
    assert begun.count() == 1
    url = reverse("wagtailadmin_pages:unpublish", args=[kns.pk])
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    with translation.override("vi"):
        sentence = who_is_studying(course.pk)
    assert sentence.startswith("1 ")
    for address in (url, f"{bulk}?id={kns.pk}"):
        assert sentence in trainer.get(address).content.decode()
    sent(trainer, url, {})
    assert official.get("/kns-01/").status_code == 404
    assert official.get(f"/api/courses/{course.pk}/pack/?lang=vi").status_code == 404
    assert begun.count() == 1


def test_an_end_that_is_set_names_how_many_are_studying_it(trainer, published, studied, kns):
    at = timezone.localtime() + timedelta(days=3)
    values = {name: getattr(kns, name) or "" for name in ("title", "slug", "code", "summary", "audience")}
    values |= {"about": rich_text("<p>Về khóa học.</p>"), "expire_at": at.strftime("%Y-%m-%d %H:%M"), "go_live_at": ""}
    url = reverse("wagtailadmin_pages:edit", args=[kns.pk])
    answer = trainer.post(url, nested_form_data({**values, **PUBLISH}), follow=True)
    with translation.override("vi"):
        sentence = who_is_studying(kns.translation_key)
    assert sentence in " ".join(str(message) for message in answer.context["messages"])


def test_a_trainer_deletes_her_course_with_its_lessons_while_nobody_has_results(trainer, published, official):
    course = published[0]
    answer = trainer.post(reverse("wagtailadmin_pages:delete", args=[course.pk]), follow=True)
    assert answer.status_code == 200
    assert not Page.objects.filter(pk__in=[page.pk for page in published]).exists()
    assert official.get("/vb-01/").status_code == 404


def test_what_has_records_is_not_deleted_and_a_sentence_says_why(trainer, admin, studied, kns, home):
    other = CoursePage.objects.get(slug="cks-01")
    listing = reverse("wagtailadmin_explore", args=[home.pk])
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"]) + f"?next={listing}"
    lesson = reverse("wagtailadmin_pages:delete", args=[studied.pk])
    before = set(Page.objects.values_list("pk", flat=True))
    for client, way in (
        (trainer, lesson),
        (trainer, reverse("wagtailadmin_pages:delete", args=[kns.pk])),
        (trainer, f"{bulk}&id={other.pk}&id={kns.pk}"),
        (admin, lesson),
        (admin, reverse("wagtailadmin_pages:delete", args=[kns.pk])),
        (admin, reverse("wagtailadmin_pages:delete", args=[home.pk])),
        (admin, f"{bulk}&id={other.pk}&id={kns.pk}"),
        (admin, f"{bulk}&id={home.pk}"),
    ):
        answer = client.post(way, follow=True)
        assert answer.status_code == 200
        assert studied.title in " ".join(str(message) for message in answer.context["messages"]), way
    assert set(Page.objects.values_list("pk", flat=True)) == before
    assert Official.objects.get(staff_number="CB-0001").lesson_progress.count() == 1


def test_a_trainer_meets_no_people_and_an_official_no_admin(trainer, official):
    assert trainer.get(reverse("wagtailadmin_home")).status_code == 200
    menu = trainer.get(reverse("wagtailadmin_home")).content.decode()
    for name in ("hr_officials", "hr_assignments", "reports_completion", "wagtailusers_users:index"):
        assert f'"{reverse(name)}"' not in menu
    assert official.get(reverse("wagtailadmin_home")).status_code == 302
    home = CataloguePage.objects.first()
    url = reverse("wagtailadmin_pages:add", args=["courses", "coursepage", home.pk])
    assert official.post(url, nested_form_data(course_form(**PUBLISH))).status_code == 302
    assert not CoursePage.objects.filter(slug="vb-01").exists()
    assert LessonPage.objects.exists()
