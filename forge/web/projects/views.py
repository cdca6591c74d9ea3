"""The pages of projects: one project, all who use it, every fact about it, and what changed.

`catalog.rules.fact` decides which of several values a page shows.
"""

from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from catalog.publication.model import PublicProject
from forge.web.core.list_query import line_number, list_pages, page_number_of
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.facts import fact_groups
from forge.web.facts.evidence import features_with_sources
from forge.web.facts.merged_record import beside_record, record_shown
from forge.web.projects.profile import adoptions_by_sort, license_view_of, unknown_parts
from forge.web.projects.project_view import project_view
from forge.web.projects.reader_context import reader_choices, reader_of
from forge.web.projects.requested_project import project_of
from forge.web.projects.shared_values import shared_values
from forge.web.wording import screenshots

CHANGES_PER_PAGE = 50
USERS_PER_PAGE = 50


def project_page(request: Request) -> Response:
    reader = reader_of(request)
    project = project_of(request, reader.like)
    if project.opted_out is not None:
        return _unlisted_page(request, project)
    record = record_shown(project.record, project.chosen)
    supplement = beside_record(
        project.facts_of("policies"), project.chosen, record.slug, fact_groups.is_code_served(project.mirror)
    )
    license, view = license_view_of(project, record), project_view(request, project, record, reader)
    answer = page(
        request,
        "projects/project.html",
        found=project,
        project=record,
        supplement=supplement,
        alive=view.alive,
        license=license,
        uses=adoptions_by_sort(project.adoptions),
        unknown=unknown_parts(
            project,
            record,
            supplement,
            license,
            verified=bool(view.verifications),
            pictured=bool(view.screens or record.screenshots),  # the page of facts names those that no copy shows yet
            now=now_of(request),
        ),
        reader=reader,
        view=view,
        label=fact_groups.field_label,
        noindex=reader.like is not None,
    )
    return answer if person_of(request) is None else make_private(answer)


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
    pages = list_pages(number, users.uses.total, USERS_PER_PAGE, reader.query)
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
        ready={organization.slug for organization in public.askable},
        pages=pages,
        canonical=address(request.url.path, replace(pages, query=()).parameters(number)),
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
