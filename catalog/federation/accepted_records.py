"""Makes the records of an exchange into the form in which they are kept here: the values that our rules accept, whom
they name, and a digest by which the same record is recognized when it comes again. Pure.

A project brings its adoptions, which are records of their own here: each is decided on, withdrawn and counted for
itself.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from catalog.exchange import names
from catalog.exchange.records import ExchangeAdoption, ExchangeRecord
from catalog.federation.accepted_fields import accepted, references
from catalog.store.federation.received.records import ReceivedRecord

_DIGESTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def arrivals(record: ExchangeRecord, license: str) -> Iterator[ReceivedRecord]:
    """The records that one entry of a file becomes here. `license`: of facts, as the card of its home says."""
    named = {"id": str(record.id), "slug": record.slug, "name": record.name}
    yield _arrival(record.record_kind, record, record, {**record.body, **named}, license)
    for use in record.adoptions:
        organization = {"id": str(use.organization.id), "slug": use.organization.slug, "name": use.organization.name}
        body = {**use.body, "organization": organization, "project": named, "visibility": "public"}
        yield _arrival(names.ADOPTION, use, record, body, license)


def _arrival(
    kind: str, line: ExchangeRecord | ExchangeAdoption, record: ExchangeRecord, body: dict[str, Any], license: str
) -> ReceivedRecord:
    """`record`: the one that the line stands in, or is."""
    stated = accepted(kind, body)
    refs = references(kind, stated)
    page = record.page
    if kind == names.ADOPTION:
        page = f"{page}/users"
        refs = refs or ((names.PROJECT, record.id),)  # of one that cannot be shown: its file must be known all the same
    whole = _DIGESTED.encode([body, page, license, record.updated_at.isoformat()])
    return ReceivedRecord(
        kind=kind,
        record_id=line.id,
        page=page,
        license=license,
        updated_at=record.updated_at,
        stated=stated,
        digest=hashlib.blake2b(whole.encode(), digest_size=12).hexdigest(),
        refs="\n".join(f"{of_kind}:{key}" for of_kind, key in refs),
        returns=line.returns or 0,
    )
