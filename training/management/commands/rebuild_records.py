"""Derive everyone's facts and conclusions anew from the ledger of events and the editions, and from nothing else.

For whoever restores a backup, repairs a handler, or wants to know that what reports say follows from the evidence.
What was issued is in the ledger and is copied from there; new evidence is written only of what follows from events that
had waited and stand now (their edition came back, or a handler was repaired), as when her phone had sent again. With
--check nothing is written at all, and the command fails where a record does not follow from the evidence.
"""

from collections import defaultdict

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from quizzes.models import Attempt
from training.officials.models import Official
from training.records.models import Completion, Enrolment, LessonProgress, StudiedEdition
from training.sync import clock, judging
from training.sync.codes import ACCEPTED
from training.sync.witness import Attestor

#: Everything that is a function of the evidence, in words an administrator knows.
RECORDS = {
    "attempts": Attempt,
    "lessons": LessonProgress,
    "studied editions": StudiedEdition,
    "completions": Completion,
    "enrolments": Enrolment,
}
#: Officials whose differences are listed by name.
LISTED = 20


class Command(BaseCommand):
    help = "Derive all records anew from the evidence. --check compares and writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="compare only; fails where something differs")
        parser.add_argument(
            "--official", action="append", metavar="STAFF_NUMBER", help="only this one; repeatable"
        )
        parser.add_argument("--batch", type=int, default=50, help="officials in one transaction (50)")

    def handle(self, *args, check, official, batch, **options):
        officials = dict(self._officials(official).values_list("pk", "staff_number"))
        keys, differing, verdicts = list(officials), {}, 0
        for start in range(0, len(keys), batch):
            found, changed = self._rebuild(keys[start : start + batch], check)
            differing |= found
            verdicts += changed
            self.stdout.write(f"{min(start + batch, len(keys))} of {len(keys)} officials")
        for pk, names in list(differing.items())[:LISTED]:
            self.stdout.write(f"  {officials[pk]}: {', '.join(names)}")
        said = f"{len(differing)} officials with records that differed, {verdicts} verdicts"
        if check and (differing or verdicts):
            raise CommandError(f"{said}; nothing was written")
        self.stdout.write(self.style.SUCCESS(said))

    def _officials(self, staff_numbers):
        officials = Official.objects.order_by("pk")
        if not staff_numbers:
            return officials
        chosen = officials.filter(staff_number__in=staff_numbers)
        missing = sorted(set(staff_numbers) - set(chosen.values_list("staff_number", flat=True)))
        if missing:
            raise CommandError(f"no official with the staff number {', '.join(missing)}")
        return chosen

    def _rebuild(self, officials: list[int], check: bool) -> tuple[dict[int, list[str]], int]:
        """The officials whose records differed, with the kinds that did, and the number of verdicts that did."""
        with transaction.atomic():
            if connection.features.has_select_for_update:
                # Deliveries of these officials wait meanwhile, as they do for each other.
                held = Official.objects.select_for_update(no_key=True).filter(pk__in=officials)
                list(held.order_by("pk").values_list("pk"))
            before = records_of(officials)
            changed = judging.replay(officials)
            self._conclude(changed)
            after = records_of(officials)
            if check:
                transaction.set_rollback(True)
        differing = {}
        for pk in officials:
            names = [name for name in RECORDS if before[name].get(pk) != after[name].get(pk)]
            if names:
                differing[pk] = names
        return differing, len(changed)

    def _conclude(self, changed: list) -> None:
        stand = defaultdict(list)
        for arrival in changed:
            if arrival.verdict == ACCEPTED:
                stand[arrival.official_id].append(arrival)
        for official in Official.objects.filter(pk__in=stand).order_by("pk"):
            judging.conclude(stand[official.pk], Attestor(official, clock.truncated(timezone.now())))


def records_of(officials: list[int]) -> dict[str, dict[int, set]]:
    """Every record as plain values, by kind and official, whatever its primary key."""
    found = {}
    for name, model in RECORDS.items():
        fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
        place = fields.index("official_id")
        rows = found[name] = {}
        for row in model.objects.filter(official__in=officials).order_by().values_list(*fields):
            rows.setdefault(row[place], set()).add(repr(row))
    return found
