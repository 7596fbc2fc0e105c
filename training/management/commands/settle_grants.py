"""Puts everyone into the groups of the grants held today. Run every night by run_worker."""

from django.core.management.base import BaseCommand
from django.db.models import Q

from training.officials import groups
from training.officials.models import Official


class Command(BaseCommand):
    help = "Puts everyone into the groups of the grants held today."

    def handle(self, *args, **options):
        concerned = Q(grants__isnull=False) | Q(groups__name__in=groups.NAMES.values())
        groups.settle(Official.objects.filter(concerned).distinct())
