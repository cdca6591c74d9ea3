"""A network's page for its members' uses, in three presses: paste a sheet, read what would come of each row, confirm.

`catalog.submissions.kinds.network_vouching` says what a cell means and what a network may state.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.rules.pasted_table import NotATable, read_table
from catalog.rules.permissions import demand
from catalog.sentences import mark
from catalog.submissions.kinds import network_vouching
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.organizations.represented import organization_of_page

RESULTS = {
    network_vouching.CONFIRMED: mark("Confirmed by your network"),
    network_vouching.ALREADY: mark("It was confirmed already; your word stands beside"),
    network_vouching.INVITED: mark("It said nothing here yet: it is invited, and nothing is shown before it agrees"),
    network_vouching.NOTED: mark("It said nothing here yet: it is noted, and nothing is shown before it agrees"),
    network_vouching.NO_ORGANIZATION: mark("Write the name of the organization"),
    network_vouching.NO_PROJECT: mark("No project here is called so. Write its name as its page does"),
    network_vouching.SEVERAL: mark("Several organizations are called so. Add the website or the country"),
    network_vouching.SEVERAL_PROJECTS: mark(
        "Several projects are called so. Write the last part of its page’s address"
    ),
    network_vouching.BAD_ADDRESS: mark("This is not an e-mail address. Correct it, or leave it out"),
    network_vouching.REFUSED: mark("It asked not to be named for this"),
    network_vouching.TWICE: mark("It stands twice in your sheet"),
}
NO_SHEET = mark("Paste your sheet")
NOTHING = mark("No row can be kept. Mend the rows below first")


def vouching_page(request: Request) -> Response:
    return _page(request, Form())


def send(request: Request) -> Response:
    """Paste, look, keep: each step shows the sheet again, so that nothing typed is lost."""
    form, key = request.state.form, _network(request)
    text = form.text("sheet")
    if not text:
        form.wrong("sheet", NO_SHEET)
        return _page(request, form, 422)
    try:
        rows = read_table(text, needed=("organization", "project"))
    except NotATable as fault:
        form.wrong("sheet", fault.sentence)
        return _page(request, form, 422, fault_row=fault.row)
    if form.line("step") == "change":
        return _page(request, form)
    keep = form.line("step") == "keep"
    store, someone, tag = request.app.state.store, signed_in_person(request), request.state.page_language.tag
    outcomes = network_vouching.vouch(store, someone, key, rows, tag, keep=keep, now=now_of(request))
    if all(outcome.faulty for outcome in outcomes):
        form.wrong("sheet", NOTHING)
        return _page(request, form, 422, outcomes=outcomes)
    return _page(request, form, outcomes=outcomes, kept=keep, looking=not keep)


def take_back(request: Request) -> Response:
    form, key = request.state.form, _network(request)
    store = request.app.state.store
    project = store.record_pages.project_id(form.line("project"))
    member = store.network_vouching.member(key, form.line("member"))
    network_vouching.unvouch(store, signed_in_person(request), key, project, member)
    return RedirectResponse(
        f"/{request.state.page_language.tag}/organizations/{request.path_params['slug']}/vouch", 303
    )


def _network(request: Request) -> UUID:
    """The identity of the organization, for its representatives. Raises NotFound, NotAllowed."""
    key = organization_of_page(request).id
    demand(signed_in_person(request), "network-vouching", organization=key)
    return key


def _page(
    request: Request,
    form: Form,
    status: int = 200,
    outcomes: tuple[network_vouching.RowResult, ...] = (),
    kept: bool = False,
    looking: bool = False,
    fault_row: int = 0,
) -> Response:
    key = _network(request)
    store = request.app.state.store
    return make_private(
        page(
            request,
            "submissions/network-vouching.html",
            status,
            form=form,
            network=organization_of_page(request),
            may=store.network_vouching.is_network(key),
            vouched=store.network_vouching.of_network(key),
            outcomes=outcomes,
            results=RESULTS,
            kept=kept,
            looking=looking,
            fault_row=fault_row,
            here=f"/{request.state.page_language.tag}/organizations/{request.path_params['slug']}/vouch",
            noindex=True,
        )
    )
