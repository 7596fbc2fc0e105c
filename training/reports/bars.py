"""The bars of the report's chart, as places and widths of SVG rectangles. Called by the report's view.

The same numbers stand in the table beside, so the chart needs no axis and no script.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from training.reports.queries import Cell, Summary


@dataclass
class Part:
    x: str
    width: str


@dataclass
class Bar:
    name: str
    rate: float
    words: str
    completed: Part
    in_progress: Part
    not_started: Part


def bar(name: str, cell: Cell) -> Bar:
    edges = [0.0]
    for share in (cell.completed, cell.in_progress, cell.not_started):
        edges.append(edges[-1] + 100 * share / max(cell.assigned, 1))
    parts = [Part(f"{left:.2f}%", f"{right - left:.2f}%") for left, right in zip(edges, edges[1:], strict=False)]
    words = _("%(name)s: completed %(completed)s, in progress %(going)s, not started %(none)s") % {
        "name": name,
        "completed": cell.completed,
        "going": cell.in_progress,
        "none": cell.not_started,
    }
    return Bar(name, cell.rate, words, *parts)


def bars_of(summary: Summary) -> tuple[list[Bar], bool]:
    """One bar for each unit; for a single unit, one for each course (then the second value is True)."""
    if len(summary.lines) == 1:
        (line,) = summary.lines
        return [bar(course.code or course.title, cell) for course, cell in line.courses.items()], True
    return [bar(line.name, line.total) for line in summary.lines], False
