"""What a project's page shows beside its record: answers that are worked out for the page and for who reads it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from catalog.model import Project
from catalog.publication.model import PublicProject
from catalog.publication.own_project import own_project
from catalog.rules.country_rule import CountryAnswers, country_answers
from catalog.rules.today import is_offer_confirmed
from catalog.store.adoptions.questions import AskableOrganization
from catalog.store.core.read_models import Card
from catalog.store.ownership.verifications import ShownVerification, standing_verifications
from forge.export.catalogue_site import CatalogueLink, CatalogueSite
from forge.export.codemeta import schema_org
from forge.export.publiccode import missing_values
from forge.export.software import Software, software
from forge.web.core.render import base_url, manifest_of, now_of
from forge.web.core.session import person_of
from forge.web.facts import fact_groups
from forge.web.facts.labels import SAID_BY_LABELS
from forge.web.projects.activity import ActivityView, alive_view
from forge.web.projects.costs import CostsAndEfforts, costs_and_efforts
from forge.web.projects.exit_options import ExitOptions, exit_options
from forge.web.projects.license_history import LicensePast, license_past_of
from forge.web.projects.reader_context import Reader, ReaderChoices, reader_choices, rule_countries
from forge.web.projects.screenshot_list import ScreenshotView, screenshots_of
from forge.web.projects.warnings import ProjectWarnings, project_warnings

SIMILAR = 6  # whose cards are read: some of them may be dormant
SIMILAR_SHOWN = 3
MIN_COMMON = 2  # categories: two projects that share a single one often do quite different things


@dataclass(frozen=True)
class ProjectView:
    """`rules`: what it has for the rules of the reader's country, None without a country; `near`: how many
    organizations there confirmed that they use it, and how many others use it, as far as is known; `exports`: the files
    for download; `linked`: its JSON-LD."""

    alive: ActivityView
    screens: tuple[ScreenshotView, ...]
    has_evidence: bool
    license_past: LicensePast | None
    license_notice: fact_groups.LicenseNotice | None
    verifications: Sequence[ShownVerification]
    alike: Sequence[Card]
    warned: ProjectWarnings
    leave: ExitOptions
    spent: CostsAndEfforts
    choice: ReaderChoices
    rules: CountryAnswers | None
    rule_countries: tuple[tuple[str, str], ...]
    near: tuple[int, int] | None
    askable: Sequence[AskableOrganization]
    is_maintainer: bool
    exports: tuple[str, ...]
    linked: str
    at_domain: Callable[[str], Any]  # the organization whose website has a domain
    is_confirmed: Callable[[datetime], bool]  # whether help that was offered then still counts as confirmed
    said_by: Mapping[str, str] = field(default_factory=lambda: SAID_BY_LABELS)

    @property
    def ready(self) -> set[str]:
        """The slugs of the organizations that may be asked."""
        return {line.organization.slug for line in self.askable}

    @property
    def compared(self) -> list[tuple[str, str]]:
        """The similar ones as parameters of the comparison."""
        return [("p", card.slug) for card in self.alike]


def project_view(request: Request, project: PublicProject, record: Project, reader: Reader) -> ProjectView:
    """`record`: as shown."""
    store, now, someone = request.app.state.store, now_of(request), person_of(request)
    alive, language = alive_view(project, now), request.state.page_language

    def similar(least: int) -> list[Card]:
        cards = store.similar_projects.similar_to(project.id, record.domains, SIMILAR, least)
        return [card for card in cards if card.may_be_proposed(now)]

    def kept_up() -> Iterator[Card]:
        yield from (card for card in similar(1) if card.activity.is_maintained(now))

    return ProjectView(
        alive=alive,
        screens=screenshots_of(project.mirror, project.record, project.uploads),
        has_evidence=bool(project.record.evidence) or any(feature.source for feature in project.record.features),
        license_past=license_past_of(project),
        license_notice=fact_groups.license_notice(project.chosen, project.mirror, record.slug, now),
        verifications=standing_verifications(project.verifications, now),
        alike=similar(MIN_COMMON)[:SIMILAR_SHOWN],
        warned=project_warnings(project, alive, kept_up()),
        leave=exit_options(project, record),
        spent=costs_and_efforts(project.tallies),
        choice=reader_choices(project.tallies, reader, language),
        rules=country_answers(reader.country, record.rules) if reader.country else None,
        rule_countries=rule_countries(language, reader.country),
        near=store.countries.near(reader.country, [project.id]).get(project.id, (0, 0)) if reader.country else None,
        askable=store.questions.askable(project.id) if project.askable else (),
        is_maintainer=project.id in someone.maintained_projects if someone else False,
        exports=_export_files(project, record),
        linked=_json_ld(request, Software(project, record)),
        at_domain=store.organizations.at_domain,
        is_confirmed=lambda stated_at: is_offer_confirmed(stated_at, now),
    )


def _json_ld(request: Request, project: Software) -> str:
    """The page's JSON-LD."""
    tag, home = request.state.page_language.tag, project.public.origin.home
    theirs = CatalogueLink(home.name_in(tag), home.address, home.license) if home else None
    return schema_org(project, CatalogueSite(base_url(request), manifest_of(request)), tag, theirs)


def _export_files(project: PublicProject, record: Project) -> tuple[str, ...]:
    """The files for download: none for a project that another catalogue is home of, no publiccode.yml where too little
    is known."""
    own = own_project(project)
    if own is None:
        return ()
    ours = Software(own, record) if len(own.chosen) == len(project.chosen) else software(own)
    return (*(() if missing_values(ours) else ("publiccode.yml",)), "codemeta.json", "facts.csv")
