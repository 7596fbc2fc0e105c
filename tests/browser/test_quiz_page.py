"""A quiz on the screen: it says "saved" of what is on the disk and of nothing else, and two tabs lose no answer."""

from tests.browser.conftest import until
from tests.browser.study import begin_quiz, download, go_on, quiz_path, submit_quiz

#: From now on nothing can be written to this phone's drafts, until `window.mended`.
NO_ROOM = """() => {
  const put = IDBObjectStore.prototype.put;
  window.refused = 0;
  IDBObjectStore.prototype.put = function (value, key) {
    if (window.mended || !String(key).startsWith('draft')) return put.call(this, value, key);
    // Counted when the page has heard of it.
    this.transaction.addEventListener('abort', () => setTimeout(() => (window.refused += 1)));
    throw new DOMException('no room', 'QuotaExceededError');
  };
}"""
KEPT = "document.querySelector('form [data-kept]').innerText"
FAILED = f"{KEPT}.includes('Chưa lưu')"


def press(page, index: int = 0) -> None:
    # A click, because the page may at once go on to something without this question, where nothing is left to look at.
    page.locator("[data-question]:visible input").nth(index).click(force=True)


def test_answers_are_said_to_be_saved_when_they_are_and_come_to_the_disk_with_the_next(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    quiz = site.url + quiz_path(phone)
    phone.cut()
    begin_quiz(phone.page, quiz)
    phone.page.evaluate(NO_ROOM)
    press(phone.page, 1)
    phone.until(FAILED)
    phone.until("window.refused === 1")
    go_on(phone.page)
    phone.until("window.refused === 2")
    assert phone.page.evaluate(FAILED)
    phone.page.evaluate("window.mended = true")
    press(phone.page)
    phone.until(f"{KEPT}.includes('đã lưu')")
    phone.kill()
    phone.open()
    begin_quiz(phone.page, quiz)
    assert phone.page.locator("[data-question] input:checked").count() == 2
    # Those made above.
    assert set(phone.errors) == {"no room"}


def test_two_tabs_of_a_quiz_keep_each_others_answers_and_submit_them_all(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    quiz = site.url + quiz_path(phone)
    begin_quiz(phone.page, quiz)
    tab = phone.context.new_page()
    begin_quiz(tab, quiz)
    draft = f"draft {phone.page.get_attribute('main', 'data-quiz')}"
    hers = site.public_id("CB-0001")

    def answered() -> int:
        return sum(map(bool, phone.kept(f"official-{hers}", draft)["answers"]))

    press(phone.page)
    phone.eventually(lambda: answered() == 1)
    go_on(tab)
    press(tab)
    phone.eventually(lambda: answered() == 2)
    while tab.locator("[data-action=next-question]:visible").count():
        go_on(tab)
    tab.locator(".qgrid").wait_for()
    until(tab, "document.querySelectorAll('.qgrid a:not(.no)').length === 2")
    submit_quiz(tab)
    # The tab left behind shows what stands as soon as she goes on in it.
    press(phone.page, 1)
    phone.until("document.querySelector('main [data-result]') !== null")
    assert not phone.errors
