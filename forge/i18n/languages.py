"""The languages of the pages: their texts, dates, numbers and names of countries.

Texts are gettext catalogues, read from `.po` when a language is first used: a build step for `.mo` would save 30 ms
once and cost everyone who translates. What a catalogue lacks is given in English between two private characters, so
that `marked` can tell readers and screen readers where the language changes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from forge.i18n.collation import sort_key

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"  # the language of the msgids
UNKNOWN = "und"  # BCP 47: nobody says in which language a text is
OPEN, CLOSE = "\ue000", "\ue001"  # private use: no text of ours or of others keeps them, see `plain`
BUTTON = "\ue002"  # as well: what a message writes around the label of its button

_DAY_SECONDS = 86_400
_SPAN_DAYS = {"year": 365.25, "month": 365.25 / 12, "week": 7, "day": 1}  # days
_BABEL_DAYS = {"year": 365, "month": 30, "week": 7, "day": 1}  # as babel.dates counts them

_LOCALES = {"en": "en-GB", "pt": "pt-PT"}  # day before month, as most read English; European words, as our texts are

# What separates names in a list. CLDR's own lists join with "and" throughout where a language does so in prose
# (Arabic), and have no mark to take: so by script, a comma for all that are not named.
_COMMAS = {"Arab": "، ", "Syrc": "، ", "Thaa": "، ", "Ethi": "፣ ", "Hans": "、", "Hant": "、", "Jpan": "、"}

# Unicode's scripts of living languages that are written so (CLDR, scriptMetadata.txt).
_RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})

# Of the languages that pages speak as they come, and that the first page after a start names: Babel, asked for others,
# reads all that it knows of a language to tell its name (50 ms for these).
_OWN_NAMES = {"ar": "العربية", "en": "English", "es": "Español", "fr": "Français", "pt": "Português"}

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
MAX_LINE = 200  # characters of what a stranger called something, in a message
# CLDR names some that are no country of ISO 3166-1, which records have (`catalog.text_rules.countries`).
_COUNTRY = re.compile(r"(?!(AC|CP|CQ|DG|EA|EU|EZ|IC|QO|TA|UN|XA|XB|XK|ZZ)$)[A-Z]{2}")
_PIECES = re.compile(r"(<[^>]*>)")
_PLAIN_INSIDE = ("title", "option", "textarea")


@dataclass(frozen=True)
class TextInLanguage:
    """A text that somebody wrote, with the language it is in."""

    text: str
    language: str


@dataclass(frozen=True, eq=False)
class PageLanguage:
    """One language as pages speak it: `tag` is its BCP 47 tag, `locale` Babel's data for it."""

    tag: str
    locale: Locale
    source: Path | None  # its sentences, or its neighbour's; None: English, or sentences that nobody wrote

    @cached_property
    def texts(self) -> NullTranslations:
        """The sentences, read once one is asked for: each page names all languages, and uses one."""
        if self.source is None:
            return NullTranslations()
        catalog, compiled = read_po(BytesIO(self.source.read_bytes()), locale=str(self.locale)), BytesIO()
        # Babel writes the English in place of a plural form that nobody filled, and it would pass for a translation.
        for message in [entry for entry in catalog if entry.pluralizable and not all(entry.string or ())]:
            catalog.delete(message.id, context=message.context)
        write_mo(compiled, catalog)
        compiled.seek(0)
        return Translations(compiled)

    @property
    def direction(self) -> str:
        """The value of `dir`: "ltr" or "rtl"."""
        return "rtl" if self._script in _RIGHT_TO_LEFT else "ltr"

    @property
    def own_name(self) -> str:
        """The language's name in itself, with a capital where its script has them."""
        if self.tag in _OWN_NAMES:
            return _OWN_NAMES[self.tag]
        name = _name_of(self.tag, Locale.parse(self.tag, sep="-"))
        return name[:1].upper() + name[1:]

    @property
    def comma(self) -> str:
        """What separates the names of a list and precedes a date, with its space: no list of the page says "and"."""
        return _COMMAS.get(self._script, ", ")

    @property
    def _script(self) -> str:
        """The script that its locale names, else the likely one."""
        # Babel tells a direction by reading all that it knows of a language, and a page names each language.
        likely, locale = get_global("likely_subtags"), self.locale
        subtags = likely.get(f"{locale.language}_{locale.territory}") or likely.get(locale.language, "")
        return locale.script or next((part for part in subtags.split("_") if len(part) == 4), "")

    def gettext(self, message: str) -> str:
        """Return the sentence in this language; in English between marks when nobody translated it."""
        if self.locale.language == SOURCE or self._knows(message):
            return self.texts.gettext(message)
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the sentence for this number, by the plural rules of the language."""
        if self.locale.language == SOURCE or self._knows(one):
            return self.texts.ngettext(one, many, number)
        return f"{OPEN}{one if number == 1 else many}{CLOSE}"

    def _knows(self, message: str) -> bool:
        messages: Mapping[object, str] = getattr(self.texts, "_catalog", {})
        return message in messages or (message, 0) in messages

    def text_of(self, words: Mapping[str, str]) -> TextInLanguage | None:
        """Return the text in this language, in its neighbour (`pt` for `pt-BR`), in English, else the first."""
        short = self.tag.partition("-")[0]
        for tag in (self.tag, short, SOURCE, *words):  # English before the original: docs/decisions/025
            if words.get(tag):
                return TextInLanguage(words[tag], tag)
        return None

    def language(self, tag: str) -> str:
        """Return the name of another language in this one; the tag itself when unknown."""
        return _name_in(tag, self)

    def country(self, code: str) -> str:
        """Return the name of a country (ISO 3166-1 alpha-2) in this language; the code itself when unknown."""
        return str(self.locale.territories.get(code, code))

    def countries(self) -> Mapping[str, str]:
        """Return the names of all countries of ISO 3166-1 by code, in the order in which a reader looks for them."""
        return _countries(self.locale)

    def currency(self, code: str) -> str:
        """Return the name of a currency (ISO 4217) in this language; the code itself when unknown."""
        return str(self.locale.currencies.get(code, code))

    def in_order(self, name: str) -> tuple[str, str]:
        """Return the sort key of a name for a reader of this language."""
        return sort_key(name, self.locale.language)

    def own_first(self, tag: str) -> tuple[bool, tuple[str, str]]:
        """Return the sort key of a language: the reader's own first, then all others by their names in it."""
        return _own_first(tag, self)

    def number(self, value: int) -> str:
        return _number(value, self)

    def percent(self, value: int) -> str:
        """Return a share of a hundred, with the sign and the space that the language has."""
        return format_percent(value / 100, locale=self.locale)

    def day(self, value: datetime | date) -> str:
        return _day(value.date() if isinstance(value, datetime) else value, self)

    def span(self, value: timedelta) -> str:
        """ "30 days", "20 minutes": in days, or in minutes below one, without rounding to larger ones."""
        unit: Literal["day", "minute"] = "day" if value >= timedelta(days=1) else "minute"
        return format_timedelta(value, granularity=unit, threshold=float("inf"), locale=self.locale)

    def ago(self, then: datetime, now: datetime) -> str:
        """ "3 months ago", only whole ones, never the future: a clock that runs ahead at the origin shows as today. In
        months up to two years: fourteen months and twenty are not the same "1 year"."""
        days = (now - then).total_seconds() / _DAY_SECONDS
        if days < 1:
            return self.gettext("today")
        unit, length = next(
            (unit, length)
            for unit, length in _SPAN_DAYS.items()
            if days >= length and not (unit == "year" and days < 2 * length)
        )
        return _ago(timedelta(days=-(days // length) * _BABEL_DAYS[unit]), self)

    def partial_date(self, value: str) -> str:
        """Return a date as somebody stated it, as exact as they were: a year, a month or a day."""
        pieces = value[:20].split("-")
        if not all(piece.isdecimal() for piece in pieces):  # "²" is a digit, and no number
            return value
        parts = [int(piece) for piece in pieces]
        try:
            if len(parts) == 3:
                return self.day(date(*parts))
            if len(parts) == 2:
                return format_date(date(parts[0], parts[1], 1), format=self._month_and_year(), locale=self.locale)
        except ValueError:
            return value
        return value

    def _month_and_year(self) -> str:
        return str(self.locale.datetime_skeletons.get("yMMMM", "MMMM y"))

    def joined(self, names: Iterable[str]) -> str:
        """ "a, b and c" as the language joins them."""
        return format_list(list(names), locale=self.locale)

    def either(self, names: Iterable[str]) -> str:
        """ "a, b or c" as the language joins them."""
        return format_list(list(names), style="or", locale=self.locale)


# Babel reads its data anew for each name, number and span, and a page of results shows hundreds. Kept by page_language,
# since the hash of a locale is computed at each use.
@lru_cache(maxsize=4_000)
def _name_in(tag: str, page_language: PageLanguage) -> str:
    return _name_of(tag, page_language.locale)


@lru_cache(maxsize=4_000)
def _own_first(tag: str, page_language: PageLanguage) -> tuple[bool, tuple[str, str]]:
    locale = page_language.locale
    return tag.partition("-")[0] != locale.language, page_language.in_order(_name_of(tag, locale))


@lru_cache(maxsize=10_000)
def _number(value: int, page_language: PageLanguage) -> str:
    return format_decimal(value, locale=page_language.locale)


@lru_cache(maxsize=4_000)
def _day(value: date, page_language: PageLanguage) -> str:
    text = format_date(value, format="long", locale=page_language.locale)
    return text.replace("1 ", "1er ", 1) if page_language.locale.language == "fr" and value.day == 1 else text


@lru_cache(maxsize=4_000)
def _ago(whole: timedelta, page_language: PageLanguage) -> str:
    threshold = 2 if abs(whole) >= timedelta(days=12 * _BABEL_DAYS["month"]) else 1  # 14 months, not 1 year
    return format_timedelta(
        whole, granularity="day", threshold=threshold, add_direction=True, locale=page_language.locale
    )


@lru_cache(maxsize=4_000)
def _name_of(tag: str, locale: Locale) -> str:
    if tag == UNKNOWN:  # for Babel it is English
        return str(locale.languages.get(tag, tag))
    try:
        return Locale.parse(tag, sep="-").get_display_name(locale) or tag
    except (UnknownLocaleError, ValueError):
        return str(locale.languages.get(tag, tag))  # many languages have a name and no locale of their own


@cache
def _countries(locale: Locale) -> Mapping[str, str]:
    names = {code: name for code, name in locale.territories.items() if _COUNTRY.fullmatch(code)}
    return {code: names[code] for code in sorted(names, key=lambda code: sort_key(names[code], locale.language))}


@cache
def page_language(tag: str) -> PageLanguage:
    """Return the language of `tag`. Raises ValueError when Babel does not know it."""
    try:
        locale = Locale.parse(_LOCALES.get(tag, tag), sep="-")
    except UnknownLocaleError as unknown:
        raise ValueError(f"Babel knows no language {tag!r}.") from unknown
    short = tag.partition("-")[0]  # "pt" for "pt-BR", as for every other text
    sources = [source for name in (tag, short) if name != SOURCE and (source := FOLDER / f"{name}.po").exists()]
    return PageLanguage(tag, locale, sources[0] if sources else None)


def is_language(tag: str) -> bool:
    """Return whether `tag` is shaped like a language and known to Babel."""
    return bool(_TAG.fullmatch(tag)) and tag.partition("-")[0] in get_global("likely_subtags")


@lru_cache(maxsize=4_000)
def is_supported(tag: str) -> bool:
    """Return whether `page_language` gives this language: of most, as of Kongo (kg), Babel knows the script alone."""
    try:
        return tag != UNKNOWN and is_language(tag) and Locale.parse(_LOCALES.get(tag, tag), sep="-") is not None
    except (UnknownLocaleError, ValueError):
        return False


def choose_language(header: str, offered: tuple[str, ...]) -> str:
    """Return the best of `offered` for an `Accept-Language` header (20 wishes at most); the first when none fits."""
    wishes: list[tuple[float, str]] = []
    for part in header[:1000].split(",")[:20]:
        tag, _, quality = "".join(part.split()).lower().partition(";q=")  # spaces may stand around the semicolon
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if _TAG.fullmatch(tag) and weight > 0:
            wishes.append((weight, tag))
    wishes.sort(key=lambda wish: -wish[0])
    by_tag = {tag.lower(): tag for tag in reversed(offered)}
    by_short = {tag.lower().partition("-")[0]: tag for tag in reversed(offered)}
    for _, wish in wishes:
        best = by_tag.get(wish) or by_short.get(wish.partition("-")[0])
        if best:
            return best
    return offered[0]


def mark_untranslated(html: str) -> str:
    """Return the page with each English stand-in in an element of its own; in attributes and titles only its words.

    `<title>` and `<option>` hold no elements, so that their stand-ins stay unmarked.
    """
    if OPEN not in html:
        return html
    pieces, bare = [], 0
    for piece in _PIECES.split(html):
        if piece.startswith("<"):
            name = piece.strip("</>").split(None, 1)[0].lower() if piece.strip("</>") else ""
            if name in _PLAIN_INSIDE:
                bare += -1 if piece.startswith("</") else 1
            pieces.append(without_marks(piece))
        elif bare:
            pieces.append(without_marks(piece))
        else:
            pieces.append(piece)
    return _in_elements("".join(pieces))


def _in_elements(html: str) -> str:
    return html.replace(OPEN, f'<span lang="{SOURCE}" dir="ltr">').replace(CLOSE, "</span>")


def without_marks(text: str) -> str:
    """Return the text with its English stand-ins as bare words."""
    return text.replace(OPEN, "").replace(CLOSE, "")


_HIDDEN = dict.fromkeys((
    *range(0x00, 0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x061C, *range(0x200E, 0x2010),
    *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, ord(OPEN), ord(CLOSE), ord(BUTTON),
))  # fmt: skip


def plain(text: str) -> str:
    """Return `text` without control and bidirectional characters (Trojan Source, CVE-2021-42574)."""
    # None of those can be printed, and most texts have none: the check takes a tenth of the time of the replacement.
    return text if text.isprintable() else text.translate(_HIDDEN)


def one_line(text: str) -> str:
    """Return a stranger's name for something as a part of one line: cut, and without what we make a link of."""
    return " ".join(plain(text).split()).replace("://", ": ")[:MAX_LINE]
