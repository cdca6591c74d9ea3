"""Sentences on what is wrong with a picture that somebody uploads."""

from collections.abc import Mapping

from catalog.sentences import mark

NO_FILE = mark("Choose a picture from your device")
NO_PICTURE = mark("This file could not be processed. Use a PNG, JPEG, WebP or GIF picture")
USES = (("logo", mark("The logo"), ""), ("screenshot", mark("A screenshot"), ""))
REASONS: Mapping[str, str] = {
    "too-large": mark("This picture is too large. Use a smaller one"),
    "stopped": mark("This picture took too long to process. Use a smaller one"),
}
