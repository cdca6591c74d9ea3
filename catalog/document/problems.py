"""The list of mistakes of a document while it is read: bounded, in order, none reported twice."""

from catalog.errors import DocumentProblem
from catalog.sentences import Sentence

MAX_PROBLEMS = 1000  # listed; the others are counted


class Problems:
    """Mistakes of one document.

    `broken`: it could not be read to its end, so that nothing may be called missing. `has_doubles`: a key is
    written twice somewhere.
    """

    def __init__(self, file: str):
        self.file = file
        self.broken = self.has_doubles = False
        self._found: dict[DocumentProblem, None] = {}
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def full(self) -> bool:
        """Whether further ones are only counted: then the caller need not search for the nearest known word."""
        return len(self._found) >= MAX_PROBLEMS

    def add(self, line: int, column: int, field: str, sentence: Sentence) -> None:
        if self.full:
            self._more += 1
            return
        text = sentence if isinstance(sentence, str) else sentence()
        self._found.setdefault(DocumentProblem(self.file, line, column, field, text))

    def count(self, untold: int) -> None:
        """So many more were found and not told."""
        self._more += untold

    def listed(self) -> list[DocumentProblem]:
        """All of them by line and column; a last line says how many more there are."""
        listed = sorted(self._found, key=lambda problem: (problem.line, problem.column))
        if self.full:
            last = listed[-1]
            many = f"are at least {self._more:,}" if self._more else "may be"
            sentence = f"There {many} more problems; correct these first and check again."
            listed.append(DocumentProblem(last.file, last.line, last.column, "", sentence))
        return listed
