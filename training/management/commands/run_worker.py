"""The background worker: queued tasks at once, scheduled publishing every minute, housekeeping every night.

One process beside the web server; `make run` starts it. Every job is safe to run twice, so a second worker or a
restart in the middle does no harm.
"""

import logging
import time

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

log = logging.getLogger(__name__)

#: Seconds between two looks at the queue, and between two looks at what is due to be published.
QUEUE_EVERY = 2
PUBLISH_EVERY = 60
#: Commands run once a day, after midnight local time.
NIGHTLY = [
    "rebuild_units",
    "settle_grants",
    "refresh_enrolments",
    "settle_courses",
    "purge_sign_ins",
    "clearsessions",
]


def run(command: str, **options) -> bool:
    """Run one command; an error is logged and the worker goes on, or nothing would ever be published again."""
    try:
        call_command(command, verbosity=0, **options)
    except Exception:
        log.exception("%s failed; it will be tried again", command)
        return False
    return True


class Command(BaseCommand):
    help = "Runs queued tasks, scheduled publishing and nightly housekeeping until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="do everything once and stop")

    def handle(self, *args, once, **options):
        published_at, done_on = 0.0, dict.fromkeys(NIGHTLY)
        while True:
            run("db_worker", batch=True)
            if time.monotonic() - published_at >= PUBLISH_EVERY or not published_at:
                run("publish_scheduled")
                run("settle_courses", waiting=True)
                published_at = time.monotonic()
                # With the publishing, so that what fails is tried again within a minute, and not in a tight loop.
                today = timezone.localdate()
                for command in [each for each in NIGHTLY if done_on[each] != today]:
                    if run(command):
                        done_on[command] = today
            close_old_connections()
            if once:
                return
            time.sleep(QUEUE_EVERY)
