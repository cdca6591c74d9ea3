"""A network vouches for what its members declared, many at once, from a sheet; and takes that back.

What a member declared itself becomes confirmed by its network. Where a member declared nothing, nothing is shown: the
use is noted as reported, and the member is invited where the sheet gives an address. Every row says what came of it.

It is no kind of submission: a sheet has a hundred subjects and not one, is shown before it is kept and leaves no draft,
and what it says counts at once or not at all, so that nothing waits for a moderator.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotAllowed
from catalog.rules import permissions
from catalog.rules.adoption import SELF_DECLARED
from catalog.rules.pasted_table import TableRow
from catalog.rules.person import Person, normalized_address
from catalog.rules.submission import CONFIRMING
from catalog.store.adoptions import network_vouching, reported
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.organizations import rows as organization_rows
from catalog.store.store import Store

CONFIRMED, ALREADY, INVITED, NOTED = "confirmed", "already", "invited", "noted"
NO_ORGANIZATION, NO_PROJECT, SEVERAL, SEVERAL_PROJECTS, BAD_ADDRESS, REFUSED, TWICE = (
    "no-organization",
    "no-project",
    "several",
    "several-projects",
    "bad-address",
    "refused",
    "twice",
)
FAULTS = (NO_ORGANIZATION, NO_PROJECT, SEVERAL, SEVERAL_PROJECTS, BAD_ADDRESS, REFUSED, TWICE)
NOT_A_NETWORK = "not-a-network"  # what NotAllowed says


class _Shown(Exception):
    """The sheet was only looked at: the transaction is not kept."""


@dataclass(frozen=True)
class RowResult:
    """The result of one row: `result` is one of the codes above."""

    number: int
    organization: str
    project: str
    result: str
    slug: str = ""  # of the organization that is meant

    @property
    def faulty(self) -> bool:
        return self.result in FAULTS


def vouch(
    store: Store,
    person: Person,
    network_id: UUID,
    rows: Iterable[TableRow],
    language: str,
    *,
    keep: bool,
    now: datetime,
) -> tuple[RowResult, ...]:
    """The result of each row; with `keep` it is kept, faulty rows left out.

    Raises NotAllowed where the person does not represent the network, and for an organization that is none.
    """
    permissions.demand(person, "network-vouching", organization=network_id)
    found: list[RowResult] = []
    try:
        with changing(store.engine) as (connection, change):
            if not network_vouching.is_network(connection, network_id):
                raise NotAllowed(NOT_A_NETWORK)
            seen = set[tuple[str, UUID]]()
            for row in rows:
                found.append(_row(connection, person, network_id, row, seen, change, language, now))
            if not keep:
                raise _Shown
    except _Shown:
        pass
    return tuple(found)


def unvouch(store: Store, person: Person, network_id: UUID, project_id: UUID, organization_id: UUID) -> None:
    """Take the network's word back: uses that nobody else confirms are only declared again.

    Raises NotAllowed as `vouch`.
    """
    permissions.demand(person, "network-vouching", organization=network_id)
    with changing(store.engine) as (connection, change):
        still = network_vouching.delete_vouch(connection, network_id, project_id, organization_id)
        kept = adoption_rows.own_adoption(connection, project_id, organization_id)
        if kept is not None and kept.verification == network_vouching.NETWORK_CONFIRMED and not still:
            weaker = replace(kept, verification=SELF_DECLARED)
            kept_at = adoption_rows.snapshot(connection, project_id, organization_id)["kept"]["confirmed_at"]
            at = datetime.fromisoformat(kept_at)  # it says so since then: a network's word moves no date
            adoption_rows.write_adoption(connection, project_id, organization_id, weaker, change=change, now=at)


def _row(
    connection: Connection,
    person: Person,
    network_id: UUID,
    row: TableRow,
    seen: set[tuple[str, UUID]],
    change: PublicChange,
    language: str,
    now: datetime,
) -> RowResult:
    told = RowResult(row.number, row["organization"], row["project"], "")
    if not row["organization"]:
        return replace(told, result=NO_ORGANIZATION)
    email = normalized_address(row["email"]) if row["email"] else None
    if row["email"] and email is None:
        return replace(told, result=BAD_ADDRESS)
    projects = network_vouching.find_projects(connection, row["project"]) if row["project"] else ()
    if len(projects) != 1:
        return replace(told, result=SEVERAL_PROJECTS if projects else NO_PROJECT)
    found = network_vouching.find_organizations(connection, row["organization"], row["website"], row["country"])
    meant = [
        organization for organization in found if _is_known_to(connection, network_id, projects[0].id, organization)
    ]
    if len(meant) > 1:
        return replace(told, result=SEVERAL)
    key = (meant[0].slug if meant else row["organization"].casefold(), projects[0].id)
    if key in seen:
        return replace(told, result=TWICE)
    seen.add(key)
    stated = any(adoption_rows.own_adoption(connection, projects[0].id, organization.id) for organization in found)
    own = adoption_rows.own_adoption(connection, projects[0].id, meant[0].id) if meant else None
    if own is not None and not network_vouching.may_learn_of(connection, network_id, meant[0].id, own.visibility):
        own = None
    if own is None:
        card = organization_rows.organization_card(connection, network_id)
        network = card.name if card else ""
        result = _report(connection, projects[0].id, row["organization"], email, language, network, stated, now)
        return replace(told, result=result, slug=meant[0].slug if meant else "")
    organization = meant[0]
    network_vouching.add_vouch(connection, network_id, projects[0].id, organization.id, person.id, now=now)
    if own.verification in CONFIRMING:
        return replace(told, result=ALREADY, slug=organization.slug)
    stronger = replace(own, verification=network_vouching.NETWORK_CONFIRMED)
    adoption_rows.write_adoption(connection, projects[0].id, organization.id, stronger, change=change, now=now)
    return replace(told, result=CONFIRMED, slug=organization.slug)


def _is_known_to(
    connection: Connection, network_id: UUID, project_id: UUID, organization: network_vouching.RecordName
) -> bool:
    """Whether the network may learn that this organization is here: it is public, or showed this network its use."""
    if not organization.hidden:
        return True
    own = adoption_rows.own_adoption(connection, project_id, organization.id)
    return own is not None and network_vouching.may_learn_of(connection, network_id, organization.id, own.visibility)


def _report(
    connection: Connection,
    project_id: UUID,
    name: str,
    email: str | None,
    language: str,
    network: str,
    stated: bool,
    now: datetime,
) -> str:
    """Note a use that is not shown, since the organization itself has not stated it.

    One that has `stated` its use already, to others than this network, is not asked again. The network is told the
    same, or a sheet of guesses would reveal it.
    """
    reported.add_reports(connection, project_id, [name], {"by": "network"}, now=now)
    if reported.was_refused(connection, project_id, name):
        return REFUSED
    if email is None:
        return NOTED
    try:
        reported.invite_by_name(
            connection, project_id, name, email, language, network=network, send=not stated, now=now
        )
    except Invalid:  # this address got many messages just now
        return NOTED
    return INVITED
