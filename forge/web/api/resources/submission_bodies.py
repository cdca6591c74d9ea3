"""What a program sends for each kind of submission: the schema of the body, and the answers that its form would give.
Pure; whether answers may be published is decided by their kind in `catalog.submissions`, the same as for forms. It is
longer than 350 lines because it is one table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.rules.adoption import VISIBILITIES
from catalog.rules.call import HANDED_OVER, LOOKED_FOR
from catalog.rules.call import KINDS as CALL_KINDS
from catalog.rules.submission import (
    ADOPT,
    APPEAL,
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
from catalog.submissions.kinds.call_support import COUNTED, NAMED, NEW
from catalog.submissions.kinds.obstacle import BLOCKS, PAGE
from catalog.submissions.kinds.registration_form import STATES, USES
from catalog.submissions.kinds.unlisting import LISTING
from catalog.vocabulary import vocabulary
from forge.web.api.schemas import LANGUAGE, SLUG, Schema
from forge.web.core.form import MAX_LINE, MAX_TEXT

LINE: Schema = {"type": "string", "maxLength": MAX_LINE}
PROSE: Schema = {"type": "string", "maxLength": MAX_TEXT}
BOOLEAN: Schema = {"type": "boolean"}
TAG: Schema = dict(LANGUAGE.schema)
_NEW_ORGANIZATION: Schema = {
    "description": "An organization that is not here yet. `other`: it is another one than those that resemble it.",
    "type": "object",
    "properties": {"name": LINE, "kind": LINE, "country": LINE, "homepage": LINE, "other": BOOLEAN},
    "required": ["name"],
    "additionalProperties": False,
}
Answers = dict[str, Any]
Body = Mapping[str, Any]


def _list_of_lines(most: int) -> Schema:
    return {"type": "array", "items": LINE, "maxItems": most}


def _enum(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _enum_of_terms(name: str) -> Schema:
    return _enum(*vocabulary(name).terms)


@dataclass(frozen=True)
class SubmissionKind:
    """A kind as it is sent: the schema's properties beside `kind`, the required ones, and the answers of its form.

    `names` are the answers that are texts or lists just as they were sent.
    """

    says: str
    properties: Mapping[str, Schema]
    required: tuple[str, ...]
    names: tuple[str, ...] = ()
    answers: Callable[[Body], Answers] = field(default=lambda body: {})
    example: Mapping[str, Any] = field(default_factory=dict)


def answers_of(kind: str, body: Body, language: str) -> Answers:
    """Return the answers of a body whose shape was checked; texts of one line are written on one. `language`: of its
    texts, where it does not say so; a correction says it itself, and a use is kept in the declaration's own.
    """
    sent = KINDS[kind]
    plain = {name: _trimmed(sent.properties[name], body[name]) for name in sent.names if name in body}
    answers = plain | sent.answers(body)
    if kind == CORRECT:
        return answers | {"language": body.get("language", "")}
    return answers | ({"language": language} if "language" in sent.properties and kind != ADOPT else {})


def schema_of(kind: str) -> Schema:
    """Return the schema of a whole body of this kind."""
    sent = KINDS[kind]
    return {
        "title": kind,
        "description": sent.says,
        "type": "object",
        "properties": {"kind": {"const": kind}, **sent.properties},
        "required": ["kind", *sent.required],
        "additionalProperties": False,
    }


def _trimmed(schema: Schema, value: Any) -> Any:
    return " ".join(value.split()) if schema is LINE else value


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _adoption_answers(body: Body) -> Answers:
    new = body.get("new_organization") or {}
    answers = {name: _trimmed(LINE, new.get(name, "")) for name in ("name", "kind", "country", "homepage")}
    return answers | {
        "country": answers["country"].upper(),
        "speaks": "yes" if body["speaks"] else "",
        "questions": _yes_or_no(body.get("questions")),
        "told": "yes" if body.get("told") else "",
    }


def _contribution_answers(body: Body) -> Answers:
    new = body.get("new_organization") or {}
    answers = {name: _trimmed(LINE, new[name]) for name in ("name", "kind", "country", "homepage") if name in new}
    return answers | ({"country": answers["country"].upper()} if "country" in answers else {})


def _support_answers(body: Body) -> Answers:
    new = body.get("new_organization") or {}
    answers = {name: _trimmed(LINE, new[name]) for name in ("name", "kind", "country") if name in new}
    return answers | {"organization": NEW if new else "", "may": "yes" if body["may"] else ""}


def _registration_answers(body: Body) -> Answers:
    answers: Answers = {name: body[name] for name in ("alone", "apart", "anyway") if name in body}
    return answers | ({"maker": _yes_or_no(body["maker"])} if "maker" in body else {})


_REGISTRATION_PROPERTIES: Mapping[str, Schema] = {
    "name": LINE,
    "summary": LINE,
    "language": TAG,
    "license": LINE,
    "homepage": LINE,
    "needs": {"type": "array", "items": _enum_of_terms("domain"), "maxItems": 20},
    "need_words": PROSE,
    "use": {"type": "array", "items": _enum(*USES), "maxItems": len(USES)},
    "online": LINE,
    "hardness": _enum_of_terms("hardness"),
    "host_words": PROSE,
    "screens": {"type": "array", "items": TAG, "maxItems": 50},
    "accessibility": _enum(*STATES),
    "standard": LINE,
    "report": LINE,
    "maker": BOOLEAN,
    "apart": {**BOOLEAN, "description": "It is another project than one with the same history."},
    "anyway": {**BOOLEAN, "description": "It is not free software, and is proposed for information."},
    "alone": {**BOOLEAN, "description": "Do not wait for the look at its code."},
}
_REGISTRATION_NAMES = tuple(
    name for name in _REGISTRATION_PROPERTIES if name not in ("language", "maker", "apart", "anyway", "alone")
)
_ADOPT_LINES = ("stage", "since", "until", "version", "deployment", "provider", "people", "effort_days", "cost_band")

KINDS: Mapping[str, SubmissionKind] = {
    REGISTER: SubmissionKind(
        "A project that is not here yet, by the address of its code. It stays a draft while its code is looked at, "
        "some seconds; then it is sent by /declarations/{reference}/send, with what the files left open.",
        {"address": LINE, **_REGISTRATION_PROPERTIES},
        ("address",),
        ("address", *_REGISTRATION_NAMES),
        _registration_answers,
        {"address": "https://code.example.org/group/tool"},
    ),
    ADOPT: SubmissionKind(
        "An organization uses, tries, stopped or did not keep a project. Published at once for who speaks for it.",
        {
            "project": SLUG,
            "organization": SLUG,
            "new_organization": _NEW_ORGANIZATION,
            "language": TAG,
            **dict.fromkeys(_ADOPT_LINES, LINE),
            "stage": _enum_of_terms("stage"),
            "reasons": {"type": "array", "items": _enum_of_terms("stop-reason"), "maxItems": 20},
            "purpose": PROSE,
            "lesson": PROSE,
            "replaced": _list_of_lines(20),
            "again": _enum("yes", "no", "unsure"),
            "visibility": _enum(*VISIBILITIES),
            "speaks": {**BOOLEAN, "description": "The sender may say this for the organization."},
            "questions": {**BOOLEAN, "description": "Other groups may ask, in `languages`."},
            "languages": {"type": "array", "items": TAG, "maxItems": 20},
            "told": {**BOOLEAN, "description": "Licence changes and warnings are told by mail."},
        },
        ("project", "stage", "visibility", "speaks"),
        (*_ADOPT_LINES, "reasons", "purpose", "lesson", "replaced", "again", "visibility", "languages"),
        _adoption_answers,
        {
            "project": "galette",
            "organization": "coop-des-halles",
            "stage": "in-production",
            "since": "2021",
            "visibility": "public",
            "speaks": True,
        },
    ),
    CORRECT: SubmissionKind(
        "One field of a project or an organization is otherwise. `language`: of a text that `value` says in one.",
        {
            "project": SLUG,
            "organization": SLUG,
            "field": LINE,
            "value": {"description": "As the document writes this field."},
            "language": TAG,
            "source": LINE,
            "words": PROSE,
        },
        ("field", "value"),
        ("field", "value", "source", "words"),
        example={
            "project": "galette",
            "field": "homepage",
            "value": "https://galette.eu/site/en",
            "source": "https://galette.eu",
        },
    ),
    CALL: SubmissionKind(
        "A need without a tool, help for a project, a successor, or a host for a collective.",
        {
            "call": _enum(*CALL_KINDS),
            "project": SLUG,
            "organization": SLUG,
            "text": PROSE,
            "group": _enum_of_terms("organization-kind"),
            "country": LINE,
            "today": PROSE,
            "words": LINE,
            "who": LINE,
            "effort": LINE,
            "tag": TAG,
            "ends": {"type": "string", "format": "date", "maxLength": 10},
            "handed": {"type": "array", "items": _enum(*HANDED_OVER), "maxItems": len(HANDED_OVER)},
            "looked_for": {"type": "array", "items": _enum(*LOOKED_FOR), "maxItems": len(LOOKED_FOR)},
            "language": TAG,
        },
        ("call", "text"),
        ("call", "text", "group", "country", "today", "words", "who", "effort", "tag", "ends", "handed", "looked_for"),
        example={"call": "translate", "project": "galette", "text": "We need Portuguese screens.", "tag": "pt"},
    ),
    REPORT: SubmissionKind(
        "Something blocks people who use a project (`blocks`), or is wrong on a page of ours (`page`).",
        {
            "about": _enum(BLOCKS, PAGE),
            "project": SLUG,
            "audience": _enum_of_terms("audience"),
            "where": LINE,
            "happened": PROSE,
            "device": LINE,
            "page": LINE,
            "language": TAG,
        },
        ("about", "happened"),
        ("about", "audience", "where", "happened", "device", "page"),
        example={"about": "page", "page": "/en/projects/galette", "happened": "The map is empty."},
    ),
    SUPPORT: SubmissionKind(
        "An organization lacks the same as a call says.",
        {
            "call": LINE,
            "organization": SLUG,
            "new_organization": _NEW_ORGANIZATION,
            "variation": PROSE,
            "show": _enum(NAMED, COUNTED),
            "may": {**BOOLEAN, "description": "The sender may speak for the organization."},
            "language": TAG,
        },
        ("call", "show", "may"),
        ("call", "variation", "show"),
        _support_answers,
        {"call": "7K3Q-9M2X", "organization": "coop-des-halles", "show": "named", "may": True},
    ),
    EXPERIENCE: SubmissionKind(
        "An organization tells how its use went, after it said that it uses it.",
        {
            "project": SLUG,
            "organization": SLUG,
            "context": PROSE,
            "replaced": LINE,
            "effort_days": _enum_of_terms("effort-band"),
            "cost_band": _enum_of_terms("cost-band"),
            "hurt": PROSE,
            "advice": PROSE,
            "again": _enum("yes", "no", "unsure"),
            "language": TAG,
        },
        ("project", "organization", "context", "again"),
        ("context", "replaced", "effort_days", "cost_band", "hurt", "advice", "again"),
        example={
            "project": "galette",
            "organization": "coop-des-halles",
            "context": "Our fees, by two volunteers.",
            "again": "yes",
        },
    ),
    WITHDRAW: SubmissionKind(
        "A use is to be shown no more; without an organization: the project is to be listed no more.",
        {"project": SLUG, "organization": SLUG, "reason": PROSE, "words": PROSE},
        ("project",),
        ("words",),
        lambda body: {} if "organization" in body else {"what": LISTING, "reason": body.get("reason", "")},
        {"project": "galette", "organization": "coop-des-halles"},
    ),
    CLAIM: SubmissionKind(
        "Somebody keeps a project or speaks for an organization, and a person is to look at how one can know it.",
        {"project": SLUG, "organization": SLUG, "words": PROSE},
        ("words",),
        ("words",),
        example={"project": "galette", "words": "My name stands in its file of authors."},
    ),
    ASK: SubmissionKind(
        "A question to an organization that takes questions about a project, or to who sent a call.",
        {"project": SLUG, "organization": SLUG, "call": LINE, "text": PROSE, "language": TAG},
        ("text",),
        ("call", "text"),
        example={"project": "galette", "organization": "coop-des-halles", "text": "Does it bear 500 members?"},
    ),
    HELP: SubmissionKind(
        "An organization keeps a project up or helps with it, or the sender does under a name of their own. Published "
        "at once for who keeps the project, and for who speaks for an organization that offers help.",
        {
            "project": SLUG,
            "organization": SLUG,
            "new_organization": _NEW_ORGANIZATION,
            "person": {**LINE, "description": "Your own name, as everybody is to read it."},
            "role": _enum_of_terms("role"),
            "source": LINE,
            "words": PROSE,
        },
        ("project", "role"),
        ("person", "role", "source", "words"),
        _contribution_answers,
        {"project": "galette", "organization": "coop-des-halles", "role": "host"},
    ),
    APPEAL: SubmissionKind(
        "Another person is to look at a decision of the log again.",
        {"decision": {"type": "integer", "minimum": 1, "maximum": 999_999_999}, "words": PROSE},
        ("decision", "words"),
        ("decision", "words"),
        example={"decision": 1, "words": "The license file was read wrongly."},
    ),
}
SEND_BODY: Schema = {
    "description": "What the files left open; nothing where they say it all.",
    "type": "object",
    "properties": dict(_REGISTRATION_PROPERTIES),
    "additionalProperties": False,
}


def registration_answers(body: Body) -> Answers:
    """Return the answers of a body that sends a registration."""
    plain = {name: _trimmed(_REGISTRATION_PROPERTIES[name], body[name]) for name in _REGISTRATION_NAMES if name in body}
    return plain | _registration_answers(body) | ({"language": body["language"]} if "language" in body else {})


ANY_BODY: Schema = {
    "oneOf": [schema_of(kind) for kind in KINDS],
    "discriminator": {"propertyName": "kind"},
}
