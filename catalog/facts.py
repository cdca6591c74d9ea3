"""What is said of a record, by whom, since when, and which of it a page shows. Pure: it reads no store and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CURATED, DECLARED, OBSERVED, PEER = "curated", "declared", "observed", "peer:"


@dataclass(frozen=True)
class Fact:
    """One statement. `until` is when it was no longer said; None: it still is.

    `source` holds `file` with `oid` and `commit`, or `commit` alone, or `urls`, or `declaration`.
    """

    field: str
    value: Any
    origin: str  # curated | declared | observed | peer:<host>
    source: Mapping[str, Any]
    first_seen_at: datetime
    seen_at: datetime
    until: datetime | None = None
