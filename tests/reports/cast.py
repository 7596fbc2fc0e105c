"""People, units and courses of the tests of HR's screens, written with the ORM. Shared by tests/officials/test_admin*
and tests/records/test_admin*."""

import uuid
from datetime import date, timedelta

from django.utils import timezone

from courses.models import Activity, ActivityKind
from training.officials.models import Category, Grant, Official, Posting, Role, Unit, UnitClosure, UnitPlacement
from training.records.models import Assignment, Enrolment
from training.sync.models import Device

FOUNDED = date(2025, 7, 1)
PASSWORD = "hoc-khong-can-mang"


def make_unit(code, name, kind="commune", parent=None, position=0):
    unit = Unit.objects.create(code=code, name=name, kind=kind, valid_from=FOUNDED, position=position)
    if parent is not None:
        UnitPlacement.objects.create(unit=unit, parent=parent, valid_from=FOUNDED)
    UnitClosure.objects.rebuild()
    return unit


def make_official(number, name="Lò Thị Đào", unit=None, category=Category.CIVIL_SERVANT, **fields):
    """Without a password that costs a hash; tests sign in by force_login."""
    official = Official(staff_number=number, full_name=name, password="!", **fields)
    official.save()
    if unit is not None:
        Posting.objects.create(official=official, unit=unit, category=category, valid_from=FOUNDED)
    return official


def make_hr(number, name, unit, posted_at=None):
    officer = make_official(number, name, posted_at or unit)
    Grant.objects.create(official=officer, role=Role.HR, unit=unit, valid_from=FOUNDED)
    return officer


def make_trainer(number, name, unit):
    trainer = make_official(number, name, unit)
    Grant.objects.create(official=trainer, role=Role.TRAINER, unit=unit, valid_from=FOUNDED)
    return trainer


def make_course(code="ATTT-01", title="An toàn thông tin"):
    key = uuid.uuid4()
    course = Activity.objects.create(key=key, kind=ActivityKind.COURSE, title=title, code=code)
    Activity.objects.filter(pk=key).update(course=course)
    return course


def enrol(official, course, *, assigned=True, due=None, started=None, completed=None):
    return Enrolment.objects.create(
        official=official,
        course=course,
        is_assigned=assigned,
        assigned_on=timezone.localdate() - timedelta(days=30) if assigned else None,
        due_on=(due or timezone.localdate() + timedelta(days=30)) if assigned else None,
        started_at=started or (timezone.now() if completed else None),
        completed_on=completed,
    )


def make_phone(official, heard=None, **fields):
    return Device.objects.create(kid=str(uuid.uuid4()), official=official, last_contact_at=heard, **fields)


def make_assignment(course, unit, due=None, by=None):
    return Assignment.objects.create(
        course=course, unit=unit, due_on=due or timezone.localdate() + timedelta(days=30), assigned_by=by
    )


class Cast:
    """A province with two communes, one of them with a section; an official, her supervisor, strangers."""

    def __init__(self):
        self.province = make_unit("LC", "Tỉnh Lai Châu", "province")
        self.than_uyen = make_unit("TU", "Than Uyên", parent=self.province, position=1)
        self.muong_kim = make_unit("MK", "Mường Kim", parent=self.province, position=2)
        self.section = make_unit("TU-VH", "Phòng Văn hóa – Xã hội", "section", parent=self.than_uyen)
        self.official = make_official("CB-0001", "Lò Thị Đào", self.than_uyen, sex="f")
        self.colleague = make_official("CB-0002", "Giàng A Páo", self.section, sex="m")
        self.stranger = make_official("CB-0101", "Vàng Thị Mỷ", self.muong_kim, sex="f")
        self.hr = make_hr("TC-0001", "Đỗ Thị Thu Hà", self.than_uyen)
        self.province_hr = make_hr("TC-0000", "Lò Văn Hặc", self.province)
        self.trainer = make_trainer("GV-0001", "Nguyễn Văn An", self.province)
        self.admin = Official.objects.create_superuser("ADMIN", None, full_name="Quản trị")
        self.course = make_course()
        self.other_course = make_course("CKS-01", "Chữ ký số")
