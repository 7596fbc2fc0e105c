"""Static files under names that carry the hash of their content, imports between JavaScript modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Without this an imported module keeps its plain name, misses the precache and is fetched twice.
    support_js_module_import_aggregation = True
