"""The fields of a form as pages have them: read from what was sent, filled with answers again, drawn in the reader's
language. `catalog.submissions.base.fields` says what a field is and what is wrong with its answer.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from catalog.sentences import mark
from catalog.submissions.base.fields import (
    CHOICE,
    CHOICES,
    CONSENT,
    COUNTRIES,
    COUNTRY,
    DATE,
    LANGUAGE,
    LANGUAGES,
    LISTS,
    NAMES,
    TERM,
    TERMS,
    TEXT,
    URL,
    YES_NO,
    Condition,
    FormField,
    asked,
)
from catalog.vocabulary import LANGUAGES as LANGUAGES_OF_PAGES
from catalog.vocabulary import UNKNOWN_KIND, vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core.form import Form, digits, whole_address
from forge.web.wording import calls

Translate = Callable[[str], str]
Options = Sequence[tuple[str, str, str]]  # value, label and hint, as the reader reads them
_COMMA = re.compile(r"[,;،；、\n]+")
# Where readers of our languages mostly are (ISO 3166-1), those with the most cooperatives and associations first.
_LIKELY_COUNTRIES = {
    "en": ("GB", "IE", "US", "CA", "AU", "NZ", "IN", "ZA", "KE", "NG"),
    "fr": ("FR", "BE", "CH", "CA", "LU", "SN", "CI", "MA", "TN", "DZ", "CM", "BF"),
    "es": ("ES", "AR", "MX", "CO", "CL", "PE", "UY", "EC", "BO", "CR"),
    "pt": ("PT", "BR", "AO", "MZ", "CV"),
    "ar": ("MA", "TN", "DZ", "EG", "LB", "JO", "PS", "SY", "IQ", "SD"),
}
_MOST_RADIOS = 10  # more choices open as a list
KIND_OF_ORGANIZATION = "organization-kind"


@dataclass(frozen=True)
class DrawnField:
    """A field with its texts and choices in the reader's language.

    `control`: line, area, select, radios, boxes, box or several. `groups`: choices below a heading, behind those
    without one. `rare`: choices behind "Something else". `when`: the name of its condition; `opens`: by value, the
    conditions that hold where it is chosen.
    """

    name: str
    control: str
    label: str
    hint: str
    optional: bool
    kind: str = ""
    options: Options = ()
    groups: Sequence[tuple[str, Options]] = ()
    rare: Options = ()
    when: str = ""
    opens: Mapping[str, str] | None = None
    autocomplete: str = ""
    rows: int = 3
    short: bool = False
    empty: str = ""


def shown_to(fields: Iterable[FormField], **answers: str) -> list[FormField]:
    """The fields that these answers ask for, as those that nothing on the page hides."""
    return [replace(field, when=None) for field in asked(fields, answers)]


def typed_answers(form: Form, fields: Iterable[FormField]) -> dict[str, Any]:
    """The answers of these fields, as they are stored. What a condition refuses is not said: the page hid its field."""
    fields = tuple(fields)
    answers = {field.name: _typed(form, field) for field in fields}
    for field in fields:
        if field.when is not None and field.when.refused and not field.when.holds(answers):
            answers[field.name] = [] if field.kind in LISTS else ""
    return answers


def _typed(form: Form, field: FormField) -> Any:
    if field.kind == NAMES:
        names = (" ".join(name.split()) for name in _COMMA.split(form.text(field.name)))
        return [name for name in names if name]
    if field.kind in LISTS:
        return list(form.chosen(field.name))
    if field.kind == TEXT:
        return form.text(field.name)
    line = form.line(field.name)
    if field.kind == DATE:
        return digits(line)
    if field.kind == URL:
        return whole_address(line)
    return line.upper() if field.kind == COUNTRY else line


def filled_form(fields: Iterable[FormField], answers: Mapping[str, Any], **more: str) -> Form:
    """The form filled with these answers."""
    values = {name: [value] for name, value in more.items()}
    for field in fields:
        value = answers.get(field.name)
        if field.kind == NAMES:
            values[field.name] = [", ".join(value or ())]
        elif field.kind in LISTS:
            values[field.name] = list(value or ())
        elif isinstance(value, str):
            values[field.name] = [value]
    return Form(values)


def drawn_fields(request: Request, fields: Sequence[FormField]) -> list[DrawnField]:
    """These fields for a page."""
    page_language: PageLanguage = request.state.page_language
    gettext: Translate = request.app.state.site.environment(page_language).globals["gettext_of"]
    conditions = {field.when.name: field.when for field in fields if field.when is not None}
    return [_drawn(field, page_language, gettext, conditions) for field in fields]


def _drawn(
    field: FormField, page_language: PageLanguage, gettext: Translate, conditions: Mapping[str, Condition]
) -> DrawnField:
    options, groups = _options(field, page_language, gettext), list[tuple[str, Options]]()
    if field.vocabulary == KIND_OF_ORGANIZATION:
        options, groups = kinds_of_organization(page_language, gettext)
    elif field.kind == COUNTRY:
        options, groups = countries(page_language, gettext)
        options = [(field.also[0], gettext(field.also[1]), ""), *options] if field.also[0] else options
    return DrawnField(
        name=field.name,
        control=_control(field),
        label=gettext(field.label),
        hint=gettext(field.hint) if field.hint else "",
        optional=not field.missing and field.kind != CONSENT and not _is_of_texts(field),
        kind=field.kind,
        options=[option for option in options if option[0] not in field.rare],
        groups=groups,
        rare=[option for option in options if option[0] in field.rare],
        when=field.when.name if field.when else "",
        opens=_opens(field, conditions),
        autocomplete=field.autocomplete,
        rows=field.rows,
        short=field.kind == DATE or 0 < field.longest <= 40,
        empty="" if _is_of_texts(field) else gettext(_CHOOSE_ONE if field.missing else _NOT_SAID),
    )


_CHOOSE_ONE, _NOT_SAID = mark("Choose one"), mark("Not said")
_ALL_COUNTRIES, _SOMETHING_ELSE = mark("All countries"), mark("Something else")


def _is_of_texts(field: FormField) -> bool:
    """Whether a field is the language of the form's own texts, which is chosen already."""
    return field.kind == LANGUAGE and field.name == "language"


