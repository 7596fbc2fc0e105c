"""The modules every page needs travel as one file: same names, one instance, and nothing carried over that can't be."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import RequestFactory
from whitenoise.responders import StaticFile

from training.one_file import JOINED, PARTS, CannotJoin, join, pointed
from training.staticfiles import FilesMiddleware

ROOT = Path(__file__).parent.parent.parent


def source(path: str) -> str:
    return (ROOT / "static" / path).read_text(encoding="utf-8")


def exports_of(files: dict[str, Path]) -> dict[str, list[str]]:
    """What Node says each of these modules exports."""
    assert shutil.which("node")
    code = "const said = {}; for (const [name, url] of Object.entries(JSON.parse(process.argv[1])))"
    code += " said[name] = Object.keys(await import(url)).sort(); console.log(JSON.stringify(said)); process.exit();"
    urls = json.dumps({name: path.as_uri() for name, path in files.items()})
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code, urls], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_joined_file_exports_what_its_parts_export(tmp_path):
    joined = tmp_path / "core.mjs"
    joined.write_text(join(source), encoding="utf-8")
    said = exports_of({"joined": joined, **{path: ROOT / "static" / path for path in PARTS}})
    assert said.pop("joined") == sorted(name for names in said.values() for name in names)


def test_pages_take_what_they_import_from_the_joined_file():
    page = "import { on } from '../store.js';\nimport { x } from './lines.js';\nawait import('./dom.js');\n"
    assert pointed("js/pages/me.js", page) == (
        "import { on } from '../core.js';\nimport { x } from './lines.js';\nawait import('../core.js');\n"
    )
    assert pointed("js/app.js", "import { on } from './store.js';") == "import { on } from './core.js';"


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export let count = 0;",
        "export { held };",
        "export * from './other.js';",
        "export const { one, two } = pair;",
        "import all from './store.js';",
        "import * as store from './store.js';",
        "import './store.js';",
        "import { none } from './store.js';",
        "import { x } from './packs.js';",
        "import { watch } from './deliver.js';",
        "const later = () => import('./packs.js');",
        "await ready;",
        "export const get = 1;",
    ],
)
def test_what_cannot_be_carried_over_is_refused(line):
    with pytest.raises(CannotJoin):
        join(lambda path: f"{line}\n{source(path)}" if path == "js/identity.js" else source(path))


def test_collected_pages_load_one_file_for_all_parts(tmp_path):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "training.settings"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert {files[path] for path in PARTS} == {files[JOINED]}
    name = files[JOINED].rpartition("/")[2]
    modules = [path for path in files if path.startswith("js/") and path.endswith(".js") and "worker" not in path]
    for path in modules:
        text = (tmp_path / "static" / files[path]).read_text(encoding="utf-8")
        assert not any(f"/{part.rpartition('/')[2]}" in text for part in PARTS), path
    assert f'"./{name}"' in (tmp_path / "static" / files["js/app.js"]).read_text(encoding="utf-8")
    assert f'"../{name}"' in (tmp_path / "static" / files["js/pages/lesson.js"]).read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lasts", "is_asked_about"), [("max-age=315360000, public, immutable", False), ("max-age=60", True)]
)
def test_a_file_that_never_changes_travels_without_what_one_asks_with(tmp_path, lasts, is_asked_about):
    (tmp_path / "app.js").write_text("1;")
    file = StaticFile(str(tmp_path / "app.js"), [("Cache-Control", lasts)])
    response = FilesMiddleware.serve(file, RequestFactory().get("/static/app.js"))
    assert response.status_code == 200
    assert ("ETag" in response.headers, "Last-Modified" in response.headers) == (is_asked_about, is_asked_about)
    response.close()
