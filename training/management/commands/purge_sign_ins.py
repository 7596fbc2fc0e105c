"""Deletes sign-ins and sign-outs older than they may be kept (settings.SIGN_IN_RECORD_DAYS); run daily."""

import datetime

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from training.officials.models import SignInRecord


class Command(BaseCommand):
    help = "Deletes records of sign-ins older than SIGN_IN_RECORD_DAYS."

    def handle(self, *args, **options):
        until = timezone.now() - datetime.timedelta(days=settings.SIGN_IN_RECORD_DAYS)
        deleted, _ = SignInRecord.objects.filter(at__lt=until).delete()
        self.stdout.write(f"Deleted {deleted}.")
