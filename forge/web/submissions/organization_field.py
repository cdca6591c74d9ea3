"""Choosing an organization in a form: looked for by its name, taken from what is found, or added, with those that
resemble it shown first. It answers no address, keeps nothing and judges no right.
"""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from catalog.errors import NotFound
from catalog.sentences import mark
from catalog.store.organizations.rows import KnownOrganization
from catalog.submissions.kinds.adoption import NO_ORGANIZATION
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.list_query import MAX_TEXT_CHARACTERS
from forge.web.submissions import adoption_fields
from forge.web.submissions.adoption_fields import ORGANIZATION
from forge.web.wording import adoption_form

# The step of a form whose search was pressed: it comes again as it was typed, with what is found. The search is a part
# of the form and sent by POST: as a form of its own it would lose what was typed beside it.
SEARCH = "search"
NEW, OTHER = "new", "other"  # of the choice of an organization: add one; add one although others resemble it
FOUND_SHOWN = 10
ALIKE = mark("An organization like this is here already. Choose it, or say that yours is another one")


@dataclass(frozen=True)
class Choice:
    """The answers that name an organization; what is wrong stands in the form. `alike`: those that resemble it."""

    answers: dict[str, Any] = field(default_factory=dict)
    alike: tuple[KnownOrganization, ...] = ()


def chosen(request: Request, form: Form) -> Choice:
    """What a form says; nothing of an organization is NO_ORGANIZATION."""
    store, wanted = request.app.state.store, form.line("organization")[:100]
    if wanted and wanted not in (NEW, OTHER):
        try:
            here = store.organizations.by_slug(wanted)
        except NotFound:
            form.wrong("organization", NO_ORGANIZATION)
            return Choice()
        return Choice({"organization": str(here.id), "name": "", "kind": "", "country": "", "homepage": ""})
    answers = adoption_fields.typed_answers(form, ORGANIZATION) | {"organization": ""}
    if not wanted and not answers["name"]:
        form.wrong("organization", NO_ORGANIZATION)
        return Choice()
    wrong = adoption_fields.step_problems(answers | {"kind": answers["kind"] or "?"}, ORGANIZATION, None)
    for name, sentence in wrong.items():
        form.wrong(name, sentence)
    alike: tuple[KnownOrganization, ...] = ()
    if not wrong and wanted != OTHER:
        alike = store.organizations.perhaps(answers["name"], answers["homepage"], FOUND_SHOWN)
    if alike:
        form.wrong("organization", ALIKE)
    return Choice(answers, alike)


def offered(
    request: Request, form: Form, alike: tuple[KnownOrganization, ...] = (), wanted: str = ""
) -> dict[str, Any]:
    """What the page shows: what was looked for, what was found, and the choices of one that is added. Where nothing was
    looked for by its own field, a search is for the name of the one that is being added."""
    store = request.app.state.store
    typed = form.line("q") or (form.line("name") if form.line("step") == SEARCH else request.query_params.get("q", ""))
    q = plain(typed).strip()[:MAX_TEXT_CHARACTERS]
    total, cards = store.record_pages.organizations(q, per_page=FOUND_SHOWN) if q else (0, ())
    if wanted and wanted not in (NEW, OTHER):
        cards = (*_card(request, wanted), *cards)
    known = {organization.slug: organization for organization in (*alike, *cards)}
    return {
        "q": q,
        "total": total,
        "found": tuple(known.values()),
        "alike": bool(alike),
        "kinds": adoption_form.terms("organization-kind"),
        "countries": request.state.tongue.countries(),
    }


def _card(request: Request, slug: str) -> tuple[KnownOrganization, ...]:
    try:
        return (request.app.state.store.organizations.by_slug(slug),)
    except NotFound:
        return ()
