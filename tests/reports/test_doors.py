"""Every address of HR's screens, by everybody who might try it."""

from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.reports.cast import make_assignment, make_phone

#: What no HR officer may do.
ADMINS_ONLY = {"hr_official_roles": 403, "hr_official_role_end": 403}


def addresses(cast):
    """name → address, each about someone or something of Than Uyên."""
    person = [cast.official.public_id]
    assignment = make_assignment(cast.course, cast.than_uyen)
    grant = cast.trainer.grants.get()
    phone, revoked = make_phone(cast.official), make_phone(cast.official, revoked_at=timezone.now())
    return {
        "reports_completion": reverse("reports_completion"),
        "reports_persons": reverse("reports_persons"),
        "reports_person": reverse("reports_person", args=person),
        "reports_revoke_device": reverse("reports_revoke_device", args=[*person, phone.pk]),
        "reports_trust_device": reverse("reports_trust_device", args=[*person, revoked.pk]),
        "reports_decide": reverse("reports_decide", args=person),
        "reports_waiting": reverse("reports_waiting"),
        "reports_access_log": reverse("reports_access_log"),
        "hr_officials": reverse("hr_officials"),
        "hr_official_add": reverse("hr_official_add"),
        "hr_official_edit": reverse("hr_official_edit", args=person),
        "hr_official_move": reverse("hr_official_move", args=person),
        "hr_official_deactivate": reverse("hr_official_deactivate", args=person),
        "hr_official_reactivate": reverse("hr_official_reactivate", args=person),
        "hr_official_code": reverse("hr_official_code", args=person),
        "hr_official_roles": reverse("hr_official_roles", args=person),
        "hr_official_role_end": reverse("hr_official_role_end", args=[*person, grant.pk]),
        "hr_assignments": reverse("hr_assignments"),
        "hr_assign": reverse("hr_assign"),
        "hr_assignment_deadline": reverse("hr_assignment_deadline", args=[assignment.pk]),
        "hr_assignment_withdraw": reverse("hr_assignment_withdraw", args=[assignment.pk]),
    }


def test_no_address_of_hr_is_missing_from_this_test(cast):
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    ours = {name for name in names if name.startswith(("hr_", "reports_"))}
    assert ours == set(addresses(cast))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["nobody", "official", "trainer", "former_hr"])
def test_whoever_is_no_hr_officer_gets_none_of_it(client, cast, who, method):
    if who == "former_hr":
        cast.hr.grants.update(valid_to=timezone.localdate() - timedelta(days=1))
        client.force_login(cast.hr)
    elif who != "nobody":
        client.force_login(getattr(cast, who))
    for name, address in addresses(cast).items():
        answer = getattr(client, method)(address, {"q": "dao", "export": "csv"})
        refused = answer.status_code == 403 or (answer.status_code == 302 and "login" in answer["Location"])
        assert refused, (name, answer.status_code, answer.headers.get("Location"))
        assert "Đào" not in answer.content.decode()


def test_the_hr_officer_of_the_unit_gets_in(client, cast):
    client.force_login(cast.hr)
    for name, address in addresses(cast).items():
        expected = {"reports_access_log": 403, "reports_decide": 405, "hr_official_reactivate": 404, **ADMINS_ONLY}
        assert client.get(address).status_code == expected.get(name, 200), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_hr_officer_of_another_unit_finds_nobody_and_nothing(client, cast, method):
    cast.hr.grants.update(unit=cast.muong_kim)
    client.force_login(cast.hr)
    for name, address in addresses(cast).items():
        if any(char.isdigit() for char in address):
            assert getattr(client, method)(address).status_code in (404, 405, ADMINS_ONLY.get(name)), name


def test_province_hr_and_admins_read_the_access_log(client, cast):
    for person in (cast.province_hr, cast.admin):
        client.force_login(person)
        assert client.get(reverse("reports_access_log")).status_code == 200


def test_the_menu_shows_hr_only_what_is_hers(client, cast):
    client.force_login(cast.hr)
    page = client.get(reverse("reports_completion")).content.decode()
    assert reverse("hr_officials") in page
    assert reverse("reports_access_log") not in page
    client.force_login(cast.trainer)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("hr_officials") not in page
    assert reverse("reports_completion") not in page


def test_an_hr_officer_gets_nothing_of_wagtails_own(client, cast):
    client.force_login(cast.hr)
    for name in ("wagtailusers_users:index", "wagtailusers_groups:index", "wagtailimages:index"):
        assert client.get(reverse(name)).status_code == 302, name


def test_nothing_of_it_stays_in_a_cache(client, cast):
    client.force_login(cast.hr)
    for address in (reverse("reports_completion"), reverse("hr_officials")):
        assert "no-store" in client.get(address)["Cache-Control"]
