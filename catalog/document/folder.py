"""Reads a document from a file. Its content is checked by `reader`."""

from pathlib import Path

from catalog.document.keys import DOCUMENT
from catalog.document.nodes import MAX_BYTES, compose
from catalog.document.own_terms import own_terms
from catalog.document.problems import Problems
from catalog.document.reader import DocumentReader
from catalog.document.references import DocumentReferences, Mention
from catalog.document.writer import complete
from catalog.errors import DocumentProblem, FaultyDocument
from catalog.model import Document, OwnTerm
from catalog.text_rules import extendable_vocabulary
from catalog.text_rules import slug as slug_rule
from catalog.vocabulary import OwnTerms, with_own_terms
from catalog.yaml_nodes import Mapping, Node, Sequence


def load(path: Path | str) -> Document:
    """The document at `path`, in canonical order, every record with its id.

    Raises FaultyDocument with all problems; a missing file is one.
    """
    document, problems = check(path)
    if document is None:
        raise FaultyDocument(problems)
    return document


def check(path: Path | str) -> tuple[Document | None, list[DocumentProblem]]:
    """The document at `path`, None if there is any problem; the problems in the order of lines."""
    document, problems, _ = check_with_places(path)
    return document, problems


def check_with_places(
    path: Path | str,
) -> tuple[Document | None, list[DocumentProblem], dict[tuple[str, str], Mention]]:
    """As `check`, and where each record stands, by kind and slug."""
    path = Path(path)
    reading = _DocumentReading(str(path))
    data = reading.bytes_of(path)
    document, problems = reading.document(data) if data is not None else (None, reading.problems.listed())
    names = reading.references.names
    return document, problems, {(kind, place.text): place for kind, places in names.items() for place in places}


def parse(data: bytes, name: str = "document") -> tuple[Document | None, list[DocumentProblem]]:
    """As `check`, for bytes from anywhere (YAML, or JSON); `name` is the file's name in problems."""
    return _DocumentReading(name).document(data)


def _terms_of(root: Node | None) -> OwnTerms | None:
    """The terms that the manifest adds, read before all else: records may use them. What is wrong with them is told
    when the manifest is read."""
    manifest = root.get("manifest") if isinstance(root, Mapping) else None
    terms = manifest.get("terms") if isinstance(manifest, Mapping) else None
    added = []
    for node in terms.nodes if isinstance(terms, Sequence) else ():
        name, slug = (node.text("vocabulary"), node.text("slug")) if isinstance(node, Mapping) else (None, None)
        if isinstance(node, Mapping) and name and slug and not (extendable_vocabulary(name) or slug_rule(slug)):
            added.append(OwnTerm(name, slug, {}, node.text("parent")))
    return own_terms(added)


class _DocumentReading:
    def __init__(self, name: str):
        self.problems = Problems(name)
        self.references = DocumentReferences()
        self.reader = DocumentReader(self.problems, self.references)

    def bytes_of(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
                size = len(data) if len(data) <= MAX_BYTES else path.stat().st_size
        except OSError as error:
            self.problems.add(1, 1, "", f"The file cannot be opened ({error.strerror}); check its name and its rights.")
            return None
        if size > MAX_BYTES:
            sentence = f"The file has {size:,} bytes, more than {MAX_BYTES:,}; remove what nobody needs."
            self.problems.add(1, 1, "", sentence)
            return None
        return data

    def document(self, data: bytes) -> tuple[Document | None, list[DocumentProblem]]:
        root = compose(data, self.problems)
        with with_own_terms(_terms_of(root)):
            document = self.reader.read(root, DOCUMENT) if root else None
        if not self.problems.full:  # else some records were not read
            self.references.check(self.problems)
        if self.problems or not isinstance(document, Document):
            return None, self.problems.listed()
        return complete(document), []
