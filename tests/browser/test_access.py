"""Every page a learner or HR meets, held to WCAG 2.2 AA by axe-core in a real Chromium, our CSP in force.

Each page is looked at in light and dark, at 360 and 1280 px, and with the text at 200 %: nothing may scroll sideways.
All findings of a walk are collected before it fails, so that one run names everything that is to mend.
"""

import json

import pytest

from tests.browser.conftest import DESKTOP, PASSWORD, ROOT
from tests.browser.held import revoked_phone_with_held_results

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
SMALL, WIDE = {"width": 360, "height": 640}, {"width": 1280, "height": 900}
COURSE, LESSON, QUIZ = "/attt-01/", "/attt-01/vi-sao-can-biet/", "/attt-01/bai-kiem-tra/"


class Look:
    """Looks at the page that is open, in every form it takes, and keeps what is wrong."""

    def __init__(self, phone):
        self.phone, self.size, self.findings = phone, phone.viewport, []

    def at(self, name: str) -> None:
        page = self.phone.page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for size in (SMALL, WIDE):
                page.set_viewport_size(size)
                where = f"{name}, {scheme}, {size['width']}"
                self._axe(where)
                self._sideways(where)
                page.evaluate("document.documentElement.style.fontSize = '200%'")
                self._sideways(f"{where}, text 200 %")
                page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(self.size)
        page.emulate_media(color_scheme="light")

    def _axe(self, where):
        # A button half-way between its light and its dark colour is nobody's finding: let every change of style end.
        self.phone.page.evaluate(
            "() => { for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish(); }"
        )
        # Evaluated, not inserted as an element: the page's CSP stays as it is.
        self.phone.page.evaluate(AXE)
        found = self.phone.page.evaluate("rules => axe.run(document, rules)", RULES)
        for violation in found["violations"]:
            for node in violation["nodes"]:
                told = node["failureSummary"].split("\n", 1)[-1].strip().replace("\n", " ")
                self.findings.append(f"{where}: {violation['id']}: {node['target']}: {told[:220]}")

    def _sideways(self, where):
        wide = self.phone.page.evaluate(
            """() => {
                const room = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= room) return null;
                const over = [...document.querySelectorAll('main *, header *, nav *')].filter(
                    each => each.getBoundingClientRect().right > room + 1 && each.checkVisibility());
                return [document.documentElement.scrollWidth, over.slice(-3).map(each => each.outerHTML.slice(0, 90))];
            }"""
        )
        if wide:
            self.findings.append(f"{where}: scrolls sideways: {json.dumps(wide, ensure_ascii=False)}")

    def done(self):
        assert not self.findings, "\n" + "\n".join(self.findings)
        assert not self.phone.errors


@pytest.fixture
def walker(new_phone):
    phone = new_phone("walker", viewport=SMALL)
    phone.context.set_default_timeout(30_000)
    return phone


def answer_quiz(phone, look) -> None:
    """Through the screens of the quiz, looking at a question, the summary and the result."""
    phone.goto(QUIZ)
    phone.until("document.querySelector('[data-action=start-quiz]')?.checkVisibility()", 30)
    look.at("quiz, start")
    phone.page.click("[data-action=start-quiz]")
    for number in range(60):
        phone.until("[...document.querySelectorAll('[data-question]')].some(each => each.checkVisibility())", 30)
        if number == 0:
            look.at("quiz, question")
        phone.page.locator("[data-question]:visible input").first.check(force=True)
        if number == 0:
            look.at("quiz, question answered")
        last = phone.page.locator("[data-action=submit-quiz]:visible").count()
        phone.page.locator("[data-action=next-question]:visible").click()
        if last:
            break
        if phone.page.locator("[data-action=submit-quiz]:visible").count():
            break
    look.at("quiz, summary")
    phone.page.locator("[data-action=submit-quiz]:visible").click()
    phone.until("document.querySelector('main [data-result]') !== null", 30)
    look.at("quiz, result")


