"""What other catalogues state of a project, as facts of origin `peer:<instance>`. They are read from their records and
have no rows.

So a record that its catalogue withdraws leaves no fact behind. Relations to other records have rows of their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, select

from catalog.record_kind import PROJECT
from catalog.rules.fact import Fact, statements_of_record
from catalog.rules.fields import field_of
from catalog.store.core.engine import is_among
from catalog.store.federation.peers import held
from catalog.store.federation.received.records import JOINED, SHOWN, origin_of
from catalog.tables.core import project
from catalog.tables.federation import peer, received_record

_APART = ("slug", "maintenance", "relations", "sources")
_TEXTS = ("words", "lines")  # kinds of fields that have the license of texts
_COLUMNS = tuple(received_record.c[name] for name in ("local_id", "peer_id", "stated", "page", "license", "updated_at"))


# Whether there is anything for `facts_by_record`, as a column of a statement on `project`: most are stated by no other
# catalogue.
VOICED = exists().where(received_record.c.local_id == project.c.id).correlate(project).label("voiced")
# What the facts of a project are read of beside their rows.
OF_RECORD = (project.c.record, project.c.document, project.c.curated, project.c.added_at, VOICED)


def facts_by_record(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Fact]]:
    """In the caller's transaction: what other catalogues say of these projects (at most BATCH), by project."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(
            is_among(connection, received_record.c.local_id, ids),
            received_record.c.kind == PROJECT,
            received_record.c.state.in_((SHOWN, JOINED)),
        )
        .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
    ).all()
    homes = {key: held(connection, key) for key in {row.peer_id for row in rows}}
    found: dict[UUID, list[Fact]] = {}
    for row in rows:
        home = homes[row.peer_id]
        page = [address] if (address := home.at(row.page)) else []
        licenses = home.card.get("data_license")
        texts = licenses.get("texts") if isinstance(licenses, Mapping) else None
        source: dict[str, Any] = {"license": row.license}
        if urls := [*page, *row.stated.get("sources", ())]:
            source["urls"] = urls
        in_words = source | {"license": str(texts)} if texts else source
        found.setdefault(row.local_id, []).extend(
            Fact(
                *(statement.field, statement.value, origin_of(home)),
                {
                    **(in_words if field_of(statement.field).kind in _TEXTS else source),
                    **{name: entry for name, entry in statement.source.items() if name == "evidence"},
                },
                *(row.updated_at, row.updated_at),
            )
            for statement in statements_of_record(_alone(row.stated))
        )
    return found


def _alone(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The record without what names others."""
    record = {name: value for name, value in stated.items() if name not in _APART}
    runs = {name: value for name, value in (record.pop("runs", None) or {}).items() if name != "hosted"}
    return record | ({"runs": runs} if runs else {})
