"""Find organizations by name, website or identity; add and remove their rows.

`public_pages.records` reads their pages, `documents.overrides` writes what is declared of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, or_, select, update

from catalog.document import as_record
from catalog.errors import NotFound
from catalog.model import Organization
from catalog.record_kind import ORGANIZATION
from catalog.rules.accepted_values import accepted_values
from catalog.rules.registrable_domain import is_confirming, registrable_domain
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import UNNAMED, VISIBLE, VISIBLE_OR_UNNAMED
from catalog.tables.adoptions import adoption
from catalog.tables.core import ORGANIZATION_COLUMNS, former_slug, hosting, maintenance, organization, removed_record
from catalog.tables.ownership import membership

MOST = 50  # rows read for a query
SHORTEST = 4  # letters of a name that is searched within other names
_SLUG_CHARACTERS = 60
_LATIN_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class KnownOrganization:
    """An organization that is in the catalogue. `site`: the website that the document states or a moderator accepted,
    not one that it declared itself."""

    id: UUID
    slug: str
    name: str
    kind: str | None
    country: str | None
    homepage: str | None
    site: str | None
    same_name: bool = False


class Organizations(DatabasePart):
    def identified(self, text: str) -> KnownOrganization | None:
        """The organization whose identity this text is; None for any other text, and for a hidden organization."""
        try:
            key = UUID(text)
        except ValueError:
            return None
        with reading(self._engine) as connection:
            return find_by_id(connection, key)

    def spoken_for(self, keys: Sequence[UUID]) -> tuple[KnownOrganization, ...]:
        """The organizations of these identities that moderators did not hide, by name."""
        with reading(self._engine) as connection:
            query = select(organization).where(organization.c.id.in_(keys), VISIBLE_OR_UNNAMED)
            rows = connection.execute(query.order_by(organization.c.folded, organization.c.slug)).all()
        return tuple(_from_row(row) for row in rows)

    def unlisted(self, keys: Sequence[UUID], slug: str) -> UUID | None:
        """Which of these organizations has this slug, if nothing of it is public yet."""
        query = select(organization.c.id).where(organization.c.id.in_(keys), organization.c.slug == slug)
        with reading(self._engine) as connection:
            key: UUID | None = connection.execute(query.where(organization.c.hidden == UNNAMED)).scalar()
        return key

    def by_slug(self, slug: str) -> KnownOrganization:
        """The visible organization with this slug. Raises NotFound, also for a hidden one."""
        with reading(self._engine) as connection:
            row = connection.execute(select(organization).where(organization.c.slug == slug, VISIBLE)).first()
        if row is None:
            raise NotFound("organization", slug)
        return _from_row(row)

    def known_by_slug(self, slug: str) -> KnownOrganization:
        """The same, also one that is not public yet. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(organization).where(organization.c.slug == slug, VISIBLE_OR_UNNAMED)
            ).first()
        if row is None:
            raise NotFound("organization", slug)
        return _from_row(row)

    def resembling(self, name: str, host: str | None = None) -> tuple[KnownOrganization, ...]:
        with reading(self._engine) as connection:
            return find_resembling(connection, name, host)

    def at_domain(self, domain: str) -> KnownOrganization | None:
        """The only organization that everybody sees whose website is at this registrable domain; None where several
        are."""
        alike = select(organization).where(VISIBLE, organization.c.homepage.contains(domain, autoescape=True))
        with reading(self._engine) as connection:
            rows = connection.execute(alike.order_by(organization.c.slug).limit(MOST)).all()
        there = [row for row in rows if registrable_domain(row.homepage) == domain]
        return _from_row(there[0]) if len(there) == 1 else None

    def perhaps(self, name: str, homepage: str, most: int = 10) -> tuple[KnownOrganization, ...]:
        """Organizations that may be the one that somebody adds: of the same name, or with the same website."""
        site = registrable_domain(homepage) if homepage else None
        site = site if site and is_confirming(site) else None
        organizations = self.resembling(name, site)
        return tuple(
            candidate
            for candidate in organizations
            if candidate.same_name or (site and candidate.homepage and registrable_domain(candidate.homepage) == site)
        )[:most]


def organization_card(connection: Connection, key: UUID) -> OrganizationCard | None:
    """In the caller's transaction: a visible organization; None where it is gone or hidden."""
    columns = (organization.c[name] for name in ("id", "slug", "name", "kind", "country"))
    row = connection.execute(select(*columns).where(organization.c.id == key, VISIBLE)).first()
    return OrganizationCard(*row) if row else None


def find_by_id(connection: Connection, key: UUID) -> KnownOrganization | None:
    """In the caller's transaction: the organization of this identity, also one that is not public yet; None for one
    that moderators hid."""
    row = connection.execute(select(organization).where(organization.c.id == key, VISIBLE_OR_UNNAMED)).first()
    return _from_row(row) if row else None


def find_resembling(
    connection: Connection, name: str, host: str | None = None, *, every: bool = False
) -> tuple[KnownOrganization, ...]:
    """In the caller's transaction: organizations with this name, ignoring case and accents; then those whose name
    contains it or is contained in it, and those whose website has this host. `every`: also those that are not public
    yet, for moderators.
    """
    letters = folded(name)
    alike = [organization.c.folded == letters]
    if len(letters) >= SHORTEST:
        alike.append(organization.c.folded.contains(letters, autoescape=True))
        words = [word for word in letters.split() if len(word) >= SHORTEST]
        if len(words) > 1:
            alike.append(organization.c.folded.in_([" ".join(words[:-1]), " ".join(words[1:]), *words]))
    if host:
        alike.append(organization.c.homepage.contains(host, autoescape=True))
    query = select(organization).where(VISIBLE_OR_UNNAMED if every else VISIBLE, or_(*alike))
    rows = connection.execute(query.order_by(organization.c.folded, organization.c.slug).limit(MOST)).all()
    organizations = [_from_row(row, row.folded == letters) for row in rows]
    return tuple(sorted(organizations, key=lambda candidate: not candidate.same_name))


