"""What an answer costs the server's processor: the WSGI application itself, called within one process.

``measure`` starts this module inside the demo site's settings, on SQLite and, where a database is given, on
PostgreSQL, whose own share is read from the process that serves the connection. Median of many; the connection is
made and closed as the settings say.
"""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

from tests.bench import sites
from tests.bench.pages import LESSON
from tests.bench.row import Row, Work
from tests.bench.wire import ENCODING

#: Officials who each deliver once, after as many as the machine needs to get warm.
PEOPLE, WARM = 40, 8
EVENTS = 20
AGENT = "Mozilla/5.0 (Linux; Android 10; K) Chrome/131.0.0.0 Mobile Safari/537.36"


def measure(work: Work) -> list[Row]:
    people, times = (3, 5) if work.small else (PEOPLE, 300)
    rows = told_of(sites.inside(sites.demo(work), "tests.bench.server", people=people, times=times))
    if work.database_url:
        site = sites.demo(work, "demo-postgresql", work.database_url)
        told = sites.inside(site, "tests.bench.server", people=people, times=times)
        rows += [
            Row("Lesson page, PostgreSQL: Python", told["lesson"], "CPU-ms", 4),
            Row(f"Delivery of {EVENTS} events, PostgreSQL: Python", told["delivery"], "CPU-ms", 15),
            Row("… PostgreSQL's share with it", told["delivery"] + told["delivery_there"], "CPU-ms", 20),
        ]
    return rows


def told_of(told: dict) -> list[Row]:
    return [
        Row("Lesson page for a signed-in official", told["lesson"], "CPU-ms", 4),
        Row("… its 304", told["lesson_304"], "CPU-ms", 3),
        Row("Personal state, GET /api/me/", told["me"], "CPU-ms"),
        Row(f"Delivery of {EVENTS} events, SQLite", told["delivery"], "CPU-ms", 15, told["what"]),
    ]


# --- inside the site ---------------------------------------------------------------------------------------------


class Caller:
    """Calls the application as gunicorn does, with a real session, and takes the processor time of each call."""

    def __init__(self, cookies: dict[str, str]):
        from training.wsgi import application

        self.application, self.cookies = application, cookies

    def call(self, method: str, path: str, body: bytes = b"", headers: dict | None = None):
        """Status, headers, body, CPU-ms of this process, CPU-ms of PostgreSQL's process."""
        import io

        from django.db import connection

        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_ENCODING": ENCODING,
            "HTTP_USER_AGENT": AGENT, "HTTP_COOKIE": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": True,
            "wsgi.run_once": False, **(headers or {}),
        }  # fmt: skip
        got: dict = {}

        def start_response(status, fields, exc_info=None):
            got["status"], got["headers"] = int(status.split()[0]), {k.lower(): v for k, v in fields}

        there = _backend(connection)
        began_there = _spent(there)
        began = time.process_time()
        answer = self.application(environ, start_response)
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        spent = (time.process_time() - began) * 1000
        return got["status"], got["headers"], text, spent, _spent(there) - began_there

    def median(self, times: int, path: str, status: int, **headers) -> float:
        spent = []
        for _ in range(times + WARM):
            got, _, body, here, _ = self.call("GET", path, headers=headers)
            assert got == status, (path, got, body[:300])
            spent.append(here)
        return median(spent[WARM:])


def _backend(connection) -> int | None:
    """The process of PostgreSQL that serves this connection, where it keeps it between requests."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def _spent(process: int | None) -> float:
    """CPU-ms of a process so far, from the kernel's own account in nanoseconds."""
    if process is None:
        return 0.0
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def session_of(official) -> dict[str, str]:
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(official.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = official.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: session.session_key}


def main(people: int, times: int) -> dict:
    from training.officials.models import Official

    caller = Caller(session_of(Official.objects.get(staff_number="CB-0001")))
    told = {"lesson": caller.median(times, LESSON, 200), "me": caller.median(times, "/api/me/", 200)}
    etag = caller.call("GET", LESSON)[1]["etag"]
    told["lesson_304"] = caller.median(times, LESSON, 304, HTTP_IF_NONE_MATCH=etag)
    return told | deliveries(people)


def deliveries(people: int) -> dict:
    """Each of these officials sends 20 events at once: a course from download to completion, and another's lessons."""
    from courses.editions import current_edition, steps
    from courses.models import Activity, ActivityKind
    from quizzes.models import Paper, QuestionVersion
    from tests.bench.signing import HEADERS, Signer
    from training.officials.models import Official
    from training.records.models import Completion
    from training.sync import devices
    from training.sync.models import Device

    courses = list(Activity.objects.filter(kind=ActivityKind.COURSE).order_by("code"))
    first, *others = [(course, current_edition(course.pk)) for course in courses]
    quiz = next(step for step in steps(first[1]) if step["kind"] == "quiz")
    versions = QuestionVersion.objects.in_bulk(Paper.objects.get(pk=quiz["papers"]["vi"]).versions)
    keys = [versions[name].content["key"] for name in Paper.objects.get(pk=quiz["papers"]["vi"]).versions]
    having = Device.objects.filter(kind=Device.Kind.PHONE).values("official")
    officials = Official.objects.filter(staff_number__gt="CB-0102", staff_number__startswith="CB-")
    chosen = list(officials.exclude(pk__in=having).order_by("staff_number")[: people + WARM])
    assert len(chosen) == people + WARM, "make the demo site again: its people have delivered already"
    headers = {"CONTENT_TYPE": "application/json", "HTTP_CONTENT_ENCODING": HEADERS["Content-Encoding"]}
    caller, here, there = Caller({}), [], []
    before = Completion.objects.count()
    for official in chosen:
        phone = Signer(str(official.public_id))
        devices.register(official, phone.jwk, "Chrome, Android")
        course, edition = first
        phone.record("course_downloaded", str(course.pk), edition.name, {"pack": edition.name})
        study(phone, edition, steps)
        begun = phone.record("quiz_started", quiz["activity"], edition.name, {"earlier": 0})
        data = {"attempt": begun, "paper": quiz["papers"]["vi"], "answers": keys}
        phone.record("quiz_submitted", quiz["activity"], edition.name, data)
        for _, other in others:
            study(phone, other, steps)
        # The last to be signed need not go in this delivery.
        phone.events = phone.events[:EVENTS]
        assert len(phone.events) == EVENTS
        status, _, body, spent, spent_there = caller.call("POST", "/api/sync/", phone.delivery(), headers)
        assert status == 200, body[:300]
        here.append(spent)
        there.append(spent_there)
    completed = Completion.objects.count() - before
    assert completed == len(chosen), f"{completed} of {len(chosen)} completed the course"
    what = f"{EVENTS - 3} lessons and a quiz of {len(keys)} questions, which completes a course"
    return {"delivery": median(here[WARM:]), "delivery_there": median(there[WARM:]), "what": what}


def study(phone, edition, steps) -> None:
    for step in steps(edition):
        if step["kind"] == "lesson":
            phone.record("lesson_finished", step["activity"], edition.name, {"seconds": 240})


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "training.settings")
    django.setup()
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
