"""Photos: known by their content, unpacked within limits, and kept only as a fresh picture without EXIF or GPS."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from channels.words import Refused
from core.messages import Attachment

FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE: Final = 2560
"""Pixels of the longer side of what is kept: a house number can still be read."""
QUALITY: Final = 85

_EMPTY = Refused("empty_photo", "照片是空的，请重新选择一张。")
_TOO_LARGE = Refused("photo_too_large", "照片太大了，请选择小一些的照片。")
_NOT_A_PHOTO = Refused("not_a_photo", "这不是照片。请发送 JPG、PNG 或 WebP 格式的照片。")
_BROKEN = Refused("broken_photo", "照片不完整，打不开。请重新拍一张，或换一张发送。")


def redraw(raw: bytes, *, most_bytes: int, most_pixels: int) -> bytes:
    """A fresh JPEG of the picture in ``raw``, upright, without anything but its pixels.

    Raises :class:`channels.words.Refused`. Takes up to a second of processor time: not for the event loop.
    """
    if not raw:
        raise _EMPTY
    if len(raw) > most_bytes:
        raise _TOO_LARGE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
        try:
            with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
                if picture.width * picture.height > most_pixels:
                    raise _TOO_LARGE
                return _fresh(picture)
        except (UnidentifiedImageError, Image.DecompressionBombError) as problem:
            raise (_NOT_A_PHOTO if isinstance(problem, UnidentifiedImageError) else _TOO_LARGE) from problem
        except (OSError, SyntaxError, ValueError, EOFError) as problem:  # what Pillow raises for broken files
            raise _BROKEN from problem


def keep(picture: bytes, folder: Path) -> Attachment:
    """Stores a picture under a random name in ``folder``; it is on the disk when this returns."""
    name = secrets.token_urlsafe(24)
    path = f"{name[:2].lower()}/{name}.jpg"
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        out.write(picture)
        out.flush()
        os.fsync(out.fileno())
    return Attachment("image/jpeg", path, len(picture), hashlib.sha256(picture).hexdigest())


def _fresh(picture: Image.Image) -> bytes:
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked no larger than it will be kept
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    paper = Image.new("RGB", upright.size, "white")
    seen_through = upright.convert("RGBA")
    paper.paste(seen_through, mask=seen_through.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
