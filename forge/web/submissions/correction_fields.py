"""Each field that people may correct as a form: how it is asked, filled from what stands there, and read back. Pure.

What is typed is read and not judged: `catalog.submissions.kinds.correction` says what is wrong with each part, under
the name of its input.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.sentences import mark
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core.form import MAX_TEXT, Form, whole_address

ROWS = 3  # empty ones, for what is typed in rows
MAX_ROWS = 60
MAX_DIGITS = 9  # of a number: Python reads none of thousands, and no column holds one
COMMON: tuple[str, ...] = tuple(
    re.findall(
        r"\S+",
        "ar bn ca cs da de el en eo es et eu fa fi fr gl he hi hr hu id it ja ko lt lv nb nl oc pl pt pt-BR ro ru sk sl"
        " sq sr sv sw ta th tr uk ur vi zh",
    )
)
LICENSES = tuple(
    re.findall(
        r"\S+",
        "AGPL-3.0-or-later AGPL-3.0-only Apache-2.0 BSD-2-Clause BSD-3-Clause EUPL-1.2 GPL-2.0-only GPL-2.0-or-later"
        " GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-or-later LGPL-3.0-or-later MIT MPL-2.0 CECILL-2.1",
    )
)


@dataclass(frozen=True)
class CorrectionField:
    """`shape` names the template's branch and the reader; `terms` are vocabularies, of which `top` asks for the widest
    terms alone; `hint` a msgid; `address`: a web address is typed, or one on each line."""

    shape: str
    terms: tuple[str, ...] = ()
    hint: str = ""
    top: bool = False
    address: bool = False


_URL = CorrectionField("line", hint=mark("A web address like https://example.org/page"), address=True)
_NAMES = CorrectionField("list", hint=mark("One on each line"))
_URLS = CorrectionField("list", hint=mark("One web address on each line"), address=True)
PROJECT: Mapping[str, CorrectionField] = {
    "name": CorrectionField("line"),
    "summary": CorrectionField(
        "sentence", hint=mark("At most 120 characters. Begin with a verb: what does it let people do?")
    ),
    "description": CorrectionField("text", hint=mark("Plain words, without advertising")),
    "features": CorrectionField("lines", hint=mark("One on each line, at most 7")),
    "domains": CorrectionField("terms", ("domain",)),
    "made_for": CorrectionField("terms", ("organization-kind", "size")),
    "audiences": CorrectionField("claims", ("audience",)),
    "inclusion": CorrectionField("claims", ("inclusion-feature",)),
    "accessibility": CorrectionField("accessibility"),
    "languages": CorrectionField(
        "languages", hint=mark("How much of its screens is translated, in percent, where it is known")
    ),
    "runs": CorrectionField("runs", ("hardness",)),
    "platforms": CorrectionField("terms", ("platform",)),
    "cost": CorrectionField("text", hint=mark("What an organization pays besides the licence: hosting, help, time")),
    "license": CorrectionField("license", hint=mark("As SPDX writes it, like AGPL-3.0-or-later")),
    "status": CorrectionField("term", ("status",)),
    "replaces": _NAMES,
    "easy_to_read": CorrectionField(
        "easy", hint=mark("Short sentences, one on each line. Words that everybody knows.")
    ),
    "leaving": CorrectionField("leaving"),
    "homepage": _URL,
    "documentation": _URL,
    "manuals": CorrectionField("address", hint=mark("A web address like https://example.org/page"), address=True),
    "support": CorrectionField("support"),
    "demo": _URL,
    "issues": _URL,
    "roadmap": _URL,
    "security_contact": _URL,
    "funding": _URLS,
    "governance": CorrectionField("text"),
    "deployment_countries": CorrectionField("countries", hint=mark("One country on each line")),
    "repository": CorrectionField("line", hint=mark("An address like https://example.org/group/tool"), address=True),
    "other_repositories": _URLS,
    "programming_languages": _NAMES,
    "standards": _NAMES,
    "logo": CorrectionField("line", hint=mark("A path like docs/logo.png, or owner/repository:docs/logo.png")),
    "screenshots": CorrectionField("list", hint=mark("One path on each line, like docs/screen.png")),
    "relations": CorrectionField("relations", ("relation",), mark("The address of its page here, or its name")),
}
ORGANIZATION: Mapping[str, CorrectionField] = {
    "name": CorrectionField("line"),
    "about": CorrectionField("sentence", hint=mark("At most 120 characters. What does it do, and for whom?")),
    "kind": CorrectionField("term", ("organization-kind",)),
    "family": CorrectionField("term", ("organization-kind",), top=True),
    "function": CorrectionField("term", ("organization-function",)),
    "country": CorrectionField("country"),
    "region": CorrectionField("line", hint=mark("As ISO 3166-2 writes it, like FR-BRE")),
    "homepage": _URL,
    "networks": _NAMES,
    "identifiers": CorrectionField(
        "pairs", hint=mark("One on each line: the register and the number, like siren: 552 100 554")
    ),
    "logo": CorrectionField("line", hint=mark("A path like docs/logo.png, or owner/repository:docs/logo.png")),
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (mark("What it is"), ("name", "summary", "easy_to_read", "description", "features", "status", "replaces")),
    (mark("For whom"), ("domains", "made_for", "audiences", "inclusion", "accessibility", "deployment_countries")),
    (
        mark("How to use it"),
        (
            *("languages", "platforms", "runs", "cost", "leaving", "demo", "documentation", "manuals", "support"),
            *("homepage", "logo", "screenshots"),
        ),
    ),
    (mark("Who runs it"), ("governance", "funding", "relations", "issues", "roadmap", "security_contact")),
    (
        mark("For IT professionals"),
        ("license", "repository", "other_repositories", "programming_languages", "standards"),
    ),
)
SPOKEN = ("sentence", "text", "lines", "easy", "address")  # shapes that are said in a language


def options(field: CorrectionField, page_language: PageLanguage) -> list[tuple[str, str]]:
    """Slugs and labels of its terms, in the order of the lists; of a language or a license, what may be suggested."""
    if field.shape == "languages":
        return [(tag, page_language.language(tag)) for tag in COMMON]
    if field.shape == "license":
        return [(license, license) for license in LICENSES]
    names = [
        (name, slug) for name in field.terms for slug in (vocabulary(name).top if field.top else vocabulary(name).terms)
    ]
    return [(slug, vocabulary(name).label(slug, page_language.tag)) for name, slug in names]


def filled(field: CorrectionField, value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    """The inputs of the form as they show what stands there."""
    if not value:
        return {}
    return {name: values for name, values in _FILLED[field.shape](value, language, page_language).items() if values}


def typed(field: CorrectionField, form: Form, before: Any, page_language: PageLanguage) -> Any:
    """The value that was typed; of words, that of one language."""
    value = _TYPED[field.shape](form, before, page_language)
    if not field.address:
        return value
    return [whole_address(line) for line in value] if isinstance(value, list) else whole_address(value)


def closed_up(field: CorrectionField, form: Form) -> None:
    """Rows that were left empty between others go, so that a problem stands beside the row that it is of."""
    parts = _OF_ROWS.get(field.shape)
    if parts is None:
        return
    rows = [{part: form.line(f"{part}.{row}") for part in parts} for row in range(MAX_ROWS)]
    rows_left = [row for row in rows if any(row.values())]
    others = {name: values for name, values in form.values.items() if name.partition(".")[0] not in parts}
    form.values = others | {
        f"{part}.{row}": [values[part]] for row, values in enumerate(rows_left) for part in parts if values[part]
    }


def renamed(field: CorrectionField, value: Any, called: Callable[[str, str], str]) -> Any:
    """The value with other words for the records that it names: `called` is given a kind and a text."""
    if field.shape == "runs" and isinstance(value, Mapping) and value.get("hosted"):
        return {**value, "hosted": [called("organization", slug) for slug in value["hosted"]]}
    if field.shape == "relations" and value:
        return [{**relation, "project": called("project", relation["project"])} for relation in value]
    return value


def input_name(path: str, shape: str) -> str:
    """The input that a part of the value was typed into, for the sentence beside it."""
    parts = path.split(".")
    if parts[0] != "value" or len(parts) == 1:
        return path
    if shape == "easy":
        return f"value.{parts[-1]}"  # below its language
    if shape == "languages" and parts[1].isdigit():
        return f"{'percent' if parts[-1] == 'percent' else 'term'}.{parts[1]}"
    if shape == "relations" and parts[1].isdigit():
        return f"{'type' if parts[-1] == 'type' else 'project'}.{parts[1]}"
    return f"value.{parts[1]}" if shape in ("accessibility", "runs", "leaving", "support") else "value"


_OF_ROWS: Mapping[str, tuple[str, ...]] = {"languages": ("term", "percent"), "relations": ("type", "project")}


def _lines(form: Form, name: str = "value") -> list[str]:
    """Each line once; what a form no longer takes whole is one line, which is too long by itself."""
    text = form.text(name)
    if len(text) > MAX_TEXT:
        return [text]
    return list(dict.fromkeys(" ".join(line.split()) for line in text.split("\n") if line.strip()))


def _claims(form: Form, before: Any, page_language: PageLanguage) -> list[dict[str, str]]:
    """What was known better than declared stays so."""
    evidence_by_term = {claim["term"]: claim["evidence"] for claim in before or ()}
    return [{"term": term, "evidence": evidence_by_term.get(term, "declared")} for term in form.chosen("value")]


def _languages(form: Form, before: Any, page_language: PageLanguage) -> list[Any]:
    languages: list[Any] = []
    for row in range(MAX_ROWS):
        term, percent = form.line(f"term.{row}"), form.line(f"percent.{row}").rstrip("% ")
        if not term:
            continue
        tag = _tag_of(term, page_language)
        if percent:
            whole = percent.isdecimal() and percent.isascii() and len(percent) <= MAX_DIGITS
            languages.append({"term": tag, "percent": int(percent) if whole else -1})
        else:
            languages.append(tag)
    return languages


def _tag_of(text: str, page_language: PageLanguage) -> str:
    """A tag from a language's name in the language of the page, or in itself; else the text as it is."""
    folded = text.casefold()
    for tag in COMMON:
        if folded in (tag.casefold(), page_language.language(tag).casefold()):
            return tag
    return text


