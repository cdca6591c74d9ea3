"""What a visit keeps for the next one, so that only what is new is read: bounded, JSON-safe, shown on no page."""

import json
from collections.abc import Mapping
from typing import Any

MAX_BYTES = 2_000_000  # as JSON, of one project


def bounded(parts: Mapping[str, Any], max_bytes: int = MAX_BYTES) -> tuple[dict[str, Any], list[str]]:
    """The parts that fit together, smaller ones first, and the names of those that are left out.

    A part is what one observer remembers of files, or the state of what reads the history, under its name and version.
    What is left out is read again by the next visit: a loss of time, never of truth.
    """
    sizes = sorted((len(json.dumps(part)), name) for name, part in parts.items())
    states_left: dict[str, Any] = {}
    dropped, bytes_left = [], max_bytes
    for size_bytes, name in sizes:
        bytes_left -= size_bytes
        if bytes_left < 0:
            dropped.append(name)
        else:
            states_left[name] = parts[name]
    return states_left, dropped
