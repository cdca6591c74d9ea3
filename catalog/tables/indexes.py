"""Indexes of some rows of a table only, apart from the tables for speed: for an index with conditions of a database,
SQLAlchemy loads everything that it has for that one, a tenth of a second for PostgreSQL.
"""

from sqlalchemy import Index, literal_column, true

from catalog.tables.adoptions import adoption, stated_provider
from catalog.tables.core import organization, project
from catalog.tables.federation import received_record
from catalog.tables.moderation import case

# Few of many adoptions count, and the home page shows the last of them.
_CONFIRMED = adoption.c.confirmed.is_(true())
Index("ix_adoption_confirmed", adoption.c.id, sqlite_where=_CONFIRMED, postgresql_where=_CONFIRMED)
# Lists order their projects by how many uses of each count.
Index("ix_adoption_confirmed_project", adoption.c.project_id, sqlite_where=_CONFIRMED, postgresql_where=_CONFIRMED)
# Few adoptions name who helps with them, in their record.
Index(
    "ix_adoption_provider",
    stated_provider(),
    _table=adoption,
    sqlite_where=stated_provider().is_not(None),
    postgresql_where=stated_provider().is_not(None),
)
Index(
    "ix_received_record_due",
    received_record.c.id,
    sqlite_where=received_record.c.led_to.is_(None),
    postgresql_where=received_record.c.led_to.is_(None),
)
_HIDDEN = organization.c.hidden.is_not(None)
Index("ix_organization_hidden", organization.c.id, sqlite_where=_HIDDEN, postgresql_where=_HIDDEN)
# SQLite reads every project to find those that are not free, or whose maintainers opted out, unless an index has just
# them.
_CONTEXT = project.c.context_only.is_(true())
Index("ix_project_context_only", project.c.id, sqlite_where=_CONTEXT, postgresql_where=_CONTEXT)
_OPTED_OUT = project.c.opted_out_at.is_not(None)
Index("ix_project_opted_out", project.c.id, sqlite_where=_OPTED_OUT, postgresql_where=_OPTED_OUT)
# Few of many cases are open; the queue is read along this.
_WAITING = case.c.state == literal_column("'open'")
Index("ix_case_open", case.c.from_people, case.c.since, case.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
