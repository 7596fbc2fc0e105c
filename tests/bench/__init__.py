"""Benches: each module measures some of the budgets of docs/performance.md. Run by `python -m tests.bench` only."""
