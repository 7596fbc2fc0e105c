"""Daily, soon after midnight: brings enrolments in step with postings and unit placements that begin or end today."""

from django.core.management.base import BaseCommand

from courses.models import Activity, ActivityKind
from training.officials.models import UnitClosure
from training.records import enrolments


class Command(BaseCommand):
    help = "Follow postings and units that begin or end today; to be run daily soon after midnight."

    def handle(self, *args, **options):
        UnitClosure.objects.rebuild()
        # Course by course, so that nobody waits for a lock longer than one course takes.
        for course in Activity.objects.filter(kind=ActivityKind.COURSE).order_by("pk").values_list("pk", flat=True):
            enrolments.refresh(courses=[course])
        if options["verbosity"]:
            self.stdout.write("Enrolments follow today's postings and units.")
