"""What other catalogues state of a project, as facts of origin `peer:<instance>`. They are read from their records and
have no rows.

So a record that its catalogue withdraws leaves no fact behind. Relations to other records have rows of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists

from catalog.record_kind import PROJECT
from catalog.rules.fact import Fact, statements_of_record
from catalog.rules.fields import field_of
from catalog.store.federation.received.records import PeerStatement, statements
from catalog.tables.core import project
from catalog.tables.federation import received_record

_APART = ("slug", "maintenance", "relations", "sources")
_TEXTS = ("words", "lines")  # kinds of fields that have the license of texts


# Whether there is anything for `facts_by_record`, as a column of a statement on `project`: most are stated by no other
# catalogue.
VOICED = exists().where(received_record.c.local_id == project.c.id).correlate(project).label("voiced")
# What the facts of a project are read of beside their rows.
OF_RECORD = (project.c.record, project.c.document, project.c.curated, project.c.added_at, VOICED)


def facts_by_record(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Fact]]:
    """In the caller's transaction: what other catalogues say of these projects (at most BATCH), by project."""
    return facts_of(statements(connection, PROJECT, ids))


def facts_of(stated: Iterable[PeerStatement]) -> dict[UUID, list[Fact]]:
    """What these statements say, by project."""
    facts: dict[UUID, list[Fact]] = {}
    for statement in stated:
        source = statement.source
        in_words = source | {"license": statement.texts_license} if statement.texts_license else source
        facts.setdefault(statement.local_id, []).extend(
            Fact(
                *(line.field, line.value, statement.origin),
                {
                    **(in_words if field_of(line.field).kind in _TEXTS else source),
                    **{name: entry for name, entry in line.source.items() if name == "evidence"},
                },
                *(statement.updated_at, statement.updated_at),
            )
            for line in statements_of_record(_alone(statement.record))
        )
    return facts


def _alone(values: Mapping[str, Any]) -> dict[str, Any]:
    """The record without what names others."""
    record = {name: value for name, value in values.items() if name not in _APART}
    runs = {name: value for name, value in (record.pop("runs", None) or {}).items() if name != "hosted"}
    return record | ({"runs": runs} if runs else {})
