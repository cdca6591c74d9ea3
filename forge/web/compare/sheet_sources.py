"""Who says each fact of a printed sheet and since when: sources, numbered in the order in which they are read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.model import HELPER_ROLES, Project
from catalog.rules.fact import CURATED, DECLARED, DETECTED_LICENSE, LICENSE, OBSERVED
from forge.web.compare.columns import Column, FactRow, contributor_lines
from forge.web.core.source_links import shown_source
from forge.web.core.source_names import SourceName, source_name
from forge.web.facts.fact_groups import FactOrigin, origin_of

ON_ITS_PAGE = "on-its-page"  # the origin of what editors wrote from sources that a project's page names
COUNTED_ORIGIN = "counted"  # the origin of a number that this catalogue counts
# The fields whose sources are those of a fact: of each group the first that has a value.
_SOURCE_FIELDS = {
    "made-for": (("made_for",),),
    "how": (("runs", "installs"),),
    "platforms": (("platforms",),),
    "cautions": (("cautions",),),
    "cost": (("cost", LICENSE, DETECTED_LICENSE),),
    "languages": (("languages",),),
    "accessibility": (("accessibility",),),
    "alive": (("activity", "last_change"), ("status",)),
    "license": ((LICENSE,), (DETECTED_LICENSE,)),
    "rules": (("rules",),),
    "help": (("maintenance",), ("runs",), ("support",)),
    "makers": (("maintenance",),),
    "leaving": (("leaving",),),
    "features": (("features",),),
    "replaces": (("replaces",),),
}


@dataclass(frozen=True)
class FactSource:
    """Who says a fact, and when this was last seen; of the editors' own facts only their evidence has a date that says
    anything. `origin.kind` may be `COUNTED_ORIGIN` or `ON_ITS_PAGE`.

    `of`: the project whose sources they are, where a fact may have several. `named`: what people call the place."""

    origin: FactOrigin
    place: str  # the first of its addresses, as people read it
    at: datetime
    of: str = ""
    named: SourceName | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for what is one source to a reader: versions and files of one name, read at the same date."""
        if self.named and self.origin.evidence:
            return (self.named, self.origin.evidence[0].seen_at)
        day = None if self.origin.kind in (CURATED, ON_ITS_PAGE) else self.at.date()
        return (replace(self.origin, commit="", address=""), day, self.of)


def numbered_sources(
    columns: Sequence[Column], facts: Sequence[FactRow], now: datetime
) -> tuple[list[dict[str, tuple[int, ...]]], list[FactSource]]:
    """The numbers of the sources of each column by fact, counted from 1, and the sources, each once."""
    listed: dict[tuple[object, ...], int] = {}
    notes: list[FactSource] = []
    numbers: list[dict[str, tuple[int, ...]]] = [{} for _ in columns]
    for row in facts:
        for column, is_known, own in zip(columns, row.known, numbers, strict=True):
            sources = _sources_of(row.key, column, now) if is_known else ()
            for source in sources:
                if source.key not in listed:
                    notes.append(source)
                    listed[source.key] = len(notes)
            own[row.key] = tuple(dict.fromkeys(listed[source.key] for source in sources))
    return numbers, notes


def _sources_of(key: str, column: Column, now: datetime) -> Sequence[FactSource]:
    if key == "uses":
        return [FactSource(FactOrigin(COUNTED_ORIGIN), "", now)]
    chosen, groups = column.chosen, _SOURCE_FIELDS[key]
    facts = [next((chosen[name].fact for name in group if name in chosen), None) for group in groups]
    if key == "help":
        line_groups = (contributor_lines(column.found), column.found.hosts, column.record.support)
        facts = [fact for fact, value in zip(facts, line_groups, strict=True) if value]
    sources = [
        _fact_source(origin, fact.seen_at, column.record)
        for fact in facts
        if fact is not None
        for origin in _origins_on_paper(origin_of(fact, column.slug, code=False), beside=bool(column.left))
    ]
    if key == "rules" and column.rules:
        rule_sources = column.rules.sources
        sources = [
            fact_source
            for fact_source in sources
            if not fact_source.origin.evidence or fact_source.origin.evidence[0].source in rule_sources
        ]
    if key in ("help", "makers"):
        sources += [
            _fact_source(FactOrigin(DECLARED), line.stated_at)
            for line in column.found.maintenance
            if line.stated_at is not None and (line.maintenance.role in HELPER_ROLES) == (key == "help")
        ]
    mirror = column.mirror
    if key == "alive" and not sources and mirror is not None and mirror.last_visit_at is not None:
        sources.append(_fact_source(FactOrigin(OBSERVED, commit=mirror.head or ""), mirror.last_visit_at))
    return sources


def _origins_on_paper(origin: FactOrigin, beside: bool) -> list[FactOrigin]:
    """Each source of a value by itself; beside other projects the project's page, which has them."""
    if origin.kind != CURATED or not origin.evidence:
        return [origin]
    if beside and not all(place.chosen for place in origin.evidence):
        # Days begin with the year, so that the latest text is the latest day.
        last = max((place for place in origin.evidence if place.seen_at), key=lambda place: place.seen_at, default=None)
        return [FactOrigin(ON_ITS_PAGE, evidence=(replace(last, source=""),) if last else ())]
    return [replace(origin, evidence=(place,)) for place in origin.evidence]


def _fact_source(of: FactOrigin, at: datetime, project: Project | None = None) -> FactSource:
    source = of.urls[0] if of.urls else ""
    if of.kind == CURATED and of.evidence and not of.evidence[0].chosen:
        source = of.evidence[0].source
    named_source = source_name(source, project.repository if project else None) if source else None
    name = project.name if project and (len(of.urls) > 1 or of.kind == ON_ITS_PAGE) else ""
    return FactSource(of, shown_source(source), at, name, named_source)
