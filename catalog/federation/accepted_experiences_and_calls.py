"""Takes from another catalogue's experience or call the values that our own forms would accept. Pure.

A text that is too long, or holds a way to reach somebody or a character that cannot be shown, is left out; so is a
choice that we do not know. An experience without its use and its day, or a call without its kind and its project, is
left out as a whole. The record is kept as it came. References are kept as identities, as in `accepted_fields`.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from catalog import text_rules as rules
from catalog.federation.translatable_texts import TEXTS
from catalog.record_kind import CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.rules.call import ANSWERED, ENDED, HANDED_OVER, KINDS, LIFETIME, LOOKED_FOR, MAX_WORDS, OF_PROJECT, OPEN
from catalog.rules.contact_details import contact_in
from catalog.value_types import AGAIN

MAX_LINE = 200
_STATES = (OPEN, ANSWERED, ENDED)  # of calls that are sent: a withdrawn one is deleted by a tombstone


def stated(kind: str, whole: Mapping[str, Any]) -> dict[str, Any] | None:
    """An experience or a call of another catalogue, as pages may show it; None where it cannot be one."""
    return _experience(whole) if kind == EXPERIENCE else _accepted_call(whole)


def references(kind: str, record: Mapping[str, Any]) -> tuple[tuple[str, UUID], ...]:
    """The records that it names: a project, an organization, or both."""
    named = ((kind, record.get(kind)) for kind in (PROJECT, ORGANIZATION))
    return tuple((kind, UUID(key)) for kind, key in named if key)


def _experience(whole: Mapping[str, Any]) -> dict[str, Any] | None:
    about, by, at = identity(whole.get(PROJECT)), identity(whole.get(ORGANIZATION)), _day(whole.get("at"))
    if not (about and by and at):
        return None
    found: dict[str, Any] = {PROJECT: about, ORGANIZATION: by, "at": at}
    found |= _texts(EXPERIENCE, whole)
    found |= {
        "again": _one_of(whole.get("again"), AGAIN),
        "effort_days": _term(whole.get("effort_days"), "effort-band"),
        "cost_band": _term(whole.get("cost_band"), "cost-band"),
        "replaced": _line(whole.get("replaced")),
    }
    return {name: value for name, value in found.items() if value}


def _accepted_call(whole: Mapping[str, Any]) -> dict[str, Any] | None:
    kind, state = _one_of(whole.get("kind"), KINDS), _one_of(whole.get("state"), _STATES)
    opened, about = _day(whole.get("opened_at")), identity(whole.get(PROJECT))
    if not (kind and state and opened) or (kind in OF_PROJECT and about is None):
        return None
    ends = _day(whole.get("ends_at")) or (date.fromisoformat(opened) + LIFETIME).isoformat()
    found: dict[str, Any] = {"kind": kind, "state": state, "opened_at": opened, "ends_at": ends}
    found |= _texts(CALL, whole)
    found |= {
        PROJECT: about if kind in OF_PROJECT else None,
        ORGANIZATION: identity(whole.get(ORGANIZATION)),
        "ended_at": _day(whole.get("ended_at")),
        "language": _fitting(whole.get("language"), rules.language),
        "country": _fitting(whole.get("country"), rules.country),
        "tag": _fitting(whole.get("tag"), rules.language),
        "group": _term(whole.get("group"), "organization-kind"),
        "handed": _several(whole.get("handed"), HANDED_OVER),
        "looked_for": _several(whole.get("looked_for"), LOOKED_FOR),
    }
    return {name: value for name, value in found.items() if value}


def identity(reference: Any) -> str | None:
    """The identity that a reference holds."""
    try:
        return str(UUID(str(reference["id"])))
    except (KeyError, TypeError, ValueError):
        return None


def _texts(kind: str, whole: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found = {}
    for name in TEXTS[kind]:
        said = whole.get(name)
        if isinstance(said, Mapping):
            fit = {tag: text for tag, text in said.items() if rules.language(tag) is None and _fits(text, MAX_WORDS)}
            if fit:
                found[name] = fit
    return found


def _fits(text: Any, longest: int) -> bool:
    return isinstance(text, str) and len(text) <= longest and rules.prose(text) is None and not contact_in(text)


def _line(text: Any) -> str | None:
    return text if _fits(text, MAX_LINE) and "\n" not in text else None


def _one_of(value: Any, known: Collection[str]) -> str | None:
    return value if isinstance(value, str) and value in known else None


def _several(values: Any, known: Collection[str]) -> list[str]:
    given = [tag for tag in values if isinstance(tag, str)] if isinstance(values, list) else []
    return [tag for tag in known if tag in given]


def _term(value: Any, name: str) -> str | None:
    return _fitting(value, rules.term(name))


def _fitting(value: Any, rule: Any) -> str | None:
    return value if isinstance(value, str) and rule(value) is None else None


def _day(value: Any) -> str | None:
    """A whole day, as ISO 8601 writes it in ten characters."""
    return value if isinstance(value, str) and len(value) == 10 and rules.date(value) is None else None
