"""What a text of publiccode.yml must look like, rule by rule; each checks one value.

A rule takes the text and returns one sentence that says what to do, or None. No sentence repeats the value: it may be
somebody's name. Forms only, nothing is fetched: https://yml.publiccode.tools/schema.core.html
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from urllib.parse import urlsplit

from catalog.licenses import expressions
from catalog.sentences import mark
from catalog.text_rules import countries
from catalog.vocabulary import nearest
from forge.observe.publiccode import words

Rule = Callable[[str], str | None]

_MEDIA_TYPE = re.compile(r" *[A-Za-z0-9][A-Za-z0-9!#$&^_-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126} *")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:(?:[a-z0-9()+,\-.:=@;$_!*'/?#]|%[0-9a-f]{2})+", re.I)  # RFC 2141
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_TAG = re.compile(  # RFC 5646, 2.1, without the tags that it keeps for the past
    r"(?P<language>[a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.I,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NO_DATE = mark("This is no date; write year, month and day as 2026-06-24.")


def one_of(known: Iterable[str], sentence: str) -> Rule:
    """The rule of a closed list; `sentence` is returned where no word of it is similar."""
    known = tuple(known)

    def rule(text: str) -> str | None:
        if text in known:
            return None
        near = nearest(text, known)
        return f"The list has no such word; did you mean {near}?" if near else sentence

    return rule


def url(text: str) -> str | None:
    """An address with a scheme and a host, such as git can clone."""
    try:
        parts = urlsplit(text)
        fits = bool(parts.scheme and parts.hostname) and not _UNFIT.search(text) and parts.port != 0
    except ValueError:
        fits = False
    return None if fits else mark("This is no address; write it in full, such as https://example.org/name.git.")


def web(text: str) -> str | None:
    """An http or https address."""
    if url(text) is None and urlsplit(text).scheme.lower() in ("http", "https"):
        return None
    return mark("This is no web address; write it in full, such as https://example.org/page.")


def video(text: str) -> str | None:
    """The web address of one video. Whether its host speaks oEmbed is not asked: any site can."""
    parts = urlsplit(text) if web(text) is None else None
    if parts is None:
        return mark("This is no web address; write the one of the video, such as https://example.org/w/abc.")
    if not parts.path.strip("/") and not parts.query:
        return mark("This is the address of a site and of no video; write the video's own.")
    return None


def file(text: str) -> str | None:
    """A path in the repository, or a web address. A blank one names nothing."""
    return _OUTSIDE if text.startswith("/") or text.lower().startswith("file:") else None


def logo(text: str) -> str | None:
    return file(text) or _picture(text, (".svg", ".svgz", ".png"), _NO_LOGO)


def screenshot(text: str) -> str | None:
    return file(text) or _picture(text, (".png", ".jpg"), _NO_SCREENSHOT)


def _picture(text: str, endings: tuple[str, ...], sentence: str) -> str | None:
    name = re.split("[?#]", text)[0] if web(text) is None else text
    return None if not text or name.lower().endswith(endings) else sentence


_OUTSIDE = mark("This path begins at a machine's root; write it from the root of the repository, as img/logo.svg.")
_NO_LOGO = mark("A logo is a file .svg, .svgz or .png; convert it or name another.")
_NO_SCREENSHOT = mark("A screenshot is a file .png or .jpg; convert it or name another.")


def uri(text: str) -> str | None:
    """The identifier of an organization: a web address or a URN."""
    return None if url(text) is None or _URN.fullmatch(text) else _NO_URI


_NO_URI = mark("This is no URI; write a web address in full, or a URN such as urn:x-register:number.")
_NO_ALIAS = mark("The list has no such alias; choose one of it, or write a web address.")


def support(text: str) -> str | None:
    """`alias:` and a word of the standard's list, or a URI."""
    if text.startswith("alias:"):
        return one_of([f"alias:{alias}" for alias in words.ALIASES], _NO_ALIAS)(text)
    if text in words.ALIASES:
        return mark("An alias begins with alias: here; write that before it.")
    return uri(text)


def language(text: str) -> str | None:
    """A BCP 47 tag whose language, and region where there is one, exist."""
    found = _TAG.fullmatch(text) if len(text) <= 80 else None
    if found and _is_language(found["language"].lower()) and _is_region(found["region"]):
        return None
    near = text.replace("_", "-")
    if near != text and len(near) < 20 and language(near) is None:
        return mark("A language tag is written with hyphens; replace _ by -.")
    return mark("This is no language tag (BCP 47); write one such as en, fr or pt-BR.")


def country(text: str) -> str | None:
    """ISO 3166-1, two letters, both small or both capital."""
    if text.upper() in countries() and text in (text.upper(), text.lower()):
        return None
    return mark("This is no country; write its two letters of ISO 3166-1 in capitals, such as FR.")


def day(text: str) -> str | None:
    try:
        date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        return NO_DATE
    return None


def email(text: str) -> str | None:
    return None if _EMAIL.fullmatch(text) else mark("This is not an e-mail address; correct it or remove the key.")


def media_type(text: str) -> str | None:
    return None if _MEDIA_TYPE.fullmatch(text) else mark("This is no media type; write one such as text/plain.")


def license_expression(text: str) -> str | None:
    try:
        expressions.parse(text)
    except ValueError:
        near = expressions.nearest(text[:200])
        if near is None:
            return mark("This is no SPDX expression; choose the license at https://spdx.org/licenses.")
        if expressions.suffix_known(near):
            return f"This is no SPDX expression; did you mean {near}?"
        return f"This is no SPDX expression; write {near}-only or {near}-or-later, whichever you mean."
    return None


def at_most(count: int) -> Rule:
    def rule(text: str) -> str | None:
        length = characters(text)
        return f"The text has {length} characters; shorten it to at most {count}." if length > count else None

    return rule


def at_least(count: int) -> Rule:
    def rule(text: str) -> str | None:
        length = characters(text)
        return f"The text has {length} characters; write at least {count}." if length < count else None

    return rule


def characters(text: str) -> int:
    """How many characters a reader counts: marks, joined signs and flags are one (UAX 29, without its rare scripts)."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count, before, flags = 0, "", 0
    for sign in text:
        flag = "\U0001f1e6" <= sign <= "\U0001f1ff"
        joined = (
            (sign == "\n" and before == "\r")
            or sign in "\u200c\u200d"
            or "\U0001f3fb" <= sign <= "\U0001f3ff"  # tones of skin
            or "\U000e0020" <= sign <= "\U000e007f"  # tags of flags
            or ("\u1160" <= sign <= "\u11ff" and "\u1100" <= before <= "\u11ff")  # jamo
            or (flag and flags % 2 == 1)
            or (before == "\u200d" and unicodedata.category(sign) == "So")
            or unicodedata.category(sign) in ("Mn", "Me", "Mc")
        )
        flags = flags + 1 if flag else 0
        count += not joined or count == 0
        before = sign
    return count


def _is_region(code: str | None) -> bool:
    return code is None or code.isdigit() or code.upper() in countries()


def _is_language(code: str) -> bool:
    from babel import Locale
    from babel.core import get_global

    return code in Locale("en").languages or code in get_global("likely_subtags") or code in _former_codes()


@cache
def _former_codes() -> frozenset[str]:
    from babel.core import get_global

    return frozenset(get_global("language_aliases"))
