"""A project's column cut to what a sheet of paper holds: what of each fact was cut, who says it, and since when.

Pure: it reads no store and words nothing; how much room there is `paper` finds by what was drawn.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.model import HELPING, Leaving, ScreenLanguage, Words
from catalog.rules.fact import DECLARED, DETECTED, LICENSE, OBSERVED
from catalog.store.core.read_models import MaintenanceLine
from forge.i18n.languages import Tongue
from forge.web.compare import page_fit
from forge.web.compare.columns import Column, Row, helping, making
from forge.web.compare.page_fit import Room, Rooms
from forge.web.facts.facts import Origin, origin
from forge.web.projects.profile import Uses, uses

COUNTED = "counted"  # the origin of a number that is ours
# The fields whose sources stand behind a fact: of each group the first that is said.
_FIELDS = {
    "made-for": (("made_for",),),
    "how": (("runs", "installs"),),
    "cost": (("cost", LICENSE, DETECTED),),
    "languages": (("languages",),),
    "accessibility": (("accessibility",),),
    "alive": (("activity",), ("status",)),
    "license": ((LICENSE,), (DETECTED,)),
    "help": (("maintenance",), ("runs",), ("support",)),
    "makers": (("maintenance",),),
    "leaving": (("leaving",),),
    "features": (("features",),),
    "replaces": (("replaces",),),
}
HELPERS = 8  # organizations of each sort
_SCHEME = re.compile(r"^https?://(www\.)?")


@dataclass(frozen=True)
class Source:
    """Who says a fact, and when this was last seen. `origin.kind` may be `COUNTED`.

    `of`: the project whose sources they are, where several may stand behind the fact."""

    origin: Origin
    place: str  # of the first of its addresses, as short as paper needs it
    at: datetime
    of: str = ""


@dataclass(frozen=True)
class Rest:
    """How much of a fact is not on the paper: words of its texts, and things of its lists."""

    words: int = 0
    things: int = 0


@dataclass(frozen=True)
class Sheet:
    """A column cut to what paper holds, and what of it was cut, by fact; `sources` by fact, where one is known, and
    `numbers` of them in the list of the page; `groups` that use it, by their sort."""

    column: Column
    rest: Mapping[str, Rest]
    sources: Mapping[str, tuple[Source, ...]]
    groups: Uses
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def numbered(sheets: Sequence[Sheet], facts: Sequence[Row]) -> tuple[list[Sheet], list[Source]]:
    """The sheets with the numbers of their sources, which are listed once each, in the order in which they are read."""
    listed: dict[tuple[object, ...], int] = {}
    notes: list[Source] = []
    numbers: list[dict[str, tuple[int, ...]]] = [{} for _ in sheets]
    for row in facts:
        for at, sheet in enumerate(sheets):
            if not row.known[at]:
                continue
            found = []
            for one in sheet.sources.get(row.key, ()):
                told = (replace(one.origin, commit="", address=""), one.at.date(), one.of)
                if told not in listed:
                    notes.append(one)
                found.append(listed.setdefault(told, len(notes)))
            numbers[at][row.key] = tuple(dict.fromkeys(found))
    return [replace(sheet, numbers=numbers[at]) for at, sheet in enumerate(sheets)], notes


def _sources(one: Column, now: datetime) -> dict[str, tuple[Source, ...]]:
    found = {}
    for key, groups in _FIELDS.items():
        said = [next((one.chosen[name].fact for name in group if name in one.chosen), None) for group in groups]
        if key == "help":
            said = [
                fact
                for fact, known in zip(said, (helping(one.found), one.found.hosts, one.record.support), strict=True)
                if known
            ]
        found[key] = [
            _source(origin(fact, one.slug, code=False), fact.seen_at, one.record.name)
            for fact in said
            if fact is not None
        ]
    for line in one.found.maintenance:
        if line.said_at is not None:
            found["help" if line.maintenance.role in HELPING else "makers"].append(
                _source(Origin(DECLARED), line.said_at)
            )
    mirror = one.mirror
    if not found["alive"] and mirror is not None and mirror.last_visit_at is not None:
        found["alive"].append(_source(Origin(OBSERVED, commit=mirror.head or ""), mirror.last_visit_at))
    found["uses"] = [Source(Origin(COUNTED), "", now)]
    return {key: tuple(sources) for key, sources in found.items()}


def _source(of: Origin, at: datetime, project: str = "") -> Source:
    place = _place(of.urls[0], 45) if of.urls else ""
    return Source(
        replace(of, file=page_fit.name(of.file, 45)), place, at, page_fit.name(project, 40) if len(of.urls) > 1 else ""
    )


def _place(url: str, letters: int) -> str:
    """An address as people type it."""
    return page_fit.name(_SCHEME.sub("", url).rstrip("/"), letters)


def cut(one: Column, rooms: Rooms, now: datetime, tongue: Tongue) -> Sheet:
    """The column with its texts, lists and names no longer than their rooms, and what was cut of each fact."""
    record, main, seen = one.record, one.license.main, one.record.accessibility
    room, help_room, makers_room = rooms.every, rooms.of("help"), rooms.of("makers")
    most, most_makers = (min(each.things, HELPERS) for each in (help_room, makers_room))
    helps, makes = helping(one.found), making(one.found)
    kinds, spoken, terms, replaced = (
        rooms.of(fact).things for fact in ("made-for", "languages", "license", "replaces")
    )
    cost, cost_words = _words(record.cost, rooms.of("cost").letters, tongue)
    leaving, leaving_words = _leaving(record.leaving, rooms.of("leaving"), tongue)
    lines, line_words = _lines(record.features, rooms.of("features"), tongue)
    told = rooms.of("features").things
    short = replace(
        record,
        name=page_fit.name(record.name, min(60, room.name)),
        summary=_words(record.summary, max(60, min(140, room.letters)), tongue)[0],
        homepage=record.homepage and _place(record.homepage, 90),
        cost=cost,
        made_for=record.made_for[:kinds],
        languages=_own_first(record.languages, tongue)[:spoken],
        replaces=_names(record.replaces, rooms.of("replaces")),
        features=lines,
        leaving=leaving,
        accessibility=seen and replace(seen, standard=page_fit.name(seen.standard, rooms.of("accessibility").name)),
    )
    license = replace(
        one.license,
        main=main and replace(main, licenses=main.licenses[:terms]),
        declared_as=one.license.declared_as and page_fit.name(one.license.declared_as, rooms.of("license").name * 2),
    )
    found = replace(
        one.found,
        maintenance=tuple(
            _line(each, room)
            for those, room in ((helps[:most], help_room), (makes[:most_makers], makers_room))
            for each in those
        ),
        hosts=tuple(replace(host, name=page_fit.name(host.name, help_room.name)) for host in one.found.hosts[:most]),
    )
    rest = {
        "made-for": Rest(things=len(record.made_for[kinds:])),
        "cost": Rest(cost_words),
        "languages": Rest(things=len(record.languages[spoken:])),
        "license": Rest(things=len(main.licenses[terms:]) if main else 0),
        "help": Rest(things=len(helps[most:]) + len(one.found.hosts[most:])),
        "makers": Rest(things=len(makes[most_makers:])),
        "leaving": Rest(leaving_words),
        "features": Rest(line_words, max((len(each[told:]) for each in record.features.values()), default=0)),
        "replaces": Rest(things=len(record.replaces[replaced:])),
    }
    shown = replace(one, record=short, found=found, license=license)
    return Sheet(shown, rest, _sources(one, now), uses(one.found.adoptions))


def _words(words: Words, letters: int, tongue: Tongue) -> tuple[dict[str, str], int]:
    """The texts, and how many words are missing of the one that is shown."""
    shown = tongue.said(words)
    return {tag: page_fit.cut(text, letters)[0] for tag, text in words.items()}, page_fit.cut(shown.text, letters)[
        1
    ] if shown else 0


def _leaving(leaving: Leaving | None, room: Room, tongue: Tongue) -> tuple[Leaving | None, int]:
    if leaving is None:
        return None, 0
    note, missing = _words(leaving.note, room.letters, tongue)
    missing += sum(len(one.split()) for names in (leaving.exports, leaving.standards) for one in names[room.things :])
    return Leaving(_names(leaving.exports, room), _names(leaving.standards, room), note), missing


def _lines(lines: Mapping[str, Sequence[str]], room: Room, tongue: Tongue) -> tuple[dict[str, tuple[str, ...]], int]:
    shown = tongue.said({tag: tag for tag in lines})
    told = lines[shown.language] if shown else ()
    short = {
        tag: tuple(page_fit.cut(one, room.letters)[0] for one in each[: room.things]) for tag, each in lines.items()
    }
    return short, sum(page_fit.cut(one, room.letters)[1] for one in told[: room.things])


def _line(line: MaintenanceLine, room: Room) -> MaintenanceLine:
    """Who helps, with a name that is no longer than the room."""
    person, body = line.maintenance.person, line.organization
    return replace(
        line,
        maintenance=replace(line.maintenance, person=person and page_fit.name(person, room.name)),
        organization=body and replace(body, name=page_fit.name(body.name, room.name)),
    )


def _names(names: Iterable[str], room: Room) -> tuple[str, ...]:
    return tuple(page_fit.name(one, room.name) for one in list(names)[: room.things])


def _own_first(languages: Sequence[ScreenLanguage], tongue: Tongue) -> tuple[ScreenLanguage, ...]:
    return tuple(sorted(languages, key=lambda one: tongue.own_first(one.term)))
