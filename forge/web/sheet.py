"""One page of paper for a meeting: a project, or up to four side by side, each fact with who says it and since when.
What is known is chosen as for a project's page, by `shown` and `columns`.

Long texts are cut here, and what the style sheet still has to clip is at the address that the paper gives.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound, OptedOut
from catalog.facts import DETECTED, LICENSE, OBSERVED
from catalog.model import Project, Words
from forge.web.columns import FACTS, MORE, Column, Row, asked, column, rows
from forge.web.facts import Origin, origin
from forge.web.profile import Uses, uses
from forge.web.qr import qr_code
from forge.web.render import address, now_of, page

# Which field's source stands behind a fact, the first that is said.
_FIELDS = {
    "made-for": ("made_for",),
    "how": ("runs", "installs"),
    "cost": ("cost", LICENSE, DETECTED),
    "languages": ("languages",),
    "accessibility": ("accessibility",),
    "alive": ("activity", "status"),
    "license": (LICENSE, DETECTED),
    "help": ("maintenance", "runs"),
    "leaving": ("leaving",),
    "features": ("features",),
    "replaces": ("replaces",),
}
GROUPS = 5  # named on a project's sheet
_SCHEME = re.compile(r"^https?://(www\.)?")
_BESIDE = ("help", "leaving")  # of MORE, on a sheet of several


@dataclass(frozen=True)
class Source:
    """Who says a fact, and when this was last seen."""

    origin: Origin
    place: str  # of the first of its addresses, as short as paper needs it
    at: datetime


@dataclass(frozen=True)
class Sheet:
    """A column cut to what paper holds; `sources` by fact, where one is known; `groups` that use it, by their sort."""

    column: Column
    sources: Mapping[str, Source]
    groups: Uses


def project(request: Request) -> Response:
    """The sheet of one project. Raises NotFound, Moved, Removed, OptedOut."""
    found = request.app.state.store.pages.project(request.path_params["slug"])
    if found.opted_out is not None:
        raise OptedOut("project", found.record.slug, found.opted_out.at)
    one = column(found, now_of(request))
    path = f"/{request.state.tongue.tag}/projects/{one.slug}"
    facts = [*rows([one], FACTS), *rows([one], MORE)]
    in_order = {key: place for place, key in enumerate((*FACTS, *MORE))}
    facts.sort(key=lambda row: in_order[row.key])
    return _sheet(request, "sheet.html", path, [one], facts)


def compared(request: Request) -> Response:
    """The sheet of up to four. Raises NotFound where the address names no project."""
    wanted = asked(request)
    if wanted.moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in wanted.moved]), 301)
    if not wanted.columns:
        raise NotFound("project", ", ".join(wanted.missing))
    query = [("p", one.slug) for one in wanted.columns]
    path = address(f"/{request.state.tongue.tag}/compare", query)
    facts = [*rows(wanted.columns, FACTS), *rows(wanted.columns, {key: MORE[key] for key in _BESIDE})]
    return _sheet(request, "sheet-compared.html", path, wanted.columns, facts)


def _sheet(
    request: Request, name: str, path: str, columns: list[Column] | tuple[Column, ...], facts: list[Row]
) -> Response:
    base = request.app.state.site.base_url or str(request.base_url).rstrip("/")
    return page(
        request,
        name,
        sheets=[Sheet(_cut(one, len(columns)), _sources(one), uses(one.found.adoptions)) for one in columns],
        facts=facts,
        most=GROUPS,
        back=path,
        shown=f"{base}{path}",
        code=qr_code(f"{base}{path}"),
        noindex=True,
    )


def _sources(one: Column) -> dict[str, Source]:
    found = {}
    for key, fields in _FIELDS.items():
        said = next((one.chosen[field].fact for field in fields if field in one.chosen), None)
        if said is not None:
            found[key] = _source(origin(said, one.slug, code=False), said.seen_at)
    mirror = one.mirror
    if "alive" not in found and mirror is not None and mirror.last_visit_at is not None:
        found["alive"] = _source(Origin(OBSERVED, commit=mirror.head or ""), mirror.last_visit_at)
    return found


def _source(of: Origin, at: datetime) -> Source:
    place = _short(_SCHEME.sub("", of.urls[0]).rstrip("/"), 45) if of.urls else ""
    return Source(replace(of, file=_short(of.file, 45)), place, at)


def _cut(one: Column, beside: int) -> Column:
    """The column with texts and lists as long as paper has room for, when so many stand beside each other."""
    characters = 260 if beside == 1 else 130
    several = 5 if beside == 1 else 3
    record = one.record
    leaving = record.leaving
    if leaving is not None:
        leaving = replace(
            leaving,
            exports=tuple(_short(name, 40) for name in leaving.exports[:several]),
            standards=tuple(_short(name, 40) for name in leaving.standards[:several]),
            note=_words(leaving.note, characters // 2),
        )
    cut: Project = replace(
        record,
        name=_short(record.name, 60),
        summary=_words(record.summary, 140),
        cost=_words(record.cost, characters),
        made_for=record.made_for[: several * 2],
        languages=record.languages[: several * 3],
        replaces=tuple(_short(name, 40) for name in record.replaces[:several]),
        features={tag: tuple(_short(line, 90) for line in lines[:several]) for tag, lines in record.features.items()},
        leaving=leaving,
    )
    return replace(one, record=cut)


def _words(words: Words, characters: int) -> dict[str, str]:
    return {tag: _short(text, characters) for tag, text in words.items()}


def _short(text: str, characters: int) -> str:
    """The text, ended at a word where it is too long."""
    if len(text) <= characters:
        return text
    return f"{text[: characters - 1].rsplit(' ', 1)[0]} …" if " " in text[:characters] else f"{text[: characters - 1]}…"
