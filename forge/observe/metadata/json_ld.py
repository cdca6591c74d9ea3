"""Values of JSON-LD in its compact form, as codemeta.json has them: one or several, texts, addresses, days, types.

Nothing is fetched, and no context is resolved.
"""

import re
from datetime import datetime
from typing import Any

from forge.observe.core.privacy_filter import web_address

_PREFIX = re.compile(
    r"^(?:schema:|codemeta:|https?://schema\.org/|https://w3id\.org/codemeta/terms/|https://codemeta\.github\.io/terms/)"
)


def bare_key(key: str) -> str:
    return _PREFIX.sub("", key)


def as_list(value: Any) -> list[Any]:
    """JSON-LD makes no difference between one value and a list of one; @list and @set hold lists."""
    if isinstance(value, dict) and len(value) == 1 and ("@list" in value or "@set" in value):
        value = next(iter(value.values()))
    return value if isinstance(value, list) else [] if value is None else [value]


def type_of(value: dict[str, Any]) -> str:
    kinds = (kind for kind in as_list(value.get("@type", value.get("type"))) if isinstance(kind, str))
    return " ".join(bare_key(kind) for kind in kinds)


def text_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@value")
    return (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int | float) and value is not True
        else None
    )


def url_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("id") or value.get("url") or value.get("@value")
    return web_address(value.removeprefix("git+") if isinstance(value, str) else value)  # as npm writes repositories


def name_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("name", value.get("schema:name"))
    return value if isinstance(value, str) else None


def day_of(value: Any) -> str | None:
    text = text_of(value)
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?", text):
        return text
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None
