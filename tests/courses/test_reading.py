"""Reading what is published, and not reading what is not: pages, headers, who may."""

import gzip

import brotli
import pytest
from django.contrib.auth.models import Group
from wagtail.models import PageViewRestriction

from courses.models import Fragment
from courses.reading import may_read, readable_fragments

pytestmark = pytest.mark.django_db
LESSON = "/attt-01/mat-khau/"


@pytest.fixture
def lesson(site):
    return site.lesson(site.course())


def test_a_signed_in_official_reads_a_lesson(lesson, signed_in):
    response = signed_in.get(LESSON)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Content-Language"] == "vi"
    html = response.content.decode()
    assert "<title>Mật khẩu và xác thực hai bước" in html
    assert "Giữ kín mật khẩu." in html
    assert "{{SHELL" not in html


def test_who_is_not_signed_in_is_asked_to_and_comes_back(lesson, client):
    response = client.get(LESSON + "?from=zalo")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={LESSON}%3Ffrom%3Dzalo"


def test_who_is_not_signed_in_is_asked_in_the_language_of_the_page(site, lesson, client):
    site.translate(lesson.get_parent().specific, title="Information security")
    assert client.get("/en/attt-01/").headers["Location"].startswith("/en/accounts/login/?next=")


def test_an_official_who_left_reads_nothing(lesson, signed_in, official):
    official.is_active = False
    official.save()
    assert signed_in.get(LESSON).status_code == 302
    assert not may_read(official, Fragment.objects.get(path=LESSON))
    assert not readable_fragments(official).filter(path=LESSON).exists()


def test_a_public_course_is_read_by_anyone_and_by_shared_caches(site, client, django_assert_num_queries):
    site.lesson(site.course(is_public=True))
    client.get(LESSON)
    with django_assert_num_queries(1):
        response = client.get(LESSON)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert "Cookie" not in response.headers["Vary"]


