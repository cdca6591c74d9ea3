"""The organizations that somebody speaks for, with all that these use and who may see it, for the pages that show it to
them. It answers no address.
"""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from catalog.store.organizations import Known
from catalog.store.uses import OwnUse
from forge.web.session import person_of
from forge.web.use_answers import VISIBILITIES


@dataclass(frozen=True)
class Speaks:
    organization: Known
    uses: tuple[OwnUse, ...]
    visibilities: tuple[tuple[str, str, str], ...] = VISIBILITIES


def speaks_of(request: Request, only: UUID | None = None) -> tuple[Speaks, ...]:
    """What the reader speaks for; `only`: this organization, or nothing. Nothing is asked for readers."""
    someone = person_of(request)
    keys = [one for one in (someone.speaks_for if someone else ()) if only in (None, one)]
    if not keys:
        return ()
    store = request.app.state.store
    known = store.organizations.spoken_for(keys)
    return tuple(Speaks(one, store.uses.of_organization(one.id)) for one in known)
