"""What a staff number and a date of an official's life may be. Named by the models and by HR's forms."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

#: Nobody in service was born or posted before; an earlier date is a slip of the hand.
EARLIEST = date(1950, 1, 1)


def plain_staff_number(number: str) -> None:
    """It is typed on phones, printed and sorted: letters, digits and . - _ / only. The refusal names what it found."""
    odd = dict.fromkeys(c for c in number if not (c.isalnum() or c in ".-_/"))
    if odd:
        found = " ".join(_("(space)") if c.isspace() else c for c in odd)
        words = _("A staff number has letters, digits and . - _ / only. Leave out: %(found)s")
        raise ValidationError(words % {"found": found})


def not_long_ago(day: date) -> None:
    if day < EARLIEST:
        earliest = date_format(EARLIEST, "SHORT_DATE_FORMAT")
        raise ValidationError(_("A day before %(day)s cannot be right. Check the year.") % {"day": earliest})
