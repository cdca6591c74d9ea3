"""publiccode.yml of every version 0: its problems with line and sentence, and what it states about the project.

`check_file` judges a file by itself, `observe_publiccode` reads it in a tree; `words` holds the closed lists, mapped to
our vocabularies.
"""

from forge.observe.publiccode import words
from forge.observe.publiccode.check import CheckedFile, check_file, check_references
from forge.observe.publiccode.facts import STANDARD, observe_publiccode
from forge.observe.publiccode.shareable import without_persons

__all__ = [
    "STANDARD",
    "CheckedFile",
    "check_file",
    "check_references",
    "observe_publiccode",
    "without_persons",
    "words",
]
