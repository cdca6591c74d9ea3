"""The presses of a list of people who are in: invite, take an invitation back, take off. The pages
themselves are `maintainer_page` and `representatives`; each gives its own verbs.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request

from catalog.rules.person import normalized_address as email_address
from forge.web.core.form import Form
from forge.web.core.render import now_of
from forge.web.core.session import signed_in_person

Step = Callable[[Request, UUID, Form], None]


def steps(verbs: Any) -> Mapping[str, Step]:
    """What a press does, by its name; `verbs` is `catalog.ownership.verify` or `catalog.ownership.representatives`."""

    def invite(request: Request, key: UUID, form: Form) -> None:
        email = email_address(form.line("email"))
        verbs.invite(request.app.state.store, signed_in_person(request), key, email, now=now_of(request))

    def uninvite(request: Request, key: UUID, form: Form) -> None:
        verbs.uninvite(
            request.app.state.store, signed_in_person(request), key, form.line("invited"), now=now_of(request)
        )

    def remove(request: Request, key: UUID, form: Form) -> None:
        try:
            who = UUID(form.line("who"))
        except ValueError:
            return
        verbs.remove(request.app.state.store, signed_in_person(request), key, who, now=now_of(request))

    return {"invite": invite, "uninvite": uninvite, "remove": remove}
