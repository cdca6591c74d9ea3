"""Public records as a whole: those of an older shape are written again, all are written anew, some are compared with
what they are built of.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

from sqlalchemy import Connection, and_, select

from catalog.publication.body import body_of, is_same, packed, unpacked
from catalog.publication.model import VERSION
from catalog.record_kind import ORGANIZATION
from catalog.store.core.engine import BATCH, DatabasePart, batches, is_among, reading, writing
from catalog.store.core.public_changes import PublicChange, publish_put_off
from catalog.store.public_records.building import TABLES, build_records
from catalog.store.public_records.organization_categories import in_wrong_categories
from catalog.tables.public_records import public_record

Keys = tuple[str, list[UUID]]


class PublicRecordUpkeep(DatabasePart):
    def write_outdated(self) -> int:
        """Write those of an older shape, or without a row; how many there were. Also what transactions put off and a
        kill left."""
        publish_put_off(self._engine)
        with reading(self._engine) as connection:
            outdated = {kind: list(_without_row(connection, kind)) for kind in TABLES}
        for kind, ids in outdated.items():
            self._publish(kind, ids, counting=False)
        return sum(map(len, outdated.values()))

    def rebuild(self) -> tuple[int, int]:
        """Build all of them anew, and write those that differ, in a transaction for each few hundred; how many records
        there are, and how many differed."""
        with reading(self._engine) as connection:
            every = {
                kind: list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())
                for kind, table in TABLES.items()
            }
            left = {
                kind: connection.execute(
                    select(public_record.c.id).where(
                        public_record.c.kind == kind, public_record.c.id.not_in(select(table.c.id))
                    )
                ).scalars()
                for kind, table in TABLES.items()
            }
            every = {kind: [*ids, *left[kind]] for kind, ids in every.items()}
        differing = sum(self._publish(kind, ids) for kind, ids in every.items())
        return sum(map(len, every.values())), differing

    def differing(self, most: int = 200) -> tuple[int, tuple[tuple[str, str], ...]]:
        """How many records were looked at, those that changed last and some others, and kind and slug of those that are
        not what they are built of."""
        wrong: list[tuple[str, str]] = []
        looked_at = 0
        with reading(self._engine) as connection:
            for kind, ids in _sample(connection, most // 2):
                rows = connection.execute(
                    select(public_record).where(
                        public_record.c.kind == kind, is_among(connection, public_record.c.id, ids)
                    )
                ).all()
                built = build_records(connection, kind, ids)
                looked_at += len(ids)
                stored = {row.id: row for row in rows if row.version == VERSION}
                counted_wrong = in_wrong_categories(connection, ids) if kind == ORGANIZATION else ()
                for key in ids:
                    built_record = built.get(key)
                    now = (
                        unpacked(packed(body_of(built_record.record, built_record.projects))) if built_record else None
                    )
                    then = unpacked(stored[key].body) if key in stored else None
                    differs = (now is None) != (then is None) or (now and then and not is_same(now, then))
                    if differs or (key in counted_wrong and (built_record or key in stored)):
                        wrong.append((kind, built_record.record.slug if built_record else stored[key].slug))
        return looked_at, tuple(wrong)

    def _publish(self, kind: str, ids: list[UUID], *, counting: bool = True) -> int:
        differing = 0
        for batch in batches(ids):
            with writing(self._engine) as connection:
                change = PublicChange(connection)
                change.touch(kind, *batch)
                differing += change.publish(counting=counting)
        return differing


def _without_row(connection: Connection, kind: str) -> Iterator[UUID]:
    """Those that have no row of the present shape; what is hidden or blocked has none either, and is built in vain."""
    table = TABLES[kind]
    row = and_(public_record.c.kind == kind, public_record.c.id == table.c.id, public_record.c.version == VERSION)
    query = select(table.c.id).outerjoin(public_record, row).where(public_record.c.id.is_(None))
    yield from connection.execute(query).scalars()


def _sample(connection: Connection, most: int) -> Iterator[Keys]:
    """Those that changed last, and as many from anywhere."""
    for kind, table in TABLES.items():
        last = connection.execute(select(table.c.id).order_by(table.c.change.desc()).limit(min(most, BATCH // 2)))
        ids = set(last.scalars())
        anywhere = select(table.c.id).where(table.c.id > uuid4()).order_by(table.c.id).limit(min(most, BATCH // 2))
        ids.update(connection.execute(anywhere).scalars())
        if ids:
            yield kind, sorted(ids, key=str)
