"""Publishes and withdraws what is due, each page by itself: one that fails keeps no other waiting.

In place of Wagtail's command of this name, which stops at the first error and leaves the page live, but unwritten for
learners. The worker runs it every minute, so that what failed is tried again.
"""

import logging
from collections.abc import Callable

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from wagtail.management.commands import publish_scheduled
from wagtail.models import Page, Revision

from courses import drafts
from courses.publishing import take_turns

logger = logging.getLogger(__name__)


class Command(publish_scheduled.Command):
    def handle(self, *args, **options):
        if options["dryrun"]:
            super().handle(*args, **options)
            return
        now = timezone.now()
        expired = Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at")
        due = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
        done = [_try(withdraw, page) for page in list(expired)] + [_try(publish, revision) for revision in list(due)]
        if not all(done):
            raise CommandError(f"{done.count(False)} of {len(done)} due pages failed; the log says why")


def withdraw(page: Page) -> None:
    # Not in one transaction: should the rest fail, the page is out of sight all the same.
    page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def publish(revision: Revision) -> None:
    drafts.store_files(revision.as_object())
    # Live and written for learners, or neither.
    with transaction.atomic():
        take_turns()
        revision.publish(log_action="wagtail.publish.scheduled")


def _try(what: Callable, which: Page | Revision) -> bool:
    try:
        what(which)
    except Exception:
        logger.exception("%s: %s failed", which, what.__name__)
        return False
    return True
