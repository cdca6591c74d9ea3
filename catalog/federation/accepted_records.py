"""Makes the records of an exchange into the form in which they are kept here: the values that our rules accept, whom
they name, and a digest by which the same record is recognized when it comes again. Pure.

A project brings its adoptions, which are records of their own here: each is decided on, withdrawn and counted for
itself.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.exchange import names
from catalog.exchange.records import (
    AdoptionRecord,
    ExchangeRecord,
    OrganizationRecord,
    ProjectRecord,
)
from catalog.exchange.writing import as_json
from catalog.federation.accepted_fields import accepted, references
from catalog.rules.fact import DECLARED
from catalog.store.federation.received.records import StoredReceivedRecord

_DIGESTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_OF_PROJECT = ("adoptions",)
_ABOUT_RECORD = frozenset({"page", "origin", "updated_at", "returns", "former"})  # kept beside the body, or not at all


@dataclass(frozen=True)
class ReceivedRecord:
    """A received record: as it is kept, and the number of the withdrawal that its home takes back by it, 0 for none;
    `place`: the id that says in which file it stands."""

    came: StoredReceivedRecord
    returns: int
    place: UUID


def arrivals(record: ExchangeRecord, license: str) -> Iterator[ReceivedRecord]:
    """The records that one entry of a file becomes here. `license`: of facts, as the card of its home says."""
    if isinstance(record, OrganizationRecord):
        yield _arrival(names.ORGANIZATION, record, _body(record), record.page, record.updated_at, license)
    elif isinstance(record, ProjectRecord):
        yield _arrival(names.PROJECT, record, _body(record), record.page, record.updated_at, license)
        project = {"id": str(record.id), "slug": record.slug, "name": record.name}
        for use in record.adoptions:
            body = _body(use) | {"project": project, "visibility": "public"}
            page = f"{record.page}/users"
            yield _arrival(names.ADOPTION, use, body, page, record.updated_at, license, record.id)


def _arrival(
    kind: str,
    record: ProjectRecord | OrganizationRecord | AdoptionRecord,
    body: dict[str, Any],
    page: str,
    updated_at: datetime,
    license: str,
    place: UUID | None = None,
) -> ReceivedRecord:
    stated = accepted(kind, body)
    refs = references(kind, stated)
    if place is not None and not refs:  # of one that cannot be shown: which file it is in must be known all the same
        refs = ((names.PROJECT, place),)
    origin = getattr(record, "origin", DECLARED)
    whole = _DIGESTED.encode([body, page, origin, license, updated_at.isoformat()])
    came = StoredReceivedRecord(
        kind=kind,
        record_id=record.id,
        page=page,
        origin=origin,
        license=license,
        updated_at=updated_at,
        stated=stated,
        digest=hashlib.blake2b(whole.encode(), digest_size=12).hexdigest(),
        refs="\n".join(f"{of_kind}:{key}" for of_kind, key in refs),
    )
    return ReceivedRecord(came, record.returns or 0, place or record.id)


def _body(record: Any) -> dict[str, Any]:
    """A record as the document writes it, without the records inside of it."""
    return {
        name: value
        for name, value in as_json(record).items()
        if name not in _OF_PROJECT and (name not in _ABOUT_RECORD)
    }
