"""What the members of a posted object must be: a table a kind, all that is wrong at once. It keeps nothing.

A member of another JSON type is malformed, one that is not known is refused, and null is as if it were not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.rules.open_catalog import is_public, is_url, is_web
from catalog.rules.person import normalized_address
from forge.web.opencatalog.problems import MALFORMED, UNKNOWN_MEMBER, Fault, Refused, invalid

Rule = Callable[[str], str | None]  # the name of the rule that a text breaks


@dataclass(frozen=True)
class Member:
    """`least` and `most`: characters of a text, or how many of a list; `each` is what a list is of."""

    type: str  # text | flag | list | object
    required: bool = False
    least: int = 0
    most: int = 0
    rule: Rule | None = None
    each: "Member | None" = None
    members: Mapping[str, "Member"] | None = None  # of an object


def text(most: int, *, least: int = 0, required: bool = False, rule: Rule | None = None) -> Member:
    return Member("text", required, least, most, rule)


FLAG = Member("flag")


def listed(each: Member, most: int, *, least: int = 0, required: bool = False) -> Member:
    return Member("list", required, least, most, each=each)


def holding(**members: Member) -> Member:
    return Member("object", members=members)


def web_address(value: str) -> str | None:
    return None if is_url(value) else "url"


def code_address(value: str) -> str | None:
    if not is_web(value):
        return "http_url"
    return None if is_public(value) else "code_hosting_url"


def email(value: str) -> str | None:
    return None if normalized_address(value) else "email"


def checked(given: Any, members: Mapping[str, Member], *, partly: bool = False) -> dict[str, Any]:
    """The members that are there. `partly`: none must be there.

    Raises Refused: 400 for what is no object or has a member of another type, 422 for an unknown member, and for those
    that break a rule.
    """
    faults: list[Fault] = []
    values = _object(given, members, partly, faults)
    if faults:
        raise invalid(faults)
    return values


def _object(given: Any, members: Mapping[str, Member], partly: bool, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Refused(400, MALFORMED)
    if not given.keys() <= members.keys():
        raise Refused(422, UNKNOWN_MEMBER)
    values = {}
    for name, member in members.items():
        value = given.get(name)
        if value is None:
            if member.required and not partly:
                faults.append(Fault(name, "required"))
            continue
        values[name] = _member(name, value, member, partly, faults)
    return values


def _member(name: str, value: Any, member: Member, partly: bool, faults: list[Fault]) -> Any:
    if member.type == "flag":
        if not isinstance(value, bool):
            raise Refused(400, MALFORMED)
    elif member.type == "text":
        if not isinstance(value, str):
            raise Refused(400, MALFORMED)
        broken = _text_rule(value, member, partly)
        if broken:
            faults.append(Fault(name, broken, value))
    elif member.type == "list":
        return _list(name, value, member, faults)
    else:
        return _object(value, member.members or {}, False, faults)
    return value


def _text_rule(value: str, member: Member, partly: bool) -> str | None:
    if not value and member.required and not partly:
        return "required"
    if len(value) < member.least:
        return "min"
    if len(value) > member.most:
        return "max"
    return member.rule(value) if member.rule and (value or not member.required or partly) else None


def _list(name: str, value: Any, member: Member, faults: list[Fault]) -> list[Any]:
    if not isinstance(value, list) or member.each is None:
        raise Refused(400, MALFORMED)
    if len(value) < member.least:
        faults.append(Fault(name, "gt"))
    if len(value) > member.most:
        faults.append(Fault(name, "max"))
    found = []
    for number, entry in enumerate(value[: member.most]):
        if entry is None:
            raise Refused(400, MALFORMED)
        found.append(_member(f"{name}[{number}]", entry, member.each, False, faults))
    return found
