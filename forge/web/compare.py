"""Up to four projects side by side: where they differ first, what is the same in the end, and what may be combined."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.compatibility import Answer, combined
from catalog.errors import Moved, NotFound, Removed
from catalog.facts import LICENSE, choose
from catalog.model import Project
from catalog.search import IndexMissing, Query
from catalog.store.views import Card, Mirror, ProjectPage
from forge.languages import plain
from forge.web.profile import LicenseView, license_view, vitality
from forge.web.render import address, now_of, page, tongue_of
from forge.web.shown import record_shown

MOST = 4
SUGGESTIONS = 8
_ASKED = 20  # parameters read of an address
_SLUG_CHARACTERS = 100
_TEXT_CHARACTERS = 200


@dataclass(frozen=True)
class Column:
    """One project as the page shows it."""

    found: ProjectPage
    record: Project  # with what the code or others say of what the document leaves open
    license: LicenseView
    alive: str | None
    left: tuple[tuple[str, str], ...]  # parameters of the page without this one

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
    """One fact; `known` says of each column, in their order, whether it is."""

    key: str
    known: tuple[bool, ...]


@dataclass(frozen=True)
class Rows:
    different: tuple[Row, ...]
    same: tuple[Row, ...]
    unknown: tuple[Row, ...]  # of all of them


@dataclass(frozen=True)
class Pair:
    """May code of one go into the other: `both` where the answer holds in either direction."""

    code: Column
    work: Column
    answer: Answer
    both: bool


# What a fact is, as far as two of them can be the same; falsy where it is not known.
_FACTS: dict[str, Callable[[Column], Any]] = {
    "summary": lambda one: one.record.summary,
    "made-for": lambda one: frozenset(one.record.made_for),
    "uses": lambda one: one.found.uses.present and one.found.uses,
    "how": lambda one: _how(one),
    "cost": lambda one: one.record.cost,
    "languages": lambda one: frozenset(one.record.languages),
    "accessibility": lambda one: one.record.accessibility,
    "alive": lambda one: one.alive,
    "license": lambda one: _license(one),
    "help": lambda one: _help(one),
    "leaving": lambda one: one.record.leaving,
    "features": lambda one: one.record.features,
}


def show(request: Request) -> Response:
    """The projects named by `p`, in the order of the address; `add` is a name to look for."""
    asked = _asked(request)
    columns, missing, moved = _columns(request, asked[:MOST])
    if moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in moved]), 301)
    slugs = [one.slug for one in columns]
    text = plain(request.query_params.get("add", "")).strip()[:_TEXT_CHARACTERS]
    return page(
        request,
        "compare.html",
        columns=columns,
        rows=rows(columns),
        pairs=pairs(columns),
        missing=missing,
        left_out=max(0, len(asked) - MOST),
        most=MOST,
        text=text,
        candidates=[one for one in _candidates(request, text) if one.slug not in slugs] if text else (),
        query=[("p", slug) for slug in slugs],
        canonical=address(request.url.path, [("p", slug) for slug in sorted(slugs)]),
        noindex=True,  # as many pages as there are choices of four
    )


def rows(columns: Sequence[Column]) -> Rows:
    """The facts in the order of a project's page, sorted by whether they tell the projects apart."""
    different, same, unknown = [], [], []
    for key, fact in _FACTS.items():
        values = [fact(one) for one in columns]
        row = Row(key, tuple(bool(value) for value in values))
        if not any(values):
            unknown.append(row)
        elif len(columns) > 1 and all(value == values[0] for value in values):
            same.append(row)
        else:
            different.append(row)
    return Rows(tuple(different), tuple(same), tuple(unknown))


def pairs(columns: Sequence[Column]) -> tuple[Pair, ...]:
    """What may be combined, each two of them; once where it is the same in both directions."""
    found = []
    for one, other in combinations(columns, 2):
        there, back = _combined(one, other), _combined(other, one)
        if there.may is back.may and (there.may is not True or _plain(there, back)):
            found.append(Pair(one, other, there, True))
        else:
            found += [Pair(one, other, there, False), Pair(other, one, back, False)]
    return tuple(found)


def _plain(there: Answer, back: Answer) -> bool:
    return all(each.under is None and each.how == "whole" for each in (there, back))


def _combined(code: Column, work: Column) -> Answer:
    if code.expression is None or work.expression is None:
        return Answer(None)
    return combined(code.expression, work.expression)


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


def _asked(request: Request) -> list[str]:
    named = [slug[:_SLUG_CHARACTERS] for slug in request.query_params.getlist("p")[:_ASKED]]
    return list(dict.fromkeys(slug for slug in named if slug))


def _columns(request: Request, slugs: Sequence[str]) -> tuple[list[Column], list[str], list[str]]:
    """The projects; the slugs that name none, or one that was taken away; all slugs anew when one has moved."""
    pages, missing, now, moved = [], [], [], False
    for slug in slugs:
        try:
            found = request.app.state.store.pages.project(slug)
        except Moved as elsewhere:
            now.append(elsewhere.to)
            moved = True
        except (NotFound, Removed):
            missing.append(slug)
        else:
            pages.append(found)
            now.append(slug)
    at = now_of(request)
    columns = []
    for found in pages:
        mirror, chosen = found.mirror, choose(found.facts)
        record = record_shown(found.record, chosen)
        declared = str(chosen[LICENSE].value) if LICENSE in chosen else record.license
        columns.append(
            Column(
                found=found,
                record=record,
                license=license_view(declared, mirror, record.context_only, record.slug),
                alive=vitality(record.status, mirror.last_commit_at if mirror else None, at),
                left=tuple(("p", other.record.slug) for other in pages if other is not found),
            )
        )
    return columns, missing, list(dict.fromkeys(now)) if moved else []


def _candidates(request: Request, text: str) -> Sequence[Card]:
    """Projects that a typed name may mean, the best first; none while the index is being built again."""
    try:
        query = Query(text, per_page=SUGGESTIONS + MOST, language=tongue_of(request).tag)
        ids = request.app.state.searcher.find(query, now_of(request)).ids
    except IndexMissing:
        return ()
    cards: Sequence[Card] = request.app.state.store.pages.cards(ids)
    return cards[: SUGGESTIONS + MOST]
