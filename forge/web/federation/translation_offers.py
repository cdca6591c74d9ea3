"""Offers of translations: the form that offers texts to another catalogue for its record, and the moderators' list of
offers in both directions. Those that came are decided as corrections; `catalog.federation.offered_translations` says
which texts may be offered.
"""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.federation import offered_translations
from catalog.federation.offered_translations import Draft
from catalog.federation.translation_methods import PERSON, REVISED
from catalog.rules import translation_offer as offer_rules
from catalog.sentences import mark
from catalog.store.federation.translation_offers import texts_of_field
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.desk import case_pages
from forge.web.facts.fact_groups import field_label
from forge.web.projects.project_identity import project_id_of
from forge.web.submissions import offer_author

STATES = {
    offer_rules.WAITING: mark("It waits."),
    offer_rules.ACCEPTED: mark("It was accepted."),
    offer_rules.REFUSED: mark("It was not accepted."),
    offer_rules.TAKEN_BACK: mark("It was withdrawn."),
    offer_rules.OTHERWISE: mark("Its home says something else there."),
    offer_rules.KEPT_OUT: mark("It was kept out."),
}
METHODS = (
    (PERSON, mark("A person translated it"), ""),
    (REVISED, mark("Machine translation, corrected by a person"), ""),
)


def offers_page(request: Request) -> Response:
    return _page(request, Form())


def send(request: Request) -> Response:
    form, store, tag = request.state.form, request.app.state.store, request.state.page_language.tag
    key, _, source, _ = _about(request)
    texts = {field: form.text(field) for field in offer_rules.FIELDS if field in form.values}
    draft = Draft(tag, source, texts, form.line("method"), offer_author.chosen(form.line("translator")))
    try:
        offered_translations.offer(store, signed_in_person(request), key, draft, now=now_of(request))
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, form, 422)
    return RedirectResponse(address(request.url.path, [("sent", "1")]), 303)


def desk(request: Request) -> Response:
    """What others offer for our records, and what became of what we offered."""
    store: Any = request.app.state.store
    return case_pages.drawn(
        request,
        "desk/translation-offers.html",
        theirs=store.translation_offers.all(outgoing=False),
        ours=store.translation_offers.all(outgoing=True),
        states=STATES,
        why=offer_rules.REFUSAL_SENTENCES,
        label=field_label,
    )


def _about(request: Request) -> tuple[UUID, Any, str, dict[str, str]]:
    """The foreign project, its record as its home told it, the language to translate from, and the texts that lack one
    in the reader's. Raises NotFound for a project of ours."""
    store, tag = request.app.state.store, request.state.page_language.tag
    key = project_id_of(request)
    record = store.translation_offers.home_of(key)
    if record is None:
        raise NotFound("translation", request.path_params["slug"])
    texts = {field: texts_of_field(record.texts, field) for field in offer_rules.FIELDS}
    taken = store.translation_offers.ours(key)
    lacking = {field: said for field, said in texts.items() if said and tag not in said and (field, tag) not in taken}
    languages = sorted({language for tags in lacking.values() for language in tags})
    source = max(languages, key=lambda language: sum(language in tags for tags in lacking.values()), default="")
    return key, record, source, {field: said[source] for field, said in lacking.items() if source in said}


def _page(request: Request, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    key, _, source, lacking = _about(request)
    return make_private(
        page(
            request,
            "federation/translation-offer.html",
            status,
            project=store.public_records.project(request.path_params["slug"]).record,
            home=next(
                (
                    statement
                    for statement in store.received_records.catalogues_stating("project", key)
                    if statement.home_of
                ),
                None,
            ),
            source=source,
            lacking=lacking,
            form=form,
            label=field_label,
            names=offer_author.names(store, someone, request.state.page_language.tag),
            methods=METHODS,
            sent=request.query_params.get("sent") == "1",
            noindex=True,
            here=request.url.path,
        )
    )
