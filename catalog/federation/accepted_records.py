"""Makes the lines of an exchange into the form in which they are kept here: what our rules accept of them. Pure."""

from typing import Any

from catalog.exchange import names
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.values import instant
from catalog.federation.accepted_fields import accepted
from catalog.store.federation.received.records import ReceivedRecord


def received(record: ExchangeRecord, license: str) -> ReceivedRecord:
    """What is kept of a line. `license`: of facts, as the card of its home says."""
    identity = {"id": str(record.id), "slug": record.slug, "name": record.name}
    body: dict[str, Any] = {
        "record": accepted(record.record_kind, {**record.body, **identity}) or {},
        "page": record.page,
        "license": license,
        "updated_at": instant(record.updated_at),
    }
    returns = {record.id: record.returns or 0}
    if record.record_kind == names.PROJECT:
        body[names.USES] = uses = []
        for use in record.adoptions:
            use_values = accepted(names.ADOPTION, {**use.body, "organization": {"id": str(use.organization.id)}})
            if use_values is not None:
                uses.append({"id": str(use.id), **use_values})
                returns[use.id] = use.returns or 0
    return ReceivedRecord(record.record_kind, record.id, body, returns)
