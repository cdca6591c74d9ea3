"""Reads one message catalogue, in any of the formats: how much of it is translated, or its sentences by key.

`count_translated` reads gettext and XLIFF, whose files state by themselves what is translated; `read_sentences` those
that are complete only in comparison with another one: keys to texts. Plural forms count as one sentence, since each
language has its own number of them. Both raise Unreadable or NoCatalog; no file costs more than a few times its size.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Any

from forge.observe.bounded import MAX_DEPTH, Element, Unreadable, json_of, plain, text_of, xml_of, yaml_nodes
from forge.observe.translations.tags import language_tag

MAX_BYTES = 2 << 20
MAX_SENTENCES = 50_000

Key = str | int  # an int is a hash of the nested keys of a text: joined they can be larger than the file

_PLURALS = {"zero", "one", "two", "few", "many", "other"}
_OF_EXTENSIONS = {"message", "description", "placeholders"}  # of browsers: a text with what is said about it
_PLURAL_KEY = re.compile(r"(?<=.)[_.](?:zero|one|two|few|many|other|plural)$")
# Short words that nearly every longer English sentence has one of, and other languages written in Latin letters lack.
_ENGLISH = re.compile(r"\b(?:the|to|and|your|this|you|are|with|please|has|have|from|not)\b", re.IGNORECASE)
LONG_WORDS = 4


class NoCatalog(Exception):
    """The file is something else, which its name did not show."""


@dataclass(frozen=True)
class CatalogCount:
    """`translated` of `sentences`; `long` of the originals have LONG_WORDS or more words, `english` of them are
    English.

    `language` and `source` are tags that the file itself names.
    """

    translated: int
    sentences: int
    language: str | None = None
    source: str | None = None
    long: int = 0
    english: int = 0


def count_translated(format_: str, data: bytes) -> CatalogCount:
    if format_ == "gettext":
        return _gettext(_text(data))
    return _xliff(xml_of(data, MAX_BYTES))


def read_sentences(format_: str, data: bytes, language: str | None) -> dict[Key, str]:
    """Key -> text, "" where there is none yet. `language` is the file's, for formats that repeat it at the top."""
    match format_:
        case "json" | "arb":
            values = json_of(data, max_bytes=MAX_BYTES)
            if format_ == "arb" and isinstance(values, dict):
                values = {key: text for key, text in values.items() if not key.startswith("@")}
            return _flattened(_unwrapped(values, language))
        case "yaml":
            return _flattened(_unwrapped(plain(yaml_nodes(data, MAX_BYTES, named_aliases=True)), language))
        case "php":
            return _php(_text(data))
        case "android":
            return _android(xml_of(data, MAX_BYTES))
        case "fluent":
            return {key: text for key, text in _FLUENT.findall(_text(data))}
        case "csv":
            return _csv(_text(data))
        case _:
            return _properties(_text(data))


def count_english(texts: Iterable[str]) -> tuple[int, int]:
    """How many of the texts have LONG_WORDS or more words, and how many of those have English words."""
    long = [text for text in texts if text.count(" ") >= LONG_WORDS - 1]
    return len(long), sum(1 for text in long if _ENGLISH.search(text))


def _text(data: bytes) -> str:
    """The file's text. Older catalogues are often Latin-1: wrong letters do not change what is counted."""
    try:
        return text_of(data, MAX_BYTES)
    except Unreadable:
        if len(data) > MAX_BYTES or data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise
        return data.decode("latin-1")


def _csv(text: str) -> dict[Key, str]:
    """A key and its text in the first two columns, as spreadsheets write them."""
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=text.partition("\n")[0].count))
    try:
        return {row[0]: row[1] for row in islice(rows, MAX_SENTENCES) if len(row) > 1}
    except csv.Error as error:
        raise NoCatalog from error


