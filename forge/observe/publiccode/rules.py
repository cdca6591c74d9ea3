"""What a text of publiccode.yml must look like: forms only, nothing is fetched.

https://yml.publiccode.tools/schema.core.html
"""

import re
from datetime import date
from functools import cache
from urllib.parse import urlsplit

from catalog.licenses import expressions
from catalog.text_rules import countries
from forge.observe.publiccode import words

_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:(?:[a-z0-9()+,\-.:=@;$_!*'/?#]|%[0-9a-f]{2})+", re.I)  # RFC 2141
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_TAG = re.compile(  # RFC 5646, 2.1, without the tags that it keeps for the past
    r"(?P<language>[a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.I,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_address(text: str) -> bool:
    """An address with a scheme and a host, such as git can clone."""
    try:
        parts = urlsplit(text)
        return bool(parts.scheme and parts.hostname) and not _UNFIT.search(text) and parts.port != 0
    except ValueError:
        return False


def is_web_address(text: str) -> bool:
    """An http or https address."""
    return is_address(text) and urlsplit(text).scheme.lower() in ("http", "https")


def is_support(text: str) -> bool:
    """`alias:` and a word of the standard's list, or a URI."""
    if text.startswith("alias:"):
        return text.removeprefix("alias:") in words.ALIASES
    return is_address(text) or _URN.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """A BCP 47 tag whose language, and region where there is one, exist."""
    tag = _TAG.fullmatch(text) if len(text) <= 80 else None
    return tag is not None and _is_language(tag["language"].lower()) and _is_region(tag["region"])


def is_country(text: str) -> bool:
    """ISO 3166-1, two letters, both small or both capital."""
    return text.upper() in countries() and text in (text.upper(), text.lower())


def is_day(text: str) -> bool:
    """A day that exists, as 2026-06-24."""
    try:
        date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        return False
    return True


def is_license_expression(text: str) -> bool:
    """An SPDX expression."""
    try:
        expressions.parse(text)
    except ValueError:
        return False
    return True


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
