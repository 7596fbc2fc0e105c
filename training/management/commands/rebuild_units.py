"""Writes the flat unit tree of today anew: placements dated in the future come into force overnight."""

from django.core.management.base import BaseCommand
from django.db import transaction

from training.officials.models import UnitClosure


class Command(BaseCommand):
    help = "Rebuilds the flat tree of units as of today."

    def handle(self, *args, **options):
        with transaction.atomic():
            UnitClosure.objects.rebuild()
