"""Cut a project's column to what a sheet of paper can show, with what was cut of each fact, who says it, since when.

Pure. `sheet_limits` has the limits.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.model import HELPER_ROLES, Leaving, Project, ScreenLanguage, Words, features_of_lines
from catalog.rules.fact import CURATED, DECLARED, DETECTED_LICENSE, LICENSE, OBSERVED
from catalog.store.core.read_models import AdoptionLine, MaintenanceLine
from forge.i18n.languages import PageLanguage
from forge.web.compare.columns import Column, FactRow, contributor_lines, maker_lines
from forge.web.compare.sheet_limits import CellLimits, SheetLimits, cut_name, cut_text
from forge.web.core.source_links import shown_source
from forge.web.core.source_names import SourceName, source_name
from forge.web.core.template_filters import own_language_first
from forge.web.facts.fact_groups import FactOrigin, origin_of
from forge.web.projects.profile import AdoptionsBySort, adoptions_by_sort

ON_ITS_PAGE = "on-its-page"  # the origin of what editors wrote from sources for which paper has no room
COUNTED_ORIGIN = "counted"  # the origin of a number that this catalogue counts
# The fields whose sources are those of a fact: of each group the first that has a value.
_SOURCE_FIELDS = {
    "made-for": (("made_for",),),
    "how": (("runs", "installs"),),
    "cost": (("cost", LICENSE, DETECTED_LICENSE),),
    "languages": (("languages",),),
    "accessibility": (("accessibility",),),
    "alive": (("activity", "last_change"), ("status",)),
    "license": ((LICENSE,), (DETECTED_LICENSE,)),
    "help": (("maintenance",), ("runs",), ("support",)),
    "makers": (("maintenance",),),
    "leaving": (("leaving",),),
    "features": (("features",),),
    "replaces": (("replaces",),),
}
MAX_HELPERS = 8  # organizations of each sort
MAX_PLACE = 30  # letters of an address, a file, or a name among the sources
_SCHEME = re.compile(r"^https?://(www\.)?")


@dataclass(frozen=True)
class FactSource:
    """Who says a fact, and when this was last seen. `origin.kind` may be `COUNTED_ORIGIN` or `ON_ITS_PAGE`.

    `of`: the project whose sources they are, where a fact may have several. `named`: what people call the place."""

    origin: FactOrigin
    place: str  # of the first of its addresses, as short as paper needs it
    at: datetime
    of: str = ""
    named: SourceName | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for what is one source to a reader: versions and files of one name, read at the same date."""
        if self.named and self.origin.evidence:
            return (self.named, self.origin.evidence[0].seen_at or self.at.date())
        return (replace(self.origin, commit="", address=""), self.at.date(), self.of)


@dataclass(frozen=True)
class OmittedAmount:
    """How much of a fact is not on the paper: words of its texts, and entries of its lists."""

    words: int = 0
    things: int = 0


@dataclass(frozen=True)
class SheetColumn:
    """A column cut to what paper can show, and what was cut, by fact; `sources` by fact, where one is known, and their
    `numbers` in the list of the page; `groups` that use it, by their sort."""

    column: Column
    rest: Mapping[str, OmittedAmount]
    sources: Mapping[str, tuple[FactSource, ...]]
    groups: AdoptionsBySort
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def number_sources(
    sheets: Sequence[SheetColumn], facts: Sequence[FactRow], most: int
) -> tuple[list[SheetColumn], list[FactSource], int]:
    """The sheets with the numbers of their sources, and the sources, each once, in the order in which they are read:
    the first `most` of them, and how many more there are.
    """
    listed: dict[tuple[object, ...], int] = {}
    notes: list[FactSource] = []
    numbers: list[dict[str, tuple[int, ...]]] = [{} for _ in sheets]
    for row in facts:
        for at, sheet in enumerate(sheets):
            if not row.known[at]:
                continue
            found = []
            for source in sheet.sources.get(row.key, ()):
                if source.key not in listed:
                    notes.append(source)
                found.append(listed.setdefault(source.key, len(notes)))
            numbers[at][row.key] = tuple(number for number in dict.fromkeys(found) if number <= most)
    numbered = [replace(sheet, numbers=numbers[at]) for at, sheet in enumerate(sheets)]
    return numbered, notes[:most], max(0, len(notes) - most)


