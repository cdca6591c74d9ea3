"""What parts of countries (ISO 3166-2) are called, from the names of `regions.json`. It knows no page and no group."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from forge.i18n.languages import SOURCE, Said, Tongue

_FILE = Path(__file__).parent / "regions.json"


def known(code: str) -> bool:
    """Whether there is a part of a country with this code."""
    country, _, part = code.partition("-")
    return part in _names()["names"].get(country, {})


def region(code: str, tongue: Tongue) -> Said:
    """The name in the reader's language, else as people say it there, else in English; the code where it has none.

    A name that nobody has in another language says so by its `language`; a code's is empty.
    """
    country, _, part = code.partition("-")
    every, short = _names(), tongue.tag.partition("-")[0]
    english, *there = every["names"].get(country, {}).get(part) or [None]
    if english is None:
        return Said(code, "")
    told = {SOURCE: english} | ({every["languages"][country]: there[0]} if there else {})
    told |= {tag: names[code] for tag, names in every["others"].items() if code in names}
    for tag in (short, every["languages"].get(country, ""), SOURCE):
        if tag in told:
            return Said(told[tag], tongue.tag if tag == short else tag)
    return Said(code, "")


@cache
def _names() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))
