"""The walls of the house: who may import whom, read from the source, imports inside functions included."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: What each package may import of ours; the longest matching prefix decides which package a module belongs to.
MAY_IMPORT = {
    "courses": set(),
    "quizzes": {"courses"},
    "training.officials": set(),
    "training.records": {"training.officials", "courses", "quizzes"},
    "training.sync": {"training.records", "training.officials", "courses", "quizzes"},
    "training.reports": {"training.sync", "training.records", "training.officials", "courses", "quizzes"},
}
#: The project itself: may import anything, and no package above may import it.
IMPORTING_CALLS = {"import_module", "import_string", "__import__"}
OURS = {"courses", "quizzes", "training", "tests"}


def package_of(module: str) -> str | None:
    """The walled package a module belongs to, "training" for the project's own modules, None for other people's."""
    for package in sorted(MAY_IMPORT, key=len, reverse=True):
        if module == package or module.startswith(package + "."):
            return package
    return module.split(".")[0] if module.split(".")[0] in OURS else None


def modules() -> list[Path]:
    return [
        path
        for package in ("courses", "quizzes", "training")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def imported(path: Path, root: Path = ROOT) -> set[str]:
    own = ".".join(path.relative_to(root).with_suffix("").parts)
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*own.split(".")[: -node.level], base]).strip(".")
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in IMPORTING_CALLS
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            names.add(str(node.args[0].value))
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path):
    own = package_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own not in MAY_IMPORT:
        return
    foreign = {name for name in imported(path) if package_of(name) not in (None, own)}
    wrong = {name for name in foreign if package_of(name) not in MAY_IMPORT[own]}
    assert not wrong, f"{path.relative_to(ROOT)} may not import {sorted(wrong)}"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import training.reports.queries", "training.reports.queries"),
        ("def f():\n    from training.reports import queries", "training.reports.queries"),
        ("class A:\n    def f(self):\n        import training.sync", "training.sync"),
        ("from ..reports import queries", "training.reports.queries"),
        ("from importlib import import_module\nimport_module('training.sync')", "training.sync"),
        ("from django.utils import module_loading\nmodule_loading.import_string('training.sync')", "training.sync"),
    ],
)
def test_the_reader_of_imports_sees_each_way_to_import(tmp_path, source, name):
    module = tmp_path / "training" / "officials" / "probe.py"
    module.parent.mkdir(parents=True)
    module.write_text(source)
    assert name in imported(module, tmp_path)
    assert package_of(name) not in MAY_IMPORT["training.officials"]


def test_modules_stay_within_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_every_module_opens_with_what_it_is_for():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in modules()}
    silent = [str(path.relative_to(ROOT)) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
    assert not silent
