"""The small document that `forge init` writes: one real project, with its source, and lines to fill in for what only
the operators know. Nothing in it is invented: what nobody filled in, no page says.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from catalog.document import complete, dump, files
from catalog.document.included_files import MAX_BYTES
from catalog.errors import DocumentProblem
from catalog.model import CHOSEN_BY_EDITORS, Document, Evidence, Manifest, Project

_TO_FILL_IN = re.compile(r"^(\s*# )FILL IN: (\S.*)")
_HEAD = """\
# Five places are to be filled in. Each begins with FILL IN and says what to do; `forge check` names them until they are
# gone. Take the line with FILL IN away, and the "# " before the lines below it, and write your own words in place of
# the samples: `forge check` names those that are still there. What is not filled in, no page says.
"""
_NAME_LINE = "  # FILL IN: call the catalogue what your network calls it, in each of its languages.\n"
_ORGANIZATION, _HOMEPAGE = "The name of your organization", "https://your-organization.example"
_CONTACT = "contact@your-organization.example"
_CRITERIA = "Free software that is useful to the members of our network."
_VALIDATION = "Two people of our network read each statement and its source."
_SAMPLES = (_ORGANIZATION, _HOMEPAGE, _CONTACT, _CRITERIA, _VALIDATION)
_SAMPLE = re.compile(rf"""^(\s*[a-z]+: )["']?(?:{"|".join(map(re.escape, _SAMPLES))})["']?\s*$""")
_OPERATOR_LINES = f"""\
  # FILL IN: say which organization runs the catalogue; its homepage and country may be left out.
  # operator:
  #   name: {_ORGANIZATION}
  #   homepage: {_HOMEPAGE}
  #   country: FR
  # FILL IN: give a page, or an address of a function and never a person's, where people reach you.
  # contact: {_CONTACT}
  # FILL IN: say which software you take in.
  # criteria:
  #   en: {_CRITERIA}
  # FILL IN: say who reads what stands here before it is shown, and how.
  # validation:
  #   en: {_VALIDATION}
"""


def starter_text(identity: UUID | None = None) -> str:
    """Return the text, with a fresh identity for the instance unless one is given."""
    manifest = Manifest(
        id=identity or uuid4(),
        name={"en": "A catalogue of free software", "fr": "Un catalogue de logiciels libres"},
        languages=("en", "fr"),
        refresh={
            "en": "The code of each project is visited regularly and automatically.",
            "fr": "Le code de chaque projet est visité régulièrement et automatiquement.",
        },
    )
    project = Project(
        slug="galette",
        name="Galette",
        summary={
            "en": "Manages the members and the fees of an association",
            "fr": "Gère les adhérents et les cotisations d'une association",
        },
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
    text = dump(complete(Document(manifest=manifest, projects=(project,))))
    for before, added in (("  name:\n", _NAME_LINE), ("  refresh:\n", _OPERATOR_LINES)):
        text = text.replace(before, f"{added}{before}", 1)
    return _HEAD + text


def to_fill_in(path: Path) -> Iterator[DocumentProblem]:
    """The lines of a document, and of what it includes, that say that something is to be filled in below them, and
    those that hold a sample of `starter_text`. A document that has some is a good one. Raises OSError.
    """
    for file in files(path):
        with file.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines.read(MAX_BYTES).splitlines(), 1):
                if found := _TO_FILL_IN.match(line):
                    yield DocumentProblem(str(file), number, len(found[1]) + 1, "", f"To fill in: {found[2]}")
                elif found := _SAMPLE.match(line):
                    sentence = "To fill in: this is still the sample."
                    yield DocumentProblem(str(file), number, len(found[1]) + 1, "", sentence)
