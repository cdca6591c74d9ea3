"""The organizations that somebody speaks for, with all that these use and who may see it, for the pages that show it to
them. It answers no address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import Request

from catalog.store.adoptions.restricted import OwnUse
from catalog.store.contributors.rows import Helps
from catalog.store.organizations.rows import Known
from catalog.submissions.kinds.contribution import key_of
from forge.web.core.session import person_of
from forge.web.facts.labels import SAID_BY
from forge.web.wording.adoption_form import VISIBILITIES


@dataclass(frozen=True)
class Speaks:
    organization: Known
    uses: tuple[OwnUse, ...]
    helps: tuple[tuple[Helps, str], ...] = ()  # each with what its press sends
    voices: Mapping[str, str] = field(default_factory=lambda: SAID_BY)
    visibilities: tuple[tuple[str, str, str], ...] = VISIBILITIES


def speaks_of(request: Request, only: UUID | None = None) -> tuple[Speaks, ...]:
    """What the reader speaks for; `only`: this organization, or nothing. Nothing is asked for readers."""
    someone = person_of(request)
    keys = [one for one in (someone.speaks_for if someone else ()) if only in (None, one)]
    if not keys:
        return ()
    store = request.app.state.store
    known = store.organizations.spoken_for(keys)
    return tuple(
        Speaks(
            one,
            store.uses.of_organization(one.id),
            tuple((each, key_of(each)) for each in store.helping.of_organization(one.id)),
        )
        for one in known
    )
