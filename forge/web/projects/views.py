"""The pages of projects: one project, all who use it, every fact about it, and what changed.

`catalog.rules.fact` decides which of several values a page shows.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.publication.model import PublicProject
from catalog.publication.own_project import own_project
from catalog.rules.country_rule import country_answers
from catalog.store.ownership.verifications import standing_verifications
from forge.export.catalogue_site import CatalogueLink, CatalogueSite
from forge.export.codemeta import schema_org
from forge.export.publiccode import missing_values
from forge.export.software import software
from forge.web.core.bar_chart import bars
from forge.web.core.list_query import line_number, page_number_of, page_numbers
from forge.web.core.render import address, base_url, manifest_of, now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.facts import fact_groups
from forge.web.facts.evidence import features_with_sources
from forge.web.facts.labels import SAID_BY_LABELS
from forge.web.facts.merged_record import beside_record, record_shown
from forge.web.projects.activity import alive_view
from forge.web.projects.costs import costs_and_efforts
from forge.web.projects.exit_options import exit_options
from forge.web.projects.license_history import license_past_of
from forge.web.projects.profile import adoptions_by_sort, license_view_of, unknown_parts
from forge.web.projects.reader_context import reader_choices, reader_of, rule_countries
from forge.web.projects.requested_project import project_of
from forge.web.projects.screenshot_list import screenshots_of
from forge.web.projects.shared_values import shared_values
from forge.web.projects.similar import shown_as_similar, similar_projects
from forge.web.projects.warnings import project_warnings
from forge.web.wording import calls, screenshots, verification

CHANGES_PER_PAGE = 50
USERS_PER_PAGE = 50
SIMILAR = 6  # of which the page shows those that have most in common


def project_page(request: Request) -> Response:
    reader, store = reader_of(request), request.app.state.store
    project = project_of(request, reader.like)
    slug, mirror, now, someone = project.record.slug, project.mirror, now_of(request), person_of(request)
    chosen = project.chosen
    if project.opted_out is not None:
        return _unlisted_page(request, project)
    record = record_shown(project.record, chosen)
    beside = beside_record(project.facts_of("policies"), chosen, slug, fact_groups.is_code_served(mirror))
    alive = alive_view(project, now)
    license = license_view_of(project, record)
    near = store.similar_projects.similar_to(project.id, record.domains, SIMILAR)
    like = similar_projects(record.domains, near, now)
    alike = shown_as_similar(like)
    askable = store.questions.askable(project.id) if project.askable else ()
    verifications = standing_verifications(project.verifications, now)
    screens = screenshots_of(mirror, project.record, project.uploads)
    answer = page(
        request,
        "projects/project.html",
        found=project,
        project=record,
        supplement=beside,
        has_evidence=bool(project.record.evidence) or any(feature.source for feature in project.record.features),
        mirror=mirror,
        observation=mirror.observation if mirror and mirror.observation else None,
        uses=adoptions_by_sort(project.adoptions),
        alive=alive,
        screens=screens,
        logo=project.logo,
        license=license,
        past=license_past_of(project),
        notice=fact_groups.license_notice(chosen, mirror, slug, now),
        verifications=verifications,
        answers=project.answers,
        proven=verification,
        stated_by=SAID_BY_LABELS,
        at_domain=store.organizations.at_domain,
        unknown=unknown_parts(
            project,
            record,
            beside,
            license,
            verified=bool(verifications),
            pictured=bool(screens or record.screenshots),  # the page of facts names those that no copy shows yet
            now=now,
        ),
        alike=alike,
        warned=project_warnings(project, alive, like),
        leave=exit_options(project, record),
        spent=costs_and_efforts(project.tallies),
        reader=reader,
        choice=reader_choices(project.tallies, reader, request.state.page_language),
        country_rules=country_answers(reader.country, record.rules) if reader.country else None,
        rule_countries=rule_countries(request.state.page_language, reader.country),
        near=store.countries.near(reader.country, [project.id]).get(project.id, (0, 0)) if reader.country else None,
        compared=[("p", compared_slug) for compared_slug in (slug, *(similar.card.slug for similar in alike))],
        askable=askable,
        ready={line.organization.slug for line in askable},
        experiences=project.experiences,
        obstacles=project.obstacles,
        needs=project.calls,
        is_maintainer=project.id in someone.maintained_projects if someone else False,
        called=calls,
        told_by=project.origin.all_catalogues,
        home=project.origin.home,
        exports=_export_files(project),
        translated=project.record.translated,
        label=fact_groups.field_label,
        linked=_json_ld(request, project),
        noindex=reader.like is not None,
    )
    if someone:
        make_private(answer)
    return answer


def _json_ld(request: Request, project: PublicProject) -> str:
    """The page's JSON-LD."""
    base = base_url(request)
    tag, home = request.state.page_language.tag, project.origin.home
    theirs = CatalogueLink(home.name_in(tag), home.address, home.license) if home else None
    return schema_org(software(project), CatalogueSite(base, manifest_of(request)), tag, theirs)


