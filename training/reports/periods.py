"""Reporting periods as offices name them: month, quarter, half year, year. Called by the report's filter form."""

import re
from calendar import monthrange
from datetime import date

from django.utils.translation import gettext as _

CUSTOM = "custom"
_KEY = re.compile(r"^(?P<year>20\d\d)(?:-(?P<part>Q[1-4]|H[12]|0[1-9]|1[0-2]))?$")


def bounds(key: str) -> tuple[date, date]:
    """First and last day. Raises ValueError for what is no period."""
    match = _KEY.match(key)
    if not match:
        raise ValueError(key)
    year, part = int(match["year"]), match["part"] or ""
    if part.startswith("Q"):
        last = int(part[1]) * 3
        first = last - 2
    elif part.startswith("H"):
        last = int(part[1]) * 6
        first = last - 5
    elif part:
        first = last = int(part)
    else:
        first, last = 1, 12
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def label(key: str) -> str:
    match = _KEY.match(key)
    year, part = match["year"], match["part"] or ""
    if part.startswith("Q"):
        quarter = {"1": "I", "2": "II", "3": "III", "4": "IV"}[part[1]]
        return _("Quarter %(quarter)s/%(year)s") % {"quarter": quarter, "year": year}
    if part == "H1":
        return _("First half of %(year)s") % {"year": year}
    if part == "H2":
        return _("Second half of %(year)s") % {"year": year}
    if part:
        return _("Month %(month)s/%(year)s") % {"month": part, "year": year}
    return _("Year %(year)s") % {"year": year}


def choices(today: date) -> list:
    """For a select: this and the last three months and quarters, the half years and years they touch."""
    months = [today.year * 12 + today.month - 1 - back for back in range(4)]
    quarters = [today.year * 4 + (today.month - 1) // 3 - back for back in range(4)]
    keys = {
        _("Months"): [f"{month // 12}-{month % 12 + 1:02}" for month in months],
        _("Quarters"): [f"{quarter // 4}-Q{quarter % 4 + 1}" for quarter in quarters],
        _("Half years"): [f"{year}-H{half}" for year in (today.year, today.year - 1) for half in (2, 1)],
        _("Years"): [str(today.year), str(today.year - 1)],
    }
    return [
        ("", _("All time")),
        *[(group, [(key, label(key)) for key in members]) for group, members in keys.items()],
        (CUSTOM, _("From – to …")),
    ]