def _gettext(text: str) -> CatalogCount:
    translated = total = long = english = 0
    language = source = None
    state = ""
    original, answers, fuzzy, next_fuzzy = "", list[bool](), False, False
    header = False
    for line in [*text.split("\n"), 'msgid ""']:
        line = line.strip()
        if line.startswith("#"):
            if line.startswith("#,"):
                next_fuzzy = next_fuzzy or "fuzzy" in line
            elif line.startswith("#~"):  # what is no longer used, with the mark before it
                next_fuzzy = False
            continue
        if line.startswith("msgid_plural"):
            state = "plural"
        elif line.startswith("msgid"):
            if original:
                total += 1
                translated += bool(answers) and all(answers) and not fuzzy
                if original.count(" ") >= LONG_WORDS - 1:
                    long += 1
                    english += bool(_ENGLISH.search(original))
                if total >= MAX_SENTENCES:
                    break
            state, header = "id", not original and not total
            original, answers = line[7:-1], []
            fuzzy, next_fuzzy = next_fuzzy, False
        elif line.startswith("msgstr"):
            state = "str"
            answers.append(not line.endswith((' ""', '\t""')))
        elif line.startswith('"'):
            if state == "id":
                original += line[1:-1]
            elif state == "str" and answers:
                answers[-1] = answers[-1] or line != '""'
                if header and not original and line.startswith(('"Language:', '"X-Source-Language:')):
                    name, _, value = line.strip('"').removesuffix("\\n").partition(":")
                    header_language = language_tag(value.strip())
                    language, source = (header_language, source) if name == "Language" else (language, header_language)
        elif line:
            state = ""
    return CatalogCount(translated, total, language, source, long, english)


def _xliff(root: Element) -> CatalogCount:
    """XLIFF 1.2 and 2: https://docs.oasis-open.org/xliff/. A unit without a target is not translated."""
    if root.name != "xliff":
        raise NoCatalog
    counts = {"translated": 0, "total": 0}
    source, target = root.attributes.get("srcLang"), root.attributes.get("trgLang")
    open_ = [root]
    while open_:
        element = open_.pop()
        if element.name == "file":
            source = source or element.attributes.get("source-language")
            target = target or element.attributes.get("target-language")
        if element.name in ("trans-unit", "segment"):
            counts["total"] += 1
            answer = element.first("target")
            state = (answer.attributes.get("state") if answer else None) or element.attributes.get("state") or ""
            done = answer is not None and bool(answer.text.strip() or answer.children)
            counts["translated"] += done and state not in ("new", "initial") and not state.startswith("needs-")
        else:
            open_ += element.children
    return CatalogCount(counts["translated"], counts["total"], language_tag(target or ""), language_tag(source or ""))


def _unwrapped(values: Any, language: str | None) -> Any:
    """Without the language at the top, as Rails writes it: `fr: {...}`."""
    if isinstance(values, dict) and len(values) == 1:
        name, inner = next(iter(values.items()))
        if isinstance(inner, dict) and language and language_tag(name) == language:
            return inner
    return values


def _flattened(values: Any) -> dict[Key, str]:
    """Texts by their nested keys; a value that is not a text (a number, a flag) needs no translation."""
    texts: dict[Key, str] = {}
    open_: list[tuple[int, str, Any]] = [(0, "", values)]
    while open_:
        above, name, value = open_.pop()
        if isinstance(value, str):
            key = hash((above, _PLURAL_KEY.sub("", name)))
            texts[key] = texts.get(key) or value
        elif value is None:
            texts.setdefault(hash((above, _PLURAL_KEY.sub("", name))), "")
        elif isinstance(value, dict):
            if value and value.keys() <= _PLURALS and all(isinstance(text, str | None) for text in value.values()):
                forms = list(value.values())
                texts[hash((above, name))] = forms[-1] if all(forms) else ""
            elif isinstance(value.get("message"), str) and value.keys() <= _OF_EXTENSIONS:
                texts[hash((above, name))] = value["message"]
            else:
                inside = hash((above, name))
                open_ += [(inside, inner_name, inner) for inner_name, inner in value.items()]
        elif isinstance(value, list):
            inside = hash((above, name))
            open_ += [(inside, str(place), inner) for place, inner in enumerate(value)]
        if len(texts) > MAX_SENTENCES:
            raise Unreadable(f"The file holds more than {MAX_SENTENCES:,} sentences.")
    return texts


