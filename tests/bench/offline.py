"""A downloaded lesson without network, the worker stopped before, on a slow processor: time until it can be read."""

from statistics import median

from playwright.sync_api import sync_playwright

from tests.bench import sites
from tests.bench.phones import MeasuredPhone
from tests.bench.row import Row, Work
from tests.bench.session import lessons_of


def measure(work: Work) -> list[Row]:
    with sites.running(sites.demo(work)) as site, sync_playwright() as playwright:
        phone = MeasuredPhone(playwright, site.url, sites.profile(work, "offline")).open()
        try:
            phone.enter("CB-0001")
            phone.ready()
            lessons = lessons_of(phone)[:2]
            phone.goto("/attt-01/")
            phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
            phone.page.click("[data-action=download-course]")
            phone.until("document.querySelector('main [data-offline=ready]') !== null", 30)
            phone.cut()
            phone.slow_cpu()
            phone.cdp.send("ServiceWorker.enable")
            times = [read(phone, lessons[turn % 2]) for turn in range(work.times(7))]
        finally:
            phone.close()
    painted = median(paint for paint, _ in times)
    return [
        Row("Offline lesson, worker stopped before, CPU ÷ 4: first contentful paint", painted, "ms", 300),
        Row("… its document parsed", median(d for _, d in times), "ms"),
    ]


def read(phone, path: str) -> tuple[float, float]:
    phone.goto("/me/")
    phone.page.wait_for_timeout(500)
    phone.cdp.send("ServiceWorker.stopAllWorkers")
    phone.page.wait_for_timeout(500)
    phone.goto(path)
    first_paint, _ = phone.paints()
    if not phone.page.locator("main h1").is_visible():
        raise RuntimeError(f"{path} cannot be read offline")
    parsed = phone.page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    return first_paint, parsed
