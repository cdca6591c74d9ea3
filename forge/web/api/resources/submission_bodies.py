"""What a program sends for each kind of submission: the schema of the body, made of the rows of its fields, and the
answers that its form would give. Pure; whether answers may be published is decided by their kind in
`catalog.submissions`, the same as for forms.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from annotated_types import MaxLen

from catalog.rules.call import KINDS as CALL_KINDS
from catalog.rules.submission import (
    ADOPT,
    ASK,
    CALL,
    CLAIM,
    CORRECT,
    EXPERIENCE,
    HELP,
    REGISTER,
    REPORT,
    SUPPORT,
    WITHDRAW,
)
from catalog.submissions import KINDS as KINDS_OF
from catalog.submissions.base import fields
from catalog.submissions.base.fields import FormField
from catalog.submissions.base.organization_field import FIELDS as FIELDS_OF_NEW
from catalog.submissions.kinds.call_support import NEW
from catalog.submissions.kinds.obstacle import BLOCKS, PAGE
from catalog.submissions.kinds.unlisting import LISTING
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


def _member(asked: FormField) -> Any:
    """How a program sends the answer of a field. A term that may be left out is a text, so that a wrong one is told
    with all else that is wrong."""
    says = asked.documented
    if asked.kind in (fields.CONSENT, fields.YES_NO):
        return _flag(says) if says else FLAG
    if asked.kind in (fields.TERMS, fields.CHOICES):
        return _list(_enum(*asked.terms), max(MOST_ENTRIES, len(asked.terms)) if asked.most else len(asked.terms))
    if asked.kind in (fields.NAMES, fields.LANGUAGES):
        return _list(LINE if asked.kind == fields.NAMES else LanguageTag, max(MOST_ENTRIES, asked.most))
    if asked.kind == fields.CHOICE or (asked.kind == fields.TERM and asked.missing):
        return _enum(*asked.terms)
    if asked.kind == fields.TERM:
        return Annotated[str, MaxLen(MAX_LINE), SchemaNote(says or f"One of {', '.join(asked.terms)}.")]
    if asked.kind == fields.DAY:
        return Annotated[str, MaxLen(10), SchemaNote(more=(("format", "date"),))]
    if asked.kind == fields.LANGUAGE:
        return LanguageTag
    plain = PROSE if asked.kind == fields.TEXT else LINE
    return Annotated[plain, SchemaNote(says)] if says else plain


def _members(asked: Iterable[FormField]) -> dict[str, Any]:
    return {row.name: _member(row) for row in asked}


_NEW_ORGANIZATION: Any = Annotated[
    members("Organization", {**_members(FIELDS_OF_NEW), "kind": LINE, "other": FLAG}, ("name",)),
    SchemaNote("An organization that is not here yet. `other`: it is another one than those that resemble it."),
]


@dataclass(frozen=True)
class SubmissionKind:
    """A kind as it is sent: what it is about, its fields, and which are required beside those that its form requires.

    `targets`: members that name records, or say what kind of it is meant. `more`: the answers that these give.
    """

    description: str
    targets: Mapping[str, Any]
    fields: tuple[FormField, ...]
    needs: tuple[str, ...] = ()
    more: Callable[[Body], Answers] = field(default=lambda body: {})
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> Mapping[str, Any]:
        return {**self.targets, **_members(self.fields)}

    @property
    def required(self) -> tuple[str, ...]:
        return (*self.needs, *(row.name for row in self.fields if row.missing and row.when is None))


def answers_of(kind: str, body: Body, language: str) -> Answers:
    """Return the answers of a body whose shape was checked; texts of one line are written on one. `language`: of its
    texts, where it does not say so; a correction says it itself, and a use is kept in the submission's own.
    """
    sent = KINDS[kind]
    answers = _answers(sent.fields, body) | sent.more(body)
    if kind == CORRECT:
        return answers | {"language": body.get("language", "")}
    return answers | ({"language": language} if "language" in sent.properties and kind != ADOPT else {})


def _answers(asked: Iterable[FormField], body: Body) -> Answers:
    return {row.name: _answer(row, body[row.name]) for row in asked if row.name in body}


def _answer(row: FormField, value: Any) -> Any:
    if row.kind == fields.CONSENT:
        return fields.YES if value else ""
    if row.kind == fields.YES_NO:
        return fields.YES if value else fields.NO
    if row.kind == fields.COUNTRY:
        return value.strip().upper() if value.strip().islower() and len(value.strip()) == 2 else value.strip()
    if row.kind in (fields.LINE, fields.SENTENCE, fields.URL):
        return " ".join(value.split())
    return value


def _body_of(kind: str) -> Any:
    """A whole body of this kind."""
    sent = KINDS[kind]
    typed = members(kind, {"kind": Literal[kind], **sent.properties}, ("kind", *sent.required))
    return Annotated[typed, SchemaNote(sent.description, (("title", kind),))]


def _new_organization(body: Body) -> Answers:
    """What describes an organization that is not here yet."""
    return _answers(FIELDS_OF_NEW, body.get("new_organization") or {})


def _adoption_answers(body: Body) -> Answers:
    empty: Answers = {row.name: [] if row.kind == fields.NAMES else "" for row in FIELDS_OF_NEW}
    return (
        {"speaks": "", "questions": "", "told": "", **_answers(KINDS_OF[ADOPT].fields, body)}
        | empty
        | _new_organization(body)
    )


def _support_answers(body: Body) -> Answers:
    return _new_organization(body) | {"call": body["call"], "organization": NEW if "new_organization" in body else ""}


_REGISTRATION = tuple(replace(row, missing="") for row in KINDS_OF[REGISTER].fields if row.name != "other_screens")
_REGISTRATION_FLAGS: Mapping[str, Any] = {
    "apart": _flag("It is another project than one with the same history."),
    "anyway": _flag("It is not free software, and is proposed for information."),
    "alone": _flag("Do not wait for the look at its code."),
}


def registration_answers(body: Body) -> Answers:
    """Return the answers of a body that sends a registration."""
    return _answers(_REGISTRATION, body) | {name: body[name] for name in _REGISTRATION_FLAGS if name in body}


_PROJECT, _BOTH = {"project": Slug}, {"project": Slug, "organization": Slug}
_ADDED = {"organization": Slug, "new_organization": _NEW_ORGANIZATION}


def _kind(
    kind: str, description: str, targets: Mapping[str, Any], needs: tuple[str, ...] = (), **more: Any
) -> SubmissionKind:
    return SubmissionKind(description, targets, tuple(KINDS_OF[kind].fields), needs, **more)


KINDS: Mapping[str, SubmissionKind] = {
    REGISTER: SubmissionKind(
        "A project that is not here yet, by the address of its code. It stays a draft while its code is looked at, "
        "some seconds; then it is sent by /declarations/{reference}/send, with what the files left open.",
        {"address": LINE, **_REGISTRATION_FLAGS},
        _REGISTRATION,
        ("address",),
        lambda body: registration_answers(body) | {"address": " ".join(body["address"].split())},
        {"address": "https://code.example.org/group/tool"},
    ),
    ADOPT: _kind(
        ADOPT,
        "An organization uses, tries, stopped or did not keep a project. Published at once for who speaks for it.",
        {**_PROJECT, **_ADDED, "language": LanguageTag},
        ("project",),
        more=_adoption_answers,
        example={
            "project": "galette",
            "organization": "coop-des-halles",
            "stage": "in-production",
            "since": "2021",
            "visibility": "public",
            "speaks": True,
        },
    ),
    CORRECT: _kind(
        CORRECT,
        "One field of a project or an organization is otherwise. `language`: of a text that `value` says in one.",
        {
            **_BOTH,
            "field": LINE,
            "value": Annotated[Any, SchemaNote("As the document writes this field.")],
            "language": LanguageTag,
        },
        ("field", "value"),
        more=lambda body: {"field": " ".join(body["field"].split()), "value": body["value"]},
        example={
            "project": "galette",
            "field": "homepage",
            "value": "https://galette.eu/site/en",
            "source": "https://galette.eu",
        },
    ),
    CALL: _kind(
        CALL,
        "A need without a tool, help for a project, a successor, or a host for a collective.",
        {"call": _enum(*CALL_KINDS), **_BOTH},
        ("call",),
        more=lambda body: {"call": body["call"]},
        example={"call": "translate", "project": "galette", "text": "We need Portuguese screens.", "tag": "pt"},
    ),
    REPORT: SubmissionKind(
        "Something blocks people who use a project (`blocks`), or is wrong on a page of ours (`page`).",
        {"about": _enum(BLOCKS, PAGE), **_PROJECT},
        tuple(
            replace(row, missing="") if row.name in ("audience", "where") else row for row in KINDS_OF[REPORT].fields
        ),
        ("about",),
        lambda body: {"about": body["about"]},
        {"about": "page", "page": "/en/projects/galette", "happened": "The map is empty."},
    ),
    SUPPORT: _kind(
        SUPPORT,
        "An organization lacks the same as a call says.",
        {"call": LINE, **_ADDED},
        ("call",),
        more=_support_answers,
        example={"call": "7K3Q-9M2X", "organization": "coop-des-halles", "show": "named", "may": True},
    ),
    EXPERIENCE: _kind(
        EXPERIENCE,
        "An organization tells how its use went, after it said that it uses it.",
        _BOTH,
        ("project", "organization"),
        example={
            "project": "galette",
            "organization": "coop-des-halles",
            "context": "Our fees, by two volunteers.",
            "again": "yes",
        },
    ),
    WITHDRAW: _kind(
        WITHDRAW,
        "A use is to be shown no more; without an organization: the project is to be listed no more.",
        _BOTH,
        ("project",),
        more=lambda body: {} if "organization" in body else {"what": LISTING, "reason": body.get("reason", "")},
        example={"project": "galette", "organization": "coop-des-halles"},
    ),
    CLAIM: _kind(
        CLAIM,
        "Somebody maintains a project or represents an organization, and a person is to look at how one can know it.",
        _BOTH,
        example={"project": "galette", "words": "My name stands in its file of authors."},
    ),
    ASK: _kind(
        ASK,
        "A question to an organization that takes questions about a project, or to who sent a call.",
        {**_BOTH, "call": LINE},
        more=lambda body: {"call": body["call"]} if "call" in body else {},
        example={"project": "galette", "organization": "coop-des-halles", "text": "Does it bear 500 members?"},
    ),
    HELP: _kind(
        HELP,
        "An organization maintains a project or helps with it, or the sender does under a name of their own. Published "
        "at once for who maintains the project, and for who represents an organization that offers help.",
        {**_PROJECT, **_ADDED},
        ("project",),
        more=_new_organization,
        example={"project": "galette", "organization": "coop-des-halles", "role": "host"},
    ),
}
_LEFT_OPEN = SchemaNote("What the files left open; nothing where they say it all.")
SEND_BODY: Any = Annotated[members("Registration", {**_members(_REGISTRATION), **_REGISTRATION_FLAGS}), _LEFT_OPEN]


ANY_BODY = Variants("kind", {kind: _body_of(kind) for kind in KINDS})
