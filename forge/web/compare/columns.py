"""Projects side by side: what is known of each, fact by fact, and which facts differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from catalog.model import HELPER_ROLES, Project
from catalog.publication.model import PublicProject
from catalog.rules.country_rule import CountryAnswers, country_answers, rules_of
from catalog.rules.fact import ChosenFact
from catalog.store.core.read_models import MaintenanceLine, Mirror
from forge.web.core.render import now_of
from forge.web.facts.merged_record import record_shown
from forge.web.projects.profile import LicenseView, license_view_of
from forge.web.projects.reader_context import reader_of

MAX_COLUMNS = 4
_MAX_PARAMETERS = 40  # parameters read of an address, some of them twice
_SLUG_CHARACTERS = 100


@dataclass(frozen=True)
class Column:
    """One project as the page shows it."""

    found: PublicProject
    record: Project  # completed with what the code or others say
    license: LicenseView
    alive: str | None
    chosen: Mapping[str, ChosenFact] = field(default_factory=dict)
    left: tuple[tuple[str, str], ...] = ()  # parameters of the page without this one
    rules: CountryAnswers | None = None  # of the reader's country, where the address names one

    @property
    def slug(self) -> str:
        return self.record.slug

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def mirror(self) -> Mirror | None:
        return self.found.mirror


@dataclass(frozen=True)
class FactRow:
    """One fact; `known`: whether it is known of each column, in order. `state`: different | some | same | unknown.

    "different" needs two projects that state different values of the same part; where only some state a value, it is
    "some".
    """

    key: str
    known: tuple[bool, ...]
    state: str


@dataclass(frozen=True)
class ComparedProjects:
    """What an address asks for: columns in its order, slugs that name no project, how many were too many; where a slug
    has moved, `moved` has all present slugs. `country` is the reader's, or ""."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    left_out: int
    moved: tuple[str, ...]
    country: str

    def query(self, slugs: Iterable[str]) -> list[tuple[str, str]]:
        """The parameters of an address of these projects for the same country."""
        return [*(("p", slug) for slug in slugs), *([("country", self.country)] if self.country else ())]


# Functions that give the comparable parts of a fact; a part is falsy where it is not known.
MAIN_FACTS: dict[str, Callable[[Column], tuple[Any, ...]]] = {
    "made-for": lambda project: (frozenset(project.record.made_for),),
    "uses": lambda project: _use_counts(project),
    "how": lambda project: _use_parts(project),
    "platforms": lambda project: (frozenset(project.record.platforms),),
    "cost": lambda project: (project.record.cost, project.license.free),
    "languages": lambda project: _language_parts(project),
    "accessibility": lambda project: (project.record.accessibility,),
    # A last change that is too old to judge by is known all the same.
    "alive": lambda project: (project.alive or project.found.activity.changed_at,),
    "license": lambda project: (_license_parts(project),),
    "cautions": lambda project: (frozenset((line.kind, line.name) for line in project.record.cautions),),
    "rules": lambda project: _rule_parts(project),
}
FURTHER_FACTS: dict[str, Callable[[Column], tuple[Any, ...]]] = {
    "help": lambda project: _help_parts(project),
    "makers": lambda project: (_contributors(maker_lines(project.found)),),
    "leaving": lambda project: _leaving_parts(project),
    "features": lambda project: (project.record.feature_lines,),
    "replaces": lambda project: (frozenset(project.record.replaces),),
}


def _use_counts(project: Column) -> tuple[Any, ...]:
    """Uses of software that is not free are not counted beside those of free software."""
    uses, countries = project.found.uses, frozenset(project.record.deployment_countries)
    return (("not counted" if project.record.context_only else uses) if uses.present else None, countries)


_STATES = ("different", "some", "same", "unknown")


def fact_rows(columns: Sequence[Column], facts: dict[str, Callable[[Column], tuple[Any, ...]]]) -> tuple[FactRow, ...]:
    """The facts: first those that differ, then those known of some projects only, those that are the same, and those
    that nobody stated; within each in the order of a project's page."""
    rows = []
    for key, fact in facts.items():
        if key == "rules" and not any(project.rules for project in columns):
            continue  # nobody said for which country
        values = [fact(project) for project in columns]
        is_known = tuple(any(value) for value in values)
        if key == "cautions" and not any(is_known):
            continue  # nobody can know that there are none
        rows.append(FactRow(key, is_known, _row_state(values) if any(is_known) else "unknown"))
    return tuple(sorted(rows, key=lambda row: _STATES.index(row.state)))


