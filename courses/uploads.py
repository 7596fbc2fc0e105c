"""What trainers upload is what its name says, whole, and no larger than a server can open.

The base forms of Wagtail's pictures, documents, audio and video (settings …_FORM_BASE), so that the library, the
choosers and the upload of several files at once all ask the same. What slips past would show as a fault to learners
far away, or stop a lesson from being published.
"""

import re
import zipfile
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from wagtailmedia.forms import BaseMediaForm

from courses.deletion import named
from courses.media import WIDE_WIDTH
from courses.uses import pages_that_use

#: Bytes at the start of a file that tell what it is.
HEAD = 1024
BEGINNINGS = {
    # Some printers put a line before it.
    "pdf": re.compile(rb".{0,1000}?%PDF-\d", re.DOTALL),
    "vtt": re.compile(rb"(\xef\xbb\xbf)?WEBVTT[ \t\r\n]"),
    "mp3": re.compile(rb"ID3|\xff[\xe2-\xff]"),
    "m4a": re.compile(rb".{4}ftyp", re.DOTALL),
    "mp4": re.compile(rb".{4}ftyp", re.DOTALL),
    "ogg": re.compile(rb"OggS"),
    "opus": re.compile(rb"OggS"),
    "webm": re.compile(rb"\x1aE\xdf\xa3"),
}
#: WebP holds no picture higher than this, and what is wider than a screen is narrowed first.
TALLEST = 16_383
#: Seconds: a longer recording is a slip of the finger.
LONGEST = 24 * 3600
#: Office files are archives; the folder that makes one a document, a table or slides.
ARCHIVES = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


def check_content(file) -> None:
    """Raise ValidationError unless the file begins as its extension promises."""
    extension = Path(file.name).suffix[1:].lower()
    if not (_is_archive(file, extension) if extension in ARCHIVES else _begins(file, extension)):
        raise ValidationError(
            _("This file is called .%(extension)s, but it is no such file, or it is damaged.")
            % {"extension": extension}
        )
    if extension == "vtt" and not _is_utf8(file):
        raise ValidationError(
            _("The letters of these captions can't be read. Save them as UTF-8, then upload them again.")
        )


def _is_utf8(file) -> bool:
    file.seek(0)
    try:
        file.read().decode()
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _begins(file, extension: str) -> bool:
    if extension not in BEGINNINGS:
        # Not one of those that may be uploaded; the form says so itself.
        return True
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return BEGINNINGS[extension].match(head) is not None


def _is_archive(file, extension: str) -> bool:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    finally:
        file.seek(0)
    return "[Content_Types].xml" in names and any(name.startswith(ARCHIVES[extension]) for name in names)


class WholePictureField(WagtailImageField):
    """Looks at the size a picture claims before unpacking it, and unpacks it before believing in it."""

    def to_python(self, data):
        if data and not (self.max_upload_size and data.size > self.max_upload_size):
            self._open(data)
        return super().to_python(data)

    def _open(self, data) -> None:
        data.seek(0)
        try:
            with Image.open(data) as picture:
                pixels = picture.width * picture.height * getattr(picture, "n_frames", 1)
                if self.max_image_pixels and pixels > self.max_image_pixels:
                    raise Image.DecompressionBombError
                if picture.height * min(1, WIDE_WIDTH / picture.width) > TALLEST:
                    raise ValidationError(
                        _("This picture is too long for a phone. Cut it into several pictures, each its own block.")
                    )
                picture.load()
        except UnidentifiedImageError:
            # The field above says what it takes.
            return
        except Image.DecompressionBombError as error:
            raise ValidationError(
                _("This picture has too many pixels. Make it smaller first; %(most)d million is the most.")
                % {"most": (self.max_image_pixels or 0) // 1_000_000},
                code="file_too_many_pixels",
            ) from error
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise ValidationError(
                _("This picture is damaged or only half there. Save it anew, then upload it again.")
            ) from error
        finally:
            data.seek(0)


class PictureForm(BaseImageForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            field = self.fields["file"]
            self.fields["file"] = WholePictureField(
                label=field.label, required=field.required, widget=field.widget, help_text=field.help_text
            )


class DocumentForm(BaseDocumentForm):
    def clean_file(self):
        file = _checked(self, "file")
        if file and "file" in self.changed_data and self.original_file:
            self._refuse_other_than_captions(file)
        return file

    def add_error(self, field, error):
        """A file refused once is gone, and Wagtail would miss the extension of none: one reason is enough."""
        if self.has_error("file") and set(getattr(error, "error_dict", ())) == {"file"}:
            return
        super().add_error(field, error)

    def _refuse_other_than_captions(self, file) -> None:
        """Lessons change along with the file in the library, and a video can show nothing else."""
        if self.original_file.name.lower().endswith(".vtt") and not file.name.lower().endswith(".vtt"):
            pages = pages_that_use(self.instance)
            if pages:
                raise ValidationError(
                    _("These captions are used in %(pages)s: choose a .vtt file.") % {"pages": named(pages)}
                )


class MediaForm(BaseMediaForm):
    def clean_file(self):
        return _checked(self, "file")

    def clean_duration(self):
        duration = self.cleaned_data["duration"]
        if duration and duration > LONGEST:
            raise ValidationError(_("Type how many seconds it lasts. That would be more than a day."))
        return duration

    def clean_thumbnail(self):
        thumbnail = self.cleaned_data["thumbnail"]
        if thumbnail and "thumbnail" in self.changed_data:
            WholePictureField().clean(thumbnail)
            thumbnail.seek(0)
        return thumbnail


def _checked(form, name: str):
    file = form.cleaned_data[name]
    if file and name in form.changed_data:
        check_content(file)
    return file
