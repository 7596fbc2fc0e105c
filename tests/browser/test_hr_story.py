"""S3, the HR officer at her desk: reads the report, takes it away as files, keeps people and assignments.

At the end the official she added signs in on a phone with the code she printed.
"""

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.held import revoked_phone_with_held_results

REPORT = "/admin/reports/training/completion/"
STAFF_NUMBER, NAME, NEW_PASSWORD = "CB-9001", "Lò Thị Đào", "ruong-bac-thang-26"


@pytest.fixture
def desk(new_desk):
    return new_desk("TC-0001")


def submit(desk) -> None:
    """The button of the form on this page."""
    with desk.page.expect_navigation():
        desk.page.locator(".hr form.form button[type=submit]").first.click()


def download(desk, kind: str) -> bytes:
    with desk.page.expect_download() as file:
        desk.page.locator(f".hr .asof a[href*='export={kind}']").click()
    assert file.value.suggested_filename.endswith(f".{kind}")
    return file.value.path().read_bytes()


def owed(site, staff_number: str) -> dict[str, str]:
    """Course code → deadline, of what she owes."""
    return dict(
        site.rows(
            "select a.code, e.due_on from records_enrolment e join courses_activity a on a.key = e.course_id"
            " join officials_official o on o.id = e.official_id where o.staff_number = ? and e.is_assigned",
            staff_number,
        )
    )


def test_report_from_unit_to_course_to_persons_and_as_files(site, desk):
    desk.goto(REPORT)
    text = desk.page.inner_text(".hr")
    assert "Than Uyên" in text
    assert "Mường Kim" not in text
    numbers = [
        [int(cell.replace(".", "")) for cell in row]
        for row in desk.page.eval_on_selector_all(
            ".hr table.tbl tr.unit, .hr table.tbl tfoot tr",
            "rows => rows.map(row => [...row.querySelectorAll('td')].slice(0, 4).map(cell => cell.innerText.trim()))",
        )
    ]
    assert numbers
    for assigned, completed, in_progress, not_started in numbers:
        assert assigned == completed + in_progress + not_started
    *units, total = numbers
    assert [sum(column) for column in zip(*units, strict=True)] == total

    unit = desk.page.locator(".hr a.tog[href*='open=03595-VHXH']").first
    unit.click()
    desk.page.locator(".hr a.tog[aria-expanded=true]").first.wait_for()
    desk.page.locator(".hr tr.lv2 a.tog[href*='open_course']", has_text="ATTT-01").first.click()
    person = desk.page.locator(".hr tr.drill a", has_text="Lò Thị Hương")
    person.wait_for()
    assert "CB-0001" in desk.page.locator(".hr tr.drill").inner_text()

    desk.goto(REPORT)
    rows = list(csv.reader(io.StringIO(download(desk, "csv").decode("utf-8-sig"))))
    assert sum(int(row[4]) for row in rows[1:]) == total[0]
    sheet = openpyxl.load_workbook(io.BytesIO(download(desk, "xlsx"))).active
    assert [[str(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2)] == rows[1:]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, min_col=5) for cell in row} == {"n"}

    desk.goto(f"{REPORT}persons/")
    body = download(desk, "csv")
    assert body.startswith(b"\xef\xbb\xbf")
    sheet = openpyxl.load_workbook(io.BytesIO(download(desk, "xlsx"))).active
    assert sheet.max_row == len(body.decode("utf-8-sig").splitlines())
    assert all(row[0].data_type == "s" and row[9].is_date for row in sheet.iter_rows(min_row=2))
    logged = site.rows("select what, report from reports_accessrecord order by id")
    assert logged == [("csv", "completion"), ("xlsx", "completion"), ("csv", "persons"), ("xlsx", "persons")]
    assert not desk.errors


