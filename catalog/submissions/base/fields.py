"""The fields of a form, a row each: what is asked, when, what a value must be, whether it is public, how it is called
in the body of the API and in exports. Pages, checks, previews, the desk and the API's schema are made of these rows.

How a kind of field is read from a form and drawn is in `forge.web.submissions.form_fields`, how a program sends it in
`forge.web.api.resources.submission_bodies`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog import text_rules as rules
from catalog.rules.call import MAX_WORDS
from catalog.rules.contact_details import contact_in, has_email
from catalog.submissions.base import validation
from catalog.submissions.base.protocol import EditableText, Row
from catalog.vocabulary import vocabulary

LINE, SENTENCE, TEXT, URL, DATE, DAY = "line", "sentence", "text", "url", "date", "day"
TERM, TERMS, CHOICE, CHOICES, NAMES = "term", "terms", "choice", "choices", "names"
COUNTRY, LANGUAGE, LANGUAGES, CONSENT, YES_NO = "country", "language", "languages", "consent", "yes-no"
COUNTRIES = "countries"
LISTS = (TERMS, CHOICES, NAMES, LANGUAGES, COUNTRIES)  # kinds whose answer is a list of texts
SPOKEN = (SENTENCE, TEXT)  # kinds that are said in a language: one line, or several
WRITTEN = (LINE, NAMES, *SPOKEN)  # kinds that somebody writes in their own words
YES, NO = "yes", "no"

NO_URL = "Enter a web address like https://example.org, or leave this empty"
NO_DATE = "Enter a year like 2019, or a month like 2019-05"
BACKWARDS = "The end is before the beginning. Correct one of the two"
LATER = "Enter a date that is not in the future"
NO_CHOICE = "Choose one from the list, or leave it open"
TOO_LONG = "This is too long. Shorten it"
TOO_LONG_REASON = "Use 500 characters or fewer"
TOO_LONG_WORDS = "Use 2,000 characters or fewer"
TOO_MANY = "Name at most 5"
AN_ADDRESS = "Leave out e-mail addresses: this text is public"
SENTENCES = (
    NO_URL,
    NO_DATE,
    LATER,
    NO_CHOICE,
    TOO_LONG,
    TOO_LONG_REASON,
    TOO_LONG_WORDS,
    TOO_MANY,
    AN_ADDRESS,
)

LONGEST = {LINE: validation.MAX_LINE, SENTENCE: validation.MAX_LINE, TEXT: MAX_WORDS}  # characters
TOO_LONG_BY_BOUND = {validation.MAX_LINE: validation.TOO_LONG_LINE, MAX_WORDS: validation.TOO_LONG,
                     500: TOO_LONG_REASON, 2_000: TOO_LONG_WORDS}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """A field is asked only where the answer `field` is one of `values`; `name` groups those that are asked together.

    `refused`: the sentence for an answer that was given all the same. Without one it counts: the page does not ask, and
    a program may tell it.
    """

    name: str
    field: str
    values: tuple[str, ...]
    refused: str = ""

    def holds(self, answers: Mapping[str, Any]) -> bool:
        answer = answers.get(self.field)
        return bool(set(answer) & set(self.values)) if isinstance(answer, (list, tuple)) else answer in self.values


@dataclass(frozen=True)
class FormField:
    """A question. All texts are msgids; `kind` is one of those above.

    `label`, `hint`: what the form says. `called`: what the answer is called where it is read; else the label.
    `options`: value, label and hint of a choice. `rare`: those that stand behind "Something else". `also`: a value with
    its label that a country may have beside those of ISO 3166-1.
    `step`: the page that asks it. `when`: asked only then.
    `missing`: the sentence for no answer, which makes it required. `refused`: for one that cannot be. `longest`: in
    characters; else as `LONGEST` has it; `too_long`: the sentence for more. `most`: in entries. `not_before`: the
    field of an earlier date. `check` tells what else is wrong, a sentence or None.
    `public`: everybody reads it where the record is public, so that it holds no address, nor a telephone number unless
    `numbered`. `editable`: the desk may correct it; else what is public and written in somebody's own words.
    `row`: how previews and the desk name it; "": they leave it out. `shape`: how they draw it, as `Row` has it.
    `shown`: a sentence with one place like %(name)s for where readers see it; else it is called and told. `unit`: the
    field whose answer stands behind the value there. `documented`: what the API's schema says.
    """

    name: str
    kind: str = LINE
    label: str = ""
    hint: str = ""
    called: str = ""
    vocabulary: str = ""
    options: Sequence[tuple[str, str, str]] = ()
    rare: tuple[str, ...] = ()
    step: str = ""
    when: Condition | None = None
    missing: str = ""
    refused: str = ""
    longest: int = 0
    too_long: str = ""
    most: int = 0
    too_many: str = TOO_MANY
    check: Callable[[Any], str | None] | None = None
    not_before: str = ""
    in_future: bool = False
    also: tuple[str, str] = ("", "")
    public: bool = True
    numbered: bool = False
    editable: bool | None = None
    row: str | None = None
    shape: str = ""
    shown: str = ""
    unit: str = ""
    documented: str = ""
    autocomplete: str = ""
    rows: int = 3  # lines of a text's box

    @property
    def bound(self) -> int:
        return self.longest or LONGEST.get(self.kind, 0)

    @property
    def heading(self) -> str:
        return self.called or self.label

    @property
    def row_name(self) -> str:
        return self.name if self.row is None else self.row

    @property
    def terms(self) -> tuple[str, ...]:
        """What may be chosen."""
        return (
            tuple(vocabulary(self.vocabulary).terms) if self.vocabulary else tuple(value for value, *_ in self.options)
        )


def asked(fields: Iterable[FormField], answers: Mapping[str, Any]) -> Iterable[FormField]:
    """The fields that these answers ask for."""
    return (field for field in fields if field.when is None or field.when.holds(answers))


def problems_of(fields: Sequence[FormField], answers: Mapping[str, Any], now: datetime | None = None) -> dict[str, str]:
    """What is wrong with these answers, a sentence by field, in the order of the fields. `now`: without it no date is
    in the future."""
    wrong = dict[str, str]()
    for field in fields:
        sentence = _problem(field, answers, wrong, now)
        if sentence is None and field.not_before and not {field.not_before, field.name} & wrong.keys():
            sentence = BACKWARDS if _is_before(answers.get(field.name), answers.get(field.not_before)) else None
        if sentence:
            wrong[field.name] = sentence
    return wrong


def _is_before(until: Any, since: Any) -> bool:
    """Whether a date is before another, as far as both are told."""
    length = min(len(str(until or "")), len(str(since or "")))
    return str(until or "")[:length] < str(since or "")[:length]


def _problem(
    field: FormField, answers: Mapping[str, Any], wrong: Mapping[str, str], now: datetime | None
) -> str | None:
    value, asks = answers.get(field.name), field.when is None or field.when.holds(answers)
    empty = not value or (isinstance(value, str) and not value.strip())
    if not asks and field.when is not None and field.when.refused and field.when.field not in wrong:
        return None if empty else field.when.refused
    if empty and field.kind != CONSENT:
        return (field.missing or None) if asks else None
    if field.kind == CONSENT:
        return (field.missing or None) if value != YES and (asks or value) else None
    if field.kind in LISTS:
        return _list_problem(field, value)
    if not isinstance(value, str):
        return field.refused or NO_CHOICE
    return _refusal(field, value.strip(), now) or (field.check(value) if field.check else None)


def _list_problem(field: FormField, value: Any) -> str | None:
    entries = value if isinstance(value, (list, tuple)) else ()
    if not entries or not all(isinstance(entry, str) and entry for entry in entries):
        return field.refused or field.missing or NO_CHOICE
    if field.kind in (TERMS, CHOICES) and not set(entries) <= set(field.terms):
        return field.refused or NO_CHOICE
    if field.kind == LANGUAGES and any(validation.language({"language": tag}) for tag in entries):
        return field.refused or validation.NO_LANGUAGE
    if field.kind == COUNTRIES and any(rules.country(code) for code in entries):
        return field.refused or validation.NO_COUNTRY
    if field.most and len(dict.fromkeys(entries) if field.kind in (LANGUAGES, COUNTRIES) else entries) > field.most:
        return field.too_many
    if field.longest and any(len(entry) > field.longest for entry in entries):
        return TOO_LONG
    return AN_ADDRESS if field.kind == NAMES and any(has_email(entry) for entry in entries) else None


def _refusal(field: FormField, value: str, now: datetime | None) -> str | None:
    if field.kind in (TERM, CHOICE) and value not in field.terms:
        return field.refused or NO_CHOICE
    if field.kind == YES_NO and value not in (YES, NO):
        return field.refused or NO_CHOICE
    if field.kind == COUNTRY and value != field.also[0] and rules.country(value):
        return field.refused or validation.NO_COUNTRY
    if field.kind == LANGUAGE and validation.language({"language": value}):
        return field.refused or validation.NO_LANGUAGE
    if field.bound and len(value) > field.bound:
        return field.too_long or TOO_LONG_BY_BOUND.get(field.bound, TOO_LONG)
    if field.kind == URL and rules.url(value):
        return field.refused or NO_URL
    if field.kind == DATE:
        if rules.date(value):
            return field.refused or NO_DATE
        if now and not field.in_future and value > now.date().isoformat()[: len(value)]:
            return LATER
    if field.kind in WRITTEN and field.public:
        return _contact(field, value)
    return None


def _contact(field: FormField, value: str) -> str | None:
    if field.numbered:
        return AN_ADDRESS if has_email(value) else None
    return validation.A_CONTACT if contact_in(value) else None


def rows_of(
    fields: Iterable[FormField], answers: Mapping[str, Any], language: str, before: Mapping[str, Any] | None = None
) -> tuple[Row, ...]:
    """What the answers say, line by line, with what stands there now where that is known; what was not answered and
    stood nowhere is left out."""
    rows = []
    for field in asked(fields, answers):
        after, now = recorded(field, answers.get(field.name), language), (before or {}).get(field.name) or None
        if field.row_name and (after is not None or now is not None):
            rows.append(Row(field.row_name, now, after, shape_of(field), field.heading, _codes(field)))
    return tuple(rows)


def recorded(field: FormField, value: Any, language: str) -> Any:
    """An answer as a record and a preview hold it: a text by its language; None for no answer."""
    if field.kind in LISTS:
        entries = list(dict.fromkeys(entry for entry in value or () if isinstance(entry, str)))
        return entries or None
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        return None
    if field.kind in SPOKEN and not field.shape:
        return {language: text}
    return text == YES if field.kind in (CONSENT, YES_NO) else text


def editable_texts(fields: Iterable[FormField], answers: Mapping[str, Any]) -> tuple[EditableText, ...]:
    """The texts that the desk may correct before they are published."""
    return tuple(
        EditableText((field.name,), field.row_name or field.name, value, field.heading)
        for field in fields
        if is_editable(field) and isinstance(value := answers.get(field.name), str)
    )


def is_editable(field: FormField) -> bool:
    return field.editable if field.editable is not None else field.public and field.kind in (LINE, *SPOKEN)


def shape_of(field: FormField) -> str:
    """How previews draw its answer: a shape of `Row`."""
    if field.shape:
        return field.shape
    if field.kind in (TERM, TERMS):
        return f"{field.kind}:{field.vocabulary}"
    if field.kind in (CHOICE, CHOICES):
        return f"code:{field.name}"
    return _SHAPES.get(field.kind, "text")


def _codes(field: FormField) -> Mapping[str, str]:
    return {value: label for value, label, *_ in field.options}


_SHAPES: Mapping[str, str] = {
    **dict.fromkeys(SPOKEN, "words"),
    **dict.fromkeys((CONSENT, YES_NO), "yes-no"),
    **dict.fromkeys((DATE, DAY), "date"),
    **{kind: kind for kind in (URL, COUNTRY, COUNTRIES, LANGUAGE, LANGUAGES)},
}
