"""Both languages are complete: every text is marked for translation, and every marked text is translated."""

import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "training/locale/vi/LC_MESSAGES/django.po"
VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
#: The name of the language in the language itself is the same in both.
SAME_IN_BOTH = ("Tiếng Việt",)


def entries() -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> set[tuple]:
    """Every text the sources mark for translation now, collected afresh in a copy of the tree."""
    copy = tmp_path_factory.mktemp("sources")
    for name in ("courses", "quizzes", "training", "templates", "static"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "manage.py", copy)
    (copy / "training/locale/vi/LC_MESSAGES/django.po").unlink()
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "vi", "--no-location", "--extension", "html,py,txt"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = polib.pofile(str(copy / "training/locale/vi/LC_MESSAGES/django.po"))
    return {(entry.msgctxt, entry.msgid) for entry in found}


def test_the_vietnamese_catalogue_has_every_text_of_the_sources(collected):
    known = {(entry.msgctxt, entry.msgid) for entry in entries()}
    assert len(collected) > 500
    assert collected - known == set(), "run make messages and translate what is new"


def test_every_text_is_translated_into_vietnamese():
    left = [entry.msgid for entry in entries() if not entry.translated() or "fuzzy" in entry.flags]
    assert left == []


def test_translations_keep_their_placeholders():
    placeholder = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")
    for entry in entries():
        wanted = set(placeholder.findall(entry.msgid_plural or entry.msgid))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert set(placeholder.findall(text)) == wanted, entry.msgid


def test_vietnamese_is_nfc_and_addresses_the_reader_politely():
    for entry in entries():
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert unicodedata.is_normalized("NFC", text), text
            words = re.findall(r"\w+", text.lower())
            assert "bạn" not in words, text
            assert "chứng chỉ" not in text.lower(), text
            assert "!" not in text or "!" in entry.msgid, text


def template_texts():
    return sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", template_texts(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_vietnamese_of_its_own(path):
    text = path.read_text(encoding="utf-8")
    for same in SAME_IN_BOTH:
        text = text.replace(same, "")
    assert not VIETNAMESE.search(text)


@pytest.mark.parametrize(
    "package", ["courses", "quizzes", "training/officials", "training/records", "training/sync", "training/reports"]
)
def test_python_has_no_vietnamese_texts_for_readers(package):
    """Names of groups and comments may be Vietnamese; what a reader sees goes through the catalogue."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"""(return|render|message|label)\b.*["'][^"']*[ạảấầẩẫậắằẳẵặẹẻẽếềểễệ]""", line):
                pytest.fail(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")


def test_scripts_hold_no_words():
    for path in sorted((ROOT / "static/js").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        words = [word for word in re.findall(r"\w{2,}", code) if VIETNAMESE.search(word)]
        assert not words, path