def test_a_new_official_from_the_desk_to_her_phone(site, desk, new_phone):
    page = desk.page
    desk.goto("/admin/officials/add/")
    page.fill("#id_staff_number", STAFF_NUMBER)
    page.fill("#id_full_name", NAME)
    page.select_option("#id_sex", "f")
    page.select_option("#id_unit", "03595-VHXH")
    page.select_option("#id_category", index=2)
    submit(desk)
    assert STAFF_NUMBER in page.inner_text(".hr")
    submit(desk)
    code = page.inner_text(".hr [data-code]").strip()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}", code)
    page.emulate_media(media="print")
    assert page.locator(".hr [data-code]").is_visible()
    assert not page.locator(".hr .no-print").first.is_visible()
    page.emulate_media(media="screen")

    # Found without marks, in both lists, with no name in an address.
    for path in ("/admin/officials/", f"{REPORT}persons/"):
        desk.goto(path)
        page.fill("#id_q", "dao")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert NAME in page.locator(".hr table").first.inner_text()
        assert "dao" not in page.url

    # Assigned, put off, withdrawn.
    before = owed(site, STAFF_NUMBER)
    sooner, later = date.today() + timedelta(days=5), date.today() + timedelta(days=6)
    desk.goto("/admin/assignments/add/")
    page.select_option(
        "#id_course", label=next(x for x in page.locator("#id_course option").all_inner_texts() if "KNS" in x)
    )
    assert not [code for code in page.locator("#id_unit option").all_inner_texts() if "Mường Kim" in code]
    page.select_option("#id_unit", "03595-VHXH")
    page.fill("#id_due_on", sooner.isoformat())
    submit(desk)
    reached = int(page.locator("[data-reached]").get_attribute("data-reached"))
    assert reached >= 2
    assert owed(site, STAFF_NUMBER) == before
    with page.expect_navigation():
        page.locator(".hr button[name=confirmed]").click()
    assert owed(site, STAFF_NUMBER) == {**before, "KNS-01": sooner.isoformat()}
    with page.expect_navigation():
        page.locator(".hr table a[href$='/deadline/']").first.click()
    page.fill("#id_due_on", later.isoformat())
    submit(desk)
    assert owed(site, STAFF_NUMBER) == {**before, "KNS-01": later.isoformat()}

    phone = new_phone("hers")
    phone.enter(STAFF_NUMBER.lower(), code)
    phone.arrive("/accounts/password/")
    assert phone.page.locator("input[type=password]").count() == 2
    phone.page.fill("input[name=new_password1]", NEW_PASSWORD)
    phone.page.fill("input[name=new_password2]", NEW_PASSWORD)
    phone.page.click("main button[type=submit]")
    phone.arrive("/me/")
    phone.until("document.querySelectorAll('main [data-course]').length >= 3")
    assert f"{later:%-d/%-m}" in phone.page.inner_text("main") or f"{later:%d/%m}" in phone.page.inner_text("main")

    desk.goto("/admin/assignments/")
    with page.expect_navigation():
        page.locator(".hr table a[href$='/withdraw/']").first.click()
    submit(desk)
    assert owed(site, STAFF_NUMBER) == before
    # Her first password is gone with a new code, and her session with it.
    desk.goto(f"/admin/officials/{site.public_id(STAFF_NUMBER)}/code/")
    submit(desk)
    assert page.inner_text(".hr [data-code]").strip() != code
    assert phone.context.request.get("/api/me/").status == 401
    assert not desk.errors
    assert not phone.errors


def test_an_official_is_edited_and_her_account_closed_with_a_question_about_her_phones(site, desk, new_phone):
    page = desk.page
    phone = new_phone("hers")
    phone.sign_in("CB-0002")
    phone.ready()
    phone.until("document.querySelector('main [data-course]') !== null")
    desk.goto("/admin/officials/")
    with page.expect_navigation():
        page.locator(".hr table a", has_text="Giàng A Páo").first.click()
    page.fill("#id_full_name", "Giàng A Pao")
    submit(desk)
    assert page.locator("h1", has_text="Giàng A Pao").count()
    with page.expect_navigation():
        page.locator(".hr a[href$='/close/']").click()
    assert not page.is_checked("#id_revoke_devices")
    page.check("#id_revoke_devices")
    submit(desk)
    assert phone.context.request.get("/api/me/").status == 401
    revoked = "select count(*) from sync_device where revoked_at is not null and kind = 'phone'"
    assert site.rows(revoked) == site.rows("select count(*) from sync_device where kind = 'phone'")
    desk.goto(f"{REPORT}persons/")
    assert "Giàng A Pao" not in page.inner_text(".hr")
    desk.goto("/admin/officials/")
    with page.expect_navigation():
        page.select_option("#id_status", "left")
        page.locator(".hr .filters button[type=submit]").first.click()
    assert "Giàng A Pao" in page.inner_text(".hr table")
    assert not desk.errors


