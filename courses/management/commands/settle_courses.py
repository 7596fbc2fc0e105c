"""Writes again what phones read. Run after an update of the code: templates and translations are part of fragments.

The worker runs it nightly too, and every minute with --waiting: what an error kept from being written is written then.
"""

import logging

from django.core.management.base import BaseCommand, CommandError

from courses.models import Fragment, Unwritten
from courses.publishing import every_course, settle, settle_catalogues

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Bring activities, editions and stored pages in step with the pages and templates as they are now."

    def add_arguments(self, parser):
        parser.add_argument("--waiting", action="store_true", help="only what an error kept from being written")

    def handle(self, *, waiting=False, **options):
        failed = []
        keys = list(Unwritten.objects.values_list("pk", flat=True)) if waiting else every_course()
        if waiting and not keys:
            return
        for key in keys:
            # Each by itself: the others don't wait for the one that can't be written.
            try:
                settle(key)
            except Exception:
                logger.exception("the pages of course %s could not be written", key)
                failed.append(str(key))
        settle_catalogues()
        if failed:
            raise CommandError(f"not written: {', '.join(failed)}")
        self.stdout.write(f"Pages: {Fragment.objects.count()}")
