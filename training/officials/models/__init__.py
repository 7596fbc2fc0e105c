"""Who: units, officials, postings, grants, and the record of sign-ins."""

from training.officials.models.official import Official, SignInRecord
from training.officials.models.posting import Category, Grant, Posting, Role
from training.officials.models.unit import Unit, UnitClosure, UnitPlacement, UnitSuccession, say_whose_sections

__all__ = [
    "Category",
    "Grant",
    "Official",
    "Posting",
    "Role",
    "SignInRecord",
    "Unit",
    "UnitClosure",
    "UnitPlacement",
    "UnitSuccession",
    "say_whose_sections",
]
