"""The download control of a course under a finger and under a keyboard, on a slow network."""

from tests.browser.conftest import until
from tests.browser.study import COURSE

#: So slow that no machine is too busy to look before the course is there.
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 400, "uploadThroughput": 4_000}
WATCHED = """() => {
  window.rebuilt = 0;
  new MutationObserver((all) => (window.rebuilt += all.filter((one) => one.target.matches('.dl')).length)).observe(
    document.querySelector('.dl'), { childList: true });
}"""
AT = "document.activeElement?.closest('[data-stop], #dl-h')?.tagName"
#: As the tab that downloads tells the others of each part that came.
TOLD = """([course, done]) => new BroadcastChannel('phone').postMessage(
  { name: 'progress', detail: { course, done, total: 9_000 } })"""


def test_while_a_course_comes_only_its_numbers_change_and_the_keyboard_keeps_its_place(site, phone):
    phone.sign_in("CB-0001")
    phone.goto(COURSE)
    phone.ready()
    phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
    network = phone.context.new_cdp_session(phone.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    phone.page.focus("[data-action=download-course]")
    phone.page.keyboard.press("Enter")
    phone.until("document.querySelector('.dl[data-offline=downloading] [data-stop]') !== null")
    assert phone.until(AT) == "BUTTON"
    phone.page.evaluate(WATCHED)
    course = phone.page.get_attribute(".dl", "data-course")
    tab = phone.context.new_page()
    tab.goto(site.url + "/offline/")
    for part in (1, 2, 3):
        tab.evaluate(TOLD, [course, part * 3_000])
        until(phone.page, f"document.querySelector('.dl progress').value === {part * 3_000}")
    assert phone.page.evaluate("window.rebuilt") == 0
    assert phone.page.evaluate(AT) == "BUTTON"
    phone.page.bring_to_front()
    phone.page.keyboard.press("Enter")
    phone.until("document.querySelector('.dl[data-offline=none]') !== null")
    assert phone.until(AT) == "H2"
    assert not phone.errors


def test_a_press_before_the_page_knows_what_it_holds_begins_the_download(site, new_phone):
    phone = new_phone("hers", service_workers="block")
    phone.sign_in("CB-0001")
    held, is_let_go = [], False
    phone.context.route(
        "**/js/pages/course*.js", lambda route: route.continue_() if is_let_go else held.append(route)
    )
    phone.page.goto(COURSE, wait_until="commit")
    # The page's own script is on its way still: app.js holds what is pressed.
    phone.until("document.querySelector('[data-pending]') !== null")
    phone.eventually(lambda: held)
    phone.page.click("[data-action=download-course]")
    is_let_go = True
    for route in held:
        route.continue_()
    phone.until("document.querySelector('main [data-offline=ready]') !== null")
    assert not phone.errors
