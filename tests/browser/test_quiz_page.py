"""A quiz on the screen: it says "saved" of what is on the disk and of nothing else, and two tabs lose no answer."""

from tests.browser.test_official_story import download, quiz_path

#: From now on nothing can be written to this phone's drafts, until `window.mended`.
NO_ROOM = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, key) {
    if (!window.mended && String(key).startsWith('draft')) throw new DOMException('no room', 'QuotaExceededError');
    return put.call(this, value, key);
  };
}"""
KEPT = "document.querySelector('form [data-kept]').innerText"
FAILED = f"{KEPT}.includes('Chưa lưu')"


def begin(page, url) -> None:
    page.goto(url)
    page.click("[data-action=start-quiz]")
    page.locator("[data-question]:visible").wait_for()


def choose(page, index: int = 0) -> None:
    # A click, because the page may at once go on to something without this question, where nothing is left to look at.
    page.locator("[data-question]:visible input").nth(index).click(force=True)


def go_on(page) -> None:
    page.locator("[data-action=next-question]:visible").click()


def test_answers_are_said_to_be_saved_when_they_are_and_come_to_the_disk_with_the_next(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    quiz = site.url + quiz_path(phone)
    phone.cut()
    begin(phone.page, quiz)
    phone.page.evaluate(NO_ROOM)
    choose(phone.page, 1)
    phone.until(FAILED)
    go_on(phone.page)
    phone.page.wait_for_timeout(300)
    assert phone.page.evaluate(FAILED)
    phone.page.evaluate("window.mended = true")
    choose(phone.page)
    phone.until(f"{KEPT}.includes('đã lưu')")
    phone.kill()
    phone.open()
    begin(phone.page, quiz)
    assert phone.page.locator("[data-question] input:checked").count() == 2
    # Those made above.
    assert set(phone.errors) == {"no room"}


def test_two_tabs_of_a_quiz_keep_each_others_answers_and_submit_them_all(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    quiz = site.url + quiz_path(phone)
    begin(phone.page, quiz)
    tab = phone.context.new_page()
    begin(tab, quiz)
    choose(phone.page)
    go_on(tab)
    choose(tab)
    phone.until(f"{KEPT}.includes('đã lưu')")
    while tab.locator("[data-action=next-question]:visible").count():
        go_on(tab)
    tab.locator(".qgrid").wait_for()
    tab.wait_for_timeout(500)
    assert tab.locator(".qgrid a:not(.no)").count() == 2
    tab.locator("[data-action=submit-quiz]:visible").click()
    tab.locator("main [data-result]").first.wait_for()
    # The tab left behind shows what stands as soon as she goes on in it.
    choose(phone.page, 1)
    phone.until("document.querySelector('main [data-result]') !== null")
    assert not phone.errors
