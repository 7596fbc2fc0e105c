"""Course packs: what a phone downloads to hold a course, made once and kept (docs/course-packs.md).

Built when courses say that a course is settled (training/sync/apps.py connects it); handed out by the view of
/api/courses/<key>/pack/; read by the personal state and by authors' weight panel.
"""

import gzip
import hashlib
import logging
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import brotli
import orjson
from django.conf import settings
from django.db import transaction

from courses.editions import canonical
from courses.models import Activity, Fragment, FragmentMedia, MediaFile
from training.sync.models import CoursePack, PackDelta

logger = logging.getLogger(__name__)

#: Former packs kept for each course and language; who has an older one downloads the whole.
FORMER_PACKS = 20
LANGUAGES = [code for code, _ in settings.LANGUAGES]


def on_course_settled(sender, course: Activity, **kwargs) -> None:
    """The author has published; should a pack fail, it is the next asker who makes it."""
    try:
        build(course.pk)
    except Exception:
        logger.exception("the packs of course %s could not be made", course.pk)


def build(course_key: UUID) -> None:
    """Bring the packs of a course in step with its fragments, in every language."""
    with transaction.atomic():
        course = Activity.objects.select_for_update(no_key=True).filter(pk=course_key).first()
        if course is None:
            return
        fragments = defaultdict(list)
        rows = Fragment.objects.filter(course=course_key, activity__isnull=False)
        for fragment in rows.order_by("language", "position", "pk"):
            fragments[fragment.language].append(fragment)
        media = defaultdict(list)
        for use in FragmentMedia.objects.filter(fragment__course=course_key).select_related("media", "fragment"):
            if use.role != FragmentMedia.Role.WIDE:
                media[use.fragment.language].append(use)
        current = {pack.language: pack for pack in _light().filter(course=course_key, is_current=True)}
        for language in LANGUAGES:
            _make_current(course, language, fragments[language], media[language], current.get(language))


def _light():
    return CoursePack.objects.defer("body_br", "body_gzip", "manifest")


def _make_current(
    course: Activity, language: str, fragments: list, uses: list, current: CoursePack | None
) -> None:
    content = _content(course, language, fragments, uses) if fragments else None
    if current is not None:
        if content is not None and current.hash == content["pack"]:
            return
        CoursePack.objects.filter(pk=current.pk).update(is_current=False)
    if content is None:
        return
    if not _light().filter(course=course, language=language, hash=content["pack"]).update(is_current=True):
        _store(course, language, content)
    former = CoursePack.objects.filter(course=course, language=language, is_current=False)
    kept = list(former.order_by("-made_at", "-pk").values_list("pk", flat=True)[:FORMER_PACKS])
    former.exclude(pk__in=kept).delete()


def _content(course: Activity, language: str, fragments: list, uses: list) -> dict:
    edition = course.edition_id or ""
    items = [_item(fragment) for fragment in fragments]
    media = _media(uses)
    return {
        "format": 1,
        "course": str(course.pk),
        "lang": language,
        "edition": edition,
        "pack": pack_hash(
            [(item["key"], item["hash"]) for item in items], [file["sha256"] for file in media], edition
        ),
        "order": [item["key"] for item in items],
        "items": items,
        "removed": [],
        "media": media,
        "media_removed": [],
    }


def _item(fragment: Fragment) -> dict:
    # In the one spelling the hash is made of, so that a phone may hash what it got.
    data = canonical(fragment.data)
    item = {
        "key": str(fragment.activity_id),
        "kind": fragment.kind,
        "path": fragment.path,
        "title": fragment.title,
        "description": fragment.description,
        "lang": fragment.content_language,
        "minutes": fragment.minutes,
        "html": fragment.html,
        "data": orjson.loads(data),
    }
    return {**item, "hash": fragment.hash}


