"""A measured phone: 360 × 640 at two device pixels each, its page's traffic and paints read through CDP."""

import shutil
import time
from dataclasses import dataclass, field

from playwright.sync_api import Error

from tests.browser.conftest import CHROMIUM_ARGUMENTS, PHONE, Phone

#: Slow 3G as browsers' developer tools emulate it, on a phone four times slower than this machine.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CPU = 4


@dataclass
class Address:
    """Where the phone finds the site: the server itself, or what stands before it."""

    url: str


@dataclass
class Request:
    url: str
    type: str
    bytes: int = 0
    is_done: bool = False


@dataclass
class Load:
    requests: list[Request]
    first_paint: float
    load: float
    times: dict = field(default_factory=dict)

    def bytes(self, *types: str) -> int:
        return sum(one.bytes for one in self.requests if not types or one.type in types)

    def heaviest(self, count: int = 20) -> str:
        ordered = sorted(self.requests, key=lambda one: -one.bytes)[:count]
        return ", ".join(f"{one.url.split('/', 3)[-1] or '/'} {one.bytes}" for one in ordered)


class MeasuredPhone(Phone):
    def __init__(self, playwright, url: str, profile, arguments: tuple[str, ...] = ()):
        super().__init__(playwright, Address(url), profile)
        self.arguments = arguments

    def open(self) -> "MeasuredPhone":
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=[*CHROMIUM_ARGUMENTS, *self.arguments],
            viewport=PHONE,
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        self.context.set_default_timeout(60_000)
        self.page = self.context.pages[0]
        self._listen(self.page)
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.send("Network.enable")
        self.seen: dict[str, Request] = {}
        self.last = time.monotonic()
        self.cdp.on("Network.requestWillBeSent", self._asked)
        self.cdp.on("Network.responseReceived", self._answered)
        self.cdp.on("Network.loadingFinished", lambda event: self._done(event, event["encodedDataLength"]))
        self.cdp.on("Network.loadingFailed", lambda event: self._done(event, 0))
        return self

    def _asked(self, event) -> None:
        self.last = time.monotonic()
        if event["request"]["url"].startswith("http"):
            self.seen.setdefault(event["requestId"], Request(event["request"]["url"], event.get("type", "Other")))

    def _answered(self, event) -> None:
        if one := self.seen.get(event["requestId"]):
            one.type = event.get("type", one.type)

    def _done(self, event, size) -> None:
        self.last = time.monotonic()
        if one := self.seen.get(event["requestId"]):
            one.bytes, one.is_done = int(size), True

    def slow_link(self) -> None:
        self.cdp.send("Network.emulateNetworkConditions", SLOW_3G)

    def slow_cpu(self) -> None:
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU})

    def load(self, path: str, quiet: float = 3.0, longest: float = 90.0) -> Load:
        """Go there and wait until the page has asked for nothing during ``quiet`` seconds."""
        self.page.goto("about:blank")
        self.seen.clear()
        self.last = time.monotonic()
        deadline = time.monotonic() + longest
        self.page.goto(self.site.url + path, wait_until="load", timeout=longest * 1000)
        while time.monotonic() < deadline and (
            time.monotonic() - self.last < quiet or not all(one.is_done for one in self.seen.values())
        ):
            self.page.wait_for_timeout(100)
        first_paint, load = self.paints()
        return Load(list(self.seen.values()), first_paint, load)

    def paints(self) -> tuple[float, float]:
        """First contentful paint and load event, in milliseconds since the navigation began."""
        for _ in range(50):
            try:
                found = self.page.evaluate(
                    "[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,"
                    " performance.getEntriesByType('navigation')[0]?.loadEventEnd ?? 0]"
                )
            except Error:
                found = [0, 0]
            if all(found):
                return tuple(found)
            self.page.wait_for_timeout(100)
        raise RuntimeError("the page was never painted")
