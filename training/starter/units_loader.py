"""Reads the units of Lai Châu: the province and its departments, the 38 communes and wards, their sections.

Called by load_demo and set_up_site. Units are found again by code, so loading twice changes nothing. Sources:
units/communes.csv (the list in force since 1 July 2025), units/province.csv and units/sections.csv (the usual
departments and sections; the codes after the hyphen are ours).
"""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from training.officials.models import Unit, UnitClosure, UnitPlacement
from training.officials.models.unit import UnitKind

FOLDER = Path(__file__).parent / "units"
REORGANISED_ON = date(2025, 7, 1)
KINDS = {"Xã": UnitKind.COMMUNE, "Phường": UnitKind.WARD}


def _rows(name: str):
    with open(FOLDER / name, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _put(code: str, name: str, kind: str, parent: Unit | None, position: int, former_district: str = "") -> Unit:
    unit, _ = Unit.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "kind": kind,
            "valid_from": REORGANISED_ON,
            "position": position,
            "former_district": former_district,
        },
    )
    if parent:
        UnitPlacement.objects.get_or_create(unit=unit, parent=parent, defaults={"valid_from": REORGANISED_ON})
    return unit


@transaction.atomic
def load_units() -> int:
    """Create or update every unit and the flat tree; returns how many there are."""
    units: dict[str, Unit] = {}
    for number, row in enumerate(_rows("province.csv")):
        units[row["code"]] = _put(row["code"], row["name"], row["kind"], units.get(row["parent"]), number)
    sections = list(_rows("sections.csv"))
    for row in _rows("communes.csv"):
        place = 1000 + int(row["stt"]) * 10
        commune = _put(
            row["code"],
            row["name"],
            KINDS[row["kind"]],
            units[row["province_code"]],
            place,
            row["former_district"],
        )
        for number, section in enumerate((s for s in sections if commune.kind in s["of"].split()), start=1):
            _put(f"{row['code']}-{section['suffix']}", section["name"], UnitKind.SECTION, commune, place + number)
    UnitClosure.objects.rebuild()
    return Unit.objects.count()
