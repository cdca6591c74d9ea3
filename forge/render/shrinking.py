"""Makes a stranger's picture small, in the limited child process only, where Pillow decodes it. It keeps nothing.

The result is drawn anew, pixel by pixel: no metadata, profile or comment of the file is copied.
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterator

from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError

MAX_PIXELS = 40_000_000
MIN_SIZE = (300, 200)  # pixels; a smaller one is an icon or a badge and shows no screen
LARGE, SMALL = (1280, 2560), (480, 960)  # the most pixels across and down
LARGE_BYTES, SMALL_BYTES = 150_000, 15_000
LOGO = (192, 192)  # twice the largest that pages show
LOGO_BYTES = 8_000
MIN_LOGO = (16, 16)
LIGHT, DARK = 225, "#2b3038"  # the mean lightness, of 255, from which a picture stands on dark grey
QUALITIES = (80, 60, 40)
STEP = 0.75  # a picture that still has too many bytes gets fewer pixels
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MOVING = 0x02  # https://developers.google.com/speed/webp/docs/riff_container#extended_file_format


class PictureRefused(Exception):
    """Why a picture is not shown, in a word."""


def shrink(data: bytes) -> list[tuple[int, int, bytes]]:
    """Width, height and WebP of the small picture and of the large one, which may be the same one.

    Raises PictureRefused: "no-picture" (none of PNG, JPEG, GIF, WebP), "too-many-pixels", "too-small", "animated"
    (a moving GIF becomes its first image), "damaged". Pillow may raise anything else for data with which it was
    never tried.
    """
    whole = _decoded(data, LARGE, MIN_SIZE)
    large = _encoded(whole, LARGE_BYTES)
    if whole.width <= SMALL[0] and len(large[2]) <= SMALL_BYTES:
        return [large]
    return [_encoded(_scaled(whole, _fitting_size(whole.size, SMALL)), SMALL_BYTES), large]


def shrink_logo(data: bytes) -> list[tuple[int, int, bytes]]:
    """Width, height and WebP of a logo, of PNG, JPEG, GIF or WebP; at most LOGO pixels and LOGO_BYTES.

    Raises PictureRefused as `shrink` does.
    """
    return [_encoded(_decoded(data, LOGO, MIN_LOGO, on_dark=_is_light), LOGO_BYTES)]


def _decoded(
    data: bytes,
    most: tuple[int, int],
    least: tuple[int, int],
    on_dark: Callable[[Image.Image], bool] = lambda picture: False,
) -> Image.Image:
    """The picture on white, at most `most` pixels across and down. Raises PictureRefused."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    _check_webp(data, least)  # its decoder allocates memory for all pixels when it opens
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image_file:
            _check_size(image_file.width, image_file.height, least)
            if image_file.format != "GIF" and getattr(image_file, "is_animated", False):
                raise PictureRefused("animated")
            image_file.draft("RGB", _fitting_size(image_file.size, most))  # JPEG comes smaller out of its decoder
            image_file.load()
            return _flattened(image_file, _fitting_size(image_file.size, most), on_dark)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("too-many-pixels") from error
    except UnidentifiedImageError as error:
        raise PictureRefused("no-picture") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise PictureRefused("damaged") from error


def _check_webp(data: bytes, least: tuple[int, int]) -> None:
    """Refuse by the first bytes of a WebP, before any decoder sees it; a file of another kind passes."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return
    head = data[:30].ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        if head[20] & _MOVING:
            raise PictureRefused("animated")
        _check_size(1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"), least)
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        _check_size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), least)
    else:
        width, height = struct.unpack("<HH", head[26:30])
        _check_size(width & 0x3FFF, height & 0x3FFF, least)


def _check_size(width: int, height: int, least: tuple[int, int]) -> None:
    if width * height > MAX_PIXELS:
        raise PictureRefused("too-many-pixels")
    if width < least[0] or height < least[1]:
        raise PictureRefused("too-small")


def _fitting_size(size: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, most[0] / size[0], most[1] / size[1])
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _flattened(image: Image.Image, size: tuple[int, int], on_dark: Callable[[Image.Image], bool]) -> Image.Image:
    """The picture on white, since dark lines on transparency vanish on a dark page; on dark grey where `on_dark` says
    that it would vanish on white. Turned as its camera recorded."""
    factor = min(image.width // size[0], image.height // size[1])
    small = image.reduce(factor) if factor > 1 and image.mode in ("L", "RGB", "RGBA", "CMYK") else image
    if small.has_transparency_data:
        clear = _scaled(small.convert("RGBA"), size)
        flat = Image.new("RGB", size, DARK if on_dark(clear) else "white")
        flat.paste(clear, mask=clear)
    else:
        flat = _scaled(small.convert("RGB"), size)
    turn = image.getexif().get(ExifTags.Base.Orientation)
    return flat.transpose(_TURNS[turn]) if turn in _TURNS else flat


def _is_light(clear: Image.Image) -> bool:
    """Whether what is seen of a picture with transparency is nearly white on average; PictureRefused "empty": nothing
    is seen."""
    image = clear.getchannel("A")
    weight = sum(level * count for level, count in enumerate(image.histogram()))
    if not weight:
        raise PictureRefused("empty")
    lightness = ImageStat.Stat(clear.convert("L"), mask=image.point(lambda level: 255 if level > 127 else 0))
    return bool(lightness.count[0]) and lightness.mean[0] > LIGHT


def _scaled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image, most_bytes: int) -> tuple[int, int, bytes]:
    """The best WebP of at most so many bytes."""
    for width, height, quality in _attempts(picture.size):
        out = io.BytesIO()
        small = _scaled(picture, (width, height))
        small.save(out, "WEBP", quality=quality, method=3, exif=b"", xmp=b"", icc_profile=b"")
        if out.tell() <= most_bytes:
            return width, height, out.getvalue()
    raise PictureRefused("too-heavy")


def _attempts(size: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    for quality in QUALITIES:
        yield *size, quality
    width, height = size
    while min(width, height) > 50:
        width, height = round(width * STEP), round(height * STEP)
        yield width, height, QUALITIES[-1]