def _control(field: FormField) -> str:
    if field.kind in (LANGUAGES, COUNTRIES):
        return "several"
    if field.kind == CONSENT:
        return "box"
    if field.kind in (TERM, COUNTRY, LANGUAGE):
        return "select"
    if field.kind in (CHOICE, YES_NO):
        return "radios" if len(field.options or field.terms) < _MOST_RADIOS else "select"
    if field.kind in (TERMS, CHOICES):
        return "boxes"
    return "area" if field.kind == TEXT else "line"


def _options(field: FormField, page_language: PageLanguage, gettext: Translate) -> Options:
    if field.shape == "currency":
        return [(code, f"{page_language.currency(code)} ({code})", "") for code in field.terms]
    if field.options:
        return [(value, gettext(label), gettext(hint) if hint else "") for value, label, hint in field.options]
    if field.kind == COUNTRIES:
        names = page_language.countries()
        return [(code, names[code], "") for code in dict.fromkeys((*likely_countries(page_language), *names))]
    if field.kind in (LANGUAGE, LANGUAGES):
        names = dict(calls.written_languages(page_language))
        first = dict.fromkeys((page_language.tag.partition("-")[0], *LANGUAGES_OF_PAGES))
        return [(tag, names[tag], "") for tag in dict.fromkeys((*first, *names)) if tag in names]
    if field.vocabulary:
        terms = vocabulary(field.vocabulary)
        explained = field.kind == CHOICE
        return [
            (slug, terms.label(slug, page_language.tag), _text(term.definition, page_language) if explained else "")
            for slug, term in terms.terms.items()
        ]
    return ()


def _text(words: Mapping[str, str], page_language: PageLanguage) -> str:
    text_in_language = page_language.text_of(words)
    return text_in_language.text if text_in_language else ""


def likely_countries(page_language: PageLanguage) -> tuple[str, ...]:
    return _LIKELY_COUNTRIES.get(page_language.tag.partition("-")[0], ())


def countries(page_language: PageLanguage, gettext: Translate) -> tuple[Options, list[tuple[str, Options]]]:
    """The countries where readers of this language mostly are, and all of them behind."""
    names = page_language.countries()
    every = [(code, name, "") for code, name in names.items()]
    return [(code, names[code], "") for code in likely_countries(page_language)], [(gettext(_ALL_COUNTRIES), every)]


def kinds_of_organization(page_language: PageLanguage, gettext: Translate) -> tuple[Options, list[tuple[str, Options]]]:
    """The families of organizations, and behind them the kinds of each."""
    terms = vocabulary(KIND_OF_ORGANIZATION)

    def name(slug: str) -> str:
        return gettext(_SOMETHING_ELSE) if slug == UNKNOWN_KIND else terms.label(slug, page_language.tag)

    def options(slugs: Iterable[str]) -> Options:
        return [(slug, name(slug), "") for slug in slugs]

    below = [(name(family), options(kinds)) for family in terms.top if (kinds := terms.children(family))]
    return options(terms.top), below


def _opens(field: FormField, conditions: Mapping[str, Condition]) -> Mapping[str, str]:
    """The names of the conditions that each value of this field fulfils."""
    openings: dict[str, list[str]] = {}
    for name, condition in conditions.items():
        for value in condition.values if condition.field == field.name else ():
            openings.setdefault(value, []).append(name)
    return {value: " ".join(names) for value, names in openings.items()}