def pack_hash(items: list[tuple[str, str]], media: list[str], edition: str) -> str:
    lines = [f"{key} {name}" for key, name in items]
    lines += [f"media {sha256}" for sha256 in sorted(media)]
    lines.append(f"edition {edition}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _media(uses: list[FragmentMedia]) -> list[dict]:
    """Each file once, in the role that stands first by name where it has several."""
    files = {}
    for use in sorted(uses, key=lambda use: (use.fragment.position, use.role, use.media_id)):
        files.setdefault(
            use.media_id,
            {
                "url": use.media.url,
                "sha256": use.media_id,
                "bytes": use.media.size,
                "raw_bytes": use.media.raw_size,
                "type": use.media.content_type,
                "role": use.role,
                "pieces": use.media.piece_hashes,
            },
        )
    return list(files.values())


def _compressed(content: dict) -> dict:
    raw = orjson.dumps(content)
    return {
        "body_br": brotli.compress(raw, mode=brotli.MODE_TEXT, quality=11, lgwin=22),
        "body_gzip": gzip.compress(raw, 9, mtime=0),
    }


def _store(course: Activity, language: str, content: dict) -> None:
    bodies = _compressed(content)
    CoursePack.objects.create(
        course=course,
        language=language,
        hash=content["pack"],
        edition=content["edition"],
        manifest={
            "items": {item["key"]: item["hash"] for item in content["items"]},
            "media": [file["sha256"] for file in content["media"]],
        },
        bytes_br=len(bodies["body_br"]),
        bytes_gzip=len(bodies["body_gzip"]),
        media_bytes=sum(file["bytes"] for file in content["media"]),
        **bodies,
    )


@dataclass(frozen=True)
class Shown:
    """What of a course is in sight now in one language, pages and files by their hashes."""

    course: UUID
    language: str
    #: What the pack of it is called.
    hash: str
    #: Every page of it, for one that asks for a sign-in is in the pack like the others.
    is_public: bool


def shown(course_key: UUID, language: str) -> Shown | None:
    """None where the course isn't to be had in that language."""
    pages = Fragment.objects.filter(course=course_key, language=language, activity__isnull=False)
    rows = list(
        pages.order_by("position", "pk").values_list("activity_id", "hash", "is_public", "course__edition_id")
    )
    if course_key not in {key for key, *_ in rows}:
        return None
    files = FragmentMedia.objects.filter(fragment__course=course_key, fragment__language=language)
    media = files.exclude(role=FragmentMedia.Role.WIDE).order_by().values_list("media_id", flat=True).distinct()
    name = pack_hash([(str(key), name) for key, name, *_ in rows], list(media), rows[0][3] or "")
    return Shown(course_key, language, name, all(is_public for _, _, is_public, _ in rows))


def pack_for(now: Shown) -> CoursePack | None:
    """The pack of what is in sight now, without its bodies. Made here where it is missing or of something else: a
    worker may have died after an author withdrew a page and before the pack was made without it.
    """
    packs = _light().filter(course=now.course, language=now.language, is_current=True)
    found = packs.first()
    if found is None or found.hash != now.hash:
        build(now.course)
        found = packs.first()
    return found


def weight(course_key: UUID, language: str) -> int | None:
    """Bytes a phone downloads for the course, media included."""
    now = shown(course_key, language)
    pack = pack_for(now) if now else None
    return pack.bytes_br + pack.media_bytes if pack else None


def body(pack: CoursePack, encoding: str) -> bytes:
    field = "body_br" if encoding == "br" else "body_gzip"
    return bytes(CoursePack.objects.values_list(field, flat=True).get(pk=pack.pk))


def delta_body(have: str, now: CoursePack, encoding: str) -> bytes | None:
    """The difference from the pack a phone has, made at the first asking; None for a pack not known (any more)."""
    field = "body_br" if encoding == "br" else "body_gzip"
    wanted = PackDelta.objects.filter(
        have__course=now.course_id, have__language=now.language, have__hash=have, now=now
    )
    found = wanted.values_list(field, flat=True).first()
    if found is None:
        old = (
            CoursePack.objects.filter(course=now.course_id, language=now.language, hash=have)
            .only("manifest")
            .first()
        )
        if old is None:
            return None
        made = PackDelta(have=old, now=now, **_compressed(_difference(old, have, now)))
        # Somebody else may be making the same one.
        PackDelta.objects.bulk_create([made], ignore_conflicts=True)
        found = getattr(made, field)
    return bytes(found)


def new_media_bytes(have: str, now: CoursePack) -> int:
    """What the files weigh that a phone with the pack ``have`` lacks."""
    rows = CoursePack.objects.filter(course=now.course_id, language=now.language, hash__in=[have, now.hash])
    media = {name: set(manifest["media"]) for name, manifest in rows.values_list("hash", "manifest")}
    wanted = media[now.hash] - media.get(have, set())
    return sum(MediaFile.objects.filter(pk__in=wanted).values_list("size", flat=True)) if wanted else 0


def _difference(old: CoursePack, have: str, now: CoursePack) -> dict:
    content = orjson.loads(brotli.decompress(body(now, "br")))
    had_items, had_media = old.manifest["items"], set(old.manifest["media"])
    media = {file["sha256"] for file in content["media"]}
    return {
        **content,
        "from": have,
        "items": [item for item in content["items"] if had_items.get(item["key"]) != item["hash"]],
        "removed": sorted(set(had_items) - set(content["order"])),
        "media": [file for file in content["media"] if file["sha256"] not in had_media],
        "media_removed": sorted(had_media - media),
    }