def test_filters_of_unit_category_course_and_period_hold_for_the_table_and_its_files(site, desk):
    page = desk.page
    desk.goto(REPORT)
    page.select_option("#id_unit", "03595-VHXH")
    page.select_option("#id_course", index=1)
    page.select_option("#id_category", "cong_chuc")
    page.select_option("#id_period", "custom")
    page.fill("#id_start", "2026-01-01")
    page.fill("#id_end", "2026-12-31")
    with page.expect_navigation():
        page.locator(".hr .filters button[type=submit]").first.click()
    assert "01/01/2026 – 31/12/2026" in page.inner_text(".hr .facts")
    rows = list(csv.reader(io.StringIO(download(desk, "csv").decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {"03595-VHXH"}
    assert len(rows) == 2
    assert rows[0][-1] == "Hoàn thành trong kỳ"
    [(filters,)] = site.rows("select filters from reports_accessrecord")
    assert all(f'"{name}"' in filters for name in ("unit", "course", "category", "period", "start", "end"))
    assert not desk.errors


def test_what_a_revoked_phone_sent_is_accepted_or_stays_void(site, desk):
    revoked_phone_with_held_results(site)
    page = desk.page
    desk.goto("/admin/reports/training/waiting/")
    with page.expect_navigation():
        page.locator(".hr table a", has_text="Lò Thị Hương").click()
    verdicts = "select verdict, code, count(*) from sync_event where kind = 'lesson_finished' group by 1, 2 order by 1"
    assert site.rows(verdicts) == [("held", "device_revoked", 2), ("rejected", "voided", 1)]
    assert page.locator(".hr .decide details").get_attribute("open") is None
    page.locator(".hr .decide input[name=chosen]:visible").first.check()
    page.fill("#id_reason", "Cán bộ đã đưa máy đến kiểm tra")
    with page.expect_navigation():
        page.locator(".hr button[name=decision][value=accept]").click()
    assert site.rows(verdicts) == [("accepted", "counted", 1), ("held", "device_revoked", 1), ("rejected", "voided", 1)]
    assert site.rows("select count(*) from records_lessonprogress") == [(1,)]
    assert page.locator(".hr .decide input[name=chosen]:visible").count() == 1

    # The phone is hers after all: what is left is counted, what was voided is not.
    with page.expect_navigation():
        page.locator(".hr a[href*='/trust/']").click()
    page.fill("#id_reason", "Đã tìm thấy máy")
    submit(desk)
    assert site.rows(verdicts) == [("accepted", "counted", 2), ("rejected", "voided", 1)]
    assert site.rows("select revoked_at from sync_device where name = 'Chrome, Android'") == [(None,)]
    desk.goto("/admin/reports/training/waiting/")
    assert page.locator(".hr table").count() == 0
    assert not desk.errors


def test_nobody_elses_unit_by_a_guessed_address_or_field(site, desk):
    theirs = site.public_id("CB-0101")
    for path in (
        f"{REPORT}?unit=03637",
        f"{REPORT}persons/?unit=12&export=csv",
        f"/admin/officials/{theirs}/",
        f"/admin/officials/{theirs}/code/",
        f"/admin/reports/training/persons/{theirs}/",
    ):
        assert desk.context.request.get(site.url + path).status == 404, path
    desk.goto("/admin/officials/add/")
    desk.page.evaluate("document.querySelector('#id_unit').add(new Option('Mường Kim', '03637'))")
    desk.page.fill("#id_staff_number", STAFF_NUMBER)
    desk.page.fill("#id_full_name", NAME)
    desk.page.select_option("#id_sex", "f")
    desk.page.select_option("#id_unit", "03637")
    desk.page.select_option("#id_category", index=2)
    submit(desk)
    assert desk.page.locator(".hr [role=alert]").is_visible()
    assert site.rows("select count(*) from officials_official where staff_number = ?", STAFF_NUMBER) == [(0,)]


@pytest.mark.parametrize("staff_number", ["CB-0001", "GV-0001", None])
def test_an_official_a_trainer_or_nobody_gets_none_of_it(site, new_phone, staff_number):
    phone = new_phone("other", viewport=DESKTOP)
    if staff_number:
        phone.enter(staff_number)
    for path in (REPORT, f"{REPORT}persons/?export=csv", "/admin/officials/", "/admin/assignments/add/"):
        answer = phone.context.request.get(site.url + path)
        refused = answer.status == 403 or "/accounts/login/" in answer.url
        assert refused, (path, answer.status, answer.url)
        assert "Giàng A Páo" not in answer.text()
    assert site.rows("select count(*) from reports_accessrecord") == [(0,)]
