"""Loads the document into the store at a start or an import. It is checked first: a faulty one changes nothing."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.document import check
from catalog.errors import DocumentProblem
from catalog.federation import received_rows
from catalog.model import Document
from catalog.store.documents.load import LoadResult
from catalog.store.store import Store

LONGEST = 120  # characters of a value that are printed


@dataclass(frozen=True)
class LoadOutcome:
    """The result of a load: `loaded` is None when nothing was done, `problems` says why when the document is faulty."""

    loaded: LoadResult | None = None
    problems: tuple[DocumentProblem, ...] = ()


def digest(path: Path) -> str:
    """Return a hash of the document, without parsing it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(store: Store, path: Path, *, now: datetime, always: bool = False) -> LoadOutcome:
    """Load the document if it is not what was loaded last, or `always`.

    Raises OSError when it cannot be read.
    """
    current = digest(path)
    if not always and store.digest() == current and store.problem() is None:
        return LoadOutcome()
    document, problems = check(path)
    if document is None or problems:
        if store.manifest() is not None:
            store.note_problem(f"{path.name} has {len(problems)} problems; `forge check` lists them.", now=now)
        return LoadOutcome(problems=tuple(problems))
    loaded = store.curated_document.load(document, digest=current, now=now)
    if loaded.anything:
        received_rows.settle(store, now=now)  # what other catalogues tell may be of records that came or went
    return LoadOutcome(loaded=loaded)


def unlisted_slugs(store: Store, document: Document) -> Iterator[str]:
    """Yield slugs of the document's projects whose makers asked not to be listed: little of them is shown."""
    unlisted_ids = store.unlisted.all()
    for project in document.projects:
        first = project.former[0] if project.former else project.slug
        if (project.id or document.manifest.identity("project", first)) in unlisted_ids:
            yield project.slug


def edited_here(store: Store, document: Document) -> Iterator[str]:
    """Yield a sentence for each record that moderators locked, or edited and the document states otherwise."""
    for slug in store.curation.locked_slugs(document):
        yield f"{slug} is locked by a moderator: what the document says of it is not loaded."
    for difference in store.curation.differences(document):
        if difference.field:
            value = _shortened_value(difference.document) if difference.document is not None else "nothing"
            yield (
                f"{difference.slug}: a moderator edited {difference.field}: {_shortened_value(difference.here)}. "
                f"The document says {value}. The edit stays until the document says the same, which "
                "`forge export` writes."
            )
        else:
            yield (
                f"The collection {difference.slug} was edited by a moderator, and the document says something else. The"
                " edit stays until the document says the same, which `forge export` writes."
            )


def _shortened_value(value: Any) -> str:
    """A value of a record on one line, cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def hidden_slugs(store: Store, document: Document) -> Iterator[str]:
    """Yield slugs of the document's records that are blocked here, or joined with others: a load does not show them."""
    hidden_ids = store.takedowns.blocked() | store.merges.merged_ids("organization")
    for kind, records in (("project", document.projects), ("organization", document.organizations)):
        for record in records:
            first = record.former[0] if record.former else record.slug
            if (record.id or document.manifest.identity(kind, first)) in hidden_ids:
                yield record.slug
