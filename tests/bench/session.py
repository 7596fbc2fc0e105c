"""A cold first session, byte by byte at the socket: sign-in → my courses → course → two lessons → quiz.

The worker's precache and everything scripts ask for is in it, because the counter stands before the server.
"""

from collections import Counter as Tally

from playwright.sync_api import sync_playwright

from tests.bench import sites
from tests.bench.phones import MeasuredPhone
from tests.bench.proxy import Carried, Counter
from tests.bench.row import Row, Work

KB = 1_000
#: Milliseconds given to the worker and the scripts of each page to end what they began.
SETTLE = 2_500


def measure(work: Work) -> list[Row]:
    with (
        sites.running(sites.demo(work)) as site,
        Counter(site.port) as counter,
        sync_playwright() as playwright,
    ):
        phone = MeasuredPhone(playwright, counter.url, sites.profile(work, "session")).open()
        try:
            phone.enter("CB-0001")
            phone.ready()
            phone.page.wait_for_timeout(SETTLE)
            for path in lessons_of(phone):
                phone.goto(path)
                phone.page.wait_for_timeout(SETTLE)
        finally:
            phone.close()
        carried = counter.carried
    return [
        Row("Cold first session, worker and precache included", counter.down / KB, "KB", 110, detail=heaviest(carried)),
        Row("… sent by the phone", counter.up / KB, "KB", note="headers and bodies of its requests"),
        Row("… requests", len(carried), ""),
    ]


def lessons_of(phone) -> list[str]:
    """The course, its first two lessons, its quiz: as its page links them."""
    phone.goto("/attt-01/")
    phone.page.wait_for_timeout(SETTLE)
    lessons = phone.page.eval_on_selector_all("main [data-lesson] a", "links => links.map(link => link.pathname)")
    quizzes = phone.page.eval_on_selector_all("main [data-quiz] a", "links => links.map(link => link.pathname)")
    return [*lessons[:2], *quizzes[:1]]


def heaviest(carried: list[Carried], count: int = 60) -> str:
    tally: Tally = Tally()
    times: Tally = Tally()
    for one in carried:
        tally[one.request] += one.down
        times[one.request] += 1
    return ", ".join(f"{name} {size}" + (f" ({times[name]}×)" if times[name] > 1 else "")
                     for name, size in tally.most_common(count))  # fmt: skip