def _country_of(text: str, page_language: PageLanguage) -> str:
    folded = text.casefold()
    names: dict[str, str] = {
        name.casefold(): code for code, name in page_language.locale.territories.items() if len(code) == 2
    }
    return names.get(folded, text.upper() if len(text) == 2 else text)


def _parts(form: Form, *names: str) -> dict[str, str]:
    parts = {name: typed for name in names if (typed := form.line(f"value.{name}"))}
    return {name: whole_address(text) if name in _ADDRESSES else text for name, text in parts.items()}


_ADDRESSES = ("url", "online")  # parts of a value that are web addresses


def _runs(form: Form, before: Any, page_language: PageLanguage) -> dict[str, Any]:
    hosted = _lines(form, "value.hosted")
    return ({"hosted": hosted} if hosted else {}) | _parts(form, "online", "self_hosted")


def _pairs(form: Form, before: Any, page_language: PageLanguage) -> dict[str, str]:
    """What is no pair has no number, and is told so."""
    parts = (line.partition(":") for line in _lines(form))
    return {name.strip().lower(): number.strip() for name, _, number in parts}


def _relations(form: Form, before: Any, page_language: PageLanguage) -> list[dict[str, str]]:
    rows = ({part: form.line(f"{part}.{row}") for part in _OF_ROWS["relations"]} for row in range(MAX_ROWS))
    return [row for row in rows if any(row.values())]


