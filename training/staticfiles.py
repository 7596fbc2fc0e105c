"""Static files under names that carry the hash of their content, imports between JavaScript modules included.

Modules are served as they are written, without their comments (a third of what a phone would download), but for the
few that every page needs: those travel as one (training/one_file.py). There is no other build step.
"""

import re

from django.core.files.base import ContentFile
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from training.one_file import JOINED, PARTS, join, pointed, without_comments

_MODULE = re.compile(r"js/(?:[\w-]+/)?[\w-]+\.js")


class FilesMiddleware(WhiteNoiseMiddleware):
    """Files that never change are never asked about again: what a browser would ask with need not travel."""

    @staticmethod
    def serve(static_file, request):
        response = WhiteNoiseMiddleware.serve(static_file, request)
        if "immutable" in response.headers.get("Cache-Control", ""):
            del response["ETag"], response["Last-Modified"]
        return response


class _Lean:
    """A source of static files whose modules are read without comments, naming the joined file for its parts."""

    def __init__(self, storage, name: str):
        self.storage, self.name = storage, name

    def open(self, path):
        with self.storage.open(path) as file:
            text = without_comments(file.read().decode())
        return ContentFile(pointed(self.name, text).encode())


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Without this an imported module keeps its plain name, misses the precache and is fetched twice.
    support_js_module_import_aggregation = True
    # One for each step of the longest chain of imports; the names in between are of no use to anyone.
    max_post_process_passes = 20
    keep_intermediate_files = False

    def post_process(self, paths, dry_run=False, **options):
        lean = {
            name: (_Lean(storage, name), path) if _MODULE.fullmatch(name) else (storage, path)
            for name, (storage, path) in paths.items()
            if name not in PARTS
        }
        if not dry_run and all(name in paths for name in PARTS):
            lean[JOINED] = (self, self._save_joined(paths))
        yield from super().post_process(lean, dry_run=dry_run, **options)

    def _save_joined(self, paths) -> str:
        def source(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        if self.exists(JOINED):
            self.delete(JOINED)
        return self._save(JOINED, ContentFile(join(source).encode()))

    def save_manifest(self):
        # Under the name of each part stands the joined file, for templates and the worker's list.
        if JOINED in self.hashed_files:
            self.hashed_files.update(dict.fromkeys(PARTS, self.hashed_files[JOINED]))
        super().save_manifest()
