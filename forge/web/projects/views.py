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
    found = project_of(request, reader.like)
    slug, mirror, now, someone = found.record.slug, found.mirror, now_of(request), person_of(request)
    chosen = found.chosen
    if found.opted_out is not None:
        return _unlisted_page(request, found)
    record = record_shown(found.record, chosen)
    beside = beside_record(found.facts_of("policies"), chosen, slug, fact_groups.is_code_served(mirror))
    alive = alive_view(found, now)
    license = license_view_of(found, record)
    near = store.similar_projects.similar_to(found.id, record.domains, SIMILAR)
    like = similar_projects(record.domains, near, now)
    alike = shown_as_similar(like)
    askable = store.questions.askable(found.id) if found.askable else ()
    verifications = standing_verifications(found.verifications, now)
    screens = screenshots_of(mirror, found.record, found.uploads)
    answer = page(
        request,
        "projects/project.html",
        found=found,
        project=record,
        supplement=beside,
        has_evidence=bool(found.record.evidence) or any(feature.source for feature in found.record.features),
        mirror=mirror,
        observation=mirror.observation if mirror and mirror.observation else None,
        uses=adoptions_by_sort(found.adoptions),
        alive=alive,
        screens=screens,
        logo=found.logo,
        license=license,
        past=license_past_of(found),
        notice=fact_groups.license_notice(chosen, mirror, slug, now),
        verifications=verifications,
        answers=found.answers,
        proven=verification,
        stated_by=SAID_BY_LABELS,
        unknown=unknown_parts(
            found,
            record,
            beside,
            license,
            verified=bool(verifications),
            pictured=bool(screens or record.screenshots),  # the page of facts names those that no copy shows yet
            now=now,
        ),
        alike=alike,
        warned=project_warnings(found, alive, like),
        leave=exit_options(found, record),
        spent=costs_and_efforts(found.tallies),
        reader=reader,
        choice=reader_choices(found.tallies, reader, request.state.page_language),
        country_rules=country_answers(reader.country, record.rules) if reader.country else None,
        rule_countries=rule_countries(request.state.page_language, reader.country),
        near=store.countries.near(reader.country, [found.id]).get(found.id, (0, 0)) if reader.country else None,
        compared=[("p", compared_slug) for compared_slug in (slug, *(similar.card.slug for similar in alike))],
        askable=askable,
        ready={line.organization.slug for line in askable},
        experiences=found.experiences,
        obstacles=found.obstacles,
        needs=found.calls,
        is_maintainer=found.id in someone.maintained_projects if someone else False,
        called=calls,
        told_by=found.origin.all_catalogues,
        home=found.origin.home,
        exports=_export_files(found),
        translated=found.record.translated,
        label=fact_groups.field_label,
        linked=_json_ld(request, found),
        noindex=reader.like is not None,
    )
    if someone:
        make_private(answer)
    return answer


def _json_ld(request: Request, found: PublicProject) -> str:
    """The page's JSON-LD."""
    base = base_url(request)
    tag, home = request.state.page_language.tag, found.origin.home
    theirs = CatalogueLink(home.name_in(tag), home.address, home.license) if home else None
    return schema_org(software(found), CatalogueSite(base, manifest_of(request)), tag, theirs)


def _export_files(found: PublicProject) -> tuple[str, ...]:
    """The files for download: none for a project that another catalogue is home of, no publiccode.yml where too little
    is known."""
    own = own_project(found)
    if own is None:
        return ()
    return (*(() if missing_values(software(own)) else ("publiccode.yml",)), "codemeta.json", "facts.csv")


def _unlisted_page(request: Request, found: PublicProject) -> Response:
    """The page of a project whose makers asked not to be listed: name, address and license."""
    mirror, someone, chosen = found.mirror, person_of(request), found.chosen
    stated = str(chosen["repository"].value) if "repository" in chosen else found.record.repository
    answer = page(
        request,
        "projects/unlisted.html",
        project=found.record,
        opted_out=found.opted_out,
        repository=stated,
        license=license_view_of(found, found.record),
        mirror=mirror,
        is_maintainer=found.id in someone.maintained_projects if someone else False,
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
    found = store.record_pages.users(request.path_params["slug"], number, USERS_PER_PAGE, reader.like)
    last = max(1, -(-found.uses.total // USERS_PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path, reader.query), 302)
    someone, known = person_of(request), store.public_records.project(found.slug)
    key, repository, uses = known.id, known.record.repository, adoptions_by_sort(found.adoptions)
    answer = page(
        request,
        "projects/adopters.html",
        found=found,
        project=found,
        uses=uses,
        shared_values=shared_values(uses.found, repository),
        repository=repository,
        reasons=store.record_pages.stop_reasons(key) if found.uses.past else (),
        experiences=known.experiences,
        reader=reader,
        choice=reader_choices(known.tallies, reader, request.state.page_language),
        bars=bars(known.tallies.countries) if number == 1 else None,
        ready={organization.slug for organization in known.askable},
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
    slug, found = request.path_params["slug"], project_of(request)
    groups = fact_groups.fact_groups(
        request.app.state.store.facts.page(slug).facts, slug, fact_groups.is_code_served(found.mirror)
    )
    return page(
        request,
        "projects/facts.html",
        project=found.record,
        sourced_features=features_with_sources(
            found.record,
            [(group.field, said.value.value) for group in groups for said in group.statements if said.shown],
        ),
        names=fact_groups.names_by_slug(found),
        answers=found.answers,
        groups=groups,
        pictures_not_shown=partial(screenshots.not_shown, found.mirror),
        disputed=[group for group in groups if group.disputed],
        agreed=[group for group in groups if not group.disputed and not group.technical],
        technical=[group for group in groups if not group.disputed and group.technical],
    )


def history_page(request: Request) -> Response:
    """The changes of a project, newest first; `before` is the number of the last line that the reader has seen."""
    slug, written = request.path_params["slug"], request.query_params.get("before")
    before = line_number(written)
    found = project_of(request)
    changes = request.app.state.store.facts.history(slug, before, CHANGES_PER_PAGE)
    return page(
        request,
        "projects/history.html",
        project=found.record,
        names=fact_groups.names_by_slug(found),
        events=fact_groups.history_events(changes.lines, slug, fact_groups.is_code_served(found.mirror)),
        before=before,
        next=changes.next,
        canonical=address(request.url.path, [("before", str(before))] if before else []),
    )