def _row_state(values: Sequence[tuple[Any, ...]]) -> str:
    """A value known of some projects only is no difference: two differ in a part for which both have a value."""
    parts = [[value for value in part if value] for part in zip(*values, strict=True)]
    if len(values) == 1 or any(value != known_values[0] for known_values in parts for value in known_values):
        return "different"
    return "same" if all(len(known_values) in (0, len(values)) for known_values in parts) else "some"


def compared_projects(request: Request, most: int = MAX_COLUMNS, before: Sequence[str] = ()) -> ComparedProjects:
    """The projects of `before` (slugs) and those named by `p`, each once, at most `most` of those that exist. Capitals
    count as small letters."""
    named = request.query_params.getlist("p")[:_MAX_PARAMETERS]
    slugs_asked = [*before, *(slug[:_SLUG_CHARACTERS].lower() for slug in named)]
    slugs = list(dict.fromkeys(slug for slug in slugs_asked if slug))
    store = request.app.state.store
    current_slugs = store.record_pages.present(slugs)
    missing = tuple(slug for slug in slugs if slug not in current_slugs)
    present_slugs = tuple(dict.fromkeys(current_slugs[slug] for slug in slugs if slug in current_slugs))
    country = reader_of(request).country
    columns = read_columns(request, present_slugs[:most], country)
    moved = any(slug != present for slug, present in current_slugs.items())
    left_out = max(0, len(present_slugs) - most)
    return ComparedProjects(columns, missing, left_out, present_slugs if moved else (), country)


def read_columns(request: Request, slugs: Iterable[str], country: str) -> tuple[Column, ...]:
    """Projects by their present slugs. `country`: where the reader is, or ""."""
    pages: list[PublicProject] = [request.app.state.store.public_records.project(slug) for slug in slugs]
    return tuple(_column(project, now_of(request), pages, country) for project in pages)


def _column(project: PublicProject, now: datetime, beside: Sequence[PublicProject], country: str) -> Column:
    """What a project's page shows, as a column beside others."""
    chosen = project.chosen
    record = record_shown(project.record, chosen)
    return Column(
        found=project,
        record=record,
        license=license_view_of(project, record),
        alive=project.activity.state(now),
        chosen=chosen,
        left=tuple(("p", other.record.slug) for other in beside if other is not project),
        rules=country_answers(country, record.rules) if country else None,
    )


def _license_parts(project: Column) -> Any:
    license_text = project.license.main.expression if project.license.main else project.license.declared_as
    return (license_text, project.license.free, project.license.agrees is False) if license_text else None


def _rule_parts(project: Column) -> tuple[Any, ...]:
    """A rule that one has and another is known to lack is a difference; one of which nobody knows is none."""
    if project.rules is None:
        return (None,)
    states = {answer.rule.slug: "missing" for answer in project.rules.missing}
    states |= {answer.rule.slug: "supported" for answer in project.rules.supported}
    return tuple(states.get(rule.slug) for rule in rules_of(project.rules.country))


def _use_parts(project: Column) -> tuple[Any, ...]:
    runs, hosts = project.record.runs, len(project.found.hosts)
    return bool(runs and runs.online), hosts, runs and runs.self_hosted


def _language_parts(project: Column) -> tuple[Any, ...]:
    spoken = project.record.languages
    return frozenset(language.term for language in spoken), frozenset(
        (language.term, language.percent) for language in spoken if language.percent
    )


def _leaving_parts(project: Column) -> tuple[Any, ...]:
    leaving = project.record.leaving
    if leaving is None:
        return None, None, None
    return frozenset(leaving.exports), frozenset(leaving.standards), leaving.note


def contributor_lines(project: PublicProject) -> tuple[MaintenanceLine, ...]:
    """The contributors who set it up or host it for others."""
    return tuple(line for line in project.maintenance if line.maintenance.role in HELPER_ROLES)


def maker_lines(project: PublicProject) -> tuple[MaintenanceLine, ...]:
    """The contributors who make it, maintain it or pay for that; they do not necessarily help groups."""
    return tuple(line for line in project.maintenance if line.maintenance.role not in HELPER_ROLES)


def _help_parts(project: Column) -> tuple[Any, ...]:
    support = project.record.support
    return (
        _contributors(contributor_lines(project.found)),
        frozenset(host.slug for host in project.found.hosts),
        support and support.url,
    )


def _contributors(lines: Sequence[MaintenanceLine]) -> frozenset[tuple[str, str | None]]:
    return frozenset(
        (line.maintenance.role, line.organization.slug if line.organization else line.maintenance.person)
        for line in lines
    )
