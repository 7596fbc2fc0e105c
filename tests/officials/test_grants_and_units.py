"""Groups follow grants, by date; the flat tree follows placements."""

import datetime

import pytest
from django.utils import timezone

from training.officials import groups
from training.officials.models import Grant, Role, Unit, UnitClosure, UnitPlacement
from training.officials.models.unit import UnitKind

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


def names(official):
    return set(official.groups.values_list("name", flat=True))


def fresh(official):
    return type(official).objects.get(pk=official.pk)


@pytest.mark.parametrize(("role", "group"), [(Role.TRAINER, "Giảng viên"), (Role.HR, "Cán bộ tổ chức")])
def test_a_grant_opens_the_admin_and_its_end_closes_it(official, unit, role, group):
    assert not official.is_staff
    grant = Grant.objects.create(official=official, role=role, unit=unit, valid_from=TODAY)
    assert names(official) == {group}
    assert fresh(official).is_staff
    grant.valid_to = TODAY - DAY
    grant.save()
    assert names(official) == set()
    assert not fresh(official).is_staff


def test_deleting_one_of_two_grants_keeps_the_group(official, unit):
    first = Grant.objects.create(official=official, role=Role.HR, unit=unit)
    second = Grant.objects.create(official=official, role=Role.HR, unit=unit)
    first.delete()
    assert names(official) == {"Cán bộ tổ chức"}
    second.delete()
    assert names(official) == set()


def test_a_grant_that_begins_by_date_counts_from_the_next_sign_in(official, unit, sign_in):
    grant = Grant.objects.create(official=official, role=Role.HR, unit=unit, valid_from=TODAY + DAY)
    assert names(official) == set()
    # The day comes, and nobody saves anything.
    Grant.objects.filter(pk=grant.pk).update(valid_from=TODAY)
    sign_in()
    assert names(official) == {"Cán bộ tổ chức"}


def test_settling_twice_changes_nothing_and_touches_nobody_else(official, colleague, unit):
    Grant.objects.create(official=colleague, role=Role.TRAINER, unit=unit)
    groups.settle([official])
    groups.settle([official])
    assert names(official) == set()
    assert names(colleague) == {"Giảng viên"}


def closure():
    return set(UnitClosure.objects.values_list("ancestor__code", "descendant__code", "depth"))


def test_the_flat_tree_follows_units_and_their_places(unit):
    assert closure() == {("TU", "TU", 0)}
    start = datetime.date(2025, 7, 1)
    province = Unit.objects.create(code="LC", name="Lai Châu", kind=UnitKind.PROVINCE, valid_from=start)
    section = Unit.objects.create(code="TU-VH", name="Phòng VH-XH", kind=UnitKind.SECTION, valid_from=start)
    UnitPlacement.objects.create(unit=unit, parent=province, valid_from=start)
    placed = UnitPlacement.objects.create(unit=section, parent=unit, valid_from=start)
    assert ("LC", "TU-VH", 2) in closure()
    placed.delete()
    assert closure() == {("TU", "TU", 0), ("LC", "LC", 0), ("TU-VH", "TU-VH", 0), ("LC", "TU", 1)}


def test_a_place_that_has_ended_is_not_in_the_tree(unit):
    start = datetime.date(2025, 7, 1)
    province = Unit.objects.create(code="LC", name="Lai Châu", kind=UnitKind.PROVINCE, valid_from=start)
    UnitPlacement.objects.create(unit=unit, parent=province, valid_from=start, valid_to=TODAY - DAY)
    assert ("LC", "TU", 1) not in closure()
