"""The body of a public record as bytes: compressed JSON in parts, and back.

`shown` is what a change is counted of; `seen` are days on which the same was stated again, `page_only` the lines that
name a person, which are in no file that leaves from here, `refs` the records that it names.
"""

import json
import zlib
from collections.abc import Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from catalog.publication.dataclass_json import References, as_json, from_json
from catalog.publication.model import PublicOrganization, PublicProject, PublicRecord

Record = TypeVar("Record", PublicProject, PublicOrganization)
KINDS: Mapping[str, Any] = {"project": PublicProject, "organization": PublicOrganization}
_LEVEL = 6


def body_of(record: PublicRecord, projects: Mapping[str, UUID]) -> dict[str, Any]:
    """The parts of a body. `projects`: the ids of those that it names, by slug."""
    refs = References(known_projects=projects)
    shown = as_json(record, refs)
    shown.pop("change", None)
    page_only: dict[str, Any] = {}
    if persons := {
        str(place): line for place, line in enumerate(shown.get("maintenance", ())) if "person" in line["maintenance"]
    }:
        shown["maintenance"] = [line for place, line in enumerate(shown["maintenance"]) if str(place) not in persons]
        page_only["maintenance"] = persons
    return {
        "shown": shown,
        "page_only": page_only,
        "refs": {"projects": refs.projects, "organizations": refs.organizations},
        "seen": _taken_apart(shown),
    }


def packed(body: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), _LEVEL)


def unpacked(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(body))
    return found


def is_same(body: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two bodies show the same: a day on which it was seen again makes no difference."""
    return all(body[part] == other[part] for part in ("shown", "page_only", "refs"))


def record_of(kind: type[Record], body: Mapping[str, Any], change: int, only: Collection[str] | None = None) -> Record:
    """The record that `body_of` took apart; `only`: with these of its fields, where many are read."""
    refs = References(body["refs"]["organizations"], body["refs"]["projects"])
    shown = {name: part for name, part in body["shown"].items() if only is None or name in only} | {"change": change}
    for name, day in body["seen"].items():
        part, _, key = name.partition(" ")
        if part not in shown:
            continue
        if part == "origin":
            origin = shown["origin"] = {**shown["origin"]}
            _set_day(origin, key, day)
        else:
            shown["chosen"][key]["fact"]["seen_at"] = day
    persons = body["page_only"].get("maintenance")
    if persons and (only is None or "maintenance" in only):
        lines = list(shown.get("maintenance", ()))
        for place, line in sorted((int(place), line) for place, line in persons.items()):
            lines.insert(place, line)
        shown["maintenance"] = lines
    return from_json(kind, shown, refs)


def shown_by_others(body: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """What every record that names it shows of it, and what its relatives show beside that; (None, None) where nobody
    shows it."""
    shown: Mapping[str, Any] = body["shown"] if body else {"opted_out": True}
    if "opted_out" in shown:
        return None, None
    record, mirror = shown["record"], shown.get("mirror") or {}
    names = [record.get(name) for name in ("slug", "name", "kind", "country", "region", "context_only")]
    values = [record.get(name) for name in ("summary", "languages", "deployment_countries")]
    countries = shown.get("tallies", {}).get("countries")
    return names, [*values, countries, mirror.get("state") == "gone"]


def mentions_of(body: Mapping[str, Any]) -> set[tuple[str, UUID]]:
    """Kind and id of the records that a body names by reference."""
    refs = body["refs"]
    return {("project", UUID(key)) for key in refs["projects"]} | {
        ("organization", UUID(key)) for key in refs["organizations"]
    }


def _taken_apart(shown: dict[str, Any]) -> dict[str, str]:
    """Take the days on which the same was stated again out of what is shown: of facts, and of lists that were read
    again. By the place of each."""
    days = {}
    for key, choice in shown.get("chosen", {}).items():
        days[f"chosen {key}"] = choice["fact"].pop("seen_at")
    origin = shown.get("origin", {})
    sources = {"home": origin.get("home")} | {
        str(place): source for place, source in enumerate(origin.get("told_by", ()))
    }
    for place, source in sources.items():
        if source and source.get("peer_id") is None:
            days[f"origin {place}"] = source.pop("updated_at")
    return days


def _set_day(origin: dict[str, Any], place: str, day: str) -> None:
    source = origin["home"] if place == "home" else origin["told_by"][int(place)]
    source["updated_at"] = day
