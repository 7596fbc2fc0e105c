"""Course packs over HTTP: whole, different, unchanged, and not for everyone."""

import gzip
import hashlib
import json
import uuid

import brotli
import pytest
from wagtail.models import PageViewRestriction

from courses.models import Fragment
from tests.courses.conftest import site  # noqa: F401
from tests.sync.conftest import BACKEND
from training.sync import packs
from training.sync.models import CoursePack, PackDelta

pytestmark = pytest.mark.django_db

PARAGRAPH = "<p>Kẻ gian gửi một tệp lạ và giục mở ngay. Dừng lại, gọi người gửi qua số đã biết, rồi mới mở. {}</p>"


@pytest.fixture(autouse=True)
def _commits_happen(django_capture_on_commit_callbacks, monkeypatch):
    """Packs are built after the commit; in a test there is none, so what waits for it runs at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda function, *args, **kwargs: function())


@pytest.fixture
def ten_lessons(site, monkeypatch):  # noqa: F811
    with monkeypatch.context() as patched:
        # Of the packs on the way there nobody asks for one.
        patched.setattr(packs, "build", lambda key: None)
        course = site.course()
        for number in range(10):
            text = "".join(PARAGRAPH.format(uuid.uuid5(uuid.NAMESPACE_URL, f"{number} {n}")) for n in range(22))
            site.lesson(course, slug=f"bai-{number}", title=f"Bài {number}", body=[("text", text)])
        site.quiz(course)
    return course


@pytest.fixture
def small(site):  # noqa: F811
    course = site.course()
    site.lesson(course)
    return course


def get(client, course, have="", language="vi", **headers):
    headers = {"Accept-Encoding": "gzip, deflate, br", **headers}
    have = f"&have={have}" if have else ""
    return client.get(f"/api/courses/{course.translation_key}/pack/?lang={language}{have}", headers=headers)


def read(answer):
    assert answer.status_code == 200
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[
        answer.headers.get("Content-Encoding")
    ]
    return json.loads(unpack(answer.content))


def edit(page, **values):
    page = page.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()


def hash_of_item(item):
    data = json.dumps(item["data"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    lines = [item["path"], item["title"], item["lang"], item["html"], data]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def hash_of_pack(order, items, media, edition):
    lines = [f"{key} {items[key]}" for key in order]
    lines += sorted(f"media {sha256}" for sha256 in media) + [f"edition {edition}"]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class HeldOnPhone:
    """What a phone makes of a pack and of differences, checking every hash as docs/course-packs.md has it."""

    def __init__(self, pack):
        self.items, self.media = {}, set()
        self.take(pack)

    def take(self, pack):
        for item in pack["items"]:
            assert hash_of_item(item) == item["hash"]
            self.items[item["key"]] = item
        for key in pack["removed"]:
            del self.items[key]
        self.media = (self.media | {file["sha256"] for file in pack["media"]}) - set(pack["media_removed"])
        hashes = {key: item["hash"] for key, item in self.items.items()}
        assert set(pack["order"]) == set(self.items)
        assert hash_of_pack(pack["order"], hashes, self.media, pack["edition"]) == pack["pack"]
        self.pack = pack["pack"]


# --- whole -------------------------------------------------------------------------------------------------------


def test_a_published_course_is_had_in_one_request(signed_in, site):  # noqa: F811
    course = site.course()
    lesson, quiz = site.lesson(course), site.quiz(course)
    pack = read(get(signed_in, course))
    assert (pack["format"], pack["course"], pack["lang"]) == (1, str(course.translation_key), "vi")
    assert [(item["kind"], item["path"]) for item in pack["items"]] == [
        ("course", "/attt-01/"),
        ("lesson", "/attt-01/mat-khau/"),
        ("quiz", "/attt-01/bai-kiem-tra/"),
    ]
    assert pack["order"] == [str(page.translation_key) for page in (course, lesson, quiz)]
    assert "Giữ kín mật khẩu." in pack["items"][1]["html"]
    assert pack["items"][1]["minutes"] == 5
    assert pack["removed"] == pack["media_removed"] == []
    HeldOnPhone(pack)


def test_the_key_of_an_assessed_quiz_is_in_no_pack(signed_in, site):  # noqa: F811
    course = site.course()
    site.quiz(course, mode="assessed")
    text = json.dumps(read(get(signed_in, course)), ensure_ascii=False)
    assert "Vì sao" not in text
    assert '"key": [' not in text
    assert '"questions"' in text


def test_ten_lessons_travel_in_less_than_forty_thousand_bytes(signed_in, ten_lessons):
    answer = get(signed_in, ten_lessons)
    assert sum(len(item["html"]) for item in read(answer)["items"]) > 35_000
    assert len(answer.content) < 40_000


def test_the_size_said_beforehand_is_the_size_that_travels(signed_in, ten_lessons):
    for accepted, encoding in (("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")):
        headers = {"Accept-Encoding": accepted}
        answer = get(signed_in, ten_lessons, **headers)
        assert answer["Content-Encoding"] == encoding
        state = read(signed_in.get("/api/me/", headers=headers))
        said = state["courses"][0]["packs"]["vi"]
        assert said == {"hash": answer["ETag"].strip('"'), "bytes": len(answer.content), "media_bytes": 0}
        assert int(answer["Content-Length"]) == len(answer.content)
        found = read(signed_in.get("/api/courses/", headers=headers))["courses"]
        assert found[0]["packs"]["vi"] == said


def test_files_are_listed_once_with_sizes_and_without_those_for_wide_screens(signed_in, site):  # noqa: F811
    course = site.course()
    picture = {"image": site.image(), "alt_text": "Nhà sàn", "decorative": False}
    body = [("picture", {"image": {**picture, "image": picture["image"].pk}, "caption": ""})]
    for slug in ("mot", "hai"):
        site.lesson(course, slug=slug, body=body)
    pack = read(get(signed_in, course))
    (file,) = pack["media"]
    assert file["url"] == f"/m/{file['sha256']}.webp"
    assert (file["type"], file["role"], file["pieces"]) == ("image/webp", "picture", [])
    assert signed_in.get("/api/me/").json()["courses"][0]["packs"]["vi"]["media_bytes"] == file["bytes"]
    body = b"".join(signed_in.get(file["url"]))
    assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
    HeldOnPhone(pack)


def test_each_language_is_a_pack_of_its_own(signed_in, site):  # noqa: F811
    course = site.course()
    site.lesson(course)
    english = site.translate(course, title="Information security")
    vi, en = read(get(signed_in, course)), read(get(signed_in, course, language="en"))
    assert (vi["course"], vi["edition"]) == (en["course"], en["edition"])
    assert en["items"][0]["path"] == f"/en/{english.slug}/"
    assert en["items"][1]["lang"] == "vi"
    assert get(signed_in, course, language="de").status_code == 404


# --- different ---------------------------------------------------------------------------------------------------


def test_an_edited_paragraph_costs_one_lesson(signed_in, ten_lessons):
    phone = HeldOnPhone(read(get(signed_in, ten_lessons)))
    lesson = ten_lessons.get_children().first().specific
    new_text = PARAGRAPH.format("Đã sửa.") * 22
    edit(lesson, body=[("text", new_text)])
    answer = get(signed_in, ten_lessons, have=phone.pack)
    difference = read(answer)
    assert difference["from"] == phone.pack
    (item,) = difference["items"]
    assert "Đã sửa." in item["html"]
    lesson_alone = len(brotli.compress(item["html"].encode(), quality=11))
    assert len(answer.content) <= lesson_alone + 1_000
    phone.take(difference)
    assert PackDelta.objects.count() == 1
    assert get(signed_in, ten_lessons, have=difference["from"]).content == answer.content
    assert PackDelta.objects.count() == 1


def test_added_moved_and_removed_lessons_arrive_as_such(signed_in, ten_lessons, site):  # noqa: F811
    phone = HeldOnPhone(read(get(signed_in, ten_lessons)))
    first, second, *_ = [page.specific for page in ten_lessons.get_children()]
    second.unpublish()
    added = site.lesson(ten_lessons, slug="them", body=[("drawing", drawing())])
    first.move(ten_lessons, "last-child")
    difference = read(get(signed_in, ten_lessons, have=phone.pack))
    assert difference["removed"] == [str(second.translation_key)]
    assert difference["order"][-1] == str(first.translation_key)
    assert str(added.translation_key) in {item["key"] for item in difference["items"]}
    assert len(difference["media"]) == 1
    phone.take(difference)
    added.unpublish()
    back = read(get(signed_in, ten_lessons, have=phone.pack))
    assert back["media_removed"] == [difference["media"][0]["sha256"]]
    phone.take(back)


def test_the_size_of_an_update_is_told_to_the_byte_before_it(signed_in, ten_lessons, site):  # noqa: F811
    def told(have=""):
        asked = {"headers": {"Accept-Encoding": "br"}}
        question = f"&have={have}" if have else ""
        answer = signed_in.head(f"/api/courses/{ten_lessons.translation_key}/pack/?lang=vi{question}", **asked)
        assert (answer.status_code, answer.content) == (200, b"")
        return int(answer["X-Download-Bytes"])

    def travels(have=""):
        answer = get(signed_in, ten_lessons, have=have)
        return len(answer.content) + sum(file["bytes"] for file in read(answer)["media"])

    phone = HeldOnPhone(read(get(signed_in, ten_lessons)))
    assert told() == travels()
    site.lesson(ten_lessons, slug="them", body=[("drawing", drawing())])
    assert told(phone.pack) == travels(phone.pack) < travels()
    assert told("0" * 64) == travels()
    phone.take(read(get(signed_in, ten_lessons, have=phone.pack)))
    address = f"/api/courses/{ten_lessons.translation_key}/pack/?lang=vi&have={phone.pack}"
    assert signed_in.head(address).status_code == 304


def drawing():
    from courses.blocks import drawings

    return {"drawing": drawings()[0][0], "alt": "Ba lớp khóa", "caption": ""}


def test_a_pack_that_is_not_known_is_answered_whole(signed_in, small):
    pack = read(get(signed_in, small, have="0" * 64))
    assert "from" not in pack
    assert len(pack["items"]) == 2


def test_taking_an_edit_back_is_the_pack_of_before(signed_in, site):  # noqa: F811
    course = site.course()
    lesson = site.lesson(course)
    before, title = read(get(signed_in, course)), lesson.title
    edit(lesson, title="Mật khẩu mạnh")
    between = read(get(signed_in, course))
    edit(lesson, title=title)
    assert read(get(signed_in, course))["pack"] == before["pack"]
    assert CoursePack.objects.filter(is_current=True).get().hash == before["pack"]
    HeldOnPhone(between).take(read(get(signed_in, course, have=between["pack"])))


def test_only_so_many_former_packs_are_kept(signed_in, site, monkeypatch):  # noqa: F811
    monkeypatch.setattr(packs, "FORMER_PACKS", 2)
    course = site.course()
    names = [read(get(signed_in, course))["pack"]]
    for number in range(4):
        edit(course, summary=f"Tóm tắt {number}")
        names.append(read(get(signed_in, course, have=names[-1]))["pack"])
    assert set(CoursePack.objects.values_list("hash", flat=True)) == set(names[-3:])
    assert PackDelta.objects.filter(now__hash=names[-1]).count() == 1


# --- unchanged ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["have", "If-None-Match"])
def test_unchanged_is_a_small_304(signed_in, small, how):
    name = read(get(signed_in, small))["pack"]
    if how == "have":
        answer = get(signed_in, small, have=name)
    else:
        answer = get(signed_in, small, **{"If-None-Match": f'"{name}"'})
    assert answer.status_code == 304
    assert answer.content == b""
    assert not answer.cookies
    headers = "".join(f"{key}: {value}\r\n" for key, value in answer.headers.items())
    # A server adds its status line, date, name and connection: less than 120 bytes.
    assert len(headers) < 380


def test_asking_costs_a_fixed_number_of_queries(signed_in, small, django_assert_num_queries):
    name = read(get(signed_in, small))["pack"]
    with django_assert_num_queries(6):  # session, person, pages, files, pack, body
        get(signed_in, small)
    with django_assert_num_queries(5):
        get(signed_in, small, have=name)


# --- who may -----------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_told_so_whatever_she_asks_for(client, small):
    for key in (small.translation_key, uuid.uuid4()):
        answer = client.get(f"/api/courses/{key}/pack/?lang=vi")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert client.get("/api/courses/").json() == {"courses": []}


def test_a_public_course_is_for_everyone_and_every_cache(client, site):  # noqa: F811
    course = site.course(is_public=True)
    site.lesson(course)
    answer = get(client, course)
    assert read(answer)["course"] == str(course.translation_key)
    assert (answer["Cache-Control"], answer["Vary"]) == ("public, no-cache", "Accept-Encoding")
    (found,) = client.get("/api/courses/").json()["courses"]
    assert found["title"] == {"vi": "An toàn thông tin"}


def test_a_lesson_that_asks_for_a_sign_in_leaves_a_public_course_in_no_pack_for_everyone(client, site, official):  # noqa: F811
    course = site.course(is_public=True)
    lesson = site.lesson(course)
    picture = {"image": site.image().pk, "alt_text": "Nhà sàn", "decorative": False}
    site.lesson(course, slug="mo", body=[("picture", {"image": picture, "caption": ""})])
    site.translate(course, title="Information security")
    PageViewRestriction.objects.create(page=lesson, restriction_type="login")
    for language in ("vi", "en"):
        answer = get(client, course, language=language)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    (found,) = client.get("/api/courses/").json()["courses"]
    assert (found["title"]["vi"], found["packs"]) == ("An toàn thông tin", {})
    client.force_login(official, backend=BACKEND)
    answer = get(client, course)
    assert (answer["Cache-Control"], len(read(answer)["items"])) == ("private, no-cache", 3)
    assert "Cookie" in answer["Vary"]
    (found,) = client.get("/api/courses/").json()["courses"]
    assert found["packs"]["vi"]["hash"] == read(answer)["pack"]


def test_another_course_is_for_officials_and_no_shared_cache(signed_in, small):
    answer = get(signed_in, small)
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize(
    "how", ["draft", "unpublished", "restricted", "no such key", "a lesson's key", "no language"]
)
def test_what_may_not_be_read_is_not_found(signed_in, site, how):  # noqa: F811
    course = site.course(live=how != "draft")
    lesson = site.lesson(course, live=how != "draft")
    key, query = course.translation_key, "?lang=vi"
    if how == "unpublished":
        course.unpublish()
    elif how == "restricted":
        PageViewRestriction.objects.create(page=course, restriction_type="password", password="x")
    elif how == "no such key":
        key = uuid.uuid4()
    elif how == "a lesson's key":
        key = lesson.translation_key
    elif how == "no language":
        query = ""
    answer = signed_in.get(f"/api/courses/{key}/pack/{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_deactivated_official_is_signed_out(signed_in, small, official):
    official.is_active = False
    official.save()
    assert get(signed_in, small).status_code == 401


# --- made -------------------------------------------------------------------------------------------------------


def test_a_pack_that_is_missing_is_made_by_the_next_who_asks(signed_in, small):
    name = read(get(signed_in, small))["pack"]
    CoursePack.objects.all().delete()
    assert read(get(signed_in, small))["pack"] == name


def test_what_was_withdrawn_is_handed_out_to_nobody_though_no_pack_was_made_since(signed_in, site, monkeypatch):  # noqa: F811
    course = site.course()
    lesson = site.lesson(course)
    site.lesson(course, slug="hai", title="Bài hai")
    phone = HeldOnPhone(read(get(signed_in, course)))
    with monkeypatch.context() as patched:
        # As if the worker had died between the commit and the build.
        patched.setattr(packs, "build", lambda key: None)
        lesson.unpublish()
    difference = read(get(signed_in, course, have=phone.pack))
    assert difference["removed"] == [str(lesson.translation_key)]
    phone.take(difference)
    assert len(read(get(signed_in, course))["items"]) == 2


def test_a_pack_that_cannot_be_made_hinders_no_author(site, monkeypatch, caplog):  # noqa: F811
    def fail(key):
        raise RuntimeError

    monkeypatch.setattr(packs, "build", fail)
    site.course()
    assert Fragment.objects.filter(path="/attt-01/").exists()
    assert "could not be made" in caplog.text


def test_authors_are_told_the_weight_phones_see(signed_in, small):
    assert packs.weight(small.translation_key, "vi") == len(get(signed_in, small).content)
    assert packs.weight(uuid.uuid4(), "vi") is None
