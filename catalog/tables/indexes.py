"""Indexes that hold some rows of a table alone. They stand apart from their tables for whoever reads and writes: for an
index that names a database SQLAlchemy reads all that it knows of that one, a tenth of a second for PostgreSQL's.
"""

from sqlalchemy import Index, literal_column, true

from catalog.tables.core import adoption, organization, project, stated_provider
from catalog.tables.federation import foreign

# Few uses count among many, and the first page tells the last of them.
_confirmed = adoption.c.confirmed.is_(true())
Index("ix_adoption_confirmed", adoption.c.id, sqlite_where=_confirmed, postgresql_where=_confirmed)
# Few uses name who helps with them, in what is kept as it was said.
Index(
    "ix_adoption_provider",
    stated_provider(),
    _table=adoption,
    sqlite_where=stated_provider().is_not(None),
    postgresql_where=stated_provider().is_not(None),
)
Index("ix_foreign_record_due", foreign.c.id, sqlite_where=foreign.c.due, postgresql_where=foreign.c.due.is_(true()))
# Calls are listed beside ours, the newest first, out of all that came.
_CALLS = foreign.c.kind == literal_column("'call'")
Index("ix_foreign_record_call", foreign.c.id, sqlite_where=_CALLS, postgresql_where=_CALLS)
_hidden = organization.c.hidden.is_not(None)
Index("ix_organization_hidden", organization.c.id, sqlite_where=_hidden, postgresql_where=_hidden)
# SQLite reads every project for those whose makers opted out, unless an index holds just them.
_opted = project.c.opted_out_at.is_not(None)
Index("ix_project_opted_out", project.c.id, sqlite_where=_opted, postgresql_where=_opted)
