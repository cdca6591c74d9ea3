"""Which values of an organization give rights: those of the document and those that a moderator accepted. Pure; it
reads the columns `curated`, `record`, `document` and `declared` of an organization's row.
"""

from collections.abc import Mapping
from typing import Any


def accepted_values(row: Any) -> dict[str, Any]:
    """The values of an organization that the document states or a moderator accepted, whatever it declared itself
    since: that is shown first to readers, but must not give its representatives rights over others."""
    document = dict(row.document or row.record) if row.curated else {}
    accepted = {name: accepted_value(entry) for name, entry in row.declared.items()}
    return document | {name: value for name, value in accepted.items() if value is not None}


def accepted_value(entry: Mapping[str, Any]) -> Any:
    """What a moderator accepted of a declared value; None: nothing. What is not the organization's own word was
    decided, unless `accepted` says otherwise; `accepted_value` is what stood before its own word replaced it."""
    if entry.get("accepted", not entry.get("own")):
        return entry["value"]
    return entry.get("accepted_value")
