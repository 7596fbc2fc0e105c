"""A real server and a real browser: gunicorn on a database of its own, Chromium with a profile on disk.

The demo is loaded once and copied for each test that asks for a site: a file of SQLite or, where DATABASE_URL names a
PostgreSQL, a database beside that one. The browser can be killed and started again on the same profile, the network
can be cut for page and worker alike, and the server can be stopped.
"""

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, sync_playwright

from tests import postgresql
from tests.browser.link import Link

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "hoc-khong-can-mang"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 900}
#: Seconds until a wait is given up: as long as a machine with much else to do may take. It costs only what is red.
LIMIT = 90
#: A value this phone keeps; null where it keeps none. Never makes a database: without its stores it would be nobody's.
READ = """([place, key]) => new Promise((resolve) => {
  const asked = indexedDB.open(place);
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = (event) => (event.preventDefault(), resolve(null));
  asked.onsuccess = () => {
    const got = asked.result.transaction('kv').objectStore('kv').get(key);
    got.onsuccess = () => {
      asked.result.close();
      resolve(JSON.parse(JSON.stringify(got.result ?? null)));
    };
  };
})"""


def until(page, expression: str, timeout: float = LIMIT):
    """Poll a JavaScript expression until it is truthy (``wait_for_function`` is blocked by our CSP)."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            value = said = page.evaluate(expression)
        except Error as error:
            # Most of the time it is on its way to another page.
            value, said = None, error.message
        if value:
            return value
        if time.monotonic() > deadline:
            shown = page.inner_text("body")[:1_000]
            raise AssertionError(f"never true: {expression}\nlast: {said}\nat {page.url}, which shows:\n{shown}")
        page.wait_for_timeout(50)


class Site:
    """A running site with its own database; ``rows`` reads that database directly."""

    def __init__(self, var: Path, database_url: str = ""):
        self.var = var
        # Bound and never listened at: nobody else gets this port, also while the server is down.
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self.database_url = database_url
        self.extra: dict[str, str] = {"DATABASE_URL": database_url} if database_url else {}

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")}
        return {**kept, "VAR_DIR": str(self.var), "DJANGO_SETTINGS_MODULE": "training.settings", **self.extra}

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment(), input=stdin, capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "training.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "2",
             "--log-level", "warning", "--timeout", str(LIMIT)],
            cwd=ROOT, env=self.environment(), start_new_session=True,
        )
        deadline = time.monotonic() + LIMIT
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                # Asked itself, whatever link stands before it.
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=10):
                    return
            except OSError:
                time.sleep(0.1)
        self.stop(hard=True)
        raise RuntimeError("the server did not start")

    def stop(self, hard: bool = False) -> None:
        """Stop serving; ``hard`` is a power cut: every process at once, in the middle of whatever it does."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL if hard else signal.SIGTERM)
            self.process.wait(timeout=LIMIT)
            self.process = None

    def close(self) -> None:
        self.stop()
        self.place.close()

    def public_id(self, staff_number: str) -> str:
        """As addresses and phones spell it."""
        [(found,)] = self.rows("select public_id from officials_official where staff_number = ?", staff_number)
        return str(uuid.UUID(found))

    def rows(self, sql: str, *values) -> list[tuple]:
        if self.database_url:
            return postgresql.rows(self.database_url, sql, values)
        connection = sqlite3.connect(self.var / "site.sqlite3", timeout=LIMIT)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


