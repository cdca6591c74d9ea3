"""The organization that a declaration names: one that is here, or one that it describes; how sure it is that its sender
speaks for it, and what the desk is told of one that is not here yet.
"""

from typing import Any
from uuid import UUID

from catalog.rules import registrable_domain
from catalog.rules.person import Person
from catalog.rules.submission import Declaration
from catalog.rules.verification import ADDRESS, ORGANIZATION, TERMS
from catalog.store.core.engine import Connection
from catalog.store.organizations import rows as organization_rows
from catalog.store.organizations.rows import KnownOrganization
from catalog.store.ownership.verifications import term_of_member
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts


def organization_of(connection: Connection, submission: Declaration) -> KnownOrganization | None:
    """The organization that a declaration names; None for one that is not here. What its sender chose last counts
    before what it was published with once."""
    try:
        chosen = organization_rows.find_by_id(connection, UUID(submission.answers.get("organization") or ""))
    except (ValueError, TypeError):
        chosen = None
    if chosen is None and submission.organization_id is not None:
        return organization_rows.find_by_id(connection, submission.organization_id)
    return chosen


def verified(connection: Connection, here: KnownOrganization, person: Person | None) -> str | None:
    """How it is known that this person speaks for the organization: as they were verified, or by the domain of their
    proven address; None: nothing tells it."""
    if person is None:
        return None
    if found := term_of_member(connection, person.id, ORGANIZATION, here.id):
        return found
    return TERMS[ADDRESS] if registrable_domain.is_at_site(person.email, here.site) else None


def described(submission: Declaration) -> dict[str, Any]:
    return {
        name: submission.answers[name]
        for name in ("name", "kind", "country", "homepage", "networks")
        if submission.answers.get(name)
    }


def new_rows(submission: Declaration) -> list[Row]:
    shapes = {"kind": "term:organization-kind", "country": "country", "homepage": "url"}
    return [
        Row(f"organization.{name}", None, value, shapes.get(name, "text"))
        for name, value in described(submission).items()
    ]


def new_texts(submission: Declaration) -> tuple[EditableText, ...]:
    """The texts that describe an organization that is not here yet, as `Kind.editable` gives them; none where one was
    chosen."""
    if not described(submission).get("name"):
        return ()
    return (
        *texts(submission, "name", label="organization.name"),
        *texts(submission, "homepage", label="organization.homepage"),
    )


def doubts_of_new(connection: Connection, submission: Declaration) -> list[Doubt]:
    said = described(submission)
    if not said.get("name"):
        return []
    site = registrable_domain.registrable_domain(said["homepage"]) if said.get("homepage") else None
    alike = organization_rows.find_resembling(connection, said["name"], site, every=True)
    found = [Doubt("same-name", {"slug": other.slug, "name": other.name}) for other in alike if other.same_name]
    found += [
        Doubt("same-website", {"slug": other.slug, "name": other.name})
        for other in alike
        if site
        and other.homepage
        and registrable_domain.is_confirming(site)
        and registrable_domain.registrable_domain(other.homepage) == site
    ]
    found += [] if said.get("homepage") else [Doubt("unknown-website")]
    return [*found, *about_address(submission, said.get("homepage"))]


def about_address(submission: Declaration, homepage: str | None) -> list[Doubt]:
    """Whether the sender's address is at the domain of this website, for whoever decides; nothing where one of both is
    not known."""
    if not submission.email or not homepage:
        return []
    domain = registrable_domain.registrable_domain(homepage) or homepage
    fine = registrable_domain.is_at_site(submission.email, homepage)
    return [Doubt("address-at-website" if fine else "address-elsewhere", {"text": domain})]
