"""Everything that this catalogue is home of as JSON Lines: the public record of each project and organization, and each
public adoption, a line with its `kind`.

Members are those of `/api/v1`, whose schemas are in `/openapi.json`; what depends on the day is left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from catalog.publication.dataclass_json import leaving_json, leaving_text
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.store.exports.records import ExportedRecords
from catalog.store.federation.matching.record_origins import OURS
from forge.web.facts.merged_record import record_shown

# Fields whose value may name people who work for themselves: `maintenance`, `hosts` and `relations` say the rest.
_NAMING_OTHERS = frozenset({"runs", "maintenance", "relations"})


def json_lines(store: ExportedRecords) -> Iterator[str]:
    for public in store.projects():
        chosen = {name: choice for name, choice in public.chosen.items() if name not in _NAMING_OTHERS}
        record = record_shown(public.record, public.chosen)
        yield _line(PROJECT, replace(public, record=record, chosen=chosen, origin=OURS))
    for organization in store.organizations():
        yield _line(ORGANIZATION, organization)
    for adoption in store.adoptions():
        yield _line(ADOPTION, adoption)


def _line(kind: str, record: Any) -> str:
    return leaving_text({"kind": kind} | leaving_json(record)) + "\n"
