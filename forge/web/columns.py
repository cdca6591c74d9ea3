"""Projects side by side: what is known of each, fact by fact, and which facts tell them apart. It words nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from catalog.errors import Moved, NotFound, OptedOut, Removed
from catalog.facts import LICENSE, Chosen, choose
from catalog.model import Project
from catalog.store.views import Mirror, ProjectPage
from forge.web.profile import LicenseView, license_view, vitality
from forge.web.render import now_of
from forge.web.shown import record_shown

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
    """One fact; `known` says of each column, in their order, whether it is. `state`: different | same | unknown."""

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


# What a fact is, as far as two of them can be the same; falsy where it is not known.
FACTS: dict[str, Callable[[Column], Any]] = {
    "made-for": lambda one: frozenset(one.record.made_for),
    "uses": lambda one: one.found.uses.present and one.found.uses,
    "how": lambda one: _how(one),
    "cost": lambda one: one.record.cost or ("free" if one.license.free else None),
    "languages": lambda one: frozenset(one.record.languages),
    "accessibility": lambda one: one.record.accessibility,
    "alive": lambda one: one.alive,
    "license": lambda one: _license(one),
}
MORE: dict[str, Callable[[Column], Any]] = {
    "help": lambda one: _help(one),
    "leaving": lambda one: one.record.leaving,
    "features": lambda one: one.record.features,
    "replaces": lambda one: frozenset(one.record.replaces),
}
_STATES = ("different", "same", "unknown")


def rows(columns: Sequence[Column], facts: dict[str, Callable[[Column], Any]]) -> tuple[Row, ...]:
    """The facts, those that tell the projects apart first, else in the order of a project's page."""
    found = []
    for key, fact in facts.items():
        values = [fact(one) for one in columns]
        same = len(columns) > 1 and all(value == values[0] for value in values)
        state = "unknown" if not any(values) else "same" if same else "different"
        found.append(Row(key, tuple(bool(value) for value in values), state))
    return tuple(sorted(found, key=lambda row: _STATES.index(row.state)))


def asked(request: Request) -> Asked:
    """The projects named by `p`, each once, at most `MOST`."""
    named = [slug[:_SLUG_CHARACTERS] for slug in request.query_params.getlist("p")[:_ASKED]]
    slugs = list(dict.fromkeys(slug for slug in named if slug))
    pages: list[ProjectPage] = []
    missing, now, moved = [], [], False
    for slug in slugs[:MOST]:
        try:
            found = request.app.state.store.pages.project(slug)
        except Moved as elsewhere:
            now.append(elsewhere.to)
            moved = True
        except (NotFound, OptedOut, Removed):
            missing.append(slug)
        else:
            if found.opted_out is not None:
                missing.append(slug)
                continue
            pages.append(found)
            now.append(slug)
    columns = tuple(column(found, now_of(request), pages) for found in pages)
    return Asked(columns, tuple(missing), max(0, len(slugs) - MOST), tuple(dict.fromkeys(now)) if moved else ())


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


def _how(one: Column) -> Any:
    runs = one.record.runs
    if runs is None or not (runs.online or runs.hosted or runs.self_hosted):
        return None
    return bool(runs.online), len(one.found.hosts), runs.self_hosted


def _help(one: Column) -> Any:
    kept = frozenset(
        (line.maintenance.role, line.organization.slug if line.organization else line.maintenance.person)
        for line in one.found.maintenance
    )
    hosts = frozenset(host.slug for host in one.found.hosts)
    return (kept, hosts) if kept or hosts else None