def find_by_name(connection: Connection, name: str) -> KnownOrganization | None:
    """In the caller's transaction: the only organization with this name or slug; None where none or several have it."""
    condition = or_(organization.c.folded == folded(name), organization.c.slug == name.strip().lower())
    rows = connection.execute(select(organization).where(VISIBLE, condition).limit(2)).all()
    return _from_row(rows[0]) if len(rows) == 1 else None


def add_organization(
    connection: Connection, values: Mapping[str, Any], reference: str, *, now: datetime
) -> tuple[UUID, bool]:
    """In the caller's transaction, which a moderator decided: add an organization, hidden until something public refers
    to it. Returns its identity, and whether it is new: one of the same name and country that a submission added before
    is used again.

    `values`: `name`, and `kind`, `country`, `homepage`, `networks` where they are stated.
    """
    same = select(organization.c.id).where(
        VISIBLE_OR_UNNAMED,
        organization.c.curated.is_(False),
        organization.c.peer_id.is_(None),
        organization.c.folded == folded(values["name"]),
        organization.c.country == values.get("country"),
    )
    if (present_id := connection.execute(same.limit(1)).scalar()) is not None:
        return present_id, False
    key = uuid4()
    slug = _free_slug(connection, values["name"], key)
    fields = {name: values[name] for name in ("name", "kind", "country", "homepage", "networks") if values.get(name)}
    record = as_record(Organization(slug=slug, id=key, **fields))
    at = now.isoformat(timespec="seconds")
    connection.execute(
        organization.insert().values(
            id=key,
            slug=slug,
            name=values["name"],
            folded=folded(values["name"]),
            **{name: record.get(name) for name in ORGANIZATION_COLUMNS},
            curated=False,
            record=record,
            declared={
                name: {"value": value, "at": at, "declaration": reference, "own": False}
                for name, value in fields.items()
            },
            hidden=UNNAMED,
            change=0,  # the change is counted when it is listed
            added_at=now,
            changed_at=now,
        )
    )
    return key, True


def add_curated(
    connection: Connection, values: Mapping[str, Any], *, change: PublicChange, now: datetime
) -> tuple[UUID, str]:
    """In the caller's transaction: add an organization as if the document stated it; its identity and its slug.

    `values`: `name`, and `kind`, `country`, `homepage` where they are stated.
    """
    key = uuid4()
    slug = _free_slug(connection, values["name"], key)
    fields = {name: values.get(name) or None for name in ("kind", "country", "homepage")}
    model = Organization(
        slug=slug, id=key, name=values["name"], **{name: values for name, values in fields.items() if values}
    )
    row = {"id": key, "slug": slug, "name": values["name"], "folded": folded(values["name"]), **fields}
    row |= {"curated": True, "record": as_record(model), "declared": {}, "change": change()}
    connection.execute(organization.insert().values(**row, added_at=now, changed_at=now))
    change.touch("organization", key)
    return key, slug


def remove_curated(connection: Connection, key: UUID, *, change: PublicChange) -> bool:
    """In the caller's transaction: take back what `add_curated` did; False where something refers to it by now."""
    connection.execute(update(organization).where(organization.c.id == key).values(curated=False))
    remove_unused(connection, key, change=change)
    gone = connection.execute(select(organization.c.id).where(organization.c.id == key)).first() is None
    if not gone:
        connection.execute(update(organization).where(organization.c.id == key).values(curated=True))
    return gone


def remove_unused(connection: Connection, key: UUID, *, change: PublicChange) -> None:
    """In the caller's transaction: delete an organization that a submission added, unless something refers to it."""
    for table in (adoption, maintenance, hosting):
        if connection.execute(select(table.c.organization_id).where(table.c.organization_id == key).limit(1)).first():
            return
    theirs = select(membership.c.record_id).where(membership.c.kind == ORGANIZATION, membership.c.record_id == key)
    if connection.execute(theirs.limit(1)).first():
        return
    conditions = (organization.c.id == key, organization.c.curated.is_(False), organization.c.peer_id.is_(None))
    was = connection.execute(select(organization.c.hidden).where(*conditions)).first()
    if was is not None and was.hidden is None:
        change.touch("organization", key)
    connection.execute(delete(organization).where(*conditions))
    if was is not None and was.hidden is None:
        statement = insert(connection, removed_record).values(kind="organization", record_id=key, change=change())
        columns = {"change": statement.excluded.change}
        connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=columns))


def _from_row(row: Any, same_name: bool = False) -> KnownOrganization:
    site = accepted_values(row).get("homepage")
    return KnownOrganization(row.id, row.slug, row.name, row.kind, row.country, row.homepage, site, same_name)


def _free_slug(connection: Connection, name: str, key: UUID) -> str:
    """A slug from the Latin letters of a name; without them, or where it is taken, with a part of the identity."""
    plain = "-".join(_LATIN_WORD.findall(folded(name)))[:_SLUG_CHARACTERS].strip("-")
    slug = plain if len(plain) >= 2 else f"organization-{key.hex[:8]}"
    return f"{slug}-{key.hex[:8]}" if _is_taken(connection, [slug]) else slug


def _is_taken(connection: Connection, slugs: Sequence[str]) -> bool:
    now = select(organization.c.id).where(organization.c.slug.in_(slugs))
    before = select(former_slug.c.record_id).where(former_slug.c.kind == "organization", former_slug.c.slug.in_(slugs))
    return any(connection.execute(query.limit(1)).first() for query in (now, before))
