"""S3 over HTTP: an HR officer reads, exports, keeps people and assigns, for her units and no others.

The people of Than Uyên and Mường Kim have studied: each phone's events went through the real intake.
"""

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from courses.editions import current_edition, steps
from courses.models import Activity
from quizzes.models import Paper, QuestionVersion
from tests.flows.conftest import PASSWORD, signed_in
from training.officials.models import Category, Official, Unit
from training.records.models import Assignment, Completion, Enrolment, LessonProgress
from training.reports.models import AccessRecord
from training.starter.history import Phone, load_history
from training.sync import devices

pytestmark = pytest.mark.django_db

HERS, ANOTHERS = "03595", "03637"
TODAY = timezone.localdate()
SCREENS = ["reports_completion", "reports_persons", "hr_officials", "hr_official_add", "hr_assignments", "hr_assign"]


def people_of(*codes):
    wanted = [unit.pk for code in codes for unit in Unit.objects.filter(code__startswith=code)]
    return Official.objects.filter(postings__unit__in=wanted).order_by("staff_number")


@pytest.fixture(scope="module")
def studied(demo, django_db_blocker):
    """Half a year of the officials of two communes, as load_demo tells it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_history(list(people_of(HERS, ANOTHERS)), lambda words: None)


@pytest.fixture
def hr(studied, world) -> Client:
    return signed_in("TC-0001")


@pytest.fixture
def province(studied, world) -> Client:
    return signed_in("TC-0000")


@pytest.fixture
def course(world):
    return Activity.objects.get(kind="course", code="ATTT-01")


@pytest.fixture
def stranger(world):
    return Official.objects.get(staff_number="CB-0101")


def get(client, name, **data):
    return client.get(reverse(name), data)


def full_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


def table(client, name, **data) -> list[list[str]]:
    return list(csv.reader(io.StringIO(full_of(get(client, name, export="csv", **data)).decode("utf-8-sig"))))


def persons(client, **data) -> list[str]:
    """Names of the list, all its pages, in its order."""
    return [row[1] for row in table(client, "reports_persons", **data)[1:]]


def study_all(official, course, at) -> None:
    """Every lesson and the quiz with right answers, on one day, through the real intake."""
    phone = Phone(official, at)
    devices.register(official, phone.jwk, "Chrome, Android", at=at)
    edition = current_edition(course.key)
    for number, step in enumerate(steps(edition)):
        when = at + timedelta(minutes=10 * number)
        if step["kind"] == "lesson":
            phone.record("lesson_finished", step["activity"], edition.name, when, {"seconds": 200})
        else:
            begun = phone.record("quiz_started", step["activity"], edition.name, when, {"earlier": 0})
            paper = Paper.objects.get(name=step["papers"]["vi"])
            versions = QuestionVersion.objects.in_bulk(paper.versions)
            answers = [versions[name].content["key"] for name in paper.versions]
            data = {"attempt": begun, "paper": paper.name, "answers": answers}
            phone.record("quiz_submitted", step["activity"], edition.name, when + timedelta(minutes=5), data)
    phone.deliver(at + timedelta(hours=3))


# --- the report --------------------------------------------------------------------------------------------------


def test_she_sees_unit_by_course_for_than_uyen_only(hr):
    rows = table(hr, "reports_completion")[1:]
    assert {row[0][:5] for row in rows} == {HERS}
    assert {row[2] for row in rows} == {"ATTT-01", "KNS-01", "CKS-01"}
    page = get(hr, "reports_completion").content.decode()
    assert "Than Uyên" in page
    assert "Mường Kim" not in page


def test_each_is_completed_in_progress_or_not_started_and_these_sum_to_assigned(hr):
    rows = [[int(number) for number in row[4:]] for row in table(hr, "reports_completion")[1:]]
    for assigned, completed, in_progress, not_started, overdue, silent in rows:
        assert assigned == completed + in_progress + not_started
        assert overdue <= in_progress + not_started
        assert silent <= in_progress + not_started
    sums = [sum(column) for column in zip(*rows, strict=True)]
    assert all(sums), "every state is represented"
    states = [row[7] for row in table(hr, "reports_persons")[1:]]
    assert len(states) == sums[0]
    assert sorted(states.count(state) for state in set(states)) == sorted(sums[1:4])
    owed = Enrolment.objects.filter(is_assigned=True, official__in=people_of(HERS))
    assert sums[0] == owed.count()
    assert sums[4] == owed.filter(completed_on=None, due_on__lt=TODAY).count()


def test_not_heard_from_is_not_completed_and_no_contact_for_the_days_of_the_setting(hr, settings):
    def silent():
        return {(row[0], row[5]) for row in table(hr, "reports_persons", state="silent")[1:]}

    since = timezone.now() - timedelta(days=settings.REPORTS_SILENT_DAYS)
    owed = Enrolment.objects.filter(is_assigned=True, completed_on=None, official__in=people_of(HERS))
    expected = owed.exclude(official__devices__last_contact_at__gte=since)
    assert silent() == set(expected.values_list("official__staff_number", "course__code"))
    before = silent()
    settings.REPORTS_SILENT_DAYS = 90
    assert silent() < before


def test_the_last_contact_is_shown(hr):
    she = people_of(HERS).filter(devices__last_contact_at__isnull=False).first()
    last = max(she.devices.filter(kind="phone").values_list("last_contact_at", flat=True))
    answer = hr.post(reverse("reports_persons"), {"q": she.staff_number})
    assert {line.last_contact for line in answer.context["lines"]} == {last}
    assert date_format(timezone.localtime(last), "SHORT_DATE_FORMAT") in answer.content.decode()


def test_completing_before_the_assignment_counts(hr, course):
    she = Official.objects.get(staff_number="CB-0001")
    assignment = Assignment.objects.get(course=course, unit__code="12")
    study_all(she, course, timezone.now() - timedelta(days=160))
    completion = Completion.objects.get(official=she, course=course)
    assert completion.completed_on < assignment.assigned_on
    [row] = [row for row in table(hr, "reports_persons", state="completed")[1:] if row[0] == "CB-0001"]
    assert row[10] == completion.completed_on.isoformat()


def test_the_period_filter_is_on_the_completion_date(hr, course):
    she = Official.objects.get(staff_number="CB-0001")
    study_all(she, course, timezone.now() - timedelta(days=20))
    day = Completion.objects.get(official=she, course=course).completed_on
    inside = {"period": "custom", "start": day.isoformat(), "end": day.isoformat(), "state": "in_period"}
    later = {**inside, "start": (day + timedelta(days=1)).isoformat(), "end": TODAY.isoformat()}
    assert she.full_name in persons(hr, course=str(course.pk), **inside)
    assert she.full_name not in persons(hr, course=str(course.pk), **later)
    # The states themselves stay as they are.
    whole = table(hr, "reports_completion")[1:]
    narrow = table(hr, "reports_completion", period="custom", start=day.isoformat(), end=day.isoformat())[1:]
    assert [row[:10] for row in narrow] == whole


def test_she_drills_down_from_unit_to_course_to_persons(hr, course):
    page = get(hr, "reports_completion").content.decode()
    step = re.search(r'href="([^"]*open=03595-[^"#]*)', page)[1].replace("&amp;", "&")
    page = hr.get(reverse("reports_completion") + step if step.startswith("?") else step).content.decode()
    assert 'aria-expanded="true"' in page
    steps_in = re.findall(r'href="([^"]*open_course=[^"#]*)', page)
    assert steps_in
    step = steps_in[0].replace("&amp;", "&")
    page = hr.get(reverse("reports_completion") + step if step.startswith("?") else step).content.decode()
    shown = set(re.findall(r"/admin/reports/training/persons/([0-9a-f-]{36})/", page))
    unfinished = Enrolment.objects.filter(is_assigned=True, completed_on=None, official__in=people_of(HERS))
    assert shown
    assert shown <= {str(key) for key in unfinished.values_list("official__public_id", flat=True)}


def test_persons_are_sorted_by_given_name_as_vietnamese_sorts(hr, course):
    section = Unit.objects.get(code="03595-VHXH")
    names = ["Vì Văn Ánh", "Lò Văn Đào", "Cà Văn Dung", "Hoàng Văn Ân", "Tòng Văn An", "Phạm Văn Áo", "Lê Văn Dưa"]
    for number, name in enumerate(names):
        answer = hr.post(reverse("hr_official_add"), person(f"CB-8{number:03}", full_name=name, unit=section.code))
        assert answer.status_code == 302
    shown = [name for name in persons(hr, course=str(course.pk), unit=section.code) if name in names]
    assert [name.split()[-1] for name in shown] == ["An", "Ánh", "Áo", "Ân", "Dung", "Dưa", "Đào"]


def test_a_name_is_found_without_marks_and_dao_finds_dao(hr):
    hr.post(reverse("hr_official_add"), person("CB-8100", full_name="Lò Thị Đào"))
    for typed in ("dao", "Đào", "thi dao", "DAO", "CB-8100"):
        answer = hr.post(reverse("reports_persons"), {"q": typed})
        assert "Lò Thị Đào" in {line.official.full_name for line in answer.context["lines"]}, typed
        listed = hr.post(reverse("hr_officials"), {"q": typed}).content.decode()
        assert "Lò Thị Đào" in listed
    answer = hr.post(reverse("reports_persons"), {"q": "dao"})
    assert all("đào" in line.official.full_name.lower() for line in answer.context["lines"])


def test_filters_narrow_to_unit_category_and_course(hr, course):
    section = table(hr, "reports_persons", unit="03595-VHXH")[1:]
    assert section
    assert {row[3] for row in section} == {"Phòng Văn hóa – Xã hội, Xã Than Uyên"}
    everyone = table(hr, "reports_persons")[1:]
    by_category = [table(hr, "reports_persons", category=category)[1:] for category in Category.values]
    assert sum(len(rows) for rows in by_category) == len(everyone)
    assert all(len({row[4] for row in rows}) <= 1 for rows in by_category)
    assert {row[5] for row in table(hr, "reports_persons", course=str(course.pk))[1:]} == {"ATTT-01"}


def test_the_province_sees_all_units(province):
    codes = {row[0] for row in table(province, "reports_completion")[1:]}
    assert {HERS, ANOTHERS} <= codes
    assert len(codes) >= 38
    owed = Enrolment.objects.filter(is_assigned=True).count()
    assert sum(int(row[4]) for row in table(province, "reports_completion")[1:]) == owed
    assert get(province, "reports_access_log").status_code == 200


# --- files -------------------------------------------------------------------------------------------------------


def test_csv_is_utf8_with_a_mark_typed_and_safe(hr):
    hr.post(reverse("hr_official_add"), person("000815", full_name="=1+1"))
    body = full_of(get(hr, "reports_persons", export="csv"))
    assert body.startswith(b"\xef\xbb\xbf")
    text = body.decode("utf-8-sig")
    assert "\"000815\",\"'=1+1\"" in text
    assert re.search(r'",\d+,\d+,\d+,\d+,\d+,\d+\r\n', full_of(get(hr, "reports_completion", export="csv")).decode())


def test_excel_has_numbers_as_numbers_dates_as_dates_and_staff_numbers_as_text(hr):
    hr.post(reverse("hr_official_add"), person("000815", full_name="=1+1"))
    sheet = openpyxl.load_workbook(io.BytesIO(full_of(get(hr, "reports_persons", export="xlsx")))).active
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert (rows["000815"][0].data_type, rows["000815"][1].data_type, rows["000815"][1].value) == ("s", "s", "=1+1")
    assert rows["000815"][9].is_date
    sheet = openpyxl.load_workbook(io.BytesIO(full_of(get(hr, "reports_completion", export="xlsx")))).active
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, min_col=5) for cell in row} == {"n"}


def test_every_export_is_in_the_access_log(hr, province, course):
    hr.post(reverse("hr_official_add"), person("CB-8100", full_name="Lò Thị Đào"))
    units = table(hr, "reports_completion", unit=HERS)[1:]
    overdue = openpyxl.load_workbook(
        io.BytesIO(full_of(get(hr, "reports_persons", export="xlsx", state="overdue")))
    ).active
    found = full_of(hr.post(reverse("reports_persons"), {"q": "dao", "export": "csv"})).decode().splitlines()[1:]
    records = list(AccessRecord.objects.order_by("pk"))
    assert {record.official.staff_number for record in records} == {"TC-0001"}
    assert [(record.what, record.report) for record in records] == [
        ("csv", "completion"),
        ("xlsx", "persons"),
        ("csv", "persons"),
    ]
    assert [record.filters for record in records] == [{"unit": HERS}, {"state": "overdue"}, {"search": "dao"}]
    assert [record.rows for record in records] == [len(units), overdue.max_row - 1, len(found)]
    assert min(record.rows for record in records) > 0
    assert "Hoàng Văn Đức" in get(province, "reports_access_log").content.decode()
    assert get(hr, "reports_access_log").status_code == 403


# --- people ------------------------------------------------------------------------------------------------------


def person(staff_number="CB-9001", **changes) -> dict:
    return {
        "staff_number": staff_number,
        "full_name": "Lò Thị Xuân",
        "sex": "f",
        "email": "",
        "phone_number": "",
        "unit": "03595-VHXH",
        "category": Category.CIVIL_SERVANT,
        "position": "Công chức",
        "valid_from": TODAY.isoformat(),
        **changes,
    }


def code_of(answer) -> str:
    return re.search(r"data-code[^>]*>([^<]+)<", answer.content.decode())[1].strip()


def test_she_adds_an_official_who_owes_what_is_assigned_there(hr, course):
    answer = hr.post(reverse("hr_official_add"), person())
    new = Official.objects.get(staff_number="CB-9001")
    assert answer.headers["Location"] == reverse("hr_official_code", args=[new.public_id])
    assert Enrolment.objects.get(official=new, course=course).is_assigned
    assert "Lò Thị Xuân" in persons(hr, course=str(course.pk))
    again = hr.post(reverse("hr_official_add"), person())
    assert again.status_code == 422


def test_she_edits_an_official(hr):
    she = Official.objects.get(staff_number="CB-0001")
    data = {"staff_number": "CB-0001", "full_name": "Lò Thị Thu Hương", "sex": "f", "email": "", "phone_number": ""}
    assert hr.post(reverse("hr_official_edit", args=[she.public_id]), data).status_code == 302
    she.refresh_from_db()
    assert she.full_name == "Lò Thị Thu Hương"
    assert hr.post(reverse("hr_officials"), {"q": "thu huong"}).content.decode().count("Lò Thị Thu Hương") >= 1


def test_she_deactivates_an_official_who_can_sign_in_no_more(hr):
    she = Official.objects.get(staff_number="CB-0001")
    hers = signed_in("CB-0001")
    assert she.full_name in persons(hr)
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    answer = hr.post(reverse("hr_official_deactivate", args=[she.public_id]), {"left_on": yesterday})
    assert answer.status_code == 302
    assert hers.get("/me/").status_code == 302
    answer = Client().post("/accounts/login/", {"username": "CB-0001", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in answer.client.session
    assert she.full_name not in persons(hr)
    assert she.full_name in get(hr, "hr_officials", status="left").content.decode()


def test_whoever_leaves_today_is_listed_among_those_who_left_at_once(hr):
    she = Official.objects.get(staff_number="CB-0001")
    hr.post(reverse("hr_official_deactivate", args=[she.public_id]), {"left_on": TODAY.isoformat()})
    assert she.full_name in get(hr, "hr_officials", status="left").content.decode()
    assert she.full_name not in get(hr, "hr_officials").content.decode()


def test_a_password_is_reset_with_a_code_to_print_that_works_once(hr):
    she = Official.objects.get(staff_number="CB-0001")
    before = signed_in("CB-0001")
    address = reverse("hr_official_code", args=[she.public_id])
    assert "data-code" not in hr.get(address).content.decode()
    code = code_of(hr.post(address))
    assert before.get("/me/").status_code == 302, "her old sessions are over"
    assert code not in hr.get(address).content.decode(), "it is shown once"

    her = Client()
    assert her.post("/accounts/login/", {"username": "CB-0001", "password": PASSWORD}).status_code == 200
    answer = her.post("/accounts/login/", {"username": "cb-0001", "password": code})
    assert answer.status_code == 302
    # Straight to the form: a phone has /me/ in its own store, and would take a redirected answer for a portal's.
    assert answer.headers["Location"] == reverse("set_password")
    for path in ("/me/", "/accounts/login/"):
        assert her.get(path).headers["Location"] == reverse("set_password")
    assert her.get("/api/me/").status_code == 401
    assert her.get("/api/me/").json()["code"] == "signed_out"
    form = her.get(reverse("set_password")).content.decode()
    assert "old_password" not in form
    new = {"new_password1": "ruong-bac-thang-26", "new_password2": "ruong-bac-thang-26"}
    assert her.post(reverse("set_password"), new).status_code == 302
    assert her.get("/me/").status_code == 200
    assert Client().post("/accounts/login/", {"username": "CB-0001", "password": code}).status_code == 200
    again = Client().post("/accounts/login/", {"username": "CB-0001", "password": "ruong-bac-thang-26"})
    assert again.status_code == 302


# --- assignments -------------------------------------------------------------------------------------------------


def choice(course, **changes) -> dict:
    due = TODAY + timedelta(days=45)
    return {"course": str(course.pk), "unit": "03595", "due_on": due.isoformat(), "confirmed": "1", **changes}


def due_of(official, course):
    return Enrolment.objects.filter(official=official, course=course, is_assigned=True).values_list("due_on", flat=True)


def test_she_assigns_to_a_subtree_changes_the_deadline_and_withdraws(hr):
    kns = Activity.objects.get(kind="course", code="KNS-01")
    she = Official.objects.get(staff_number="CB-0001")
    [from_above] = due_of(she, kns)
    sooner = TODAY + timedelta(days=10)
    assert hr.post(reverse("hr_assign"), choice(kns, due_on=sooner.isoformat())).status_code == 302
    assignment = Assignment.objects.get(course=kns, unit__code=HERS)
    for official in people_of(HERS):
        assert list(due_of(official, kns)) == [sooner]
    assert list(due_of(Official.objects.get(staff_number="CB-0101"), kns)) == [from_above]
    state = signed_in("CB-0001").get("/api/me/").json()
    assert [entry["due_on"] for entry in state["courses"] if entry["course"] == str(kns.key)] == [sooner.isoformat()]

    later = TODAY + timedelta(days=20)
    address = reverse("hr_assignment_deadline", args=[assignment.pk])
    assert hr.post(address, {"due_on": later.isoformat()}).status_code == 302
    assert list(due_of(she, kns)) == [later]

    finished = LessonProgress.objects.filter(course=kns).count()
    assert hr.post(reverse("hr_assignment_withdraw", args=[assignment.pk])).status_code == 302
    assert list(due_of(she, kns)) == [from_above], "the province's assignment goes on"
    assert LessonProgress.objects.filter(course=kns).count() == finished


# --- her units and nobody else's -----------------------------------------------------------------------------------


def test_choosers_offer_only_her_subtree(hr):
    for name in ("reports_completion", "reports_persons", "hr_officials", "hr_official_add", "hr_assign"):
        page = get(hr, name).content.decode()
        offered = set(re.findall(r'<option value="([^"]*)"', re.search(r'name="unit".*?</select>', page, re.S)[0]))
        assert offered - {""}, name
        assert all(code.startswith(HERS) for code in offered - {""}), name


@pytest.mark.parametrize("unit", [ANOTHERS, "03637-VP", "12", "12-SNV", "none"])
def test_a_unit_guessed_in_a_form_field_or_an_address_is_refused(hr, course, unit):
    for name in ("reports_completion", "reports_persons", "hr_officials"):
        for extra in ({}, {"export": "csv"}, {"export": "xlsx"}, {"open": unit}):
            assert get(hr, name, unit=unit, **extra).status_code == 404
    assert hr.post(reverse("reports_persons"), {"unit": unit, "q": "a"}).status_code == 404
    assert hr.post(reverse("hr_assign"), choice(course, unit=unit)).status_code == 422
    assert hr.post(reverse("hr_official_add"), person(unit=unit)).status_code == 422
    she = Official.objects.get(staff_number="CB-0001")
    moved = {"unit": unit, "category": Category.CADRE, "valid_from": TODAY.isoformat()}
    assert hr.post(reverse("hr_official_move", args=[she.public_id]), moved).status_code == 422
    assert not AccessRecord.objects.exists()
    assert not Official.objects.filter(staff_number="CB-9001").exists()
    assert not Assignment.objects.filter(assigned_by__staff_number="TC-0001").exists()


def test_a_person_guessed_by_her_id_does_not_exist_for_her(hr, stranger):
    data = {**person("CB-0101"), "left_on": TODAY.isoformat()}
    for name in ("edit", "move", "deactivate", "reactivate", "code"):
        address = reverse(f"hr_official_{name}", args=[stranger.public_id])
        assert hr.get(address).status_code == 404
        assert hr.post(address, data).status_code == 404
    assert hr.get(reverse("reports_person", args=[stranger.public_id])).status_code == 404
    phone = stranger.devices.first()
    if phone is not None:
        assert hr.post(reverse("reports_revoke_device", args=[stranger.public_id, phone.pk])).status_code == 404
    stranger.refresh_from_db()
    assert (stranger.is_active, stranger.one_time_code, stranger.full_name) == (True, "", "Vàng Thị Mỷ")
    answer = hr.post(reverse("reports_persons"), {"q": "CB-0101"})
    assert not answer.context["lines"]


def test_an_assignment_that_is_not_hers_is_not_hers_to_change(hr, course):
    others = Assignment(course=course, unit=Unit.objects.get(code=ANOTHERS), due_on=date(2027, 1, 31))
    others.save()
    for assignment in (others, Assignment.objects.get(course=course, unit__code="12")):
        for name in ("hr_assignment_deadline", "hr_assignment_withdraw"):
            answer = hr.post(reverse(name, args=[assignment.pk]), {"due_on": "2027-03-01"})
            assert answer.status_code == 404
    assert Assignment.objects.in_force().filter(pk=others.pk, due_on=date(2027, 1, 31)).exists()


@pytest.mark.parametrize("staff_number", ["CB-0001", "GV-0001", None])
def test_an_official_a_trainer_or_a_stranger_gets_none_of_it(studied, world, course, staff_number):
    client = signed_in(staff_number) if staff_number else Client()
    she = Official.objects.get(staff_number="CB-0002")
    assignment = Assignment.objects.first()
    addresses = [reverse(name) for name in [*SCREENS, "reports_access_log"]]
    addresses += [f"{reverse(name)}?export=csv" for name in ("reports_completion", "reports_persons")]
    addresses += [reverse(f"hr_official_{name}", args=[she.public_id]) for name in ("edit", "move", "code")]
    addresses += [reverse("reports_person", args=[she.public_id])]
    addresses += [reverse(f"hr_assignment_{name}", args=[assignment.pk]) for name in ("deadline", "withdraw")]
    before = Official.objects.count()
    for address in addresses:
        for answer in (client.get(address), client.post(address, {**person(), **choice(course)})):
            to_sign_in = answer.headers.get("Location", "").startswith("/admin/login/?next=")
            assert to_sign_in or (staff_number == "GV-0001" and answer.status_code == 403), address
            assert "Giàng A Páo" not in answer.content.decode()
        last = client.get(address, follow=True)
        assert "Giàng A Páo" not in last.content.decode()
    assert Official.objects.count() == before
    assert set(Assignment.objects.values_list("assigned_by__staff_number", flat=True)) == {"TC-0000"}
    assert not Assignment.objects.exclude(withdrawn_at=None).exists()
    assert not AccessRecord.objects.exists()
