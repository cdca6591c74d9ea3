"""Choosing an organization in a form: one field that finds it, those that it found, or one that is added, with those
that resemble it shown first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from catalog.errors import NotFound
from catalog.rules import registrable_domain
from catalog.sentences import mark
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.store.organizations.search import OrganizationFilter
from catalog.submissions.base.organization_field import FIELDS, NO_ORGANIZATION, problems_of_new
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.list_query import MAX_TEXT_CHARACTERS
from forge.web.submissions.form_fields import DrawnField, drawn_fields, typed_answers

# The step of a form whose search was pressed: it comes again as it was typed, with what is found. The search is a part
# of the form and sent by POST: as a form of its own it would lose what was typed beside it.
SEARCH = "search"
SEARCHED = "searched"  # the field that holds for what the page was shown
NEW, OTHER = "new", "other"  # of the choice of an organization: add one; add one although others resemble it
FOUND_SHOWN = 10
ALIKE = mark("An organization like this is here already. Choose it, or say that yours is another one")
NOTHING_NEW: dict[str, Any] = {
    field.name: [] if field.kind == "names" else "" for field in FIELDS
}  # the answers that describe no organization


@dataclass(frozen=True)
class Choice:
    """The answers that name an organization; what is wrong stands in the form. `alike`: those that resemble it."""

    answers: dict[str, Any] = field(default_factory=dict)
    alike: tuple[KnownOrganization, ...] = ()


@dataclass(frozen=True)
class OfferedOrganizations:
    """What the page shows: what was looked for, what was found, and the fields of one that is added."""

    q: str
    total: int
    found: Sequence[Any]
    alike: bool
    new: Sequence[DrawnField]


def is_search(form: Form) -> bool:
    """Whether a form looks for an organization: another name is typed than it was shown for. Enter in any field sends
    the form by its first button, which is that of the search: so where the name is the same, it goes on."""
    q, chooses = form.line("q"), any(form.line(name) for name in ("organization", *NOTHING_NEW))
    if not q:
        return False
    if SEARCHED in form.values:
        return q != form.line(SEARCHED) or not is_named(form)
    return form.line("step") == SEARCH or not chooses


def is_named(form: Form) -> bool:
    """Whether a form chooses or describes an organization: a name that stands there since it was looked for, and
    nothing beside it, is none."""
    typed = {name for name in ("organization", *NOTHING_NEW) if form.line(name)}
    return bool(typed) and not (typed == {"name"} and form.line("name") == form.line("q"))


def chosen(request: Request, form: Form) -> Choice:
    """What a form says; nothing of an organization is NO_ORGANIZATION."""
    store, slug = request.app.state.store, form.line("organization")[:100]
    if slug and slug not in (NEW, OTHER):
        try:
            here = store.organizations.by_slug(slug)
        except NotFound:
            form.wrong("organization", NO_ORGANIZATION)
            return Choice()
        return Choice(NOTHING_NEW | {"organization": str(here.id)})
    answers = typed_answers(form, FIELDS) | {"organization": ""}
    listed = form.line("listed") and answers["name"] == form.line("q")  # nothing was chosen of what was found
    if not slug and (listed or not answers["name"]):
        form.wrong("organization", NO_ORGANIZATION)
        return Choice()
    wrong = problems_of_new(answers | {"kind": answers["kind"] or "?"})
    for name, sentence in wrong.items():
        form.wrong(name, sentence)
    alike: tuple[KnownOrganization, ...] = ()
    if not wrong and slug != OTHER:
        alike = store.organizations.perhaps(answers["name"], answers["homepage"], FOUND_SHOWN)
    if alike:
        form.wrong("organization", ALIKE)
    return Choice(answers, alike)


def offered(
    request: Request, form: Form, alike: tuple[KnownOrganization, ...] = (), slug: str = ""
) -> OfferedOrganizations:
    """What the page shows. What was looked for is the name of the one to be added, that of another search too."""
    store, before = request.app.state.store, form.line(SEARCHED)
    q = plain(form.line("q") or request.query_params.get("q", "")).strip()[:MAX_TEXT_CHARACTERS]
    total, cards = store.record_pages.organizations(OrganizationFilter(q), per_page=FOUND_SHOWN) if q else (0, ())
    if slug and slug not in (NEW, OTHER):
        cards = (*_card(request, slug), *cards)
    organizations = {organization.slug: organization for organization in (*alike, *cards)}
    if q and form.line("name") in ("", before):
        form.values = {**form.values, "name": [q]}
    return OfferedOrganizations(q, total, tuple(organizations.values()), bool(alike), drawn_fields(request, FIELDS))


def _card(request: Request, slug: str) -> tuple[KnownOrganization, ...]:
    try:
        return (request.app.state.store.organizations.by_slug(slug),)
    except NotFound:
        return ()


def confirming_domain(here: KnownOrganization | None) -> str | None:
    """The domain whose addresses prove that somebody represents an organization; None where none does."""
    site = registrable_domain.registrable_domain(here.site) if here and here.site else None
    return site if site and registrable_domain.is_confirming(site) else None
