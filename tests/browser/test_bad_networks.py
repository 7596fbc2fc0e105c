"""Networks that cut downloads off in the middle, and networks that answer everything with a page of their own."""

from tests.browser.study import (
    COURSE,
    FIRST,
    all_counted,
    download,
    events,
    finish_lesson,
    lessons,
    pending,
    send_now,
)

NEW_TITLE = "Vì sao phải biết điều này"
EDIT = f"""
from courses.models import LessonPage
page = LessonPage.objects.get(slug="{FIRST.split("/")[2]}", locale__language_code="vi").get_latest_revision_as_object()
page.title = "{NEW_TITLE}"
page.save_revision().publish()
"""
#: Of everything kept for courses: how many caches are whole, and what the lesson is called in them.
KEPT = """(async () => {
  const found = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith('course-'))) {
    const cache = await caches.open(name);
    if (await cache.match('/_whole')) found.push(decodeURIComponent((await cache.match('%s')).headers.get('X-Title')));
  }
  return found;
})()"""
#: The download before is over: the lock is given back, what became of it is said, and another can be asked for.
OVER = """navigator.locks.query().then(({ held }) => !held.some(({ name }) => name.startsWith('pack-'))
  && document.querySelector('.dl[data-offline=error]:not([aria-busy]) [data-action=download-course]') !== null)"""


def test_an_update_cut_at_any_byte_leaves_the_course_whole_and_then_completes(site, link, phone):
    phone.sign_in("CB-0001")
    download(phone)
    kept = KEPT % FIRST
    (before,) = phone.page.evaluate(kept)
    site.manage("shell", "-c", EDIT)
    phone.goto(COURSE)
    phone.until("document.querySelector('main [data-offline=update]') !== null")
    # What the update weighs is said before it.
    told = int(phone.until("document.querySelector('.dl [data-bytes]')?.dataset.bytes"))
    assert 500 < told < 10_000
    for number, cut in enumerate((0, 1, 40, 200, 500, 700, 900, 1200, told - 1, told + 200), start=1):
        link.cut = ("/pack/", cut)
        phone.page.click("[data-action=download-course]")
        phone.eventually(lambda number=number: link.cuts == number)
        phone.until(OVER)
        assert phone.page.evaluate(kept) == [before], cut
    phone.cut()
    phone.goto(FIRST)
    assert before in phone.page.inner_text("h1")
    phone.goto(COURSE)
    phone.until("document.querySelector('main [data-offline=update]') !== null")
    link.cut = None
    # It goes on by itself.
    phone.connect()
    phone.until("document.querySelector('main [data-offline=ready]') !== null")
    phone.until(f"({kept}).then((found) => found.length === 1 && found[0] === '{NEW_TITLE}')")
    phone.cut()
    phone.goto(FIRST)
    assert NEW_TITLE in phone.page.inner_text("h1")
    assert not phone.errors


def test_a_captive_portal_while_the_app_installs_is_kept_as_nothing_of_ours(site, link, phone):
    link.portal = lambda path: path.startswith("/shell/")
    phone.sign_in("CB-0001")
    phone.until("document.querySelector('main [data-course]') !== null")
    phone.eventually(lambda: any(path.startswith("/shell/") for path in link.lied_about))
    phone.until("navigator.serviceWorker.getRegistration().then((one) => !one)")
    assert phone.page.evaluate("navigator.serviceWorker.controller") is None
    link.portal = lambda path: False
    phone.goto("/me/")
    phone.ready()
    # From the worker: filled from what the phone keeps, not by the server.
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null")
    phone.cut()
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null")
    assert "guest house" not in phone.page.content()
    assert not phone.errors


def test_a_captive_portal_takes_no_result_and_spoils_no_download(site, link, phone):
    phone.sign_in("CB-0001")
    phone.goto(COURSE)
    phone.ready()
    phone.until("Number(document.querySelector('.dl [data-bytes]')?.dataset.bytes) > 0")
    link.portal = lambda path: True
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=error]') !== null")
    assert "Wi-Fi" in phone.page.inner_text(".dl")
    assert phone.page.evaluate(KEPT % FIRST) == []
    link.portal = lambda path: False
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=ready]') !== null")
    first = lessons(phone)[0]
    link.portal = lambda path: True
    finish_lesson(phone, first)
    phone.goto("/me/results/")
    send_now(phone)
    assert "/api/sync/" in link.lied_about
    phone.until("document.querySelector('main [data-result=sent]') !== null")
    pending(phone, 1)
    assert events(site) == []
    link.portal = lambda path: False
    send_now(phone)
    all_counted(phone)
    assert [verdict for _, verdict, _, _ in events(site)] == ["accepted"]
    assert not phone.errors
