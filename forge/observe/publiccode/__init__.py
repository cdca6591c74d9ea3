"""publiccode.yml of every version 0: its problems with line and sentence, and what it states about the project.

`check` judges a file by itself, `seen` reads it in a tree; `words` holds the closed lists, mapped to our vocabularies.
"""

from forge.observe.publiccode import words
from forge.observe.publiccode.check import Checked, Problem, check, check_references
from forge.observe.publiccode.shareable import shareable
from forge.observe.publiccode.told import STANDARD, seen

__all__ = ["STANDARD", "Checked", "Problem", "check", "check_references", "seen", "shareable", "words"]
