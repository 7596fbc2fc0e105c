"""HR adds, edits, moves, lets go and takes back officials of her units, and prints one-time codes; of no others."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models.signals import pre_save
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.reports.cast import (
    enrol,
    make_assignment,
    make_hr,
    make_official,
    make_phone,
    make_trainer,
)
from training.officials import access, one_time_code, staffing
from training.officials.models import Category, Grant, Official, Role
from training.records.models import Enrolment

TODAY = timezone.localdate()


@pytest.fixture
def hr(client, cast):
    client.force_login(cast.hr)
    return client


def at(name, official=None):
    return reverse(f"hr_official{name}", args=[official.public_id] if official else [])


def person(**changes):
    return {
        "staff_number": "cb-0500",
        "full_name": "  Phàn   A Sử ",
        "sex": "m",
        "email": "",
        "phone_number": "",
        "unit": "TU",
        "category": Category.CADRE,
        "position": "Phó Chủ tịch",
        "valid_from": TODAY.isoformat(),
        **changes,
    }


def test_she_adds_an_official_who_then_owes_the_courses_of_the_unit(hr, cast):
    make_assignment(cast.course, cast.province)
    answer = hr.post(at("_add"), person())
    official = Official.objects.get(staff_number="CB-0500")
    assert answer["Location"] == at("_code", official)
    assert (official.full_name, official.has_usable_password()) == ("Phàn A Sử", False)
    posting = official.postings.get()
    assert (posting.unit, posting.category, posting.is_main) == (cast.than_uyen, Category.CADRE, True)
    assert Enrolment.objects.get(official=official).is_assigned


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "MK"},
        {"unit": "LC"},
        {"unit": "nowhere"},
        {"unit": ""},
        {"staff_number": "cb-0001"},
        {"staff_number": " "},
        {"full_name": "  "},
        {"sex": "x"},
        {"category": "x"},
        {"valid_from": (TODAY + timedelta(days=1)).isoformat()},
        {"email": "x"},
        {"staff_number": "\u200b"},
        {"staff_number": "<b>"},
        {"staff_number": "CB 9002/../"},
        {"full_name": "\u200b"},
        {"valid_from": "0001-01-01"},
        {"valid_from": "1800-01-01"},
        {"valid_from": "1949-12-31"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(hr, cast, changes):
    before = Official.objects.count()
    answer = hr.post(at("_add"), person(**changes))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Official.objects.count() == before


@pytest.mark.parametrize("number", ["CB-\u200b0500", "\ufeffcb-0500", "CB\u00ad-0500"])
def test_what_cannot_be_seen_is_no_part_of_a_staff_number(hr, cast, number):
    hr.post(at("_add"), person(staff_number=number))
    assert Official.objects.filter(staff_number="CB-0500").exists()


def test_an_odd_staff_number_is_told_what_is_odd(hr, cast):
    page = hr.post(at("_add"), person(staff_number="CB 9<b")).content.decode()
    assert "(dấu cách) &lt;" in page
    assert hr.post(at("_add"), person(staff_number="BĐ.9_1/A-2")).status_code == 302


def test_nobody_is_born_or_posted_long_before_the_service_was(cast):
    cast.official.birth_date = date(1800, 1, 1)
    with pytest.raises(ValidationError, match="1950"):
        cast.official.clean_fields()
    cast.official.birth_date = date(1970, 1, 1)
    cast.official.clean_fields()


@pytest.fixture
def taken_meanwhile():
    """Another officer's new official gets the number just before ours is written."""

    def write(sender, instance, **kwargs):
        other = Official(staff_number=instance.staff_number, full_name="Lò Thị An")
        other.derive()
        Official.objects.bulk_create([other])

    pre_save.connect(write, sender=Official)
    yield
    pre_save.disconnect(write, sender=Official)


def test_a_number_that_is_taken_at_the_same_time_is_said_to_be_taken(hr, cast, taken_meanwhile):
    for answer in (hr.post(at("_add"), person()), hr.post(at("_edit", cast.official), person())):
        assert answer.status_code == 422
        assert "Số hiệu này đã có người dùng" in answer.content.decode()
    cast.official.refresh_from_db()
    assert cast.official.staff_number == "CB-0001"


def test_fields_that_are_not_hers_to_set_are_ignored(hr, cast):
    hr.post(at("_add"), person(is_superuser="on", groups="1", is_main="", left_on="2020-01-01"))
    official = Official.objects.get(staff_number="CB-0500")
    assert (official.is_superuser, official.groups.count(), official.left_on) == (False, 0, None)


