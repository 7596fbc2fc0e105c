"""The starter courses and units, and what reads them for load_demo; FORMAT.md is how a lesson is written."""
