"""Makes one JavaScript module of the few that every page needs: on a slow link a request costs more than their text.

The sources stay as they are, one idea each, and pages import them by their own names; training/staticfiles.py joins
them when static files are collected and points every import at the joined file, so that there is one instance of each.
A module becomes a function called once, in the order of imports; what it exports, the joined file exports. That is less
than JavaScript allows: what cannot be carried over faithfully is refused, with the name of the file.
"""

import posixpath
import re
from collections.abc import Callable

JOINED = "js/core.js"
#: By path below static/. Their exports share one list of names, so no two may export the same.
PARTS = ("js/store.js", "js/identity.js", "js/outbox.js", "js/deliver.js", "js/pages/dom.js")

#: Comments that have lines of their own, and types within a line.
_COMMENT = re.compile(r"^[ ]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.DOTALL | re.MULTILINE)
_TYPE = re.compile(r"/\*\* @(?:type|param) [^\n*]*\*/ ?")
_IMPORT = re.compile(r"^import \{([^{}]*)\} from '(\.{1,2}/[^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*? |class |const )(?=(\w+)\b)", re.MULTILINE)
_SPECIFIER = re.compile(r"(\bfrom |\bimport\()'(\.{1,2}/[^']+)'")
_LEFT = re.compile(r"^(?:import|export|await)\b.*|\bimport\s*[.(].*", re.MULTILINE)


class CannotJoin(ValueError):
    """A module uses what the joined file cannot carry over."""


def without_comments(module: str) -> str:
    return _TYPE.sub("", _COMMENT.sub("", module))


def pointed(path: str, module: str) -> str:
    """The module with every import of a part pointing at the joined file."""
    here = posixpath.dirname(path)

    def point(found: re.Match) -> str:
        target = _resolved(path, found[2])
        if target not in PARTS:
            return found[0]
        name = posixpath.relpath(JOINED, here)
        return f"{found[1]}'{name if name.startswith('.') else f'./{name}'}'"

    return _SPECIFIER.sub(point, module)


def join(source: Callable[[str], str]) -> str:
    """The joined file; ``source`` gives the text of a part by its path."""
    modules = {path: without_comments(source(path)) for path in PARTS}
    given: dict[str, tuple[str, list[str]]] = {}
    pieces, taken = [], set()
    for number, path in enumerate(_in_order(modules)):
        text, names = _as_function(path, modules[path], given)
        if twice := taken.intersection(names):
            raise CannotJoin(f"{path}: {', '.join(sorted(twice))} is exported by another part too")
        taken.update(names)
        given[path] = (f"m{number}", names)
        pieces.append(f"const m{number} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();\n")
    # Under other names inside, so that no part sees a name it did not import.
    for module, names in given.values():
        pieces.append(f"const {{ {', '.join(f'{name}: {module}{name}' for name in names)} }} = {module};\n")
        pieces.append(f"export {{ {', '.join(f'{module}{name} as {name}' for name in names)} }};\n")
    return "".join(pieces)


def _resolved(path: str, specifier: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))


def _in_order(modules: dict[str, str]) -> list[str]:
    """Each after what it imports."""
    order: list[str] = []
    waiting = dict.fromkeys(modules)
    while waiting:
        ready = [
            path
            for path in waiting
            if all(_resolved(path, target) not in waiting for _, target in _IMPORT.findall(modules[path]))
        ]
        if not ready:
            raise CannotJoin(f"a circle of imports: {', '.join(waiting)}")
        order += ready
        for path in ready:
            del waiting[path]
    return order


def _as_function(path: str, module: str, given: dict[str, tuple[str, list[str]]]) -> tuple[str, list[str]]:
    """The body of the function a part becomes, and the names it hands out."""

    def take(found: re.Match) -> str:
        target = _resolved(path, found[2])
        if target not in given:
            raise CannotJoin(f"{path}: imports {target}, which is no part")
        owner, offered = given[target]
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        if missing := {name.partition(" as ")[0] for name in names}.difference(offered):
            raise CannotJoin(f"{path}: {target} does not export {', '.join(sorted(missing))}")
        return f"const {{ {', '.join(name.replace(' as ', ': ') for name in names)} }} = {owner};\n"

    names: list[str] = []

    def give(found: re.Match) -> str:
        names.append(found[2])
        return found[1]

    text = _EXPORT.sub(give, _IMPORT.sub(take, module))
    if left := _LEFT.search(text):
        raise CannotJoin(f"{path}: “{left[0].strip()}” cannot be joined")
    return text, names
