"""What would come of a catalogue if all of it were read: numbers, and some names. Pure; nothing of it is taken over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.federation import shapes as s
from catalog.federation.delta import Delta
from catalog.rules.peer import KINDS

EXAMPLES = 10
NAME_CHARACTERS = 200


def preview(delta: Delta, known: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """Of a whole copy; `known`: how many of each kind are here already."""
    counts = {kind: len(delta.records.get(kind, ())) for kind in KINDS if delta.records.get(kind)}
    if delta.joins:
        counts[s.JOIN] = len(delta.joins)
    named = [(kind, record) for kind in (s.PROJECT, s.ORGANIZATION, s.CALL) for record in delta.records.get(kind, ())]
    step = max(1, len(named) // EXAMPLES)
    return {
        "at": now.isoformat(),
        "counts": counts,
        "known": {kind: known.get(kind, 0) for kind in counts},
        "languages": list(delta.languages),
        "missing": list(delta.missing),
        "examples": [
            {"kind": kind, "name": _name(record), "page": record.page} for kind, record in named[::step][:EXAMPLES]
        ],
    }


def _name(record: s.Record) -> str:
    name = record.body.get("name") or record.body.get("slug")
    return name[:NAME_CHARACTERS] if isinstance(name, str) else str(record.id)
