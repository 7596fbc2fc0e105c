"""An administrator gives and ends roles: an official becomes HR officer or trainer, and is none again."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from courses.models import CataloguePage
from training.officials import access
from training.officials.models import Grant, Official, Role, Unit

TODAY = timezone.localdate()


def at(official):
    return reverse("hr_official_roles", args=[official.public_id])


def role(**changes):
    return {"role": Role.HR, "unit": "MK", "valid_from": TODAY.isoformat(), **changes}


def test_who_is_made_hr_officer_sees_her_units_and_no_others(admin, cast):
    assert admin.post(at(cast.colleague), role()).status_code == 302
    assert list(access.units_of(cast.colleague)) == [cast.muong_kim]
    admin.force_login(cast.colleague)
    page = admin.get(reverse("hr_officials")).content.decode()
    assert "Vàng Thị Mỷ" in page
    assert "Lò Thị Đào" not in page


def test_the_page_of_an_official_leads_an_administrator_to_her_roles_and_nobody_else(admin, cast):
    edit = reverse("hr_official_edit", args=[cast.trainer.public_id])
    assert at(cast.trainer) in admin.get(edit).content.decode()
    page = admin.get(at(cast.trainer)).content.decode()
    assert cast.trainer.grants.get().get_role_display() in page
    admin.force_login(cast.province_hr)
    edit = reverse("hr_official_edit", args=[cast.official.public_id])
    assert at(cast.official) not in admin.get(edit).content.decode()
    assert admin.post(at(cast.official), role()).status_code == 403
    assert not cast.official.grants.exists()


def test_a_role_ends_at_once(admin, cast):
    grant = cast.hr.grants.get()
    end = reverse("hr_official_role_end", args=[cast.hr.public_id, grant.pk])
    assert admin.get(end).status_code == 405
    assert admin.post(end).status_code == 302
    assert not access.is_hr(cast.hr)
    assert not cast.hr.groups.exists()
    assert Grant.objects.get(pk=grant.pk).valid_to == TODAY - timedelta(days=1)
    assert admin.post(end).status_code == 404


def test_a_role_that_has_not_begun_goes_without_a_trace_but_in_the_log(admin, cast):
    admin.post(at(cast.colleague), role(valid_from=(TODAY + timedelta(days=3)).isoformat()))
    assert not access.is_hr(cast.colleague)
    admin.post(reverse("hr_official_role_end", args=[cast.colleague.public_id, cast.colleague.grants.get().pk]))
    assert not cast.colleague.grants.exists()
    actions = ModelLogEntry.objects.filter(object_id=cast.colleague.pk, user=cast.admin).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["officials.give_role", "officials.end_role"]
    assert {entry.data["unit"] for entry in actions} == {"MK"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"},
        {"unit": "XX"},
        {"unit": ""},
        {"valid_from": (TODAY - timedelta(days=1)).isoformat()},
        {"valid_from": "soon"},
        {"unit": "TU"},
    ],
    ids=["no role", "no such unit", "none", "in the past", "no day", "has it already"],
)
def test_what_is_wrong_is_said_and_gives_nothing(admin, cast, wrong):
    before = cast.hr.grants.count()
    answer = admin.post(at(cast.hr), role(**wrong))
    assert answer.status_code == 422
    assert cast.hr.grants.count() == before


def test_a_role_is_ended_of_its_holder_only(admin, cast):
    other = reverse("hr_official_role_end", args=[cast.official.public_id, cast.hr.grants.get().pk])
    assert admin.post(other).status_code == 404
    assert access.is_hr(cast.hr)


def test_an_empty_site_that_was_set_up_has_a_home_page_below_which_a_trainer_authors(client, db):
    call_command("set_up_site", lai_chau=True, verbosity=0)
    home = CataloguePage.objects.get(locale__language_code="vi")
    assert client.get("/").status_code == client.get("/en/").status_code == 200
    trainer = Official.objects.create_user("GV-0002", "hoc-khong-can-mang", full_name="Lò Văn Sử")
    Grant.objects.create(official=trainer, role=Role.TRAINER, unit=Unit.objects.get(code="12"))
    client.force_login(trainer)
    assert client.get(reverse("wagtailadmin_pages:add", args=["courses", "coursepage", home.pk])).status_code == 200
    pages, units = CataloguePage.objects.count(), Unit.objects.count()
    call_command("set_up_site", lai_chau=True, verbosity=0)
    assert (CataloguePage.objects.count(), Unit.objects.count()) == (pages, units)
