"""Bulk data for measuring: many officials, many courses, and the rows their studying would have left behind.

Run by tests/bench and by whoever wants to know how the reports bear a province or a country. It writes facts and
conclusions straight into their tables, without events, so `rebuild_records` would empty them: for a database that is
thrown away afterwards. The same numbers give the same data, but for dates, which count back from today.

Rows are made and written batch by batch (COPY on PostgreSQL), so that memory doesn't grow with their number.
"""

import hashlib
import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from time import monotonic

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from courses.editions import canonical
from courses.models import Activity, ActivityKind, Edition
from training.officials.models import Category, Official, Posting, Unit, UnitClosure
from training.officials.models.unit import UnitKind
from training.records.models import Assignment, Completion, Enrolment, LessonProgress, StudiedEdition
from training.starter.people import SEED
from training.starter.units_loader import load_units
from training.sync.models import Device

#: Staff numbers and course codes of this command begin so; everything else is somebody's real data.
PREFIX = "SCALE-"
#: Officials written in one transaction.
BATCH = 2_000
FAMILIES = ["Lò", "Lường", "Hoàng", "Đèo", "Giàng", "Sùng", "Thào", "Phàn", "Tẩn", "Pờ", "Ly", "Nguyễn", "Lê", "Đỗ"]
MIDDLES = {"f": ["Thị", "Thị Thu", "Thị Minh", "Thị Ngọc"], "m": ["Văn", "A", "Đức", "Minh"]}
GIVEN = {
    "f": ["Hương", "Mỷ", "Dung", "Đào", "Ánh", "Hạnh", "Xuân", "Mai", "Lan", "Hoa", "Thảo", "Ngân", "Yến", "Phượng"],
    "m": ["Páo", "Sử", "Tủa", "Chung", "Thắng", "Đức", "Nghĩa", "Sơn", "Khương", "Dũng", "Hải", "Tuấn", "Lử", "Vinh"],
}
KEYS = uuid.UUID("0c1d5a5e-7d0f-4b7e-9d43-5a2f5b0d7c11")
#: Of a hundred enrolments so many are completed, and so many more are begun.
COMPLETED, BEGUN = 45, 25
REORGANISED_ON = date(2025, 7, 1)


class Command(BaseCommand):
    help = "Loads bulk data for benchmarks into a database of its own."

    def add_arguments(self, parser):
        parser.add_argument("--officials", type=int, required=True)
        parser.add_argument("--courses", type=int, required=True)
        parser.add_argument("--lessons", type=int, default=10, help="lessons of each course (10)")
        parser.add_argument("--force", action="store_true", help="also where there are other officials")

    def handle(self, *args, officials, courses, lessons, force, verbosity, **options):
        if min(officials, courses, lessons) < 1:
            raise CommandError("At least one official, one course and one lesson.")
        if Official.objects.filter(staff_number__startswith=PREFIX).exists():
            raise CommandError("There is bulk data already. Start with an empty database.")
        if not force and Official.objects.exists():
            raise CommandError("There are officials who are not bulk data. Use --force if they may be mixed with it.")
        begun = monotonic()
        if not Unit.objects.exists():
            load_units()
        province = _Province(courses, lessons)
        rows = 0
        for first in range(1, officials + 1, BATCH):
            last = min(first + BATCH - 1, officials)
            with transaction.atomic():
                rows += province.people(first, last)
            if verbosity and (last == officials or last % (BATCH * 5) == 0):
                self.stdout.write(f"{last:,} of {officials:,} officials, {rows:,} rows, {monotonic() - begun:.0f} s")
        _settle_sequences()


class _Course:
    def __init__(self, number: int, lessons: int, today: date):
        self.key = uuid.uuid5(KEYS, f"course {number}")
        self.code, self.title = f"{PREFIX}{number:03}", f"Chuyên đề bồi dưỡng số {number}"
        self.lessons = [uuid.uuid5(KEYS, f"course {number} lesson {n}") for n in range(1, lessons + 1)]
        self.assigned_on = today - timedelta(days=200 - number % 60)
        #: Some are past, so that there is something overdue.
        self.due_on = today + timedelta(days=(number * 37) % 120 - 40)
        content = {
            "format": 1,
            "course": str(self.key),
            "titles": {"vi": self.title},
            "rule": {"name": "all_required"},
            "steps": [
                {"activity": str(key), "kind": "lesson", "titles": {"vi": f"Bài {n}"}, "required": True}
                for n, key in enumerate(self.lessons, start=1)
            ],
        }
        self.content, self.edition = content, hashlib.sha256(canonical(content)).hexdigest()

    def save(self, province: Unit) -> None:
        course = Activity(key=self.key, kind=ActivityKind.COURSE, title=self.title, code=self.code)
        course.course = course
        course.save(force_insert=True)
        Activity.objects.bulk_create(
            Activity(key=key, kind=ActivityKind.LESSON, course=course, title=f"{self.title}, bài {n}")
            for n, key in enumerate(self.lessons, start=1)
        )
        course.edition = Edition.objects.create(name=self.edition, course=course, number=1, content=self.content)
        course.save(update_fields=["edition"])
        Assignment.objects.create(course=course, unit=province, due_on=self.due_on, assigned_on=self.assigned_on)