def _export_files(project: PublicProject) -> tuple[str, ...]:
    """The files for download: none for a project that another catalogue is home of, no publiccode.yml where too little
    is known."""
    own = own_project(project)
    if own is None:
        return ()
    return (*(() if missing_values(software(own)) else ("publiccode.yml",)), "codemeta.json", "facts.csv")


def _unlisted_page(request: Request, project: PublicProject) -> Response:
    """The page of a project whose makers asked not to be listed: name, address and license."""
    mirror, someone, chosen = project.mirror, person_of(request), project.chosen
    repository = str(chosen["repository"].value) if "repository" in chosen else project.record.repository
    answer = page(
        request,
        "projects/unlisted.html",
        project=project.record,
        opted_out=project.opted_out,
        repository=repository,
        license=license_view_of(project, project.record),
        mirror=mirror,
        is_maintainer=project.id in someone.maintained_projects if someone else False,
        noindex=True,
    )
    return make_private(answer) if someone else answer


def adopters_page(request: Request) -> Response:
    """The users of a project, `USERS_PER_PAGE` at a time."""
    number, store, reader = (
        page_number_of(request.query_params.get("page")),
        request.app.state.store,
        reader_of(request),
    )
    users = store.record_pages.users(request.path_params["slug"], number, USERS_PER_PAGE, reader.like)
    last = max(1, -(-users.uses.total // USERS_PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path, reader.query), 302)
    someone, public = person_of(request), store.public_records.project(users.slug)
    key, repository, uses = public.id, public.record.repository, adoptions_by_sort(users.adoptions)
    answer = page(
        request,
        "projects/adopters.html",
        found=users,
        project=users,
        uses=uses,
        shared_values=shared_values(uses.found, repository),
        repository=repository,
        reasons=store.record_pages.stop_reasons(key) if users.uses.past else (),
        experiences=public.experiences,
        reader=reader,
        choice=reader_choices(public.tallies, reader, request.state.page_language),
        bars=bars(public.tallies.countries) if number == 1 else None,
        ready={organization.slug for organization in public.askable},
        called=calls,
        number=number,
        last=last,
        numbers=page_numbers(number, last),
        canonical=address(request.url.path, [("page", str(number))] if number > 1 else []),
        noindex=reader.like is not None,
    )
    return answer if someone is None else make_private(answer)


def facts_page(request: Request) -> Response:
    """Every public fact of a project with its origin: disputed facts first, technical ones last."""
    slug, project = request.path_params["slug"], project_of(request)
    groups = fact_groups.fact_groups(
        request.app.state.store.facts.page(slug).facts, slug, fact_groups.is_code_served(project.mirror)
    )
    return page(
        request,
        "projects/facts.html",
        project=project.record,
        sourced_features=features_with_sources(
            project.record,
            [(group.field, said.value.value) for group in groups for said in group.statements if said.shown],
        ),
        names=fact_groups.names_by_slug(project),
        answers=project.answers,
        groups=groups,
        pictures_not_shown=partial(screenshots.not_shown, project.mirror),
        disputed=[group for group in groups if group.disputed],
        agreed=[group for group in groups if not group.disputed and not group.technical],
        technical=[group for group in groups if not group.disputed and group.technical],
    )


def history_page(request: Request) -> Response:
    """The changes of a project, newest first; `before` is the number of the last line that the reader has seen."""
    slug, written = request.path_params["slug"], request.query_params.get("before")
    before = line_number(written)
    project = project_of(request)
    changes = request.app.state.store.facts.history(slug, before, CHANGES_PER_PAGE)
    return page(
        request,
        "projects/history.html",
        project=project.record,
        names=fact_groups.names_by_slug(project),
        events=fact_groups.history_events(changes.lines, slug, fact_groups.is_code_served(project.mirror)),
        before=before,
        next=changes.next,
        canonical=address(request.url.path, [("before", str(before))] if before else []),
    )
