"""Photos as editors upload them, and as they are kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from agenda.editing.photos import kept_photo

ORIENTATION, GPS = 0x0112, 0x8825


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **saved: object) -> ContentFile[bytes]:
    """A picture whose left half is red."""
    made = Image.new("RGB", (width, height), "blue")
    made.paste("red", (0, 0, width // 2, height))
    written = BytesIO()
    made.convert(mode).save(written, kind, **saved)
    return ContentFile(written.getvalue(), name="upload.bin")


def see_through() -> ContentFile[bytes]:
    written = BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(written, "PNG")
    return ContentFile(written.getvalue(), name="x.png")


def taken_by_a_phone() -> ContentFile[bytes]:
    """On its side, as a phone held upright takes it, with the place where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by 90° clockwise
    exif.get_ifd(GPS)[2] = (45.0, 46.0, 1.0)
    return picture(1200, 800, exif=exif)


def test_photo_is_upright_small_and_says_nothing_of_where_it_was_taken():
    kept = Image.open(kept_photo(taken_by_a_phone()))

    assert (kept.size, kept.format, dict(kept.getexif())) == ((341, 512), "JPEG", {})
    red, _, blue = kept.convert("RGB").getpixel((170, 20))
    assert red > 200 > 60 > blue  # what was on the left is on top


@pytest.mark.parametrize(
    ("upload", "kind"),
    [
        (picture(40, 40), "JPEG"),
        (see_through(), "PNG"),
        (picture(40, 40, "GIF", "P"), "JPEG"),
        (picture(40, 40, "JPEG", "CMYK"), "JPEG"),
        (picture(40, 40, "TIFF"), "JPEG"),
    ],
)
def test_every_kind_of_picture_becomes_one_that_browsers_show(upload, kind):
    kept = Image.open(kept_photo(upload))

    assert (kept.format, kept.size) == (kind, (40, 40))


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (ContentFile(b"\0" * 10_000_001, name="x.jpg"), "The file has 10 MB; 10 MB are taken."),
        (picture(6000, 4000, "PNG"), "The photo has 6000 × 4000 pixels; 20 million are taken."),
        (ContentFile(b"GIF89a", name="x.gif"), "This picture cannot be read."),
        (ContentFile(picture(400, 400).read()[:2000], name="cut.jpg"), "This picture cannot be read."),
    ],
)
def test_what_is_not_taken_is_said_in_words(upload, words):
    with pytest.raises(ValidationError) as refused:
        kept_photo(upload)

    assert refused.value.message.startswith(words)
