"""Tables of public records: what everybody may see of a project or an organization, as one row, and whom it names.

They are derived from all other tables (`catalog.store.public_records`), and written in the transaction that changes one
of those, or soon after transactions that put it off. So is what is counted of them often.
"""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint, Uuid

from catalog.tables.core import metadata

# `change`: the public change that it was written by. `version`: of the shape of `body`, which is compressed JSON.
# `card`: what lists show of it. A project that is blocked and an organization that is hidden have no row.
public_record = Table(
    "public_record",
    metadata,
    Column("kind", String(16), primary_key=True),  # project | organization
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("card", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("kind", "slug"),
    Index("ix_public_record_kind_change", "kind", "change"),
)

# Which records a public record names: they are built anew together.
public_mention = Table(
    "public_mention",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("of_kind", String(16), primary_key=True),
    Column("of_id", Uuid, primary_key=True),
    Index("ix_public_mention_of_kind_of_id", "of_kind", "of_id"),
)

# In which categories organizations use free software at present, as far as everybody may see; for counts, which would
# read every use otherwise. A row each: SQLite keeps them in the primary key alone.
organization_category = Table(
    "organization_category",
    metadata,
    Column("organization_id", Uuid, primary_key=True),
    Column("term", String(64), primary_key=True),  # as projects name it, without the wider category above it
    Index("ix_organization_category_term_organization_id", "term", "organization_id"),
    sqlite_with_rowid=False,
)

# Records whose public record is to be built: of a series of transactions that touch the same ones again and again.
pending_public_record = Table(
    "pending_public_record",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("id", Uuid, primary_key=True),
)