def _android(root: Element) -> dict[Key, str]:
    """https://developer.android.com/guide/topics/resources/string-resource"""
    texts: dict[Key, str] = {}
    for element in root.children:
        name = element.attributes.get("name", "")
        if not name or element.attributes.get("translatable") == "false":
            continue
        if element.name == "string":
            texts[name] = element.text.strip() or ("…" if element.children else "")
        elif element.name in ("plurals", "string-array"):
            forms = [form.text.strip() or ("…" if form.children else "") for form in element.all("item")]
            texts[name] = " ".join(forms) if forms and all(forms) else ""
    return texts


_FLUENT = re.compile(r"^(-?[A-Za-z][\w-]*)[ \t]*=[ \t]*(.*(?:\n[ \t]++\S.*)*+)", re.MULTILINE)
_PROPERTY = re.compile(r"^[ \t]*+([^\s#!=:][^=:\n]*+)[=:](.*)$", re.MULTILINE)


def _properties(text: str) -> dict[Key, str]:
    joined = re.sub(r"\\\r?\n[ \t]*", "", text)
    return {key.strip(): value.strip() for key, value in _PROPERTY.findall(joined)}


_PHP_OPENS = re.compile(
    r"\s*+<\?php(?:\s++|//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|declare\s*\(strict_types\s*=\s*1\)\s*;"
    r"|defined\s*\([^()\n]{1,60}\)\s*(?:or|\|\|)\s*(?:exit|die)\s*(?:\([^()\n]{0,99}\))?\s*;)*+"
    r"(?:return|\$lang\s*+=)\s*+(?=\[|array\b)"
)
_PHP_LINE = re.compile(
    r"^\s*+\$lang\[(?:'([^'\n]{1,200})'|\"([^\"\n]{1,200})\")\]\s*+=\s*+"
    r"(?:'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\$]|\\.)*+)\")\s*+;",
    re.MULTILINE | re.DOTALL,
)
_PHP = re.compile(
    r"(?P<space>\s++|//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"
    r"|(?P<text>'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\$]|\\.)*+\")"
    r"|(?P<open>\[|array\s*\()|(?P<close>[\])])|(?P<arrow>=>)|(?P<comma>,)|(?P<other>-?[0-9.]++|null\b|true\b|false\b|return\b|;|\?>)",
    re.DOTALL,
)


def _php(text: str) -> dict[Key, str]:
    """`<?php return ['a' => 'b', 'c' => [...]];` and nothing else, or CodeIgniter's `$lang['a'] = 'b';`: what calls or
    joins something is not read.
    """
    opens = _PHP_OPENS.match(text)
    if opens is None:
        lines: dict[Key, str] = {hash(a or b): c or d for a, b, c, d in islice(_PHP_LINE.findall(text), MAX_SENTENCES)}
        if not lines:
            raise NoCatalog
        return lines
    texts: dict[Key, str] = {}
    place, above, waiting, last = opens.end(), [0], "", ""
    while place < len(text):
        token = _PHP.match(text, place)
        if token is None:
            line = text.count("\n", 0, place) + 1
            raise Unreadable("This PHP file holds more than a list of sentences.", line)
        place = token.end()
        match token.lastgroup:
            case "text":
                last = token[0][1:-1]
                if waiting:
                    texts[hash((above[-1], waiting))] = last
                    waiting = ""
            case "arrow":
                waiting = last
            case "open":
                above.append(hash((above[-1], waiting)))
                waiting = ""
            case "close":
                if len(above) == 1 or len(above) > MAX_DEPTH:
                    raise Unreadable("The brackets of this PHP file do not fit each other.")
                above.pop()
            case "other" | "comma":
                waiting = ""
    return texts
