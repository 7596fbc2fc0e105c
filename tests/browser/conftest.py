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
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests import postgresql

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A running site with its own database; ``rows`` reads that database directly."""

    def __init__(self, var: Path, database_url: str = ""):
        self.var, self.port = var, _free_port()
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
             "--log-level", "warning"],
            cwd=ROOT, env=self.environment(), start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health/", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def stop(self, hard: bool = False) -> None:
        """Stop serving; ``hard`` is a power cut: every process at once, in the middle of whatever it does."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL if hard else signal.SIGTERM)
            self.process.wait(timeout=15)
            self.process = None

    def rows(self, sql: str, *values) -> list[tuple]:
        if self.database_url:
            return postgresql.rows(self.database_url, sql, values)
        connection = sqlite3.connect(self.var / "site.sqlite3", timeout=20)
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
            **self.options,
        )
        self.context.set_default_timeout(15_000)
        if self.cookies:
            self.context.add_cookies(self.cookies)
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
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if f"--user-data-dir={self.profile}" in process.read_text(errors="replace").split("\0"):
                    os.kill(int(process.parent.name), signal.SIGKILL)
        time.sleep(0.5)
        with contextlib.suppress(Error):
            self.context.close()
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def close(self) -> None:
        with contextlib.suppress(Error):
            self.context.close()

    def sign_in(self, staff_number: str, password: str = PASSWORD) -> None:
        self.goto("/accounts/login/")
        self.page.fill("input[name=username]", staff_number)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    def until(self, expression: str, timeout: float = 15.0):
        """Poll a JavaScript expression until it is truthy (``wait_for_function`` is blocked by our CSP)."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                value = self.page.evaluate(expression)
            except Error:
                value = None
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"never true: {expression}")

    def ready(self) -> None:
        """The worker controls this page: from now on it works without a network."""
        self.until("navigator.serviceWorker.controller !== null", 30)


#: A PostgreSQL to make the sites' databases in; none: each is a file.
SERVER = os.environ.get("DATABASE_URL", "")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A site with units, accounts and courses, not running, made once: its folder and database are there to copy."""
    var = tmp_path_factory.mktemp("demo")
    site = Site(var, SERVER and postgresql.make(SERVER, f"demo_{os.getpid()}"))
    site.manage("migrate", "--verbosity", "0")
    site.manage("collectstatic", "--noinput", "--verbosity", "0")
    site.manage("compile_texts")
    site.manage("load_demo", "--force", "--without-history", "--verbosity", "0")
    if SERVER:
        postgresql.analyse(site.database_url)
    else:
        # One file to copy: nothing may be left in the write-ahead log.
        connection = sqlite3.connect(var / "site.sqlite3")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    yield site
    if SERVER:
        postgresql.drop(SERVER, f"demo_{os.getpid()}")


@pytest.fixture
def site(demo, tmp_path):
    var, name = tmp_path / "var", f"site_{os.getpid()}"
    shutil.copytree(demo.var, var)
    site = Site(var, SERVER and postgresql.make(SERVER, name, template=f"demo_{os.getpid()}"))
    site.start()
    yield site
    site.stop()
    if SERVER:
        postgresql.drop(SERVER, name)


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
