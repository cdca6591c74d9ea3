"""Collects the sentences of pages and messages for translators, and checks translations.

It reads our own templates and code; `forge languages` writes the files. Pages take their texts from `languages`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from forge import FORGE, TEMPLATES

_JINJA = {"trimmed": "true", "newstyle_gettext": "true", "encoding": "utf-8"}
_KEYWORDS = DEFAULT_KEYWORDS | {"mark": None}
# In the order of each catalogue. What `catalog` refuses with is in tables, see `forge.i18n.extract`.
_FOLDERS = (
    (FORGE.parent / "catalog", (("**.py", "forge.i18n.extract:extract"),)),
    (FORGE, (("**.py", "python"),)),
    (TEMPLATES, (("**.html", "jinja2"), ("**.txt", "jinja2"))),
)
WIDTH = 0  # a sentence a line: what changed in a catalogue is read and merged line by line
_GAP = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class TranslationProblem:
    """What is wrong with one sentence of a language. `kind`: missing | left-over | doubtful | gaps | tags | plural."""

    language: str
    kind: str
    message: str
    description: str

    def __str__(self) -> str:
        return f"{self.language}: {self.description}: {self.message}"


def collect_sentences() -> Catalog:
    """Collect every sentence of templates, code and refusals, without translations."""
    template = Catalog(project="Forge", charset="utf-8", fuzzy=False)
    for folder, ways in _FOLDERS:
        options = {pattern: _JINJA for pattern, way in ways if way == "jinja2"}
        messages = extract_from_dir(folder, list(ways), options, _KEYWORDS)
        for _, _, message, _, context in messages:
            template.add(message, context=context)
    return template


def updated_catalog(source: bytes, tag: str, template: Catalog) -> bytes:
    """Update the catalogue of a language to the sentences of today: known translations and its head stay, those that
    no page says any more go, new ones are empty, and nothing is guessed.

    Raises ValueError for a language that Babel does not know.
    """
    locale = Locale.parse(tag, sep="-")
    catalog = read_po(BytesIO(source), locale=str(locale)) if source else Catalog(locale=str(locale), fuzzy=False)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    written = BytesIO()
    write_po(written, catalog, width=WIDTH, ignore_obsolete=True)
    return written.getvalue()


def is_foreign(source: bytes, template: Catalog) -> bool:
    """Return whether a catalogue has sentences, and none of ours: an update would empty it."""
    theirs, ours = (
        {message.id for message in each_catalog if message.id} for each_catalog in (read_po(BytesIO(source)), template)
    )
    return bool(theirs) and theirs.isdisjoint(ours)


def translation_problems(source: bytes, tag: str, template: Catalog) -> Iterator[TranslationProblem]:
    """Yield what a translator has to mend in the catalogue of a language, sentence by sentence.

    A gap may be left out of a plural form that says its number in words; all other gaps have to be there.
    """
    catalog = read_po(BytesIO(source), locale=str(Locale.parse(tag, sep="-")))
    forms, forms_there = get_plural(tag.partition("-")[0]), _plural_forms(source)
    if forms_there.rstrip("; ") != forms.plural_forms.rstrip("; "):
        yield TranslationProblem(
            tag, "plural", forms.plural_forms, "the head of the file states other plural forms than"
        )
    todays = {message.id for message in template if message.id}
    todays |= {many[0] for many in todays if isinstance(many, tuple)}
    messages = {message.id: message for message in catalog if message.id}
    for message in template:
        if message.id and message.id not in messages and _first_id(message) not in map(_first_id, messages.values()):
            yield TranslationProblem(tag, "missing", _first_id(message), "not there")
    for message in messages.values():
        fault = (
            _fault_of(message, forms.num_plurals) if message.id in todays else ("left-over", "no page says it any more")
        )
        if fault:
            yield TranslationProblem(tag, fault[0], _first_id(message), fault[1])
    for message in catalog.obsolete.values():
        yield TranslationProblem(tag, "left-over", _first_id(message), "no page says it any more")


def _fault_of(message: Message, plurals: int) -> tuple[str, str] | None:
    strings = _strings(message)
    if message.fuzzy:
        return "doubtful", "marked as doubtful (fuzzy)"
    if not all(strings):
        return "missing", "not translated"
    if message.pluralizable and len(strings) != plurals:
        return "plural", f"{len(strings)} forms where the language has {plurals}"
    fault = fault_of(message)
    return ("gaps" if fault.startswith("its gaps") else "tags", fault) if fault else None


def fault_of(message: Message) -> str | None:
    """Return what would break a page with this translation: other gaps or tags than English has; None if sound."""
    strings, source = _strings(message), message.id[-1] if isinstance(message.id, tuple | list) else message.id
    gaps = set(_GAP.findall(source))
    *few, last = [set(_GAP.findall(form)) for form in strings]
    if last != gaps or not all(form <= gaps and len(gaps - form) <= 1 for form in few):
        return f"its gaps are not those of English ({', '.join(sorted(gaps)) or 'none'})"
    if any(sorted(_TAG.findall(form)) != sorted(_TAG.findall(source)) for form in strings):
        return "its tags are not those of English"
    return None


def _strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string or ""]


def _first_id(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _plural_forms(source: bytes) -> str:
    """Return what the file itself states: Babel fills in what it knows of the language."""
    head = source.decode("utf-8", "replace").partition("\n\n")[0]
    lines = "".join(re.findall(r'^"(.*)"$', head, re.MULTILINE)).split("\\n")
    return next((line.partition(": ")[2] for line in lines if line.startswith("Plural-Forms:")), "")
