"""publiccode.yml of every version 0: what it states about the project.

`read_values` reads a file by itself, `observe_publiccode` reads it in a tree; `words` holds the closed lists, mapped to
our vocabularies.
"""

from forge.observe.publiccode import words
from forge.observe.publiccode.facts import observe_publiccode, read_values

__all__ = ["observe_publiccode", "read_values", "words"]
