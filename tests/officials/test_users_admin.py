"""Wagtail's own screens of users: people are not made, named, closed or deleted there, only powers are given."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from training.officials import groups
from training.officials.models import Official, Role

ACCOUNT = {
    "email-email": "",
    "locale-preferred_language": "vi",
    "theme-theme": "dark",
    "theme-contrast": "system",
    "theme-density": "default",
}


def users(name, official=None):
    return reverse(f"wagtailusers_users:{name}", args=[official.pk] if official else [])


def test_nobody_is_added_there(admin):
    assert "/admin/users/new/" not in admin.get(users("index")).content.decode()
    before = Official.objects.count()
    data = {"staff_number": "CB-7777", "email": "a@example.com", "first_name": "Lò", "last_name": "Mai"}
    admin.post("/admin/users/new/", {**data, "password1": "mot-hai-ba-bon", "password2": "mot-hai-ba-bon"})
    assert Official.objects.count() == before


def test_nobody_is_deleted_there_neither_alone_nor_in_bulk(admin, cast):
    before = Official.objects.count()
    assert admin.get(f"/admin/users/delete/{cast.province_hr.pk}/").status_code == 302
    admin.post(f"/admin/users/delete/{cast.province_hr.pk}/")
    for action in ("delete", "set_active_state"):
        address = f"/admin/bulk/officials/official/{action}/?id={cast.province_hr.pk}"
        for answer in (admin.get(address), admin.post(address, {"mark_as_active": "False"})):
            assert answer.headers["Location"] == reverse("hr_officials")
    assert Official.objects.count() == before
    assert Official.objects.get(pk=cast.province_hr.pk).is_active


def test_an_administrator_is_made_and_nothing_else_changes(admin, cast):
    reviewers = Group.objects.create(name="Người duyệt")
    data = {"is_superuser": "on", "groups": [reviewers.pk], "full_name": "X", "staff_number": "X", "is_active": ""}
    assert admin.post(users("edit", cast.trainer), data).status_code == 302
    trainer = Official.objects.get(pk=cast.trainer.pk)
    assert (trainer.is_superuser, trainer.is_active) == (True, True)
    assert (trainer.full_name, trainer.staff_number) == ("Nguyễn Văn An", "GV-0001")
    assert {group.name for group in trainer.groups.all()} == {"Người duyệt", groups.NAMES[Role.TRAINER]}


def test_the_groups_of_roles_are_neither_offered_nor_taken(admin, cast):
    hr = groups.group_for(Role.HR)
    others = Group.objects.exclude(name__in=groups.NAMES.values())
    offered = admin.get(users("edit", cast.official)).context["form"].fields["groups"].queryset
    assert set(offered) == set(others)
    admin.post(users("edit", cast.official), {"groups": [hr.pk]})
    assert not cast.official.groups.exists()


def test_nobody_takes_her_own_power(admin, cast):
    admin.post(users("edit", cast.admin), {"groups": []})
    assert Official.objects.get(pk=cast.admin.pk).is_superuser


@pytest.mark.parametrize("typed", ["dao", "Đào", "cb-0001"])
def test_people_are_found_there_as_everywhere(admin, typed):
    found = admin.get(users("index"), {"q": typed}).content.decode()
    assert "Lò Thị Đào" in found
    assert "Vàng Thị Mỷ" not in found


@pytest.mark.parametrize("who", ["trainer", "hr"])
def test_her_settings_are_saved_without_a_name_and_her_name_stays(client, cast, who):
    she = getattr(cast, who)
    client.force_login(she)
    page = client.get(reverse("wagtailadmin_account"))
    assert "first_name" not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert client.post(reverse("wagtailadmin_account"), {**ACCOUNT, "email-email": "ha@example.com"}).status_code == 302
    saved = Official.objects.get(pk=she.pk)
    assert (saved.full_name, saved.email) == (she.full_name, "ha@example.com")
    assert saved.wagtail_userprofile.theme == "dark"
    assert client.post(reverse("wagtailadmin_account"), ACCOUNT).status_code == 302
    assert Official.objects.get(pk=she.pk).email == ""


def test_who_may_not_enter_the_admin_has_no_account_page_there(client, cast):
    client.force_login(cast.official)
    assert client.get(reverse("wagtailadmin_account")).status_code == 302
