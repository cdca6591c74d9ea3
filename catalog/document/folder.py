"""Reads a document from a path: the first file and those it includes. Their content is checked by `reader`."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from catalog.document.included_files import MAX_BYTES
from catalog.document.keys import DOCUMENT, INCLUDED_CONTENT, IncludedContent
from catalog.document.nodes import compose
from catalog.document.own_terms import own_terms
from catalog.document.problems import Problems
from catalog.document.reader import Reader
from catalog.document.references import Mention, References
from catalog.document.writer import complete
from catalog.errors import DocumentProblem, FaultyDocument
from catalog.model import Document, OwnTerm
from catalog.sentences import quoted
from catalog.text_rules import extendable_vocabulary
from catalog.text_rules import slug as slug_rule
from catalog.vocabulary import OwnTerms, with_own_terms
from catalog.yaml_nodes import Mapping, Node, Scalar, Sequence

MAX_FILES = 1000  # included by one document
MAX_ALL_BYTES = 100_000_000  # of all files together


def load(path: Path | str) -> Document:
    """The document at `path` with what it includes, in canonical order, every record with its id.

    Raises FaultyDocument with all problems; a missing file is one.
    """
    document, problems = check(path)
    if document is None:
        raise FaultyDocument(problems)
    return document


def check(path: Path | str) -> tuple[Document | None, list[DocumentProblem]]:
    """The document at `path`, None if there is any problem; the problems in the order of files and lines."""
    document, problems, _ = check_with_places(path)
    return document, problems


def check_with_places(
    path: Path | str,
) -> tuple[Document | None, list[DocumentProblem], dict[tuple[str, str], Mention]]:
    """As `check`, and where each record stands, by kind and slug."""
    path = Path(path)
    reading = _DocumentReading(str(path))
    data = reading.bytes_of(path)
    document, problems = reading.document(data, path) if data is not None else (None, reading.problems.listed())
    names = reading.references.names
    return document, problems, {(kind, place.text): place for kind, places in names.items() for place in places}


def parse(data: bytes, name: str = "document") -> tuple[Document | None, list[DocumentProblem]]:
    """As `check`, for bytes from anywhere (YAML, or JSON); `name` is the file's name in problems. Includes are
    refused."""
    return _DocumentReading(name).document(data, None)


def included_paths(path: Path, data: bytes) -> list[Path]:
    """The files that the document `data` at `path` includes, in the order they are read; nothing is checked."""
    reading = _DocumentReading(str(path))
    include = reading.take_include(compose(data, reading.problems))
    return [path.parent / file for file in reading.included(include, path)] if include else []


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
        self.references = References()
        self.reader = Reader(self.problems, self.references)
        self.size_bytes = 0

    def bytes_of(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
                size = len(data) if len(data) <= MAX_BYTES else path.stat().st_size
        except OSError as error:
            self.problems.add(1, 1, "", f"The file cannot be opened ({error.strerror}); check its name and its rights.")
            return None
        if size > MAX_BYTES:
            sentence = f"The file has {size:,} bytes, more than {MAX_BYTES:,}; split it with include."
            self.problems.add(1, 1, "", sentence)
            return None
        self.size_bytes += size
        return data

    def document(self, data: bytes, path: Path | None) -> tuple[Document | None, list[DocumentProblem]]:
        root = compose(data, self.problems)
        include = self.take_include(root)
        with with_own_terms(_terms_of(root)):
            main = self.reader.read(root, DOCUMENT) if root else None
            pieces = list(self._pieces(include, path)) if include else []
        if not self.problems.full:  # else some records were not read
            self.references.check(self.problems)
        if self.problems or not isinstance(main, Document):
            return None, self.problems.listed()
        joined = replace(
            main,
            collections=main.collections + tuple(record for piece in pieces for record in piece.collections),
            projects=main.projects + tuple(record for piece in pieces for record in piece.projects),
            organizations=main.organizations + tuple(record for piece in pieces for record in piece.organizations),
        )
        return complete(joined), []

    def take_include(self, root: Node | None) -> Node | None:
        """Take the value of `include` out of the root, since the reader does not know this key."""
        if not isinstance(root, Mapping):
            return None
        include = root.get("include")
        root.pairs = [pair for pair in root.pairs if pair[0].text != "include"]
        return include

    def _pieces(self, include: Node, path: Path | None) -> Iterator[IncludedContent]:
        first = self.problems.file
        for file in self.included(include, path):
            assert path is not None
            self.problems.turn_to(str(path.parent / file))
            data = self.bytes_of(path.parent / file)
            if self.size_bytes > MAX_ALL_BYTES:
                self.problems.add(1, 1, "", f"All files together exceed {MAX_ALL_BYTES:,} bytes; leave some out.")
                return
            root = compose(data, self.problems) if data is not None else None
            piece = self.reader.read(root, INCLUDED_CONTENT) if root else None
            if isinstance(piece, IncludedContent):
                yield piece
        self.problems.turn_to(first)

    def included(self, include: Node, path: Path | None) -> list[PurePosixPath]:
        """Paths of the included files, relative to the folder of the document, each once."""
        if path is None:
            self.reader.tell(include, "include", "Only a document in a file can include others; put all into one.")
            return []
        if not isinstance(include, Sequence):
            self.reader.tell(include, "include", "Write a list of files here, such as [more/*.yaml].")
            return []
        files: dict[PurePosixPath, None] = {}
        for node in include.nodes[: MAX_FILES + 1]:
            files.update(dict.fromkeys(self._matching(node, path)))
        if len(files) > MAX_FILES or len(include.nodes) > MAX_FILES:
            self.reader.tell(include, "include", f"More than {MAX_FILES:,} files are included; join some.")
            return []
        return list(files)

    def _matching(self, node: Node, path: Path) -> list[PurePosixPath]:
        if not isinstance(node, Scalar):
            self.reader.tell(node, "include", "Write the name of a file here, such as more/projects.yaml.")
            return []
        pattern = PurePosixPath(node.text)
        wrong = pattern.is_absolute() or "\\" in node.text or "\0" in node.text
        if wrong or ".." in pattern.parts or "**" in node.text or not pattern.parts:
            sentence = f"{quoted(node.text)} is not accepted; name files in the document's folder, such as more/*.yaml."
            self.reader.tell(node, "include", sentence)
            return []
        try:
            matching = _matches(path.parent, pattern)
        except OSError as error:
            self.reader.tell(node, "include", f"{error.filename} cannot be read ({error.strerror}); check its rights.")
            return []
        home = path.parent.resolve()
        inside = []
        for file in matching:
            real = (path.parent / file).resolve()
            if real == path.resolve():
                continue
            if not real.is_relative_to(home):
                self.reader.tell(node, "include", f"{file} leads out of the document's folder; copy it there.")
            else:
                inside.append(file)
        if not matching:
            self.reader.tell(node, "include", f"No file is called {quoted(node.text)}; correct the name or remove it.")
        return inside


def _matches(folder: Path, pattern: PurePosixPath) -> list[PurePosixPath]:
    """Files that match the pattern, sorted; * and ? leave out hidden files, as in a shell."""
    matching = [PurePosixPath()]
    for part in pattern.parts:
        below: list[PurePosixPath] = []
        for parent in matching:
            names = [entry.name for entry in (folder / parent).iterdir()] if (folder / parent).is_dir() else []
            visible = [name for name in sorted(names) if part.startswith(".") or not name.startswith(".")]
            below += [parent / name for name in visible if fnmatchcase(name, part)]
        matching = below
    return [match for match in matching if (folder / match).is_file()]
