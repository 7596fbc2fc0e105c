"""Right answers and explanations of an assessed quiz: on the phone after passing, kept for days without a network."""

from tests.browser.study import all_counted, download, quiz_path, right_answers, take_quiz
from tests.browser.test_access import SMALL, Look

EXPLAINED = "document.querySelector('[data-explained] [data-review=wrong]')"


def test_explanations_come_after_passing_and_stay_without_a_network(site, new_phone):
    phone = new_phone("hers", viewport=SMALL)
    look = Look(phone)
    asked = []
    phone.page.on("request", lambda request: "/review/" in request.url and asked.append(request.url))
    phone.sign_in("CB-0001")
    download(phone)
    path = quiz_path(phone)
    take_quiz(phone, path)
    failed = "document.querySelector('main .verdict.warn') !== null"
    phone.until(failed)
    # Opened anew: whatever the page before had to ask is asked.
    phone.goto(path)
    phone.until(failed)
    assert not asked, "a failed attempt with attempts left asks for no key"
    assert phone.page.inner_text("[data-explained]") == ""

    keys = right_answers(site)
    name = phone.page.eval_on_selector("[data-question]", "field => field.dataset.question")
    missed = 1 if keys[name] == [0] else 0
    take_quiz(phone, path, {**keys, name: [missed]})
    phone.until("document.querySelector('main .verdict.ok') !== null")
    phone.until(EXPLAINED)
    said = phone.page.inner_text("[data-review=wrong]")
    assert all(words in said for words in ("Chưa đúng", "Anh/chị chọn:", "Đáp án đúng:"))
    assert phone.page.locator("[data-review=wrong] li").count() == 1
    phone.page.click("[data-explained] summary")
    count = phone.page.locator("[data-question]").count()
    assert phone.page.locator("[data-review=right] li").count() == count - 1
    look.at("quiz, result explained")
    all_counted(phone)

    phone.goto("/me/results/")
    link = phone.until("document.querySelector('main a[href^=\"/me/results/\"]')?.getAttribute('href')")
    phone.goto(link)
    assert "Đáp án và giải thích" in phone.page.inner_text("h1")
    assert phone.page.locator("[data-review] li").count() == count
    look.at("answers and explanations")

    phone.cut()
    phone.goto(path)
    phone.until(EXPLAINED)
    assert phone.page.inner_text("[data-review=wrong]") == said
    look.done()
