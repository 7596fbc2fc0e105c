"""The download control of a course under a finger and under a keyboard, on a slow network."""

from tests.browser.test_official_story import COURSE

SLOW = {"offline": False, "latency": 300, "downloadThroughput": 4_000, "uploadThroughput": 4_000}
WATCHED = """() => {
  window.rebuilt = 0;
  new MutationObserver((all) => (window.rebuilt += all.filter((one) => one.target.matches('.dl')).length)).observe(
    document.querySelector('.dl'), { childList: true });
}"""
AT = "document.activeElement?.closest('[data-stop], #dl-h')?.tagName"


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
    phone.page.wait_for_timeout(1_000)
    assert phone.page.evaluate("window.rebuilt") == 0
    phone.page.keyboard.press("Enter")
    phone.until("document.querySelector('.dl[data-offline=none]') !== null")
    assert phone.until(AT) == "H2"
    assert not phone.errors