def _leaving(form: Form, before: Any, page_language: PageLanguage) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: lines for name in ("exports", "standards") if (lines := _lines(form, f"value.{name}"))
    }
    note = dict((before or {}).get("note") or {})
    note.pop(form.line("language"), None)
    if text := form.text("value.note"):
        note[form.line("language") or page_language.tag] = text
    return values | ({"note": note} if note else {})


def _support(form: Form, before: Any, page_language: PageLanguage) -> dict[str, Any]:
    languages = list(dict.fromkeys(_tag_of(line, page_language) for line in _lines(form, "value.languages")))
    return _parts(form, "url") | ({"languages": languages} if languages else {})


def _easy(form: Form, before: Any, page_language: PageLanguage) -> dict[str, str]:
    text = form.text("value.text")
    return {"text": text} | _parts(form, "checked_by", "checked_at") if text else {}


_TYPED: Mapping[str, Callable[[Form, Any, PageLanguage], Any]] = {
    "line": lambda form, before, page_language: form.line("value"),
    "sentence": lambda form, before, page_language: form.line("value"),
    "text": lambda form, before, page_language: form.text("value"),
    "lines": lambda form, before, page_language: _lines(form),
    "list": lambda form, before, page_language: _lines(form),
    "countries": lambda form, before, page_language: list(
        dict.fromkeys(_country_of(line, page_language) for line in _lines(form))
    ),
    "country": lambda form, before, page_language: form.line("value"),
    "terms": lambda form, before, page_language: list(form.chosen("value")),
    "term": lambda form, before, page_language: form.line("value"),
    "license": lambda form, before, page_language: form.line("value"),
    "claims": _claims,
    "languages": _languages,
    "runs": _runs,
    "pairs": _pairs,
    "relations": _relations,
    "leaving": _leaving,
    "address": lambda form, before, page_language: form.line("value"),
    "support": _support,
    "easy": _easy,
    "accessibility": lambda form, before, page_language: _parts(form, "standard", "state", "url", "year"),
}