def test_choosers_offer_her_subtree_only(hr, cast):
    page = hr.get(at("_add")).content.decode()
    assert 'value="TU"' in page
    assert 'value="TU-VH"' in page
    assert 'value="MK"' not in page


def test_the_list_is_by_given_name_and_found_without_marks(hr, cast):
    make_official("CB-0600", "Lò Thị An", cast.section)
    lines = hr.get(at("s")).context["lines"]
    assert [line["official"].full_name for line in lines] == [
        "Lò Thị An",
        "Lò Thị Đào",
        "Đỗ Thị Thu Hà",
        "Giàng A Páo",
    ]
    found = hr.post(at("s"), {"q": "dao"}).context["lines"]
    assert [line["official"] for line in found] == [cast.official]
    assert hr.post(at("s"), {"q": "vang"}).context["lines"] == []


def test_the_list_narrows_to_unit_category_and_status(hr, cast):
    assert len(hr.get(at("s"), {"unit": "TU-VH"}).context["lines"]) == 1
    assert len(hr.get(at("s"), {"category": Category.CADRE}).context["lines"]) == 0
    assert hr.get(at("s"), {"unit": "MK"}).status_code == 404
    staffing.deactivate(cast.colleague, TODAY - timedelta(days=1), cast.hr, revoke_devices=False)
    left = hr.get(at("s"), {"status": "left"}).context["lines"]
    assert [line["official"] for line in left] == [cast.colleague]


def test_who_left_is_found_in_the_unit_she_left_and_not_where_she_had_been_before(hr, cast):
    before = {"category": Category.CIVIL_SERVANT, "position": "", "by": cast.hr}
    staffing.move(cast.colleague, cast.than_uyen, valid_from=TODAY - timedelta(days=20), **before)
    staffing.deactivate(cast.colleague, TODAY - timedelta(days=1), cast.hr, revoke_devices=False)
    left = {unit: hr.get(at("s"), {"status": "left", "unit": unit}).context["lines"] for unit in ("TU", "TU-VH")}
    assert [line["official"] for line in left["TU"]] == [cast.colleague]
    assert left["TU-VH"] == []


