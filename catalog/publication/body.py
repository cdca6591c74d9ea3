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
    json_record = as_json(record, refs)
    json_record.pop("change", None)
    page_only: dict[str, Any] = {}
    if persons := {
        str(place): line
        for place, line in enumerate(json_record.get("maintenance", ()))
        if "person" in line["maintenance"]
    }:
        json_record["maintenance"] = [
            line for place, line in enumerate(json_record["maintenance"]) if str(place) not in persons
        ]
        page_only["maintenance"] = persons
    return {
        "shown": json_record,
        "page_only": page_only,
        "refs": {"projects": refs.projects, "organizations": refs.organizations},
        "seen": _taken_apart(json_record),
    }


def packed(body: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), _LEVEL)


def unpacked(body: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(zlib.decompress(body))
    return content


def is_same(body: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two bodies show the same: a day on which it was seen again makes no difference."""
    return all(body[part] == other[part] for part in ("shown", "page_only", "refs"))


def record_of(kind: type[Record], body: Mapping[str, Any], change: int, only: Collection[str] | None = None) -> Record:
    """The record that `body_of` took apart; `only`: with these of its fields, where many are read."""
    refs = References(body["refs"]["organizations"], body["refs"]["projects"])
    parts = {name: part for name, part in body["shown"].items() if only is None or name in only} | {"change": change}
    for name, day in body["seen"].items():
        part, _, key = name.partition(" ")
        if part not in parts:
            continue
        if part == "origin":
            origin = parts["origin"] = {**parts["origin"]}
            _set_day(origin, key, day)
        else:
            parts["chosen"][key]["fact"]["seen_at"] = day
    persons = body["page_only"].get("maintenance")
    if persons and (only is None or "maintenance" in only):
        lines = list(parts.get("maintenance", ()))
        for place, line in sorted((int(place), line) for place, line in persons.items()):
            lines.insert(place, line)
        parts["maintenance"] = lines
    return from_json(kind, parts, refs)


def shown_by_others(body: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """What every record that names it shows of it, and what its relatives show beside that; (None, None) where nobody
    shows it."""
    public: Mapping[str, Any] = body["shown"] if body else {"opted_out": True}
    if "opted_out" in public:
        return None, None
    record, mirror = public["record"], public.get("mirror") or {}
    names = [record.get(name) for name in ("slug", "name", "kind", "country", "region", "context_only")]
    values = [record.get(name) for name in ("summary", "languages", "deployment_countries")]
    countries = public.get("tallies", {}).get("countries")
    return names, [*values, countries, mirror.get("state") == "gone"]


def mentions_of(body: Mapping[str, Any]) -> set[tuple[str, UUID]]:
    """Kind and id of the records that a body names by reference."""
    refs = body["refs"]
    return {("project", UUID(key)) for key in refs["projects"]} | {
        ("organization", UUID(key)) for key in refs["organizations"]
    }


def _taken_apart(parts: dict[str, Any]) -> dict[str, str]:
    """Take the days on which the same was stated again out of what is shown: of facts, and of lists that were read
    again. By the place of each."""
    days = {}
    for key, choice in parts.get("chosen", {}).items():
        days[f"chosen {key}"] = choice["fact"].pop("seen_at")
    origin = parts.get("origin", {})
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
