"""The tables of projects, organizations, mirrors, facts and jobs, one schema for SQLite and PostgreSQL. Only
`catalog.store` reads and writes their rows.

A project's or organization's `record` is what pages show: the document's record, and what people declared since where
that is believed more; `document` is then the document's own, which export gives back unchanged. The tables beside it
(maintenance, hosting, relation, project_term; and `adoption` in `catalog.tables.adoptions`) hold the same statements in
the form that pages ask for. Mirrors, visits, facts and other observations have the project's UUID without a foreign
key: they outlive a record that is no longer in the document.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite stores no zone, so it is added again on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# change: the number of the last public change; digest and problems of the last load of the document; manifest.
meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

# Values of an organization's record that are columns too, so that statements can look for them.
ORGANIZATION_COLUMNS = ("kind", "country", "region", "homepage")

organization = Table(
    "organization",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("folded", String(200), nullable=False),  # the name without case and accents, cut
    Column("kind", String(64)),
    Column("country", String(2)),
    Column("region", String(6)),  # ISO 3166-2, of a part of the country
    Column("homepage", Text),
    Column("curated", Boolean, nullable=False),
    Column("record", JSON, nullable=False),
    Column("document", JSON(none_as_null=True)),  # what the document states, where `record` is no longer that
    Column("declared", JSON, nullable=False),  # what the organization states of itself: field -> value, at, submission
    Column("hidden", String(16)),  # withdrawn | hidden | ...: why it is shown nowhere
    Column("peer_id", Uuid, index=True),  # the catalogue whose record this is, where it is not ours
    Column("change", BigInteger, nullable=False, index=True),
    Column("added_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # All that the list of organizations asks for: a word looks into each name here, and reads none of the rows.
    Index("ix_organization_listed", "folded", "slug", "hidden", "kind", "country", "id"),
    Index("ix_organization_changed_at_slug", "changed_at", "slug"),
    Index("ix_organization_added_at_id", "added_at", "id"),  # the order of the Open Catalog API's publishers
)
# The order of a country's page, those of no known region last.
Index(
    "ix_organization_country_region",
    *(organization.c.country, organization.c.region.is_(None), organization.c.region),
    *(organization.c.folded, organization.c.slug),
)

project = Table(
    "project",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("folded", String(200), nullable=False),  # the name without case and accents, cut
    Column("repository", Text),
    Column("license", Text),
    Column("context_only", Boolean, nullable=False),
    Column("curated", Boolean, nullable=False),
    Column("record", JSON, nullable=False),  # why beside rows: docs/decisions/015-records-rows-and-facts.md
    Column("document", JSON(none_as_null=True)),  # what the document states, where `record` is no longer that
    Column("change", BigInteger, nullable=False, index=True),
    Column("added_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("opted_out_at", Instant),  # its maintainers asked not to be listed: name, address, license stay
    Column("peer_id", Uuid, index=True),  # the catalogue whose record this is, where it is not ours
    Index("ix_project_added_at_id", "added_at", "id"),
    Index("ix_project_changed_at_slug", "changed_at", "slug"),
    # Counted without reading the rows, which are large.
    Index("ix_project_license_context_only_id", "license", "context_only", "id"),
)

former_slug = Table(
    "former_slug",
    metadata,
    Column("kind", String(16), primary_key=True),  # project | organization
    Column("slug", String(100), primary_key=True),
    Column("record_id", Uuid, nullable=False, index=True),
)

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), index=True),
    Column("person", Text),
    Column("role", String(32), nullable=False),
    Column("origin", String(80), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Column("stated_by", String(16)),  # project | organization | person | desk: whose statement it is, where declared
    Column("stated_at", Instant),
    Column("submission_id", Uuid, index=True),
)

# An organization hosts a project for others, as the project's record states.
hosting = Table(
    "hosting",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

relation = Table(
    "relation",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("target_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

project_term = Table(
    "project_term",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("vocabulary", String(32), primary_key=True),  # domain, audience, made-for
    Column("term", String(64), primary_key=True),
    Column("position", Integer, nullable=False),  # among the project's terms of this vocabulary, the main one first
    Index("ix_project_term_vocabulary_term", "vocabulary", "term", "project_id", "position"),
)

collection = Table(
    "collection",
    metadata,
    Column("slug", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Column("document", JSON(none_as_null=True)),  # what the document states, where `record` is no longer that
    Column("edited", Boolean, nullable=False, server_default=false()),  # by a moderator: until the document says so
    Column("hidden", Boolean, nullable=False, server_default=false()),  # a moderator removed it
)

# No foreign key to `project`, here and in the tables that refer to a mirror: the source stays when a record is deleted.
mirror = Table(
    "mirror",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("repository", Text, nullable=False),  # the address that the record states
    Column("canonical_url", Text),  # where redirects led, checked by us
    Column("state", String(16), nullable=False),  # waiting | mirrored | failing | unreachable | gone | refused ...
    Column("reason", Text),
    Column("head", String(64)),
    Column("branch", Text),
    Column("digest", String(64)),
    Column("size_bytes", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("first_mirrored_at", Instant),
    Column("last_visit_at", Instant),
    Column("last_success_at", Instant),
    Column("looked_at", Instant),  # at the head alone, before there was a copy
    Column("last_commit_at", Instant, index=True),
    Column("free", Boolean),  # a free license was detected in the files; unknown: not served
    Column("free_commit", String(64)),  # the last commit known to be free
    Column("decided", Boolean),  # whether it may be served, as a moderator decided on the present license files
    Column("accepted", String(64)),  # the origin whose deletions a moderator accepted, until a visit took them over
    Column("erasing", Boolean, nullable=False),  # nothing is given out until what was erased is removed
    Column("damaged", Boolean, nullable=False),  # the next visit repairs it
    Column("checked_at", Instant, index=True),  # in full
    Column("observed_at", Instant),
    Column("observation", JSON),  # of the newest commit only: facts hold what was before
)

visit = Table(
    "visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text),
    Column("url", Text),
    Column("address", Text),
    Column("size_bytes", BigInteger),
    Column("changes", JSON, nullable=False),
)

# What observers need again at the next visit: JSON, packed. Nobody else reads it.
visit_state = Table(
    "visit_state",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

# One statement of one origin, from its first time to its end; `until` is null while it is stated. What a curated record
# stated from the start is in the record alone.
fact = Table(
    "fact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False, index=True),
    Column("field", String(64), nullable=False),
    Column("value", JSON, nullable=False),
    Column("origin", String(80), nullable=False),
    Column("source", JSON, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("until", Instant),
)

# A line of a project's history: what was stated before and after. It is written with the
# change, not computed from the facts when somebody reads: so one statement reads the lines of a page.
fact_change = Table(
    "fact_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),  # changed | appeared | vanished | first | reread | many | ended
    Column("field", String(64), nullable=False),  # "" for a line about several
    Column("origin", String(80), nullable=False),
    Column("before_id", Integer),
    Column("after_id", Integer),
    Column("facts", Integer, nullable=False),  # how many facts the line is about
    Column("news", Boolean, nullable=False),  # worth telling outside the project's own history
    Index("ix_fact_change_project_id_id", "project_id", "id"),
    Index("ix_fact_change_news_id", "news", "id"),
)

rendering = Table(
    "rendering",
    metadata,
    Column("object_id", String(64), primary_key=True),
    Column("renderer", String(64), primary_key=True),  # kind, version and link base
    Column("html", Text),  # null: it could not be rendered, show plain text
)

# Screens of a project, drawn small; a row of width 0 says why a file became no picture.
screenshot = Table(
    "screenshot",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("object_id", String(64), primary_key=True),
    Column("width", Integer, primary_key=True),
    Column("renderer", String(64), nullable=False),
    Column("webp", LargeBinary),
    Column("reason", String(32)),
)

takedown = Table(
    "takedown",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# What was deleted from the public catalogue, so that a follower of the change counter deletes it too.
removed_record = Table(
    "removed_record",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("change", BigInteger, nullable=False, index=True),
)

job = Table(
    "job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("argument", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("run_at", Instant, nullable=False, index=True),
    Column("leased_until", Instant, index=True),
    Column("worker", String(80)),
    Column("tries", Integer, nullable=False),
    Column("error", Text),
)
