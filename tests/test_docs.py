"""What exists is documented: settings, commands and event kinds; and what the docs name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def environment_variables() -> set[str]:
    source = (ROOT / "training" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"""env(?:\.\w+)?\(\s*"([A-Z_]+)\"""", source))


def commands() -> set[str]:
    return {path.stem for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__"}


def test_there_are_settings_and_commands_to_document():
    assert {"DATABASE_URL", "SECRET_KEY", "SILENT_DAYS"} <= environment_variables()
    assert {"load_demo", "run_worker"} <= commands()


@pytest.mark.parametrize("name", sorted(environment_variables()))
def test_a_setting_is_documented(name):
    assert f"`{name}`" in DEPLOYMENT


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_is_documented(name):
    assert f"`{name}`" in DEPLOYMENT


def test_every_documented_setting_exists():
    table = DEPLOYMENT.split("## Settings")[1].split("## Commands")[0]
    named = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    # Read by load_demo itself.
    assert named - {"DEMO_PASSWORD"} <= environment_variables()


def test_every_documented_command_exists():
    table = DEPLOYMENT.split("## Commands")[1].split("## Backup")[0]
    named = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert named == commands()


def test_links_between_pages_of_the_docs_lead_somewhere():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if not page.exists():
            continue
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_nothing_committed_names_a_path_of_the_machine_it_was_written_on():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if page.exists():
            assert "/work/" not in page.read_text(encoding="utf-8")
