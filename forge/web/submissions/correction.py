"""Correcting one field, by anybody: choose it, type it, look at before and after, send.

A maintainer's or representative's correction is published at once; others wait for a moderator. Corrections
are not sent to other catalogues: for a record whose home is another one, the pages link to its page there.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.permissions import may
from catalog.rules.record_values.evidence import value_in_forms
from catalog.rules.submission import CORRECT
from catalog.store.core.read_models import OtherCatalogue
from catalog.store.ownership.subjects import VerifiedRecord
from forge.web.core.form import Form, whole_address
from forge.web.core.render import offered_languages, page
from forge.web.core.session import make_private, person_of
from forge.web.facts.fact_groups import field_label
from forge.web.submissions import correction_fields, drafts, form_fields
from forge.web.submissions.correction_fields import CorrectionField
from forge.web.wording import submissions as wording_submissions


def project(request: Request) -> Response:
    return _show(request, PROJECT)


def organization(request: Request) -> Response:
    return _show(request, ORGANIZATION)


def send_project(request: Request) -> Response:
    return _send(request, PROJECT)


def send_organization(request: Request) -> Response:
    return _send(request, ORGANIZATION)


def _show(request: Request, kind: str) -> Response:
    about = _about(request, kind)
    field = request.query_params.get("field", "")
    if field not in _fields(kind):
        fields = _fields(kind)
        record = request.app.state.store.verifications.record(kind, about.id)
        groups = correction_fields.GROUPS if kind == PROJECT else ((correction_fields.GROUPS[0][0], tuple(fields)),)
        answer = page(
            request,
            "submissions/correction/choose-field.html",
            about=about,
            at_once=_own(request, about.id),
            open=[name for _, names in groups for name in names if not record.get(name)],
            groups=[(title, [name for name in names if record.get(name)]) for title, names in groups],
            label=_label,
            home=_home(request, kind, about),
            noindex=True,
        )
        return make_private(answer) if person_of(request) else answer
    language = _language(request, request.query_params.get("language", ""))
    described = _fields(kind)[field]
    record = request.app.state.store.verifications.record(kind, about.id)
    value = correction_fields.renamed(
        described, value_in_forms(record, field), request.app.state.store.name_lookup.name_of
    )
    values = correction_fields.filled(described, value, language, request.state.page_language)
    form = Form(values | {"field": [field], "language": [language], "draft": [drafts.fresh()]})
    return _page(request, kind, about, field, form, record=record)


def _about(request: Request, kind: str) -> VerifiedRecord:
    """What is corrected. Raises NotFound, Moved, Removed; OptedOut, since nobody may read what stands there."""
    store, slug = request.app.state.store, request.path_params["slug"]
    if kind == PROJECT:
        store.record_pages.project_id(slug)
    someone = person_of(request)
    record: VerifiedRecord = store.verifications.verifiable_record(
        kind, slug, person_id=someone.id if someone else None
    )
    return record


def _send(request: Request, kind: str) -> Response:
    """One step: what was typed is checked, shown beside what stands there, then sent."""
    store, form, page_language = request.app.state.store, request.state.form, request.state.page_language
    about = _about(request, kind)
    field = form.line("field")
    if field not in _fields(kind):
        return RedirectResponse(f"/{page_language.tag}/{kind}s/{about.slug}/correct", 303)
    described, record = _fields(kind)[field], store.verifications.record(kind, about.id)
    correction_fields.closed_up(described, form)
    if form.line("step") == "change":
        return _page(request, kind, about, field, form, record=record)
    answers: dict[str, Any] = {
        "field": field,
        "value": correction_fields.renamed(
            described,
            correction_fields.typed(described, form, value_in_forms(record, field), page_language),
            store.name_lookup.slug_of,
        ),
        "source": whole_address(form.line("source")),
        "words": form.text("words"),
        "language": _language(request, form.line("language")) if described.shape in correction_fields.SPOKEN else "",
    }
    mine = {"project_id": about.id} if kind == PROJECT else {"organization_id": about.id}
    sends = form.line("step") == "send"
    token, draft = drafts.send_form(request, CORRECT, answers, **mine, only_keep=not sends)
    if sends and not form.problems:
        return drafts.to_own_page(request, token)
    problems, form.problems = form.problems, {}
    for name, sentence in problems.items():
        form.wrong(correction_fields.input_name(name, described.shape), sentence)
    form.values = {**form.values, "draft": [token]}
    if set(form.problems) - {"email"}:
        return _page(request, kind, about, field, form, record=record, status=422)
    return make_private(
        page(
            request,
            "submissions/correction/summary.html",
            422 if form.problems else 200,
            about=about,
            title=_label(field),
            lines=wording_submissions.submission_rows(submissions.rows(store, draft)),
            at_once=_own(request, about.id),
            home=_home(request, kind, about),
            desk=token if may(person_of(request), "desk-draft-publish") and not _own(request, about.id) else "",
            typed=[
                (name, value)
                for name, values in form.values.items()
                if name not in ("step", "email")
                for value in values
            ],
            form=form,
            canonical=f"/{page_language.tag}/{kind}s/{about.slug}",
            noindex=True,
        )
    )


def _home(request: Request, kind: str, about: VerifiedRecord) -> OtherCatalogue | None:
    """The other catalogue whose record it is; None where it is ours."""
    catalogues: tuple[OtherCatalogue, ...] = request.app.state.store.received_records.catalogues_stating(kind, about.id)
    return next((statement for statement in catalogues if statement.home_of), None)


def _page(
    request: Request, kind: str, about: Any, field: str, form: Form, *, record: Any, status: int = 200
) -> Response:
    described, page_language = _fields(kind)[field], request.state.page_language
    return make_private(
        page(
            request,
            "submissions/correction/form.html",
            status,
            about=about,
            field=field,
            title=_label(field),
            asked=described,
            options=correction_fields.options(described, page_language),
            countries=form_fields.countries(page_language, page_language.gettext)
            if described.shape == "country"
            else (),
            rows=_rows(form) if described.shape in ("languages", "relations") else 0,
            page_languages=_page_languages(request, value_in_forms(record, field), described),
            at_once=_own(request, about.id),
            form=form,
            canonical=f"/{page_language.tag}/{kind}s/{about.slug}",
            noindex=True,
        )
    )


def _fields(kind: str) -> Any:
    return correction_fields.PROJECT if kind == PROJECT else correction_fields.ORGANIZATION


def _label(field: str) -> str:
    return wording_submissions.ORGANIZATION_FIELDS.get(field) or field_label(field) or field


def _language(request: Request, tag: str) -> str:
    return (
        tag
        if tag in correction_fields.COMMON or tag in offered_languages(request)
        else str(request.state.page_language.tag)
    )


def _page_languages(request: Request, value: Any, field: CorrectionField) -> list[str]:
    """The languages that one may write in: those of the pages, those in which something is said already; none where
    no language is asked for."""
    if field.shape not in (*correction_fields.SPOKEN, "leaving"):
        return []
    tags = list(value) if field.shape in correction_fields.SPOKEN and isinstance(value, dict) else []
    return list(dict.fromkeys([*offered_languages(request), *tags, *correction_fields.COMMON]))


def _own(request: Request, key: Any) -> bool:
    someone = person_of(request)
    return someone is not None and key in (*someone.maintained_projects, *someone.represented_organizations)


def _rows(form: Form) -> int:
    names = (name.partition(".") for name in form.values)
    typed = [int(row) + 1 for part, _, row in names if part in ("term", "type", "project") and row.isdecimal()]
    return min(
        max([row for row in typed if row <= correction_fields.MAX_ROWS], default=0) + correction_fields.ROWS,
        correction_fields.MAX_ROWS,
    )
