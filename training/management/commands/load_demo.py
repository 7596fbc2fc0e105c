"""Fills an empty site with the starter courses, the units of Lai Châu, demo officials and half a year of their events.

Run by `make run`. Refused where DEBUG is off unless forced, because its accounts have a known password. Running it
again adds nothing: people, pages and events are found again by what names them.
"""

import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training.starter.history import load_assignments, load_history
from training.starter.pages_loader import COURSES, load_catalogue, load_course
from training.starter.people import NAMED, load_people
from training.starter.units_loader import load_units
from training.trainers import let_trainers_author


class Command(BaseCommand):
    help = "Loads the starter courses, units, demo accounts and their history."

    def add_arguments(self, parser):
        parser.add_argument("--force", action="store_true", help="also where DEBUG is off")
        parser.add_argument("--without-history", action="store_true", help="people and courses, but no events")

    def handle(self, *args, force, without_history, verbosity, **options):
        if not settings.DEBUG and not force:
            raise CommandError("The demo's accounts have a known password. Use --force if that is what you want.")
        password = os.environ.get("DEMO_PASSWORD", "hoc-khong-can-mang")
        say = self.stdout.write if verbosity else (lambda line: None)
        say(f"Units: {load_units()}")
        officials = load_people(password)
        say(f"Officials: {len(officials)}")
        home = load_catalogue()
        let_trainers_author(home)
        for folder in COURSES:
            say(f"Course: {load_course(home, folder).title}")
        load_assignments()
        if not without_history:
            say(f"Events: {load_history(officials, say)}")
        say("")
        say(f"Accounts (password: {password})")
        for staff_number, name, *_ in NAMED:
            say(f"  {staff_number}  {name}")
        say("  admin    administrator")
