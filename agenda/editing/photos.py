"""Speakers' photos as they are kept: small, upright, and without what a camera wrote into them."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils import timezone
from PIL import Image, ImageOps

from agenda.models import Event

LARGEST_FILE = 10_000_000  # bytes
MOST_PIXELS = 20_000_000
SIDE = 512  # pixels at most; pages show 48 to 96, on screens with up to four pixels for one
QUALITY = 85


def kept_photo(upload: File[bytes]) -> ContentFile[bytes]:
    """The picture made again from its pixels: upright, at most SIDE wide and high, no place or camera named in it.

    Raises ValidationError, saying what to do, for a file that is too large or that cannot be read.
    """
    if upload.size > LARGEST_FILE:
        raise ValidationError(f"The file has {upload.size / 1_000_000:.0f} MB; 10 MB are taken. Save it smaller.")
    upload.seek(0)
    try:
        with Image.open(upload) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                much = f"The photo has {width} × {height} pixels; 20 million are taken."
                raise ValidationError(f"{much} Scale it down: {SIDE} × {SIDE} is enough.")
            picture = ImageOps.exif_transpose(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError("This picture cannot be read. Save it as JPEG or PNG, and choose that.") from error
    transparent = picture.has_transparency_data
    picture = picture.convert("RGBA" if transparent else "RGB")
    picture.thumbnail((SIDE, SIDE))
    written = BytesIO()
    picture.save(written, "PNG" if transparent else "JPEG", quality=QUALITY, optimize=True)
    return ContentFile(written.getvalue(), name=f"{uuid4().hex}.{'png' if transparent else 'jpg'}")


def note_photo(event: Event) -> None:
    """Marks the event's photos as changed, so that pages are made again. Sessions and calendars do not change."""
    Event.objects.filter(pk=event.pk).update(photos_changed=timezone.now())