def test_every_page_of_a_learner(site, walker):
    phone, look = walker, Look(walker)
    phone.goto("/")
    look.at("home, nobody signed in")
    phone.goto("/accounts/login/")
    look.at("sign-in")
    phone.page.fill("input[name=username]", "CB-0001")
    phone.page.fill("input[name=password]", "nham-mat-khau")
    with phone.page.expect_navigation():
        phone.page.click("main button[type=submit]")
    look.at("sign-in refused")
    phone.sign_in("CB-0001")
    phone.until("document.querySelector('main [data-course]') !== null", 30)
    look.at("my courses")
    phone.goto("/")
    look.at("home")
    phone.goto(COURSE)
    phone.ready()
    phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0", 30)
    look.at("course, not downloaded")
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=ready]') !== null", 30)
    look.at("course, downloaded")
    phone.goto(LESSON)
    look.at("lesson")
    phone.page.click("[data-action=finish-lesson]")
    phone.until("document.querySelector('main [data-result]') !== null", 30)
    look.at("lesson finished")
    answer_quiz(phone, look)
    for name, path in [
        ("results", "/me/results/"),
        ("storage", "/me/storage/"),
        ("account", "/me/account/"),
        ("password", "/accounts/password/"),
        ("offline", "/offline/"),
        ("open in browser", "/open/"),
        ("my courses in English", "/en/me/"),
        ("course in English", "/en/attt-01/"),
        ("not found", "/khong-co-trang-nay/"),
        ("sign-out", "/accounts/logout/"),
    ]:
        phone.goto(path)
        phone.page.wait_for_timeout(400)
        look.at(name)
    phone.cut()
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null", 30)
    look.at("my courses without network")
    phone.goto("/cks-01/")
    phone.page.wait_for_timeout(400)
    look.at("page that is not on this phone")
    look.done()


#: What stands in <noscript> is there for who has scripts off; for axe, which is one, it is text.
SHOW_NOSCRIPT = """() => {
  for (const each of document.querySelectorAll('noscript')) {
    const shown = document.createElement('div');
    shown.innerHTML = each.textContent;
    each.replaceWith(shown);
  }
}"""


def test_pages_without_script(site, new_phone):
    """As the server renders them: no script of ours arrives (axe itself needs a browser that runs scripts)."""
    phone = new_phone("plain", viewport=SMALL, service_workers="block")
    phone.context.route("**/*.js", lambda route: route.abort())
    look = Look(phone)
    phone.sign_in("CB-0001")
    for name, path in [
        ("my courses", "/me/"), ("course", COURSE), ("lesson", LESSON), ("quiz", QUIZ), ("results", "/me/results/"),
    ]:  # fmt: skip
        phone.goto(path)
        phone.page.evaluate(SHOW_NOSCRIPT)
        look.at(f"{name} without script")
        if path == COURSE:
            assert "JavaScript" in phone.page.inner_text("form.dl")
    phone.goto(LESSON)
    phone.page.click("[data-action=finish-lesson]")
    phone.page.wait_for_load_state("load")
    look.at("confirming without script")
    look.done()


def test_every_page_of_hr_with_wagtails_frame_around_it(site, new_phone):
    """The whole page, menu and header of Wagtail's admin included: nothing of it is excepted."""
    phone = new_phone("desk", viewport=DESKTOP)
    look = Look(phone)
    phone.goto("/accounts/login/?next=/admin/")
    phone.page.fill("input[name=username]", "TC-0001")
    phone.page.fill("input[name=password]", PASSWORD)
    phone.page.click("main button[type=submit]")
    phone.page.wait_for_url(lambda url: url.endswith("/admin/") and "next=" not in url)
    [(she,)] = site.rows("select public_id from officials_official where staff_number = 'CB-0001'")
    revoked_phone_with_held_results(site)
    [(course,)] = site.rows("select key from courses_activity where code = 'ATTT-01'")
    official = f"/admin/officials/{she[:8]}-{she[8:12]}-{she[12:16]}-{she[16:20]}-{she[20:]}/"
    person = official.replace("/admin/officials/", "/admin/reports/training/persons/")
    report = "/admin/reports/training/completion/"
    for name, path in [
        ("report", f"{report}?open=03595-VHXH&open_course={course}"),
        ("report of a period", f"{report}?period=custom&start=2026-01-01&end=2026-12-31"),
        ("report refused", f"{report}?period=custom&start=2026-12-31&end=2026-01-01"),
        ("persons", f"{report}persons/?state=unfinished"),
        ("person with held results", person),
        ("waiting for a decision", "/admin/reports/training/waiting/"),
        ("officials", "/admin/officials/"),
        ("add an official", "/admin/officials/add/"),
        ("official", official),
        ("move", f"{official}move/"),
        ("close", f"{official}close/"),
        ("code", f"{official}code/"),
        ("assignments", "/admin/assignments/"),
        ("assign", "/admin/assignments/add/"),
    ]:
        phone.goto(path)
        look.at(name)
    phone.page.get_by_role("button", name="Báo cáo").click()
    phone.page.get_by_role("link", name="Chờ quyết định").wait_for()
    look.at("assign, menu open")
    phone.goto("/admin/officials/add/")
    phone.page.locator(".hr form.form button[type=submit]").click()
    phone.page.wait_for_load_state("load")
    look.at("add an official, refused")
    phone.goto(f"{official}code/")
    phone.page.locator(".hr form.form button[type=submit]").click()
    phone.page.wait_for_load_state("load")
    look.at("the code to print")
    look.done()
