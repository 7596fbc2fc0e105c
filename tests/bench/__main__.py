"""Measures the budgets and prints one table::

    python -m tests.bench [--markdown] [--small] [--keep DIR] [pages offline packs server reports]

With DATABASE_URL naming an empty PostgreSQL database, its figures are measured too; that database is written to.
"""

import argparse
import importlib
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.row import Row, Work

BENCHES = ["packs", "server", "reports", "pages", "session", "offline"]
HEADINGS = ["Metric", "Budget", "Measured", "Verdict", "Note"]


def text_table(rows: list[Row]) -> str:
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = (zip(line, widths, strict=True) for line in cells)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in lines)


def markdown_table(rows: list[Row]) -> str:
    lines = [HEADINGS, ["---", "---:", "---:", "---", "---"], *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def run(names: list[str], work: Work) -> list[Row]:
    rows = []
    for name in names:
        work.say(f"# {name}")
        measured = importlib.import_module(f"tests.bench.{name}").measure(work)
        for row in measured:
            work.say("  " + "  ".join(cell for cell in row.cells() if cell))
            if row.detail:
                work.say(f"      {row.detail}")
        rows += measured
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the budgets.")
    parser.add_argument("names", nargs="*", metavar="bench", help=f"of {', '.join(BENCHES)}; all if none is named")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--small", action="store_true", help="only try that everything runs")
    parser.add_argument("--keep", metavar="DIR", help="make the sites here and use them again the next time")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    # Whoever ends the run ends its servers and browsers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="training-bench-") as folder:
        work = Work(
            place=Path(asked.keep or folder),
            small=asked.small,
            database_url=os.environ.get("DATABASE_URL", ""),
            say=lambda line: sys.stderr.write(line + "\n"),
        )
        rows = run(asked.names or BENCHES, work)
    sys.stdout.write((markdown_table if asked.markdown else text_table)(rows) + "\n")
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