def _sources_by_fact(column: Column, now: datetime) -> dict[str, tuple[FactSource, ...]]:
    found = {}
    for key, groups in _SOURCE_FIELDS.items():
        facts = [next((column.chosen[name].fact for name in group if name in column.chosen), None) for group in groups]
        if key == "help":
            facts = [
                fact
                for fact, known in zip(
                    facts, (contributor_lines(column.found), column.found.hosts, column.record.support), strict=True
                )
                if known
            ]
        found[key] = [
            _fact_source(origin, fact.seen_at, column.record)
            for fact in facts
            if fact is not None
            for origin in _origins_on_paper(origin_of(fact, column.slug, code=False), beside=bool(column.left))
        ]
    for line in column.found.maintenance:
        if line.stated_at is not None:
            found["help" if line.maintenance.role in HELPER_ROLES else "makers"].append(
                _fact_source(FactOrigin(DECLARED), line.stated_at)
            )
    mirror = column.mirror
    if not found["alive"] and mirror is not None and mirror.last_visit_at is not None:
        found["alive"].append(_fact_source(FactOrigin(OBSERVED, commit=mirror.head or ""), mirror.last_visit_at))
    found["uses"] = [FactSource(FactOrigin(COUNTED_ORIGIN), "", now)]
    return {key: tuple(sources) for key, sources in found.items()}


def _origins_on_paper(origin: FactOrigin, beside: bool) -> list[FactOrigin]:
    """Each source of a value by itself; beside other projects there is no room for them, and the project's page has
    them."""
    if origin.kind != CURATED or not origin.evidence:
        return [origin]
    if beside:
        return [FactOrigin(ON_ITS_PAGE)]
    return [replace(origin, evidence=(place,)) for place in origin.evidence]


def _fact_source(of: FactOrigin, at: datetime, project: Project | None = None) -> FactSource:
    source = of.urls[0] if of.urls else ""
    if of.kind == CURATED and of.evidence and not of.evidence[0].chosen:
        source = of.evidence[0].source
    named = source_name(source, project.repository if project else None) if source else None
    return FactSource(
        replace(of, file=cut_name(of.file, MAX_PLACE)),
        cut_name(shown_source(source), MAX_PLACE),
        at,
        cut_name(project.name, MAX_PLACE) if project and (len(of.urls) > 1 or of.kind == ON_ITS_PAGE) else "",
        named and replace(named, name=cut_name(named.name, 40)),
    )


def _short_address(url: str, letters: int) -> str:
    """An address as people type it, cut to `letters`."""
    return cut_name(_SCHEME.sub("", url).rstrip("/"), letters)


