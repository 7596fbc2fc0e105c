"""The sites the benches measure: the demo without history, and a province of bulk data. Called by the benches."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Work
from tests.browser.conftest import ROOT, Site

OFFICIALS, COURSES = 10_000, 10


def demo(work: Work, name: str = "demo", database_url: str = "") -> Site:
    """Starter courses and demo accounts, not running; made once in a run."""
    return _made(
        work, name, database_url, [["collectstatic", "--noinput"], ["load_demo", "--force", "--without-history"]]
    )


def province(work: Work, name: str = "province", database_url: str = "") -> Site:
    officials = 200 if work.small else OFFICIALS
    return _made(
        work,
        name,
        database_url,
        [["collectstatic", "--noinput"], ["load_scale", "--officials", str(officials), "--courses", str(COURSES)]],
    )


def _made(work: Work, name: str, database_url: str, commands: list[list[str]]) -> Site:
    var = work.place / name
    site = Site(var, database_url)
    if not (var / "made").exists():
        work.say(f"  making the site “{name}”")
        shutil.rmtree(var, ignore_errors=True)
        var.mkdir(parents=True)
        for command in [["migrate"], *commands]:
            site.manage(*command, "--verbosity", "0")
        (var / "made").touch()
    return site


@contextlib.contextmanager
def running(site: Site) -> Iterator[Site]:
    site.start()
    try:
        yield site
    finally:
        site.stop()


def inside(site: Site, module: str, **options) -> dict:
    """Run a module of this package within the site's own settings; it writes one JSON object to its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", module, json.dumps(options)],
        cwd=ROOT, env=site.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def profile(work: Work, name: str) -> Path:
    """An empty folder for a browser's profile."""
    folder = work.place / "profiles" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
