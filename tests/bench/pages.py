"""A cold lesson page: signed in, nothing in the cache, no service worker yet. Bytes, requests, paints."""

from statistics import median

from playwright.sync_api import sync_playwright

from tests.bench import sites
from tests.bench.phones import MeasuredPhone
from tests.bench.proxy import LongLink
from tests.bench.row import Row, Work
from tests.bench.wire import Visitor

LESSON = "/attt-01/vi-sao-can-biet/"
KB = 1_000


def measure(work: Work) -> list[Row]:
    with sync_playwright() as playwright:
        site = sites.demo(work)
        with LongLink(site.port, work.place) as link:
            site.extra["CSRF_TRUSTED_ORIGINS"] = link.url
            trust = (f"--ignore-certificate-errors-spki-list={link.key_hash}",)
            with sites.running(site):
                cookies = Visitor(site).sign_in().cookies
                plain = [cold(work, playwright, site.url, cookies)]
                slow = [cold(work, playwright, site.url, cookies, slow=True) for _ in range(work.times(3))]
                far = [
                    cold(work, playwright, link.url, cookies, arguments=trust, slow_cpu=True)
                    for _ in range(work.times(3))
                ]
    one = plain[0]
    scripts = sum(request.type == "Script" for request in one.requests)
    return [
        Row("Cold lesson page", one.bytes() / KB, "KB", 40, detail=one.heaviest()),
        Row("… of which JavaScript", one.bytes("Script") / KB, "KB", 15, f"headers of {scripts} files included"),
        Row("… of which CSS", one.bytes("Stylesheet") / KB, "KB"),
        Row("… of which pictures", one.bytes("Image") / KB, "KB"),
        Row("… requests", len(one.requests), "", 12),
        Row("… first contentful paint, Slow 3G by CDP, CPU ÷ 4", _seconds(slow, "first_paint"), "s", 1.0),
        Row("… load, the same", _seconds(slow, "load"), "s", 2.0),
        Row("… first contentful paint, real round trips of 400 ms with TLS", _seconds(far, "first_paint"), "s", 1.7),
        Row("… load, the same", _seconds(far, "load"), "s", 3.0, "HTTP/1.1, 400 kbit/s, CPU ÷ 4"),
    ]


def _seconds(loads, what: str) -> float:
    return median(getattr(one, what) for one in loads) / 1000


def cold(work, playwright, url, cookies, slow=False, slow_cpu=False, arguments=()):
    phone = MeasuredPhone(playwright, url, sites.profile(work, "cold"), arguments).open()
    try:
        phone.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        if slow:
            phone.slow_link()
        if slow or slow_cpu:
            phone.slow_cpu()
        return phone.load(LESSON)
    finally:
        phone.close()
