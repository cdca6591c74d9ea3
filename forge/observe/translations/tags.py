"""Converts the names that programs give to languages to BCP 47 tags: `fr_FR.utf8`, `zh-rTW`, `sr@latin`, `fra`.

A region or script that the language has by default is left out (`fr_FR` is fr), with CLDR's likely subtags
(https://www.unicode.org/reports/tr35/#Likely_Subtags), except for Portuguese: pt is Portugal's, pt-BR Brazil's.
"""

import re
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

_NAME = re.compile(
    r"([A-Za-z]{2,3})(?:[_-]([A-Za-z]{4}))?(?:[_-]r?([A-Za-z]{2}|[0-9]{3}))?"
    r"(?:\.[Uu][Tt][Ff]-?8)?(?:@(latin|latn|cyrillic|cyrl))?",
    re.ASCII,
)
_ANDROID = re.compile(r"b\+([a-z]{2,3})(?:\+([A-Z][a-z]{3}))?(?:\+([A-Z]{2}|[0-9]{3}))?", re.ASCII)
_SCRIPTS = {"latin": "Latn", "latn": "Latn", "cyrillic": "Cyrl", "cyrl": "Cyrl"}
_REPLACED_CODES = {"no": "nb", "iw": "he", "in": "id", "ji": "yi"}
# Codes of ISO 639 that in names of files and folders mean something else.
_NOT_LANGUAGES = {
    *("src", "bin", "new", "nav", "min", "man", "bar", "tab", "car", "gem", "war", "pro", "per", "den", "mad"),
    "ng",  # of Angular
}
LONGEST = 24


def language_tag(name: str) -> str | None:
    """The tag for a name of a language; None where it is not one, or not one that CLDR has.

    Acholi in Uganda is none: Crowdin keeps the place holders of its editor in the page under that name
    (https://support.crowdin.com/developer/in-context-localization/).
    """
    return _find_tag(name) if 2 <= len(name) <= LONGEST and not name.startswith("ach") else None


@cache
def _tags_by_name() -> dict[str, str]:
    names = {name.lower(): tag for tag, name in Locale("en").languages.items()}
    tags = {name: tag for name, code in names.items() if (tag := language_tag(code)) and len(code.split("_")[0]) == 2}
    return tags | {"portuguese br": "pt-BR", "chinese": "zh-Hans"}


def named_language(name: str) -> str | None:
    """The tag for a language by its English name, as CodeIgniter's folders have it.

    >>> [named_language(name) for name in ("french", "traditional-chinese", "brazilian_portuguese", "admin")]
    ['fr', 'zh-Hant', 'pt-BR', None]
    """
    return _tags_by_name().get(re.sub("[-_ ]", " ", name[:LONGEST]).lower())


@cache
def _known_languages() -> frozenset[str]:
    return frozenset(Locale("en").languages)


@lru_cache(maxsize=8_192)
def _find_tag(name: str) -> str | None:
    match = _NAME.fullmatch(name)
    if match is not None:
        language, script, region, modifier = match.groups()
        if modifier:
            script = _SCRIPTS[modifier]
    else:
        match = _ANDROID.fullmatch(name)
        if match is None:
            return None
        language, script, region = match.groups()
    if name.lower() in _NOT_LANGUAGES:
        return None
    if not (language.islower() or (language.isupper() and not script)):
        return None  # "Api", "Src": a language is written in one case
    language = language.lower()
    language = _REPLACED_CODES.get(language) or (_two_letter_code(language) if len(language) == 3 else language)
    if f"{language}" not in (get_global("likely_subtags") if len(language) == 2 else _known_languages()):
        return None
    script = script.title() if script else None
    region = region.upper() if region else None
    if region and region.isalpha() and region not in get_global("territory_languages"):
        return None
    return _shortened(language, script, region)


def _two_letter_code(language: str) -> str:
    alias = get_global("language_aliases").get(language, language)
    return alias if len(alias) == 2 else language


def _shortened(language: str, script: str | None, region: str | None) -> str:
    likely = get_global("likely_subtags")
    if language == "pt":
        return "pt-BR" if region == "BR" else "pt"
    usual = likely.get(language, language).split("_")
    usual_script, usual_region = (usual[1], usual[-1]) if len(usual) == 3 else (None, None)
    if region and not script:
        with_region = likely.get(f"{language}_{region}", "").split("_")
        if len(with_region) == 3 and with_region[1] != usual_script:
            return f"{language}-{with_region[1]}"  # zh_TW is zh-Hant
    if script and script == usual_script and language != "zh":
        script = None
    if language == "zh" and region and not script:
        script = usual_script
    if region == usual_region or language == "zh":
        region = None
    return "-".join(part for part in (language, script, region) if part)
