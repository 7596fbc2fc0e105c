"""Makes an empty site ready for work: the home page in both languages, and what trainers may do below it.

Run once, after `migrate`, where the demo is not loaded; running it again changes nothing. People and roles come
afterwards, from the admin.
"""

from django.core.management.base import BaseCommand

from training.starter.pages_loader import load_catalogue
from training.starter.units_loader import load_units
from training.trainers import let_trainers_author


class Command(BaseCommand):
    help = "Makes the home pages and the trainers' permissions of an empty site."

    def add_arguments(self, parser):
        parser.add_argument("--lai-chau", action="store_true", help="with the units of Lai Châu since 1 July 2025")

    def handle(self, *args, lai_chau, verbosity, **options):
        let_trainers_author(load_catalogue())
        units = load_units() if lai_chau else 0
        if verbosity:
            self.stdout.write(f"The home page is there, trainers may write below it. Units: {units}")
