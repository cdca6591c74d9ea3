"""What a program sends for each kind of submission: the schema of the body, and the answers that its form would give.
Pure; whether answers may be published is decided by their kind in `catalog.submissions`, the same as for forms. It is
longer than 350 lines because it is one table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen

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
from catalog.validation import STRICT, WHOLE, Described, Pattern, members
from catalog.vocabulary import vocabulary
from forge.web.api import schemas
from forge.web.api.body import Variants
from forge.web.api.schemas import LANGUAGE
from forge.web.core.form import MAX_LINE, MAX_TEXT

LINE = Annotated[str, MaxLen(MAX_LINE)]
PROSE = Annotated[str, MaxLen(MAX_TEXT)]
FLAG = Annotated[bool, STRICT]
SLUG = Annotated[str, MaxLen(100), Pattern(schemas.SLUG["pattern"])]
TAG = Annotated[str, MaxLen(35), Pattern(LANGUAGE.schema["pattern"])]
_NEW_ORGANIZATION: Any = Annotated[
    members(
        "Organization",
        {"name": LINE, "kind": LINE, "country": LINE, "homepage": LINE, "other": FLAG},
        ("name",),
    ),
    Described("An organization that is not here yet. `other`: it is another one than those that resemble it."),
]
Answers = dict[str, Any]
Body = Mapping[str, Any]


def _list(of: Any, most: int) -> Any:
    return Annotated[list[of], MaxLen(most)]


def _enum(*values: str) -> Any:
    return Literal[values]


def _enum_of_terms(name: str) -> Any:
    return _enum(*vocabulary(name).terms)


def _flag(says: str) -> Any:
    return Annotated[bool, STRICT, Described(says)]


@dataclass(frozen=True)
class SubmissionKind:
    """A kind as it is sent: the types of its members beside `kind`, the required ones, and the answers of its form.

    `names` are the answers that are texts or lists just as they were sent.
    """

    says: str
    properties: Mapping[str, Any]
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


def _body_of(kind: str) -> Any:
    """A whole body of this kind."""
    sent = KINDS[kind]
    typed = members(kind, {"kind": Literal[kind], **sent.properties}, ("kind", *sent.required))
    return Annotated[typed, Described(sent.says, (("title", kind),))]


def _trimmed(described: Any, value: Any) -> Any:
    return " ".join(value.split()) if described is LINE else value


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


_REGISTRATION_PROPERTIES: Mapping[str, Any] = {
    "name": LINE,
    "summary": LINE,
    "language": TAG,
    "license": LINE,
    "homepage": LINE,
    "needs": _list(_enum_of_terms("domain"), 20),
    "need_words": PROSE,
    "use": _list(_enum(*USES), len(USES)),
    "online": LINE,
    "hardness": _enum_of_terms("hardness"),
    "host_words": PROSE,
    "screens": _list(TAG, 50),
    "accessibility": _enum(*STATES),
    "standard": LINE,
    "report": LINE,
    "maker": FLAG,
    "apart": _flag("It is another project than one with the same history."),
    "anyway": _flag("It is not free software, and is proposed for information."),
    "alone": _flag("Do not wait for the look at its code."),
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
            "reasons": _list(_enum_of_terms("stop-reason"), 20),
            "purpose": PROSE,
            "lesson": PROSE,
            "replaced": _list(LINE, 20),
            "again": _enum("yes", "no", "unsure"),
            "visibility": _enum(*VISIBILITIES),
            "speaks": _flag("The sender may say this for the organization."),
            "questions": _flag("Other groups may ask, in `languages`."),
            "languages": _list(TAG, 20),
            "told": _flag("Licence changes and warnings are told by mail."),
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
            "value": Annotated[Any, Described("As the document writes this field.")],
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
            "ends": Annotated[str, MaxLen(10), Described(more=(("format", "date"),))],
            "handed": _list(_enum(*HANDED_OVER), len(HANDED_OVER)),
            "looked_for": _list(_enum(*LOOKED_FOR), len(LOOKED_FOR)),
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
            "may": _flag("The sender may speak for the organization."),
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
            "person": Annotated[str, MaxLen(MAX_LINE), Described("Your own name, as everybody is to read it.")],
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
        {"decision": Annotated[int, WHOLE, Ge(1), Le(999_999_999)], "words": PROSE},
        ("decision", "words"),
        ("decision", "words"),
        example={"decision": 1, "words": "The license file was read wrongly."},
    ),
}
_LEFT_OPEN = Described("What the files left open; nothing where they say it all.")
SEND_BODY: Any = Annotated[members("Registration", _REGISTRATION_PROPERTIES), _LEFT_OPEN]


def registration_answers(body: Body) -> Answers:
    """Return the answers of a body that sends a registration."""
    plain = {name: _trimmed(_REGISTRATION_PROPERTIES[name], body[name]) for name in _REGISTRATION_NAMES if name in body}
    return plain | _registration_answers(body) | ({"language": body["language"]} if "language" in body else {})


ANY_BODY = Variants("kind", {kind: _body_of(kind) for kind in KINDS})
