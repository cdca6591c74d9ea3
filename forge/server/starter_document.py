"""The small document that `forge init` writes: what the operators answered, one real project with its source, and lines
to fill in for what they left open. Nothing in it is invented: what nobody answered, no page says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from catalog.document import complete, dump
from catalog.document.nodes import MAX_BYTES
from catalog.errors import DocumentProblem
from catalog.model import Document, Evidence, Manifest, Operator, Project
from catalog.text_rules import CHOSEN_BY_EDITORS

_TO_FILL_IN = re.compile(r"^(\s*# )FILL IN: (\S.*)")
_HEAD = """\
# Each place that is to be filled in begins with FILL IN and says what to do; `forge check` names them until they are
# gone. Take the line with FILL IN away, and the "# " before the lines below it, and write your own words in place of
# the samples: `forge check` names those that are still there. What is not filled in, no page says.
"""
_ORGANIZATION, _HOMEPAGE = "The name of your organization", "https://your-organization.example"
_CONTACT = "contact@your-organization.example"
_CRITERIA = "Free software that is useful to the members of our network."
_VALIDATION = "Two people of our network read each statement and its source."
_SAMPLES = (_ORGANIZATION, _HOMEPAGE, _CONTACT, _CRITERIA, _VALIDATION)
_SAMPLE = re.compile(rf"""^(\s*[a-z]+: )["']?(?:{"|".join(map(re.escape, _SAMPLES))})["']?\s*$""")
_NAME_LINE = "  # FILL IN: call the catalogue what your network calls it, in each of its languages.\n"
_OPERATOR_LINES = f"""\
  # FILL IN: say which organization runs the catalogue; its homepage and country may be left out.
  # operator:
  #   name: {_ORGANIZATION}
  #   homepage: {_HOMEPAGE}
  #   country: FR
"""
_CONTACT_LINES = f"""\
  # FILL IN: give a page, or an address of a function and never a person's, where people reach you.
  # contact: {_CONTACT}
"""
_CRITERIA_LINES = f"""\
  # FILL IN: say which software you take in.
  # criteria:
  #   {{language}}: {_CRITERIA}
"""
_VALIDATION_LINES = f"""\
  # FILL IN: say who reads what stands here before it is shown, and how.
  # validation:
  #   {{language}}: {_VALIDATION}
"""
_NAMES = {
    "ar": "دليل للبرمجيات الحرة",
    "en": "A catalogue of free software",
    "es": "Un catálogo de software libre",
    "fr": "Un catalogue de logiciels libres",
    "pt": "Um catálogo de software livre",
}
_REFRESH = {
    "ar": "نزور شيفرة كل مشروع بانتظام وبصورة آلية.",
    "en": "The code of each project is visited regularly and automatically.",
    "es": "El código de cada proyecto se visita con regularidad y de forma automática.",
    "fr": "Le code de chaque projet est visité régulièrement et automatiquement.",
    "pt": "O código de cada projeto é visitado com regularidade e de forma automática.",
}
_SUMMARY = {
    "ar": "يدير أعضاء الجمعية واشتراكاتهم",
    "en": "Manages the members and the fees of an association",
    "es": "Gestiona los socios y las cuotas de una asociación",
    "fr": "Gère les adhérents et les cotisations d'une association",
    "pt": "Gere os sócios e as quotas de uma associação",
}


@dataclass(frozen=True)
class Answers:
    """What the operators said of their catalogue; None is what they left open. `criteria` and `validation` are in the
    first of the languages."""

    name: str | None = None
    languages: tuple[str, ...] = ("en", "fr")
    operator: Operator | None = None
    contact: str | None = None
    criteria: str | None = None
    validation: str | None = None


def starter_text(
    answers: Answers | None = None, identity: UUID | None = None, records_of: Document | None = None
) -> str:
    """Return the text, with a fresh identity for the instance unless one is given. It has the records of another
    document, or one project."""
    answers = answers or Answers()
    first = answers.languages[0]
    manifest = Manifest(
        id=identity or uuid4(),
        name=dict.fromkeys(answers.languages, answers.name) if answers.name else _texts(_NAMES, answers.languages),
        languages=answers.languages,
        operator=answers.operator,
        contact=answers.contact,
        criteria={first: answers.criteria} if answers.criteria else {},
        validation={first: answers.validation} if answers.validation else {},
        refresh=_texts(_REFRESH, answers.languages),
    )
    project = Project(
        slug="galette",
        name="Galette",
        summary=_texts(_SUMMARY, answers.languages),
        repository="https://github.com/galette/galette.git",
        homepage="https://galette.eu",
        domains=("member-management",),
        license="GPL-3.0-or-later",
        evidence={
            "summary": Evidence(CHOSEN_BY_EDITORS),
            "domains": Evidence(CHOSEN_BY_EDITORS),
            "homepage": Evidence("galette/galette:README.md", "2026-11-24"),
            "license": Evidence("galette/galette:LICENSE.md", "2026-11-24"),
        },
    )
    begun = replace(records_of, manifest=manifest) if records_of else Document(manifest=manifest, projects=(project,))
    text = dump(complete(begun))
    to_say = (
        ("  name:\n", _NAME_LINE, answers.name),
        ("  refresh:\n", _OPERATOR_LINES, answers.operator),
        ("  refresh:\n", _CONTACT_LINES, answers.contact),
        ("  refresh:\n", _CRITERIA_LINES, answers.criteria),
        ("  refresh:\n", _VALIDATION_LINES, answers.validation),
    )
    gaps = [(before, added.replace("{language}", first)) for before, added, answer in to_say if answer is None]
    for before, added in gaps:
        text = text.replace(before, f"{added}{before}", 1)
    return _HEAD + text if gaps else text


def _texts(texts: dict[str, str], languages: tuple[str, ...]) -> dict[str, str]:
    """Return what we have in these languages; in English, where that is none of them."""
    return {tag: texts[tag] for tag in languages if tag in texts} or {"en": texts["en"]}


def to_fill_in(path: Path) -> Iterator[DocumentProblem]:
    """The lines of a document that say that something is to be filled in below them, and those that hold a sample of
    `starter_text`. A document that has some is a good one. Raises OSError.
    """
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines.read(MAX_BYTES).splitlines(), 1):
            if match := _TO_FILL_IN.match(line):
                yield DocumentProblem(str(path), number, len(match[1]) + 1, "", f"To fill in: {match[2]}")
            elif match := _SAMPLE.match(line):
                yield DocumentProblem(str(path), number, len(match[1]) + 1, "", "To fill in: this is still the sample.")