class _Province:
    """Who studies what; ``people`` writes one batch."""

    def __init__(self, courses: int, lessons: int):
        self.now = timezone.now()
        self.today = timezone.localdate()
        self.lessons = lessons
        self.units = [
            (unit.pk, unit.full_name)
            for unit in Unit.objects.exclude(kind__in=[UnitKind.PROVINCE, UnitKind.DISTRICT]).order_by("code")
        ]
        self.password = make_password(None)
        self.names = [
            Official(full_name=" ".join(words), sex=sex)
            for sex in "fm"
            for words in product(FAMILIES, MIDDLES[sex], GIVEN[sex])
        ]
        for official in self.names:
            official.derive()
        self.courses = [_Course(number, lessons, self.today) for number in range(1, courses + 1)]
        with transaction.atomic():
            top = Unit.objects.filter(kind=UnitKind.PROVINCE).first() or Unit.objects.get(
                pk=UnitClosure.objects.order_by("-depth").values_list("ancestor", flat=True)[0]
            )
            for course in self.courses:
                course.save(top)
        #: Keys are given here, so that rows can name each other before they are written.
        self.first_official = (Official.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1

    def people(self, first: int, last: int) -> int:
        chance = random.Random(f"{SEED} {first}")
        officials, postings, devices = [], [], []
        enrolments, progress, editions, completions = [], [], [], []
        for number in range(first, last + 1):
            pk = self.first_official + number - 1
            name = chance.choice(self.names)
            unit, unit_name = chance.choice(self.units)
            category = chance.choice(Category.values)
            public_id = uuid.UUID(int=chance.getrandbits(128), version=4)
            officials.append(
                (pk, self.password, None, False, public_id, f"{PREFIX}{number:07}", name.full_name, name.name_sort,
                 name.name_folded, name.sex, None, "", "", "vi", True, None, "", None, False, self.now)
            )  # fmt: skip
            postings.append((pk, unit, category, "Chuyên viên", REORGANISED_ON, None, True))
            begun_any = False
            for seq, course in enumerate(self.courses, start=1):
                state = chance.randrange(100)
                started_at = done_on = None
                if state < COMPLETED + BEGUN:
                    begun_any = True
                    started_at = self._moment(course.assigned_on + timedelta(days=chance.randrange(100)), chance)
                    done = self.lessons if state < COMPLETED else chance.randrange(self.lessons)
                    # A lesson a day, at the hour she began.
                    times = [started_at + timedelta(days=n) for n in range(done)]
                    finished = zip(course.lessons, times, strict=False)
                    progress += [(pk, lesson, course.key, at, at, at) for lesson, at in finished]
                    editions.append((pk, course.edition, started_at))
                    if state < COMPLETED:
                        done_on = timezone.localdate(times[-1])
                        completions.append(
                            (pk, course.key, course.edition, times[-1], done_on, done_on, done_on, None, None,
                             course.title, unit, unit_name, category, "Chuyên viên", times[-1], seq)
                        )  # fmt: skip
                enrolments.append((pk, course.key, True, course.assigned_on, course.due_on, started_at, done_on))
            if begun_any or chance.random() < 0.5:
                heard = self.now - timedelta(days=chance.choice([0, 0, 1, 2, 3, 5, 8, 12, 30]), minutes=number % 600)
                devices.append((f"{PREFIX}{number:07}", pk, "phone", {}, "Chrome, Android", self.now, heard, 0, 0, 0))
        # The order in which rows name each other.
        return (
            _write(Official, officials, _OFFICIAL)
            + _write(Posting, postings, "official unit category position valid_from valid_to is_main")
            + _write(Device, devices, _DEVICE)
            + _write(Enrolment, enrolments, _ENROLMENT)
            + _write(LessonProgress, progress, "official lesson course finished_at earliest_at latest_at")
            + _write(StudiedEdition, editions, "official edition first_at")
            + _write(Completion, completions, _COMPLETION)
        )

    def _moment(self, day: date, chance: random.Random) -> datetime:
        return datetime.combine(day, time(chance.randrange(1, 10), chance.randrange(60)), UTC)


_OFFICIAL = (
    "id password last_login is_superuser public_id staff_number full_name name_sort name_folded sex birth_date email "
    "phone_number language is_active left_on one_time_code one_time_code_expires_at must_set_password date_joined"
)
_DEVICE = (
    "kid official kind public_jwk name registered_at last_contact_at received_through highest_seq pending_results"
)
_ENROLMENT = "official course is_assigned assigned_on due_on started_at completed_on"
_COMPLETION = (
    "official course edition completed_at completed_on earliest_on latest_on score pass_mark course_title unit "
    "unit_name category position recorded_at issued_seq"
)


def _write(model: type[models.Model], rows: list[tuple], names: str) -> int:
    fields = [model._meta.get_field(name) for name in names.split()]
    # What is not named stands at its default, which the database does not know.
    rest = [field for field in model._meta.concrete_fields if field not in fields and field.has_default()]
    fields += rest
    rows = [(*row, *(field.get_default() for field in rest)) for row in rows] if rest else rows
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in _prepared(fields, rows):
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", _prepared(fields, rows))
    return len(rows)


def _prepared(fields: list[models.Field], rows: Iterable[tuple]) -> Iterator[list]:
    """Values as this database takes them; each distinct value of a column is worked out once."""
    known: list[dict] = [{} for _ in fields]
    for row in rows:
        prepared = []
        for field, seen, value in zip(fields, known, row, strict=True):
            if isinstance(value, dict):
                prepared.append(field.get_db_prep_save(value, connection))
                continue
            if value not in seen:
                seen[value] = field.get_db_prep_save(value, connection)
            prepared.append(seen[value])
        yield prepared


def _settle_sequences() -> None:
    """Keys were given by hand: the next one the database gives must be free. Statistics as autovacuum would make."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Official]):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
