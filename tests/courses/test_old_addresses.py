"""Links in letters and chats outlive the slug of a page: who follows one is led to where the page is now."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import PageViewRestriction

pytestmark = pytest.mark.django_db
LESSON = "/attt-01/mat-khau/"


@pytest.fixture
def course(site):
    return site.course(is_public=True)


@pytest.fixture
def lesson(site, course):
    return site.lesson(course)


def fresh(page):
    return type(page).objects.get(pk=page.pk)


def rename(page, slug):
    page = fresh(page)
    page.slug = slug
    page.save_revision().publish()


def led_to(client, path):
    """Where the answer leads; its status where it leads nowhere."""
    answer = client.get(path)
    return answer.headers["Location"] if answer.status_code == 302 else answer.status_code


def test_a_renamed_lesson_is_found_by_every_address_it_had(lesson, client):
    rename(lesson, "giu-mat-khau")
    rename(lesson, "mat-khau-manh")
    for old in (LESSON, "/attt-01/giu-mat-khau/"):
        assert led_to(client, old) == "/attt-01/mat-khau-manh/"
    assert led_to(client, f"{LESSON}?from=zalo") == "/attt-01/mat-khau-manh/?from=zalo"


def test_a_page_named_back_leads_nobody_round_in_a_circle(lesson, client):
    rename(lesson, "khac")
    assert client.get(LESSON).headers["Cache-Control"] == "no-store"
    rename(lesson, "mat-khau")
    assert led_to(client, LESSON) == 200
    assert led_to(client, "/attt-01/khac/") == LESSON


def test_a_renamed_course_takes_the_addresses_of_its_lessons_along_in_each_language(site, course, lesson, client):
    english = site.translate(course)
    site.translate(lesson, slug="passwords")
    rename(course, "an-toan")
    assert led_to(client, "/attt-01/") == "/an-toan/"
    assert led_to(client, LESSON) == "/an-toan/mat-khau/"
    assert led_to(client, "/en/attt-01/passwords/") == 200
    rename(english, "safety")
    assert led_to(client, "/en/attt-01/passwords/") == "/en/safety/passwords/"
    assert led_to(client, LESSON) == "/an-toan/mat-khau/"


def test_a_lesson_moved_to_another_course_is_found_there(site, lesson, client):
    other = site.course("kns-01", title="Kỹ năng số", is_public=True)
    fresh(lesson).move(other, pos="last-child")
    assert led_to(client, LESSON) == "/kns-01/mat-khau/"


def test_an_address_another_page_has_taken_is_the_other_page(site, course, lesson, client):
    rename(lesson, "cu")
    site.lesson(course, "mat-khau", title="Bài mới cùng địa chỉ")
    assert "Bài mới cùng địa chỉ" in client.get(LESSON).content.decode()


def test_what_is_renamed_while_it_is_taken_down_is_found_again_afterwards(lesson, client):
    fresh(lesson).unpublish()
    assert led_to(client, LESSON) == 404
    rename(lesson, "khac")
    assert led_to(client, LESSON) == "/attt-01/khac/"


@pytest.mark.parametrize("how", ["unpublished", "deleted", "restricted"])
def test_what_is_not_in_sight_is_found_by_no_address(lesson, client, how):
    rename(lesson, "khac")
    if how == "unpublished":
        fresh(lesson).unpublish()
    elif how == "deleted":
        fresh(lesson).delete()
    else:
        restriction = PageViewRestriction.objects.create(page=lesson, restriction_type=PageViewRestriction.GROUPS)
        restriction.groups.add(Group.objects.create(name="Ban biên tập"))
    assert led_to(client, LESSON) == 404


def test_who_is_not_signed_in_is_led_on_and_asked_there(site, client):
    lesson = site.lesson(site.course())
    rename(lesson, "khac")
    assert led_to(client, LESSON) == "/attt-01/khac/"
    assert led_to(client, "/attt-01/khac/") == "/accounts/login/?next=/attt-01/khac/"


def test_a_guessed_address_is_not_found(lesson, client):
    assert led_to(client, "/attt-01/khong-co/") == 404
