"""What a program sends to register a project or to state that one is used: the schema of the body, made of the rows of
the form, and the answers that the form would give. Pure; whether answers may be published is decided by their kind in
`catalog.submissions`, the same as for forms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from annotated_types import MaxLen

from catalog.rules.submission import ADOPT, REGISTER
from catalog.submissions import KINDS
from catalog.submissions.base import fields
from catalog.submissions.base.fields import FormField
from catalog.submissions.base.organization_field import FIELDS as ORGANIZATION_FIELDS
from catalog.validation import STRICT, SchemaNote, members
from forge.web.api.body import Variants
from forge.web.api.types import LanguageTag, Slug
from forge.web.core.form import MAX_LINE, MAX_TEXT

LINE = Annotated[str, MaxLen(MAX_LINE)]
PROSE = Annotated[str, MaxLen(MAX_TEXT)]
FLAG = Annotated[bool, STRICT]
MOST_ENTRIES = 20  # of a list: what is too many for the form is told beside its field
Answers = dict[str, Any]
Body = Mapping[str, Any]


def _list(of: Any, most: int) -> Any:
    return Annotated[list[of], MaxLen(most)]


def _enum(*values: str) -> Any:
    return Literal[values]


def _flag(description: str) -> Any:
    return Annotated[bool, STRICT, SchemaNote(description)]


def _member(row: FormField) -> Any:
    """How a program sends the answer of a field. A term that may be left out is a text, so that a wrong one is told
    with all else that is wrong."""
    says = row.documented
    if row.kind in (fields.CONSENT, fields.YES_NO):
        return _flag(says) if says else FLAG
    if row.kind in (fields.TERMS, fields.CHOICES):
        return _list(_enum(*row.terms), max(MOST_ENTRIES, len(row.terms)) if row.most else len(row.terms))
    if row.kind in (fields.NAMES, fields.LANGUAGES):
        return _list(LINE if row.kind == fields.NAMES else LanguageTag, max(MOST_ENTRIES, row.most))
    if row.kind == fields.CHOICE:
        return _enum(*row.terms)
    if row.kind == fields.TERM:
        return Annotated[str, MaxLen(MAX_LINE), SchemaNote(says or f"One of {', '.join(row.terms)}.")]
    if row.kind == fields.LANGUAGE:
        return LanguageTag
    return PROSE if row.kind == fields.TEXT else LINE


def _members(rows: Iterable[FormField]) -> dict[str, Any]:
    return {row.name: _member(row) for row in rows}


def _answers(rows: Iterable[FormField], body: Body) -> Answers:
    return {row.name: _answer(row, body[row.name]) for row in rows if row.name in body}


def _answer(row: FormField, value: Any) -> Any:
    """The answer of the form; a text of one line is written on one."""
    if row.kind == fields.CONSENT:
        return fields.YES if value else ""
    if row.kind == fields.YES_NO:
        return fields.YES if value else fields.NO
    if row.kind == fields.COUNTRY:
        return value.strip().upper() if value.strip().islower() and len(value.strip()) == 2 else value.strip()
    if row.kind in (fields.LINE, fields.SENTENCE, fields.URL):
        return " ".join(value.split())
    return value


_ADOPTION = KINDS[ADOPT].fields
_REGISTRATION = tuple(replace(row, missing="") for row in KINDS[REGISTER].fields if row.name != "other_screens")
_REGISTRATION_FLAGS: Mapping[str, Any] = {
    "apart": _flag("It is another project than one with the same history."),
    "anyway": _flag("It is not free software, and is proposed for information."),
    "alone": _flag("Do not wait for the look at its code."),
}
_REGISTRATION_MEMBERS = {**_members(_REGISTRATION), **_REGISTRATION_FLAGS}
_NEW_ORGANIZATION: Any = Annotated[
    members("Organization", {**_members(ORGANIZATION_FIELDS), "kind": LINE, "other": FLAG}, ("name",)),
    SchemaNote("An organization that is not here yet. `other`: it is another one than those that resemble it."),
]


def adoption_answers(body: Body) -> Answers:
    """The answers of a body whose shape was checked."""
    empty: Answers = {row.name: [] if row.kind == fields.NAMES else "" for row in ORGANIZATION_FIELDS}
    new_organization = _answers(ORGANIZATION_FIELDS, body.get("new_organization") or {})
    return {"speaks": "", "questions": "", "told": "", **_answers(_ADOPTION, body), **empty, **new_organization}


def registration_answers(body: Body) -> Answers:
    """The answers of a body whose shape was checked, without the address."""
    return _answers(_REGISTRATION, body) | {name: body[name] for name in _REGISTRATION_FLAGS if name in body}


def _body(kind: str, description: str, typed: Mapping[str, Any], required: Iterable[str]) -> Any:
    body = members(kind, {"kind": Literal[kind], **typed}, ("kind", *required))
    return Annotated[body, SchemaNote(description, (("title", kind),))]


BODIES = {
    REGISTER: _body(
        REGISTER,
        "A project that is not here yet, by the address of its code. It stays a draft while its code is looked at, "
        "some seconds; then it is sent by /declarations/{reference}/send, with what the files left open.",
        {"address": LINE, **_REGISTRATION_MEMBERS},
        ("address",),
    ),
    ADOPT: _body(
        ADOPT,
        "An organization uses, tries, stopped or did not keep a project. Published at once for who speaks for it.",
        {
            "project": Slug,
            "organization": Slug,
            "new_organization": _NEW_ORGANIZATION,
            "language": LanguageTag,
            **_members(_ADOPTION),
        },
        ("project", *(row.name for row in _ADOPTION if row.missing and row.when is None)),
    ),
}
EXAMPLES: Mapping[str, Body] = {
    REGISTER: {"kind": REGISTER, "address": "https://code.example.org/group/tool"},
    ADOPT: {
        "kind": ADOPT,
        "project": "galette",
        "organization": "coop-des-halles",
        "stage": "in-production",
        "since": "2021",
        "visibility": "public",
        "speaks": True,
    },
}
ANY_BODY = Variants("kind", BODIES)
SEND_BODY: Any = Annotated[
    members("Registration", _REGISTRATION_MEMBERS),
    SchemaNote("What the files left open; nothing where they say it all."),
]
