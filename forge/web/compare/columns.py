"""Projects side by side: what is known of each, fact by fact, and which facts tell them apart. It words nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from catalog.model import HELPING, Project
from catalog.rules.fact import LICENSE, Chosen, choose
from catalog.store.core.read_models import MaintenanceLine, Mirror, ProjectPage
from forge.web.core.render import now_of
from forge.web.facts.merged_record import record_shown
from forge.web.projects.profile import LicenseView, license_view, vitality

MOST = 4
_ASKED = 20  # parameters read of an address
_SLUG_CHARACTERS = 100


@dataclass(frozen=True)
class Column:
    """One project as the page shows it."""

    found: ProjectPage
    record: Project  # with what the code or others say of what the document leaves open
    license: LicenseView
    alive: str | None
    chosen: dict[str, Chosen] = field(default_factory=dict)
    left: tuple[tuple[str, str], ...] = ()  # parameters of the page without this one

    @property
    def slug(self) -> str:
        return self.record.slug

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def mirror(self) -> Mirror | None:
        return self.found.mirror

    @property
    def expression(self) -> str | None:
        """The licence to reckon with; None where nobody said one, or what is declared is not what the files show."""
        if self.license.main is None or self.license.agrees is False:
            return None
        return self.license.main.expression


@dataclass(frozen=True)
class Row:
    """One fact; `known` says of each column, in their order, whether it is. `state`: different | some | same | unknown.

    "different" needs two who say something else: where one of them says nothing, or another thing, it is "some".
    """

    key: str
    known: tuple[bool, ...]
    state: str


@dataclass(frozen=True)
class Asked:
    """What an address asks for: columns in its order, slugs that name none, how many were too many; where a slug has
    moved, all of them anew."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    left_out: int
    moved: tuple[str, ...]


# The parts of a fact, as far as two of them can be the same; falsy where one is not known.
FACTS: dict[str, Callable[[Column], tuple[Any, ...]]] = {
    "made-for": lambda one: (frozenset(one.record.made_for),),
    "uses": lambda one: (one.found.uses if one.found.uses.present else None,),
    "how": lambda one: _how(one),
    "cost": lambda one: (one.record.cost, one.license.free),
    "languages": lambda one: _languages(one),
    "accessibility": lambda one: (one.record.accessibility,),
    "alive": lambda one: (one.alive,),
    "license": lambda one: (_license(one),),
}
MORE: dict[str, Callable[[Column], tuple[Any, ...]]] = {
    "help": lambda one: _help(one),
    "makers": lambda one: (_care(making(one.found)),),
    "leaving": lambda one: _leaving(one),
    "features": lambda one: (one.record.features,),
    "replaces": lambda one: (frozenset(one.record.replaces),),
}
_STATES = ("different", "some", "same", "unknown")


def rows(columns: Sequence[Column], facts: dict[str, Callable[[Column], tuple[Any, ...]]]) -> tuple[Row, ...]:
    """The facts, those that tell the projects apart first, then what is known of some only, what is the same, and what
    nobody told; within each in the order of a project's page."""
    found = []
    for key, fact in facts.items():
        values = [fact(one) for one in columns]
        known = tuple(any(value) for value in values)
        found.append(Row(key, known, _state(values) if any(known) else "unknown"))
    return tuple(sorted(found, key=lambda row: _STATES.index(row.state)))


def _state(values: Sequence[tuple[Any, ...]]) -> str:
    """What is known of some only is no difference: two differ in a part of a fact of which both say something."""
    parts = [[one for one in part if one] for part in zip(*values, strict=True)]
    if len(values) == 1 or any(one != said[0] for said in parts for one in said):
        return "different"
    return "same" if all(len(said) in (0, len(values)) for said in parts) else "some"


def asked(request: Request) -> Asked:
    """The projects named by `p`, each once: of those that are here the first `MOST`. Capitals are as small letters."""
    named = [slug[:_SLUG_CHARACTERS].lower() for slug in request.query_params.getlist("p")[:_ASKED]]
    slugs = list(dict.fromkeys(slug for slug in named if slug))
    store = request.app.state.store.pages
    here = store.present(slugs)
    missing = tuple(slug for slug in slugs if slug not in here)
    now = tuple(dict.fromkeys(here[slug] for slug in slugs if slug in here))
    pages: list[ProjectPage] = [store.project(slug) for slug in now[:MOST]]
    columns = tuple(column(found, now_of(request), pages) for found in pages)
    moved = any(slug != present for slug, present in here.items())
    return Asked(columns, missing, max(0, len(now) - MOST), now if moved else ())


def column(found: ProjectPage, now: datetime, beside: Sequence[ProjectPage] = ()) -> Column:
    """What a project's page says, as a column beside others."""
    mirror, chosen = found.mirror, choose(found.facts)
    record = record_shown(found.record, chosen)
    declared = str(chosen[LICENSE].value) if LICENSE in chosen else record.license
    return Column(
        found=found,
        record=record,
        license=license_view(declared, mirror, record.context_only, record.slug),
        alive=vitality(record.status, mirror.last_commit_at if mirror else None, now),
        chosen=chosen,
        left=tuple(("p", other.record.slug) for other in beside if other is not found),
    )


def _license(one: Column) -> Any:
    said = one.license.main.expression if one.license.main else one.license.declared_as
    return (said, one.license.free, one.license.agrees is False) if said else None


def _how(one: Column) -> tuple[Any, ...]:
    runs, hosts = one.record.runs, len(one.found.hosts)
    return bool(runs and runs.online), hosts, runs and runs.self_hosted


def _languages(one: Column) -> tuple[Any, ...]:
    spoken = one.record.languages
    return frozenset(each.term for each in spoken), frozenset(
        (each.term, each.percent) for each in spoken if each.percent
    )


def _leaving(one: Column) -> tuple[Any, ...]:
    leaving = one.record.leaving
    if leaving is None:
        return None, None, None
    return frozenset(leaving.exports), frozenset(leaving.standards), leaving.note


def helping(found: ProjectPage) -> tuple[MaintenanceLine, ...]:
    """Those who said that they set it up or host it for others."""
    return tuple(line for line in found.maintenance if line.maintenance.role in HELPING)


def making(found: ProjectPage) -> tuple[MaintenanceLine, ...]:
    """Those who make it, keep it up or pay for that: it says nothing of help to groups."""
    return tuple(line for line in found.maintenance if line.maintenance.role not in HELPING)


def _help(one: Column) -> tuple[Any, ...]:
    support = one.record.support
    return _care(helping(one.found)), frozenset(host.slug for host in one.found.hosts), support and support.url


def _care(lines: Sequence[MaintenanceLine]) -> frozenset[tuple[str, str | None]]:
    return frozenset(
        (line.maintenance.role, line.organization.slug if line.organization else line.maintenance.person)
        for line in lines
    )
