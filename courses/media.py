"""Files as phones download them: pictures made small, drawings, documents, audio, video, captions.

Called by courses/rendering.py for whatever a page shows. Each file is stored once under the SHA-256 of its
content, so that publishing again stores and converts nothing, and a phone that has it never asks again.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO

import brotli
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from wagtail.images.models import Filter
from wagtail.models import CollectionViewRestriction
from willow.image import Image as WillowImage

from courses.models.fragment import MediaFile

MIB = 1 << 20
#: From here on a phone checks a file piece by piece: it can't hold it in memory, and WebCrypto can't hash in
#: pieces.
PIECES_FROM = 4 * MIB
#: A phone's picture; more pixels than this cost more than they show on 360 units, also on a 2x screen.
PHONE_WIDTH = 480
#: For screens of at least 60em, online only.
WIDE_WIDTH = 960
QUALITY = 68

TYPES = {
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "vtt": "text/vtt; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
#: Text: travels and lies on disk as brotli.
WORTH_COMPRESSING = {"svg", "vtt"}
CHUNK = 64 * 1024


def store(
    content: bytes, extension: str, width: int | None = None, height: int | None = None, made_from: str = ""
):
    """The MediaFile of these bytes, made if there is none yet."""
    return _store(BytesIO(content), extension, width=width, height=height, made_from=made_from)


def _store(source: IO[bytes], extension: str, **fields) -> MediaFile:
    sha256, pieces, raw_size = _digests(source)
    found = _whole(MediaFile.objects.filter(pk=sha256).first())
    if found:
        return found
    source.seek(0)
    encoding = ""
    name = f"{sha256[:2]}/{sha256}.{extension}"
    if extension in WORTH_COMPRESSING:
        body: File = ContentFile(brotli.compress(source.read(), mode=brotli.MODE_TEXT, quality=11))
        encoding, name = "br", f"{name}.br"
    else:
        body = File(source)
    media = MediaFile(
        sha256=sha256,
        extension=extension,
        content_type=TYPES[extension],
        encoding=encoding,
        size=body.size if encoding else raw_size,
        raw_size=raw_size,
        piece_hashes=pieces if raw_size > PIECES_FROM else [],
        **fields,
    )
    _keep(media, media.file.field.generate_filename(media, name), body)
    # Somebody else may be storing the same one, or its row be there without a whole file.
    MediaFile.objects.bulk_create([media], ignore_conflicts=True)
    MediaFile.objects.filter(pk=sha256).exclude(file=media.file.name).update(file=media.file.name)
    return MediaFile.objects.get(pk=sha256)


def _keep(media: MediaFile, path: str, body: File) -> None:
    """On the disk before a row says so. What stands under the name may be of a transaction that was rolled back, or
    of a publication that was killed while it copied.
    """
    storage = media.file.storage
    media.file.name = path
    if storage.exists(path):
        with storage.open(path, "rb") as stored:
            same = hashlib.file_digest(stored, "sha256").digest() == hashlib.file_digest(body, "sha256").digest()
        if same:
            return
        storage.delete(path)
        body.seek(0)
    media.file.name = storage.save(path, body)
    # Object storage has no path here, and answers only when it has the whole.
    with suppress(NotImplementedError), open(storage.path(media.file.name), "rb") as stored:
        os.fsync(stored.fileno())


def _whole(media: MediaFile | None) -> MediaFile | None:
    """None also where its file is gone or cut off: no phone could download a course that shows it."""
    if media is None:
        return None
    storage, name = media.file.storage, media.file.name
    return media if storage.exists(name) and storage.size(name) == media.size else None


def _digests(source: IO[bytes]) -> tuple[str, list[str], int]:
    whole, pieces, size = hashlib.sha256(), [], 0
    source.seek(0)
    while piece := source.read(MIB):
        whole.update(piece)
        pieces.append(hashlib.sha256(piece).hexdigest())
        size += len(piece)
    return whole.hexdigest(), pieces, size


def restrictions_on(item) -> set[str]:
    """In which ways the collections it lies in are kept from the public."""
    path = item.collection.path
    shut = CollectionViewRestriction.objects.exclude(restriction_type=CollectionViewRestriction.NONE)
    return {
        kind for other, kind in shut.values_list("collection__path", "restriction_type") if path.startswith(other)
    }


# --- pictures --------------------------------------------------------------------------------------------------


def picture(image) -> tuple[MediaFile, MediaFile | None]:
    """An uploaded image as (phone's picture, wide variant or None where the upload is too small for one)."""
    with image.open_file() as file:
        source = _digests(file)[0]
    small = _rendition(image, source, PHONE_WIDTH)
    wide = _rendition(image, source, WIDE_WIDTH) if image.width > PHONE_WIDTH else None
    return small, wide


def _rendition(image, source: str, width: int) -> MediaFile:
    recipe = f"width-{width}|format-webp|webpquality-{QUALITY}"
    made_from = f"{source}:{recipe}"
    found = _whole(MediaFile.objects.filter(made_from=made_from).first())
    if found:
        return found
    output = BytesIO()
    Filter(spec=recipe).run(image, output)
    made = WillowImage.open(BytesIO(output.getvalue()))
    width, height = made.get_size()
    return store(output.getvalue(), "webp", width, height, made_from)


def poster(file) -> MediaFile:
    """The still picture of a video, from an uploaded thumbnail."""
    with file.open("rb") as source:
        content = source.read()
    made_from = f"{hashlib.sha256(content).hexdigest()}:poster"
    found = _whole(MediaFile.objects.filter(made_from=made_from).first())
    if found:
        return found
    image = WillowImage.open(BytesIO(content))
    width, height = image.get_size()
    if width > PHONE_WIDTH:
        width, height = PHONE_WIDTH, round(height * PHONE_WIDTH / width)
        image = image.resize((width, height))
    output = BytesIO()
    image.save_as_webp(output, quality=QUALITY)
    return store(output.getvalue(), "webp", width, height, made_from)


def drawing(name: str) -> MediaFile | None:
    """A drawing that comes with the code, or None where it no longer does."""
    root = Path(settings.COURSES_DRAWINGS_DIR).resolve()
    path = (root / name).resolve()
    return _svg(path) if path.is_relative_to(root) and path.is_file() else None


def ornament(name: str) -> MediaFile | None:
    """A picture of the site's own look, by its path below static/."""
    path = finders.find(name)
    return _svg(Path(path)) if path else None


def _svg(path: Path) -> MediaFile:
    content = path.read_bytes()
    box = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', content)
    width, height = (round(float(value)) for value in box.groups()) if box else (None, None)
    return store(content, "svg", width, height)


# --- what is passed on as it is ----------------------------------------------------------------------------------


def upload(file) -> MediaFile:
    """A document, caption file, audio or video as it was uploaded."""
    extension = Path(file.name).suffix[1:].lower()
    with file.open("rb") as source:
        return _store(source, extension)


def chunks(media: MediaFile, start: int, length: int) -> Iterator[bytes]:
    """Part of the stored file, for an answer that never holds a video in memory."""
    with media.file.open("rb") as source:
        source.seek(start)
        while length > 0 and (piece := source.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece
