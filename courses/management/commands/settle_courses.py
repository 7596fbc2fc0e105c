"""Writes again what phones read. Run after an update of the code: templates and translations are part of fragments."""

from django.core.management.base import BaseCommand

from courses.models import Fragment
from courses.publishing import settle_all


class Command(BaseCommand):
    help = "Bring activities, editions and stored pages in step with the pages and templates as they are now."

    def handle(self, **options):
        settle_all()
        self.stdout.write(f"Pages: {Fragment.objects.count()}")
