"""Every page a learner or HR meets, held to WCAG 2.2 AA by axe-core in a real Chromium, our CSP in force.

Each page is looked at in light and dark, at 360 and 1280 px, and with the text at 200 %: nothing may scroll sideways.
All findings of a walk are collected before it fails, so that one run names everything that is to mend.
"""

import json

import pytest

from tests.browser.conftest import DESKTOP, ROOT
from tests.browser.held import revoked_phone_with_held_results
from tests.browser.study import answer_all, begin, choose, submit_quiz

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
SMALL, WIDE = {"width": 360, "height": 640}, {"width": 1280, "height": 900}
#: A button half-way between its light and its dark colour is nobody's finding: every change of style is over at once.
#: A sheet that was made by a script is no inline style: the page's CSP stays as it is.
STILL = """(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { transition: none !important; }');
  document.adoptedStyleSheets = [sheet];
})()"""
#: The page has heard how it is looked at, and has been laid out anew for it.
LOOKS = """async ([scheme, width]) => {
  if (innerWidth !== width || !matchMedia(`(prefers-color-scheme: ${scheme})`).matches) return false;
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
  return true;
}"""
COURSE, LESSON, QUIZ = "/attt-01/", "/attt-01/vi-sao-can-biet/", "/attt-01/bai-kiem-tra/"


class Look:
    """Looks at the page that is open, in every form it takes, and keeps what is wrong."""

    def __init__(self, phone):
        self.phone, self.size, self.findings = phone, phone.viewport, []
        phone.context.add_init_script(STILL)

    def at(self, name: str) -> None:
        page = self.phone.page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for size in (SMALL, WIDE):
                page.set_viewport_size(size)
                self._wait(scheme, size["width"])
                where = f"{name}, {scheme}, {size['width']}"
                self._axe(where)
                self._sideways(where)
                page.evaluate("document.documentElement.style.fontSize = '200%'")
                self._sideways(f"{where}, text 200 %")
                page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(self.size)
        page.emulate_media(color_scheme="light")
        self._wait("light", self.size["width"])

    def _wait(self, *look):
        self.phone.eventually(lambda: self.phone.page.evaluate(LOOKS, list(look)))

    def _axe(self, where):
        # Evaluated, not inserted as an element: the page's CSP stays as it is.
        if self.phone.page.evaluate("typeof axe === 'undefined'"):
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
    return new_phone("walker", viewport=SMALL)


def answer_quiz(phone, look) -> None:
    """Through the screens of the quiz, looking at a question, the summary and the result."""
    phone.goto(QUIZ)
    phone.until("document.querySelector('main [data-question]').hidden")
    look.at("quiz, start")
    begin(phone.page)
    look.at("quiz, question")
    choose(phone.page, [0])
    look.at("quiz, question answered")
    answer_all(phone.page)
    look.at("quiz, summary")
    submit_quiz(phone.page)
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
    phone.until("document.querySelector('main [data-course]') !== null")
    look.at("my courses")
    phone.goto("/")
    look.at("home")
    phone.goto(COURSE)
    phone.ready()
    phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
    look.at("course, not downloaded")
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=ready]') !== null")
    look.at("course, downloaded")
    phone.goto(LESSON)
    look.at("lesson")
    phone.page.click("[data-action=finish-lesson]")
    phone.until("document.querySelector('main [data-result]') !== null")
    look.at("lesson finished")
    answer_quiz(phone, look)
    for name, path, drawn in [
        ("results", "/me/results/", "main [data-results] details"),
        ("storage", "/me/storage/", "main [data-action=remove-course]"),
        ("account", "/me/account/", "main [data-this]:not([hidden])"),
        ("password", "/accounts/password/", "main [data-show]:not([hidden])"),
        ("offline", "/offline/", "main [data-held] li"),
        ("open in browser", "/open/?path=/attt-01/", "main [data-copy]:not([hidden])"),
        ("my courses in English", "/en/me/", "main [data-course]"),
        ("course in English", "/en/attt-01/", "main .dl [data-about]"),
        ("not found", "/khong-co-trang-nay/", "[data-pending]"),
        ("sign-out", "/accounts/logout/", "[data-pending]"),
    ]:
        phone.goto(path)
        phone.until(f"document.querySelector('{drawn}') !== null")
        look.at(name)
    phone.cut()
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null")
    look.at("my courses without network")
    phone.goto("/cks-01/")
    phone.until("document.querySelector('main [data-held] li') !== null")
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
    phone.enter("CB-0001")
    for name, path in [
        ("my courses", "/me/"), ("course", COURSE), ("lesson", LESSON), ("quiz", QUIZ), ("results", "/me/results/"),
    ]:  # fmt: skip
        phone.goto(path)
        phone.page.evaluate(SHOW_NOSCRIPT)
        look.at(f"{name} without script")
        if path == COURSE:
            assert "JavaScript" in phone.page.inner_text("form.dl")
    phone.goto(LESSON)
    with phone.page.expect_navigation():
        phone.page.click("[data-action=finish-lesson]")
    look.at("confirming without script")
    look.done()


def test_every_page_of_hr_with_wagtails_frame_around_it(site, new_phone):
    """The whole page, menu and header of Wagtail's admin included: nothing of it is excepted."""
    phone = new_phone("desk", viewport=DESKTOP)
    look = Look(phone)
    phone.enter("TC-0001", then="/admin/")
    revoked_phone_with_held_results(site)
    [(course,)] = site.rows("select key from courses_activity where code = 'ATTT-01'")
    official = f"/admin/officials/{site.public_id('CB-0001')}/"
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
    with phone.page.expect_navigation():
        phone.page.locator(".hr form.form button[type=submit]").click()
    look.at("add an official, refused")
    phone.goto(f"{official}code/")
    with phone.page.expect_navigation():
        phone.page.locator(".hr form.form button[type=submit]").click()
    look.at("the code to print")
    look.done()
