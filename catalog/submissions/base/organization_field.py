"""The organization that a submission names: one that is here, or one that it describes; how sure it is that its sender
represents it, and what moderators are told of one that is not here yet.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.record_kind import ORGANIZATION
from catalog.rules import registrable_domain
from catalog.rules.person import Person
from catalog.rules.submission import Submission
from catalog.rules.verification import ADDRESS, TERMS
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.organizations import organization_rows
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.store.ownership.verifications import term_of_member
from catalog.submissions.base import validation
from catalog.submissions.base.fields import (
    COUNTRY,
    NAMES,
    TERM,
    URL,
    FormField,
    editable_texts,
    problems_of,
    rows_of,
)
from catalog.submissions.base.protocol import Doubt, EditableText, Row

MOST_NETWORKS = 10

NO_ORGANIZATION = "Choose your organization, or add it"
GONE_ORGANIZATION = "This organization is no longer here. Choose another one, or add it"
NO_NAME = "Enter the name of your organization"
NO_KIND = "Choose what kind of organization it is"
NO_COUNTRY = "Choose the country where it is"
NO_WEBSITE = "Enter a web address like https://example.org, or leave this empty"
MANY_NETWORKS = "Name at most 10"
SENTENCES = (NO_ORGANIZATION, GONE_ORGANIZATION, NO_NAME, NO_KIND, NO_COUNTRY, NO_WEBSITE, MANY_NETWORKS)

# What is asked of an organization that is not here yet.
FIELDS = (
    FormField(
        "name",
        label=mark("Name of the organization"),
        row="organization.name",
        missing=NO_NAME,
        longest=120,
        numbered=True,
        autocomplete="organization",
    ),
    FormField(
        "country",
        COUNTRY,
        mark("In which country is it?"),
        called=mark("Country"),
        row="organization.country",
        missing=NO_COUNTRY,
        refused=NO_COUNTRY,
    ),
    FormField(
        "kind",
        TERM,
        mark("What kind of organization is it?"),
        called=mark("Kind"),
        vocabulary="organization-kind",
        row="organization.kind",
        missing=NO_KIND,
        refused=NO_KIND,
    ),
    FormField(
        "homepage",
        URL,
        mark("Website"),
        mark("An address like https://example.org. It helps us to check that you speak for it."),
        row="organization.homepage",
        refused=NO_WEBSITE,
        longest=300,
        editable=True,
        autocomplete="url",
    ),
    FormField(
        "networks",
        NAMES,
        mark("Networks that it belongs to"),
        mark("Federations, unions or networks, separated by commas."),
        row="organization.networks",
        longest=120,
        most=MOST_NETWORKS,
        too_many=MANY_NETWORKS,
    ),
)
NAMES_OF_FIELDS = tuple(field.name for field in FIELDS)


def problems_of_new(answers: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with an organization that is added; nothing for one that is chosen."""
    if answers.get("organization") or not is_described(answers):
        return {}
    return problems_of(FIELDS, answers)


def problems_of_choice(connection: Connection, submission: Submission) -> dict[str, str]:
    """What is wrong with the organization that its answers choose or describe."""
    if submission.answers.get("organization"):
        gone = organization_of(connection, submission) is None
        return {"organization": GONE_ORGANIZATION} if gone else {}
    if not validation.text_answer(submission.answers, "name"):
        return {"organization": NO_ORGANIZATION} | problems_of_new(submission.answers)
    return problems_of_new(submission.answers)


def is_described(answers: Mapping[str, Any]) -> bool:
    return any(answers.get(name) for name in NAMES_OF_FIELDS)


def organization_of(connection: Connection, submission: Submission) -> KnownOrganization | None:
    """The organization that a submission names; None for one that is not here. What its sender chose last counts
    before what it was published with once."""
    try:
        chosen = organization_rows.find_by_id(connection, UUID(submission.answers.get("organization") or ""))
    except (ValueError, TypeError):
        chosen = None
    if chosen is None and submission.organization_id is not None:
        return organization_rows.find_by_id(connection, submission.organization_id)
    return chosen


def chosen_or_added(
    connection: Connection, submission: Submission, *, now: datetime
) -> tuple[KnownOrganization | None, bool]:
    """The organization that a submission names, added where it only describes it, and whether it is new; None where it
    names none."""
    here = organization_of(connection, submission)
    if here is not None or not described(submission).get("name"):
        return here, False
    key, is_new = organization_rows.add_organization(connection, described(submission), submission.reference, now=now)
    return organization_rows.find_by_id(connection, key), is_new


def verified(connection: Connection, here: KnownOrganization, person: Person | None) -> str | None:
    """How it is known that this person represents the organization: as they were verified, or by the domain of their
    proven address; None: nothing tells it."""
    if person is None:
        return None
    if term := term_of_member(connection, person.id, ORGANIZATION, here.id):
        return term
    return TERMS[ADDRESS] if registrable_domain.is_at_site(person.email, here.site) else None


def represents(connection: Connection, submission: Submission, person: Person | None) -> bool:
    """Whether its sender represents the organization that it names."""
    here = organization_of(connection, submission)
    return here is not None and verified(connection, here, person) is not None


def described(submission: Submission) -> dict[str, Any]:
    return {name: submission.answers[name] for name in NAMES_OF_FIELDS if submission.answers.get(name)}


def organization_row(connection: Connection, submission: Submission, name: str = "organization") -> list[Row]:
    """The organization, as lines: the one that is here, or what describes it."""
    here = organization_of(connection, submission)
    if here is None:
        return new_rows(submission)
    return [Row(name, here.slug, here.slug, "organization")]


def new_rows(submission: Submission) -> list[Row]:
    return list(rows_of(FIELDS, submission.answers, submission.language))


def new_texts(submission: Submission) -> tuple[EditableText, ...]:
    """The texts that describe an organization that is not here yet, as `FormKind.editable` gives them; none where it
    was chosen."""
    if not described(submission).get("name"):
        return ()
    return editable_texts(FIELDS, submission.answers)


def doubts_of_new(connection: Connection, submission: Submission) -> list[Doubt]:
    values = described(submission)
    if not values.get("name"):
        return []
    site = registrable_domain.registrable_domain(values["homepage"]) if values.get("homepage") else None
    alike = organization_rows.find_resembling(connection, values["name"], site, every=True)
    doubts = [Doubt("same-name", {"slug": other.slug, "name": other.name}) for other in alike if other.same_name]
    doubts += [
        Doubt("same-website", {"slug": other.slug, "name": other.name})
        for other in alike
        if site
        and other.homepage
        and registrable_domain.is_confirming(site)
        and registrable_domain.registrable_domain(other.homepage) == site
    ]
    doubts += [] if values.get("homepage") else [Doubt("unknown-website")]
    return [*doubts, *about_address(submission, values.get("homepage"))]


def about_address(submission: Submission, homepage: str | None) -> list[Doubt]:
    """Whether the sender's address is at the domain of this website, for the moderator; nothing where one of both is
    not known."""
    if not submission.email or not homepage:
        return []
    domain = registrable_domain.registrable_domain(homepage) or homepage
    fine = registrable_domain.is_at_site(submission.email, homepage)
    return [Doubt("address-at-website" if fine else "address-elsewhere", {"text": domain})]


def doubts_of_sender(submission: Submission) -> list[Doubt]:
    """The warning that the sender's address says nothing about who they are."""
    domain = registrable_domain.registrable_domain(submission.email or "")
    if submission.email and not registrable_domain.is_confirming(domain or ""):
        return [Doubt("mailbox-provider")]
    return []