def test_the_list_takes_as_many_queries_for_many_as_for_few(hr, cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    hr.get(at("s"))
    with CaptureQueriesContext(connection) as few:
        hr.get(at("s"))
    for number in range(20):
        make_official(f"CB-3{number:03}", unit=cast.section)
    with django_assert_num_queries(len(few)):
        hr.get(at("s"))


def test_she_corrects_name_and_number(hr, cast):
    answer = hr.post(at("_edit", cast.official), person(staff_number="cb-0009", full_name="Lò Thị Đáo", sex="f"))
    assert answer.status_code == 302
    cast.official.refresh_from_db()
    assert (cast.official.staff_number, cast.official.name_folded) == ("CB-0009", "lo thi dao")
    assert hr.post(at("_edit", cast.official), person(staff_number="CB-0002")).status_code == 422


def test_a_move_closes_one_posting_and_opens_the_next(hr, cast):
    make_assignment(cast.course, cast.section)
    answer = hr.post(
        at("_move", cast.official),
        {"unit": "TU-VH", "category": Category.CADRE, "position": "", "valid_from": TODAY.isoformat()},
    )
    assert answer.status_code == 302
    old, new = cast.official.postings.order_by("valid_from")
    assert (old.unit, old.valid_to) == (cast.than_uyen, TODAY - timedelta(days=1))
    assert (new.unit, new.valid_from, new.valid_to) == (cast.section, TODAY, None)
    assert Enrolment.objects.get(official=cast.official).is_assigned


def test_a_move_on_the_day_the_posting_began_corrects_it(hr, cast):
    began = cast.official.postings.get().valid_from
    hr.post(
        at("_move", cast.official), {"unit": "TU-VH", "category": Category.CADRE, "valid_from": began.isoformat()}
    )
    assert cast.official.postings.get().unit == cast.section


@pytest.mark.parametrize("days", [0, 3, 20])
def test_a_move_that_has_not_begun_is_replaced(hr, cast, days):
    began = cast.official.postings.get().valid_from
    planned = TODAY + timedelta(days=10)
    staffing.move(cast.official, cast.section, Category.CADRE, "", planned, by=cast.hr)
    page = hr.get(at("_move", cast.official)).content.decode()
    assert f'value="{planned.isoformat()}"' in page
    day = TODAY + timedelta(days=days)
    data = {"unit": "TU", "category": Category.CADRE, "position": "Trưởng phòng", "valid_from": day.isoformat()}
    assert hr.post(at("_move", cast.official), data).status_code == 302
    old, new = cast.official.postings.order_by("valid_from")
    assert (old.valid_from, old.valid_to) == (began, day - timedelta(days=1))
    assert (new.unit, new.position, new.valid_from, new.valid_to) == (cast.than_uyen, "Trưởng phòng", day, None)


def test_a_planned_move_is_brought_forward_to_no_day_before_the_present_posting(hr, cast):
    began = cast.official.postings.get().valid_from
    staffing.move(cast.official, cast.section, Category.CADRE, "", TODAY + timedelta(days=10), by=cast.hr)
    data = {"unit": "TU", "category": Category.CADRE, "valid_from": (began - timedelta(days=1)).isoformat()}
    assert hr.post(at("_move", cast.official), data).status_code == 422
    assert cast.official.postings.count() == 2


@pytest.mark.parametrize("unit", ["MK", "LC", "x", ""])
def test_nobody_is_moved_out_of_her_subtree(hr, cast, unit):
    answer = hr.post(
        at("_move", cast.official), {"unit": unit, "category": Category.CADRE, "valid_from": TODAY.isoformat()}
    )
    assert answer.status_code == 422
    assert cast.official.postings.get().unit == cast.than_uyen


def test_a_move_before_the_last_posting_is_refused(hr, cast):
    answer = hr.post(
        at("_move", cast.official), {"unit": "TU-VH", "category": Category.CADRE, "valid_from": "2020-01-01"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("revoke", [True, False])
def test_closing_an_account_ends_posting_and_grants_and_asks_about_phones(hr, cast, revoke):
    enrol(cast.official, cast.course)
    phone = make_phone(cast.official)
    Grant.objects.create(official=cast.official, role="hr", unit=cast.section)
    data = {"left_on": TODAY.isoformat()} | ({"revoke_devices": "on"} if revoke else {})
    assert hr.post(at("_deactivate", cast.official), data).status_code == 302
    cast.official.refresh_from_db()
    phone.refresh_from_db()
    assert (cast.official.is_active, cast.official.left_on) == (False, TODAY)
    assert cast.official.postings.get().valid_to == TODAY
    assert cast.official.grants.get().valid_to == TODAY
    assert (phone.revoked_at is not None) == revoke
    assert not Enrolment.objects.filter(official=cast.official).exists()


def test_a_closed_account_signs_in_no_more_and_open_sessions_end(client, cast):
    cast.official.set_password("hoc-khong-can-mang")
    cast.official.save()
    client.force_login(cast.official)
    staffing.deactivate(cast.official, TODAY, cast.hr, revoke_devices=False)
    assert client.get(reverse("reports_completion")).status_code == 302
    client.logout()
    client.post(reverse("wagtailadmin_login"), {"username": "CB-0001", "password": "hoc-khong-can-mang"})
    assert "_auth_user_id" not in client.session


def test_a_leaver_is_taken_back_with_her_history(hr, cast):
    staffing.deactivate(cast.official, TODAY - timedelta(days=10), cast.hr, revoke_devices=False)
    data = {"unit": "TU-VH", "category": Category.CADRE, "valid_from": TODAY.isoformat()}
    assert hr.post(at("_reactivate", cast.official), data).status_code == 302
    cast.official.refresh_from_db()
    assert (cast.official.is_active, cast.official.left_on) == (True, None)
    assert cast.official.postings.count() == 2


def test_who_takes_her_back_second_is_told_that_she_is_back(hr, cast):
    staffing.deactivate(cast.official, TODAY, by=cast.hr, revoke_devices=False)
    back = {"unit": "TU", "category": Category.CADRE, "position": "Trưởng bản", "valid_from": TODAY.isoformat()}
    staffing.reactivate(cast.official, cast.than_uyen, Category.CONTRACT, "", TODAY + timedelta(days=1), by=cast.hr)
    answer = hr.post(at("_reactivate", cast.official), back, follow=True)
    assert answer.status_code == 200
    assert cast.official.postings.filter(valid_to=None).get().category == Category.CONTRACT


def test_closed_by_mistake_and_taken_back_the_same_day_the_posting_goes_on(hr, cast):
    staffing.deactivate(cast.official, TODAY, cast.hr, revoke_devices=False)
    last = cast.official.postings.get()
    data = {"unit": "TU", "category": last.category, "valid_from": TODAY.isoformat()}
    hr.post(at("_reactivate", cast.official), data)
    assert cast.official.postings.get().valid_to is None
    # Elsewhere she can only begin after the last posting ended.
    staffing.deactivate(cast.colleague, TODAY, cast.hr, revoke_devices=False)
    assert hr.post(at("_reactivate", cast.colleague), data).status_code == 422


def test_a_one_time_code_takes_the_place_of_the_password_and_is_shown_once(hr, cast):
    cast.official.set_password("hoc-khong-can-mang")
    cast.official.save()
    phone = make_phone(cast.official)
    answer = hr.post(at("_code", cast.official), {})
    assert "no-store" in answer["Cache-Control"]
    code = answer.context["code"]
    page = answer.content.decode()
    for words in (code, "CB-0001", "Lò Thị Đào", "Than Uyên"):
        assert words in page
    official = Official.objects.get(pk=cast.official.pk)
    assert code.replace("-", "") not in official.one_time_code
    assert official.must_set_password
    assert not official.check_password("hoc-khong-can-mang")
    assert one_time_code.redeem(official, code)
    phone.refresh_from_db()
    assert phone.revoked_at is None
    assert code not in str(ModelLogEntry.objects.last().data)


def test_looking_at_the_page_makes_no_code(hr, cast):
    hr.get(at("_code", cast.official))
    cast.official.refresh_from_db()
    assert cast.official.one_time_code == ""


def test_with_a_new_code_her_phones_are_revoked_if_asked(hr, cast):
    phone = make_phone(cast.official)
    hr.post(at("_code", cast.official), {"revoke_devices": "on"})
    phone.refresh_from_db()
    assert phone.revoked_by == cast.hr


def powerful(cast):
    """People posted in her unit whose power she must not get at."""
    by_group = make_official("CB-0701", unit=cast.than_uyen)
    by_group.groups.add(Group.objects.create(name="Moderators of something"))
    boss = make_official("CB-0702", unit=cast.than_uyen)
    Official.objects.filter(pk=boss.pk).update(is_superuser=True)
    trainer = make_official("GV-0701", unit=cast.than_uyen)
    Grant.objects.create(official=trainer, role=Role.TRAINER, unit=cast.than_uyen)
    tomorrow = make_official("CB-0703", unit=cast.than_uyen)
    Grant.objects.create(official=tomorrow, role=Role.HR, unit=cast.province, valid_from=TODAY + timedelta(days=1))
    both = make_hr("TC-0702", "Lò Thị Hoa", cast.section)
    both.groups.add(by_group.groups.get())
    return [
        cast.hr,
        trainer,
        tomorrow,
        both,
        make_hr("TC-0700", "Lò Văn Hặc", cast.province, posted_at=cast.than_uyen),
        make_hr("TC-0701", "Lò Văn Hặc", cast.muong_kim, posted_at=cast.than_uyen),
        by_group,
        boss,
    ]


def test_she_gets_at_nobody_with_power_beyond_hers_nor_at_herself(hr, cast):
    trainer = make_trainer("GV-0700", "Nguyễn Văn An", cast.province)
    trainer.postings.update(unit=cast.than_uyen)
    for official in [*powerful(cast), trainer, cast.stranger]:
        for name in ("_edit", "_move", "_deactivate", "_reactivate", "_code"):
            assert hr.get(at(name, official)).status_code == 404, (official.staff_number, name)
            assert hr.post(at(name, official), person()).status_code == 404, (official.staff_number, name)
    cast.hr.refresh_from_db()
    assert cast.hr.is_active


def test_an_hr_officer_below_her_is_hers_to_manage(cast):
    below = make_hr("TC-0703", "Lò Thị Hoa", cast.section)
    assert below in access.manageable_officials(cast.hr)


def test_who_did_it_is_in_the_log(hr, cast):
    hr.post(at("_add"), person())
    hr.post(at("_code", cast.official), {})
    done = list(ModelLogEntry.objects.order_by("pk").values_list("action", "user"))
    assert done == [("wagtail.create", cast.hr.pk), ("officials.one_time_code", cast.hr.pk)]
