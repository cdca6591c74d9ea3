"""Makes `forge/web/core/regions.json`, the names of parts of countries (ISO 3166-2), of two open packages.

Names in English, and the few that it has in other languages: Unicode CLDR (npm: `cldr-subdivisions-full`). Names where
the part lies, in countries with one official language in Latin letters: iso-codes, as PyPI's `pycountry` has it.
`make regions` runs it; nothing of it is needed to run Forge. Packages with names in all five languages exist and were
left: like CLDR they give codes that were reassigned to the places of before (MA-06).

Usage: python tools/region_names.py FOLDER_OF_CLDR FOLDER_OF_PYCOUNTRY TARGET
"""

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

from babel.core import get_global

LANGUAGES = ("fr", "es", "pt", "ar")
OFFICIAL = ("official", "de_facto_official")
STALE = {"MA": "fr"}  # CLDR still gives these codes to the places that had them before a reform; the others' language
_CODE = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")
_BOTH = re.compile(r".+\[(.+)\]")  # "Catalunya [Cataluña]": the second is in the language of the whole country


def main(cldr: Path, pycountry: Path, target: Path) -> None:
    english = _cldr(cldr, "en")
    local = {region["code"]: region["name"] for region in _json(pycountry / "databases" / "iso3166-2.json")["3166-2"]}
    english = {code: name for code, name in english.items() if code[:2] not in STALE or code not in local}
    spoken = {country: language for country in {code[:2] for code in local} if (language := _spoken(country))} | STALE
    names: dict[str, dict[str, list[str]]] = {}
    for code in sorted({*english, *local}):
        country, part = _CODE.fullmatch(code).groups()  # type: ignore[union-attr]
        there = _told(local[code]) if code in local and country in spoken else None
        told = [english.get(code) or local[code], *([there] if there and _latin(there) else [])]
        names.setdefault(country, {})[part] = told
    regions = {
        "source": "English, and others where they stand: Unicode CLDR 48.2.0 (cldr-subdivisions-full), Unicode-3.0. "
        "Names in the language of the place: iso-codes, as pycountry 26.2.16 has them, LGPL-2.1.",
        "languages": dict(sorted(spoken.items())),
        "others": {language: _cldr(cldr, language) for language in LANGUAGES},
        "names": names,
    }
    target.write_text(json.dumps(regions, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{sum(map(len, names.values()))} parts of {len(names)} countries, {target.stat().st_size} bytes")


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _cldr(folder: Path, language: str) -> dict[str, str]:
    told = _json(folder / "subdivisions" / language / f"{language}.json")["subdivisions"]["localeDisplayNames"]
    every = told["subdivisions"].items()
    found = {f"{key[:2].upper()}-{key[2:].upper()}": name.rstrip("¹²³") for key, name in every}
    return {code: name for code, name in found.items() if _CODE.fullmatch(code)}


def _spoken(country: str) -> str | None:
    """The one official language of a country, where it is written in Latin letters."""
    every = get_global("territory_languages").get(country, {})
    official = [tag for tag, known in every.items() if known["official_status"] in OFFICIAL]
    if len(official) != 1:
        return None
    likely = get_global("likely_subtags").get(official[0], "")
    return official[0] if "_Latn" in likely else None


def _told(name: str) -> str:
    found = _BOTH.fullmatch(name)
    return found[1] if found else name


def _latin(name: str) -> bool:
    return all("LATIN" in unicodedata.name(sign, "") for sign in name if sign.isalpha())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