def _single_value(value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    return {"value": [value]}


def _text_in_language(value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    return {"value": [value[language]] if language in value else []}


def _listed(value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    return {"value": ["\n".join(value)]}


def _rows(value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    values = {}
    for row, record in enumerate(value[: MAX_ROWS - ROWS]):
        term, percent = (record, None) if isinstance(record, str) else (record["term"], record.get("percent"))
        values[f"term.{row}"] = [page_language.language(term) if term in COMMON else term]
        values[f"percent.{row}"] = [] if percent is None else [str(percent)]
    return values


def _leaving_values(value: Any, language: str, page_language: PageLanguage) -> dict[str, list[str]]:
    note = (value.get("note") or {}).get(language)
    listed = {f"value.{name}": ["\n".join(value[name])] for name in ("exports", "standards") if value.get(name)}
    return listed | {"value.note": [note] if note else []}


def _asking(value: Any, page_language: PageLanguage) -> dict[str, list[str]]:
    names = [page_language.language(tag) if tag in COMMON else tag for tag in value.get("languages") or ()]
    return {"value.url": [value["url"]], "value.languages": ["\n".join(names)] if names else []}


_FILLED: Mapping[str, Callable[[Any, str, PageLanguage], dict[str, list[str]]]] = {
    "line": _single_value,
    "sentence": _text_in_language,
    "text": _text_in_language,
    "lines": lambda value, language, page_language: {
        "value": ["\n".join(value[language])] if language in value else []
    },
    "list": _listed,
    "countries": lambda value, language, page_language: {
        "value": ["\n".join(page_language.country(code) for code in value)]
    },
    "country": _single_value,
    "terms": lambda value, language, page_language: {"value": list(value)},
    "term": _single_value,
    "license": _single_value,
    "claims": lambda value, language, page_language: {"value": [claim["term"] for claim in value]},
    "languages": _rows,
    "runs": lambda value, language, page_language: {
        f"value.{name}": [value[name] if isinstance(value[name], str) else "\n".join(value[name])]
        for name in ("online", "hosted", "self_hosted")
        if value.get(name)
    },
    "pairs": lambda value, language, page_language: {
        "value": ["\n".join(f"{name}: {text}" for name, text in value.items())]
    },
    "relations": lambda value, language, page_language: {
        f"{part}.{row}": [relation[part]]
        for row, relation in enumerate(value[: MAX_ROWS - ROWS])
        for part in ("type", "project")
    },
    "leaving": _leaving_values,
    "address": _text_in_language,
    "support": lambda value, language, page_language: _asking(
        value if isinstance(value, dict) else {"url": value}, page_language
    ),
    "easy": lambda value, language, page_language: {
        f"value.{name}": [text] for name, text in value.get(language, {}).items()
    },
    "accessibility": lambda value, language, page_language: {f"value.{name}": [text] for name, text in value.items()},
}
