"""Names of parts of countries (ISO 3166-2), from `regions.json`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from forge.i18n.languages import SOURCE, PageLanguage, TextInLanguage

_FILE = Path(__file__).parent / "regions.json"


def is_region(code: str) -> bool:
    """Return whether there is a part of a country with this code."""
    country, _, part = code.partition("-")
    return part in _names()["names"].get(country, {})


def region_name(code: str, page_language: PageLanguage) -> TextInLanguage:
    """Return the name in the reader's language, else as people say it there, else in English; the code where it has
    none.

    A name that exists only in another language says so by its `language`; a code's is empty.
    """
    country, _, part = code.partition("-")
    regions, short = _names(), page_language.tag.partition("-")[0]
    english, *local_names = regions["names"].get(country, {}).get(part) or [None]
    if english is None:
        return TextInLanguage(code, "")
    names_by_language = {SOURCE: english} | ({regions["languages"][country]: local_names[0]} if local_names else {})
    names_by_language |= {tag: names[code] for tag, names in regions["others"].items() if code in names}
    for tag in (short, regions["languages"].get(country, ""), SOURCE):
        if tag in names_by_language:
            return TextInLanguage(names_by_language[tag], page_language.tag if tag == short else tag)
    return TextInLanguage(code, "")


@cache
def _names() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))
