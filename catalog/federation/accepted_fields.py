"""Takes from another catalogue's record the values that our own document could hold, in the document's shape. Pure.

An unknown key, an unknown term, a person's address or a page that is none is left out; the record itself is kept as it
came. A faulty line of a list is left out alone; without a valid name the record is. References are kept as identities:
only the store knows which row each leads to.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from catalog import text_rules as rules
from catalog.document import check_value
from catalog.document.keys import NOUNS
from catalog.exchange.names import USES
from catalog.exchange.records import NOUN, ExchangeRecord
from catalog.exchange.values import instant
from catalog.model import Adoption, Project
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.rules.adoption import PUBLIC
from catalog.rules.contact_details import contact_in
from catalog.rules.record_values.feature import texts_by_language
from catalog.store.federation.received.records import ReceivedRecord
from catalog.value_types import TRANSLATABLE

_OWN = frozenset({"slug", "id", "former", "adoptions", "visibility", "translated"})  # of our row, never of a body
_PASSES = 4  # a value that is still wrong after so many cuts is left out
SELF_DECLARED = "self-declared"
MOST_TRANSLATOR = 200  # characters of a translator's name


def received(record: ExchangeRecord, license: str) -> ReceivedRecord:
    """What is kept of a line. `license`: of facts, as the card of its home says."""
    identity = {"id": str(record.id), "slug": record.slug, "name": record.name}
    body: dict[str, Any] = {
        "record": accepted(record.record_kind, {**record.body, **identity}) or {},
        "page": record.page,
        "license": license,
        "updated_at": instant(record.updated_at),
    }
    returns = {record.id: record.returns or 0}
    if record.record_kind == PROJECT:
        body[USES] = uses = []
        for use in record.adoptions:
            use_values = accepted(ADOPTION, {**use.body, "organization": {"id": str(use.organization.id)}})
            if use_values is not None:
                uses.append({"id": str(use.id), **use_values})
                returns[use.id] = use.returns or 0
    return ReceivedRecord(record.record_kind, record.id, body, returns)


def accepted(kind: str, whole: Mapping[str, Any]) -> dict[str, Any] | None:
    """A record in the document's shape, with its texts in all languages, as our pages may show it; None for a kind that
    none shows, and where what it needs is missing."""
    noun = NOUN.get(kind)
    if noun is None:
        return None
    if kind == ADOPTION:
        return _adoption(whole)
    fields = _fields(noun, whole)
    if "name" not in fields:
        return None
    evidence = {field: entry for field, entry in fields.pop("evidence", {}).items() if field in fields}
    if evidence:
        fields["evidence"] = evidence
    slug = whole.get("slug")
    if isinstance(slug, str) and rules.slug(slug) is None:
        fields["slug"] = slug
    if kind == PROJECT:
        if credits := _credits(fields, whole.get("translated")):
            fields["translated"] = credits
        fields.setdefault("summary", {})
        if maintainers := [
            maintenance for maintenance in fields.pop("maintenance", ()) if maintenance.get("organization")
        ]:
            fields["maintenance"] = [
                {name: maintenance[name] for name in maintenance if name != "person"} for maintenance in maintainers
            ]
    return fields


def _credits(fields: Mapping[str, Any], translated: Any) -> list[dict[str, Any]]:
    """Who translated which of the texts that are kept. A translator's name with a way to reach somebody is left out."""
    lines = translated if isinstance(translated, list) else ()
    credits = [{"method": "person", **line} for line in lines if isinstance(line, Mapping)]
    every = []
    for line in _cut(Project, "translated", credits) or ():
        name = line.get("by") or ""
        is_kept = line.get("field") in TRANSLATABLE and line.get("language") in texts_by_language(fields, line["field"])
        if is_kept and 0 < len(name) <= MOST_TRANSLATOR and len(name.splitlines()) == 1 and not contact_in(name):
            every.append(line)
    return every


def _adoption(whole: Mapping[str, Any]) -> dict[str, Any] | None:
    user = identity(whole.get(ORGANIZATION))
    if user is None or whole.get("visibility", PUBLIC) != PUBLIC:
        return None
    own = {name: value for name, value in whole.items() if name != ORGANIZATION}
    return {"verification": SELF_DECLARED} | _fields(Adoption, own) | {ORGANIZATION: user}


def _fields(noun: type, whole: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: _referring(whole[name]) for name in NOUNS[noun].keys if name in whole and name not in _OWN}
    if check_value.are_sound(noun, values, _is_identity):  # of nearly every record
        return values
    cut = {name: _cut(noun, name, value) for name, value in values.items()}
    return {name: value for name, value in cut.items() if value is not None}


def _cut(noun: type, name: str, value: Any) -> Any:
    """The value without those of its parts that are wrong; None where nothing is left."""
    for _ in range(_PASSES):
        wrong = check_value.faults_of_value(noun, name, value, _is_identity)
        if not wrong:
            return value
        parts = {path[0] for path in wrong if path}
        if len(parts) < len({path[:1] for path in wrong}):
            return None  # the whole is wrong
        if isinstance(value, list):
            value = [part for at, part in enumerate(value) if str(at) not in parts]
        elif isinstance(value, dict):
            value = {key: part for key, part in value.items() if str(key) not in parts}
        else:
            return None
        if not value:
            return None
    return None


def _referring(value: Any) -> Any:
    """The value with identities in the place of references, at whatever depth."""
    if isinstance(value, Mapping):
        if value.keys() == {"id", "slug", "name"}:
            return identity(value) or ""
        return {key: _referring(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_referring(part) for part in value]
    return value


def _is_identity(kind: str, text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def identity(reference: Any) -> str | None:
    """The identity that a reference holds."""
    try:
        return str(UUID(str(reference["id"])))
    except (KeyError, TypeError, ValueError):
        return None
