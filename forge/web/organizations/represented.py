"""The organizations that the reader represents, with all adoptions and contributions of these and who may see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import Request

from catalog.store.adoptions.restricted import OwnUse
from catalog.store.contributors.contributor_rows import Contributor
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.submissions.kinds.adoption_fields import VISIBILITY_OPTIONS
from catalog.submissions.kinds.contribution import key_of
from forge.web.core.session import person_of
from forge.web.facts.labels import SAID_BY_LABELS


def organization_of_page(request: Request) -> KnownOrganization:
    """The organization that the address names, also one that nobody but its representatives sees. Raises NotFound."""
    store, someone, slug = request.app.state.store, person_of(request), request.path_params["slug"]
    mine = (
        store.organizations.spoken_for(someone.represented_organizations)
        if someone and someone.represented_organizations
        else ()
    )
    public: KnownOrganization = next(
        (organization for organization in mine if organization.slug == slug), None
    ) or store.organizations.by_slug(slug)
    return public


@dataclass(frozen=True)
class RepresentedOrganization:
    organization: KnownOrganization
    uses: tuple[OwnUse, ...]
    helps: tuple[tuple[Contributor, str], ...] = ()  # each with the value that its button sends
    voices: Mapping[str, str] = field(default_factory=lambda: SAID_BY_LABELS)
    visibilities: tuple[tuple[str, str, str], ...] = VISIBILITY_OPTIONS


def represented_by(request: Request, only: UUID | None = None) -> tuple[RepresentedOrganization, ...]:
    """The organizations that the reader represents; `only`: this one, or none. Reads nothing where there are none."""
    someone = person_of(request)
    keys = [
        organization_id
        for organization_id in (someone.represented_organizations if someone else ())
        if only in (None, organization_id)
    ]
    if not keys:
        return ()
    store = request.app.state.store
    organizations = store.organizations.spoken_for(keys)
    return tuple(
        RepresentedOrganization(
            organization,
            store.restricted_adoptions.of_organization(organization.id),
            tuple(
                (contribution, key_of(contribution))
                for contribution in store.contributors.of_organization(organization.id)
            ),
        )
        for organization in organizations
    )
