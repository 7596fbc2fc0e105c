"""Static files under names that carry the hash of their content, imports between JavaScript modules included.

Modules are served as they are written, without their comments: a third of what a phone would download. There is no
other build step.
"""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: Comments that have lines of their own: a JSDoc block or a line of two slashes.
_COMMENT = re.compile(r"^[ ]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.DOTALL | re.MULTILINE)


def without_comments(module: str) -> str:
    return _COMMENT.sub("", module)


class _Lean:
    """A source of static files whose modules are read without comments."""

    def __init__(self, storage):
        self.storage = storage

    def open(self, path):
        with self.storage.open(path) as file:
            return ContentFile(without_comments(file.read().decode()).encode())


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Without this an imported module keeps its plain name, misses the precache and is fetched twice.
    support_js_module_import_aggregation = True
    # One for each step of the longest chain of imports; the names in between are of no use to anyone.
    max_post_process_passes = 20
    keep_intermediate_files = False

    def post_process(self, paths, *args, **kwargs):
        lean = {
            name: (_Lean(storage), path) if re.fullmatch(r"js/(?:[\w-]+/)?[\w-]+\.js", name) else (storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(lean, *args, **kwargs)
