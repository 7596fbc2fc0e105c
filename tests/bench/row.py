"""One line of the table: what was measured, what it may cost, and whether it does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Row:
    metric: str
    measured: float
    unit: str
    #: None: only told, nothing was promised.
    budget: float | None = None
    note: str = ""
    #: Where it went; for whoever looks into a miss, not for the table.
    detail: str = ""

    @property
    def is_met(self) -> bool:
        return self.budget is None or self.measured <= self.budget

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return ""
        return "met" if self.is_met else "missed"

    def cells(self) -> list[str]:
        budget = "" if self.budget is None else f"≤ {number(self.budget)} {self.unit}"
        return [self.metric, budget, f"{number(self.measured)} {self.unit}", self.verdict, self.note]


def number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


@dataclass
class Work:
    """What the benches of one run share: a place for their sites, and how thoroughly to measure."""

    place: Path
    #: A smoke test: small data, one run each; the figures mean nothing.
    small: bool = False
    #: A PostgreSQL database that may be written to; "" leaves its figures out.
    database_url: str = ""
    say: Callable[[str], None] = field(default=lambda line: None)

    def times(self, usual: int) -> int:
        return 1 if self.small else usual
