"""The page around a fragment: the server joins it as the service worker does, from the same cases."""

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from courses.outline import LANGUAGES
from courses.shell import filled, join, shell

ROOT = Path(__file__).parent.parent.parent
CASES = json.loads((ROOT / "tests" / "contract" / "shell.json").read_text(encoding="utf-8"))["cases"]


def fragment_of(page: dict) -> SimpleNamespace:
    return SimpleNamespace(
        title=page["title"], description=page["description"], content_language=page["lang"], html=page["main"]
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_the_server_joins_as_the_contract_says(case):
    assert filled(case["shell"], case["language"], fragment_of(case["page"])) == case["joined"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worker_makes_of_the_real_shell_what_the_server_makes_of_it(language, tmp_path):
    assert shutil.which("node")
    page = {
        "title": "Mật khẩu & “hai bước”",
        "description": "Nói <gọn> 'một câu'",
        "lang": "vi",
        "main": '<main class="main" data-alternate="/en/a/">{{SHELL_TITLE}} $& &amp; ẵ</main>',
    }
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"shell": shell(language).text, "page": page}), encoding="utf-8")
    code = """
        import { readFileSync } from 'node:fs';
        const [, answers, given, language] = process.argv;
        const { join } = await import(answers);
        const { shell, page } = JSON.parse(readFileSync(given, 'utf8'));
        process.stdout.write(join(shell, page, language));
    """
    answers = (ROOT / "static" / "js" / "worker" / "answers.js").as_uri()
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code, answers, str(given), language], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == join(language, fragment_of(page))