class Phone:
    """A Chromium with a profile of its own, as one phone (or one desk computer) keeps it."""

    def __init__(self, playwright, site: Site, profile: Path, viewport=None, **options):
        self.playwright, self.site, self.profile = playwright, site, profile
        self.viewport, self.options = viewport or PHONE, options
        self.context = None
        self.errors: list[str] = []
        self.cookies: list = []
        self.offline = False

    def open(self) -> "Phone":
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=CHROMIUM_ARGUMENTS,
            viewport=self.viewport,
            base_url=self.site.url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            is_mobile=self.viewport is PHONE,
            has_touch=self.viewport is PHONE,
            timeout=2 * LIMIT * 1000,
            **self.options,
        )
        self.context.set_default_timeout(LIMIT * 1000)
        if self.cookies:
            self.context.add_cookies(self.cookies)
            self.cookies = []
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self._listen(self.page)
        if self.offline:
            self.context.set_offline(True)
        return self

    def _listen(self, page) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda message: "Content Security Policy" in message.text and self.errors.append(message.text),
        )

    def goto(self, path: str):
        return self.page.goto(self.site.url + path, wait_until="load")

    def cut(self) -> None:
        """No network for anything in this browser, its service worker included."""
        self.offline = True
        self.context.set_offline(True)

    def connect(self) -> None:
        self.offline = False
        self.context.set_offline(False)

    def kill(self) -> None:
        """The battery went: no goodbye, no flush. Only cookies had time: Chromium writes them after half a minute."""
        self.cookies = self.context.cookies()
        killed = self.processes()
        for process in killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + LIMIT
        # One that is still dying has the profile's files open.
        while any(_is_alive(process) for process in killed):
            assert time.monotonic() < deadline, "the browser does not die"
            time.sleep(0.05)
        with contextlib.suppress(Error):
            self.context.close()
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def processes(self) -> list[int]:
        """The browser of this profile and all it has started."""
        parents, found = {}, []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if f"--user-data-dir={self.profile}" in (folder / "cmdline").read_text(errors="replace").split("\0"):
                    found.append(int(folder.name))
        for parent in found:
            found += [child for child, of in parents.items() if of == parent and child not in found]
        return found

    def close(self) -> None:
        with contextlib.suppress(Error):
            self.context.close()

    def enter(self, staff_number: str, password: str = PASSWORD, then: str = "") -> None:
        """Sign in by the form, and be where it leads."""
        self.goto("/accounts/login/" + (f"?next={then}" if then else ""))
        self.page.fill("input[name=username]", staff_number)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        if then:
            self.arrive(then)
        else:
            self.page.wait_for_url(lambda url: urlsplit(url).path != "/accounts/login/")

    def sign_in(self, staff_number: str, password: str = PASSWORD) -> None:
        """Sign in, and have the phone work for her: what is done at once after that would else be nobody's."""
        self.enter(staff_number, password)
        hers = self.site.public_id(staff_number)
        self.eventually(lambda: (self.kept("device", "current") or {}).get("official") == hers)
        self.eventually(lambda: (self.kept(f"official-{hers}", "device") or {}).get("registered"))

    def kept(self, place: str, key: str):
        """What this phone keeps under a key, read past the page's own scripts."""
        try:
            return self.page.evaluate(READ, [place, key])
        except Error:
            return None

    def arrive(self, path: str) -> None:
        """Wait until this very page has come, whatever it was asked with; a glob finds paths in queries too."""
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)

    def until(self, expression: str, timeout: float = LIMIT):
        return until(self.page, expression, timeout)

    def eventually(self, true: Callable, timeout: float = LIMIT) -> None:
        """Ask again and again, while the browser's own news come in."""
        deadline = time.monotonic() + timeout
        while not true():
            assert time.monotonic() < deadline, "never came true"
            self.page.wait_for_timeout(50)

    def ready(self) -> None:
        """The worker controls this page: from now on it works without a network."""
        self.until("navigator.serviceWorker.controller !== null")


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


#: A PostgreSQL to make the sites' databases in; none: each is a file.
SERVER = os.environ.get("DATABASE_URL", "")
#: Where .ci/test has made the demo already, on PostgreSQL in a database of that name; none: it is made here.
READY = os.environ.get("READY_DEMO", "")
DEMO = "demo" if READY else f"demo_{os.getpid()}"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A site with units, accounts and courses, not running, made once: its folder and database are there to copy."""
    if READY:
        site = Site(Path(READY), SERVER and postgresql.beside(SERVER, DEMO))
    else:
        site = Site(tmp_path_factory.mktemp("demo"), SERVER and postgresql.make(SERVER, DEMO))
        subprocess.run([sys.executable, "-m", "tests.browser.demo"], cwd=ROOT, env=site.environment(), check=True)
    yield site
    site.close()
    if SERVER and not READY:
        postgresql.drop(SERVER, DEMO)


@pytest.fixture
def site(demo, tmp_path):
    var, name = tmp_path / "var", f"site_{os.getpid()}"
    shutil.copytree(demo.var, var)
    site = Site(var, SERVER and postgresql.make(SERVER, name, template=DEMO))
    try:
        site.start()
        yield site
    finally:
        site.close()
        if SERVER:
            postgresql.drop(SERVER, name)


@pytest.fixture
def link(site):
    """What stands between every browser opened from now on and the server."""
    link = Link(site.port)
    site.url = link.url
    yield link
    link.close()


@pytest.fixture(scope="session")
def playwright_driver():
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def new_phone(playwright_driver, site, tmp_path):
    """Make a phone: ``new_phone("hers")``; the same name is the same phone."""
    made: list[Phone] = []

    def make(name: str = "phone", **options) -> Phone:
        profile = tmp_path / f"profile-{name}"
        profile.mkdir(exist_ok=True)
        phone = Phone(playwright_driver, site, profile, **options)
        made.append(phone)
        return phone.open()

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(new_phone):
    return new_phone()


@pytest.fixture
def new_desk(new_phone):
    """Make a desk computer at which this person has the admin open."""

    def make(staff_number: str) -> Phone:
        desk = new_phone("desk", viewport=DESKTOP)
        desk.enter(staff_number, then="/admin/")
        return desk

    return make