def cut_column(column: Column, rooms: SheetLimits, now: datetime, page_language: PageLanguage) -> SheetColumn:
    """The column with its texts, lists and names within `rooms`, and what was cut of each fact."""
    record, main, seen = column.record, column.license.main, column.record.accessibility
    room, help_room, makers_room = rooms.common, rooms.limits_of("help"), rooms.limits_of("makers")
    most, most_makers = (min(limits.things, MAX_HELPERS) for limits in (help_room, makers_room))
    helps, makes = contributor_lines(column.found), maker_lines(column.found)
    kinds, spoken, terms, replaced = (
        rooms.limits_of(fact).things for fact in ("made-for", "languages", "license", "replaces")
    )
    cost, cost_words = _cut_texts(record.cost, rooms.limits_of("cost").letters, page_language)
    leaving, leaving_words = _cut_leaving(record.leaving, rooms.limits_of("leaving"), page_language)
    lines, line_words = _cut_lines(record.feature_lines, rooms.limits_of("features"), page_language)
    most_lines = rooms.limits_of("features").things
    short = replace(
        record,
        name=cut_name(record.name, min(60, room.name)),
        summary=_cut_texts(record.summary, max(60, min(140, room.letters)), page_language)[0],
        homepage=record.homepage and _short_address(record.homepage, 90),
        cost=cost,
        made_for=record.made_for[:kinds],
        languages=_own_language_first(record.languages, page_language)[:spoken],
        replaces=_cut_names(record.replaces, rooms.limits_of("replaces")),
        features=features_of_lines(lines),
        leaving=leaving,
        accessibility=seen and replace(seen, standard=cut_name(seen.standard, rooms.limits_of("accessibility").name)),
    )
    license = replace(
        column.license,
        main=main and replace(main, licenses=main.licenses[:terms]),
        declared_as=column.license.declared_as
        and cut_name(column.license.declared_as, rooms.limits_of("license").name * 2),
    )
    found = replace(
        column.found,
        maintenance=tuple(
            _cut_contributor(contributor, room)
            for contributors, room in ((helps[:most], help_room), (makes[:most_makers], makers_room))
            for contributor in contributors
        ),
        hosts=tuple(replace(host, name=cut_name(host.name, help_room.name)) for host in column.found.hosts[:most]),
    )
    rest = {
        "made-for": OmittedAmount(things=len(record.made_for[kinds:])),
        "cost": OmittedAmount(cost_words),
        "languages": OmittedAmount(things=len(record.languages[spoken:])),
        "license": OmittedAmount(things=len(main.licenses[terms:]) if main else 0),
        "help": OmittedAmount(things=len(helps[most:]) + len(column.found.hosts[most:])),
        "makers": OmittedAmount(things=len(makes[most_makers:])),
        "leaving": OmittedAmount(leaving_words),
        "features": OmittedAmount(
            line_words, max((len(texts[most_lines:]) for texts in record.feature_lines.values()), default=0)
        ),
        "replaces": OmittedAmount(things=len(record.replaces[replaced:])),
    }
    shown = replace(column, record=short, found=found, license=license)
    users = [_with_short_name(line, rooms.limits_of("uses").name) for line in column.found.adoptions]
    return SheetColumn(shown, rest, _sources_by_fact(column, now), adoptions_by_sort(users))


def _cut_texts(words: Words, letters: int, page_language: PageLanguage) -> tuple[dict[str, str], int]:
    """The texts, cut, and how many words are missing from the text that is shown."""
    shown = page_language.text_of(words)
    return {tag: cut_text(text, letters)[0] for tag, text in words.items()}, cut_text(shown.text, letters)[
        1
    ] if shown else 0


def _cut_leaving(leaving: Leaving | None, room: CellLimits, page_language: PageLanguage) -> tuple[Leaving | None, int]:
    if leaving is None:
        return None, 0
    note, missing = _cut_texts(leaving.note, room.letters, page_language)
    missing += sum(len(text.split()) for names in (leaving.exports, leaving.standards) for text in names[room.things :])
    return Leaving(_cut_names(leaving.exports, room), _cut_names(leaving.standards, room), note), missing


def _cut_lines(
    lines: Mapping[str, Sequence[str]], room: CellLimits, page_language: PageLanguage
) -> tuple[dict[str, tuple[str, ...]], int]:
    shown = page_language.text_of({tag: tag for tag in lines})
    shown_lines = lines[shown.language] if shown else ()
    short = {
        tag: tuple(cut_text(text, room.letters)[0] for text in texts[: room.things]) for tag, texts in lines.items()
    }
    return short, sum(cut_text(text, room.letters)[1] for text in shown_lines[: room.things])


def _cut_contributor(line: MaintenanceLine, room: CellLimits) -> MaintenanceLine:
    """A contributor with a name of at most `room.name` letters."""
    person, body = line.maintenance.person, line.organization
    return replace(
        line,
        maintenance=replace(line.maintenance, person=person and cut_name(person, room.name)),
        organization=body and replace(body, name=cut_name(body.name, room.name)),
    )


def _with_short_name(line: AdoptionLine, letters: int) -> AdoptionLine:
    return replace(line, organization=replace(line.organization, name=cut_name(line.organization.name, letters)))


def _cut_names(names: Iterable[str], room: CellLimits) -> tuple[str, ...]:
    return tuple(cut_name(name, room.name) for name in list(names)[: room.things])


def _own_language_first(languages: Sequence[ScreenLanguage], page_language: PageLanguage) -> tuple[ScreenLanguage, ...]:
    return tuple(own_language_first(languages, page_language))