def test_a_lesson_costs_one_query_beside_session_and_account(lesson, signed_in, django_assert_num_queries):
    signed_in.get(LESSON)
    with django_assert_num_queries(3):
        response = signed_in.get(LESSON)
    with django_assert_num_queries(3):
        assert signed_in.get(LESSON, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("br; q=0.000, gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
def test_the_page_travels_as_the_browser_can_take_it(lesson, signed_in, accepted, encoding, unpack):
    for _ in range(2):
        response = signed_in.get(LESSON, headers={"Accept-Encoding": accepted})
        assert response.headers.get("Content-Encoding") == encoding
        assert "Accept-Encoding" in response.headers["Vary"]
        assert int(response.headers["Content-Length"]) == len(response.content)
        assert "Giữ kín mật khẩu." in unpack(response.content).decode()


def test_unchanged_is_not_sent_again_and_changed_is(lesson, signed_in):
    first = signed_in.get(LESSON, headers={"Accept-Encoding": "br"})
    tag = first.headers["ETag"]
    again = signed_in.get(LESSON, headers={"Accept-Encoding": "br", "If-None-Match": f'"other", W/{tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == tag
    for known in (f'"other",{tag}', f'"other" ,W/{tag},"third"'):
        answer = signed_in.get(LESSON, headers={"Accept-Encoding": "br", "If-None-Match": known})
        assert answer.status_code == 304

    page = lesson.get_latest_revision_as_object()
    page.body = [{"type": "text", "value": "<p>Đổi ngay.</p>"}]
    page.save_revision().publish()
    changed = signed_in.get(LESSON, headers={"Accept-Encoding": "br", "If-None-Match": tag})
    assert changed.status_code == 200
    assert "Đổi ngay." in brotli.decompress(changed.content).decode()


def test_a_changed_description_is_sent_too(lesson, signed_in):
    tag = signed_in.get(LESSON).headers["ETag"]
    page = lesson.get_latest_revision_as_object()
    page.summary = "Tóm tắt mới <b>"
    page.save_revision().publish()
    response = signed_in.get(LESSON)
    assert response.headers["ETag"] != tag
    assert 'content="Tóm tắt mới &lt;b&gt;"' in response.content.decode()


def test_a_title_cannot_break_out_of_the_head(site, signed_in):
    site.lesson(site.course(), title="</title><script>alert(1)</script> {{SHELL_MAIN}}")
    html = signed_in.get(LESSON).content.decode()
    assert "<script>alert" not in html
    assert html.count("<main") == 1


def test_head_is_answered_and_post_is_not_a_way_round(lesson, signed_in, client):
    assert signed_in.head(LESSON).status_code == 200
    signed_in.logout()
    assert client.post(LESSON).status_code in (302, 403, 404, 405)


# --- out of sight -----------------------------------------------------------------------------------------------


def test_a_draft_does_not_exist_for_anyone(site, client, signed_in):
    course = site.course()
    site.lesson(course, live=False)
    assert signed_in.get(LESSON).status_code == 404
    signed_in.logout()
    assert client.get(LESSON).status_code == 404


def test_a_lesson_of_an_unpublished_course_does_not_exist(site, lesson, signed_in):
    course = lesson.get_parent().specific
    course.unpublish()
    assert signed_in.get(LESSON).status_code == 404
    assert signed_in.get("/attt-01/").status_code == 404


def test_an_unpublished_lesson_is_gone_at_once(lesson, signed_in):
    assert signed_in.get(LESSON).status_code == 200
    lesson.unpublish()
    assert signed_in.get(LESSON).status_code == 404


def test_a_restricted_lesson_is_for_its_group_only(lesson, client, signed_in, official):
    leaders = Group.objects.create(name="Lãnh đạo")
    restriction = PageViewRestriction.objects.create(page=lesson, restriction_type="groups")
    restriction.groups.add(leaders)
    assert signed_in.get(LESSON).status_code == 404
    official.groups.add(leaders)
    allowed = signed_in.get(LESSON)
    assert allowed.status_code == 200
    assert "Giữ kín mật khẩu." in allowed.content.decode()
    assert "private, no-store" in allowed.headers["Cache-Control"]
    signed_in.logout()
    assert client.get(LESSON).headers["Location"] == f"/accounts/login/?next={LESSON}"


def test_around_a_restricted_page_only_what_its_reader_could_open_is_shown(site, signed_in, official):
    course = site.course()
    site.lesson(course, title="Ai cũng đọc")
    site.lesson(course, slug="nhap", title="Chưa công bố", live=False)
    chiefs = site.lesson(course, slug="chi-huy", title="Chỉ huy trưởng")
    leaders = Group.objects.create(name="Lãnh đạo")
    official.groups.add(leaders)
    for page, group in [(course, leaders), (chiefs, Group.objects.create(name="Chỉ huy"))]:
        PageViewRestriction.objects.create(page=page, restriction_type="groups").groups.add(group)
    for path in ("/attt-01/", LESSON):
        html = signed_in.get(path).content.decode()
        assert "Ai cũng đọc" in html
        assert "Chưa công bố" not in html
        assert "Chỉ huy trưởng" not in html


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_pages_are_only_read(site, signed_in, method):
    course = site.course()
    site.lesson(course)
    site.lesson(course, slug="nhap", title="Chưa công bố", live=False)
    answer = getattr(signed_in, method)("/attt-01/")
    assert answer.status_code == 405
    assert "Chưa công bố" not in answer.content.decode()


def test_a_password_does_not_replace_the_account(lesson, client):
    restriction = PageViewRestriction.objects.create(page=lesson, restriction_type="password", password="x")
    session = client.session
    session["passed_page_view_restrictions"] = [restriction.pk]
    session.save()
    response = client.get(LESSON)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_an_address_without_a_page_is_not_found(site, signed_in):
    assert signed_in.get("/khong-co/").status_code == 404


def test_an_address_without_its_slash_is_led_there(lesson, signed_in):
    response = signed_in.get("/attt-01/mat-khau")
    assert response.status_code == 301
    assert response.headers["Location"] == LESSON
