"""The pages of projects: find, its filters, one project, all who use it, every fact about it, and what changed.

`catalog.search` decides what matches, `catalog.rules.fact` which of several values a page shows.
"""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.model import Project
from catalog.rules.fact import LICENSE, PEER, Chosen, choose
from catalog.rules.permissions import may
from catalog.search import Found, IndexMissing, Query
from catalog.store.core.read_models import ProjectPage, UseTallies
from catalog.store.exports.records import Keeper
from catalog.store.federation.matching.record_origins import Telling
from catalog.store.public_pages.similar import Mine
from forge.export.codemeta import schema_org
from forge.export.home import Home, Theirs
from forge.export.publiccode import lacking
from forge.export.software import Software, shaped
from forge.web.core.bar_chart import bars
from forge.web.core.list_query import Wish, number_beyond, number_of, page_numbers, wish_of
from forge.web.core.mirror_copies import project_of
from forge.web.core.render import address, manifest_of, now_of, offered, page
from forge.web.core.session import person_of, private
from forge.web.facts import facts as drawn
from forge.web.facts.labels import SAID_BY
from forge.web.facts.merged_record import record_shown, told
from forge.web.projects.activity import alive_view
from forge.web.projects.costs import spent
from forge.web.projects.exit_options import leave
from forge.web.projects.forks import family_view
from forge.web.projects.license_explained import explained
from forge.web.projects.license_history import license_past
from forge.web.projects.profile import card_vitality, license_view, unknown, uses
from forge.web.projects.screenshot_list import screens
from forge.web.projects.similar import Profile, alike, ways
from forge.web.projects.warnings import fresh, warned
from forge.web.search.category_questions import needs_of
from forge.web.search.facets import MORE, NEAR, SHORT, evidence, facets, label, likely, ours
from forge.web.search.match_reasons import reasons
from forge.web.search.no_results import asked, fewer, lacked, poor
from forge.web.search.reader_context import choice, reader_of
from forge.web.wording import calls, decisions, screenshots, verification

PER_PAGE = 20
CHANGES_PER_PAGE = 50
USERS_PER_PAGE = 50
DECISIONS = 5
OBSTACLES = 5  # that its page shows
EXPERIENCES = 3
SIMILAR = 4
COMPARED = 4  # side by side at most


def search(request: Request) -> Response:
    wish, tongue = wish_of(request.query_params.multi_items()), request.state.tongue
    like = {name: values for name, values in likely(wish, (), tongue).items() if name in SHORT}
    found = _search_index(request, wish, like)
    if found is None:
        return page(request, "search/preparing.html", 503, wish=wish, noindex=True)
    last = max(1, -(-found.total // PER_PAGE))
    if wish.page > last:
        return RedirectResponse(address(request.url.path, wish.query(page=1)), 302)
    store, now = request.app.state.store, now_of(request)
    cards = store.pages.cards(found.ids, told=bool(found.words))
    why = reasons(found, cards, store, tongue)
    return page(
        request,
        "search/find.html",
        wish=wish,
        found=found,
        facets=facets(found.facets, wish, tongue, total=found.total),
        evidence=evidence(wish, tongue),
        ours=ours(found.facets, like, wish, tongue),
        label=partial(label, tongue=tongue),
        cards=[(card, card_vitality(card, now), why.get(card.id)) for card in cards],
        unlisted=store.listing.named(wish.text) if wish.text else (),
        needs=needs_of(found.needs, store.front.domain_counts(), found.answered) if found.needs else [],
        context=0 if wish.text or wish.chosen else store.front.totals().context,
        poor=poor(found),
        lacked=lacked(found, store),
        asked=asked(wish, tongue),
        fewer=fewer(wish, found, partial(_count_found, request)),
        last=last,
        numbers=page_numbers(wish.page, last),
        canonical=address(request.url.path, wish.query()),
        read=wish.query(),
        noindex=bool(wish.text) or len(wish.chosen) > 1,
    )


def filters(request: Request) -> Response:
    """The filters on a page of their own: for narrow screens, and for filters that are rarely needed. `only` names one
    filter, of which all values are shown."""
    wish, only = wish_of(request.query_params.multi_items()), request.query_params.get("only", "")
    only, tongue = only if only in (*NEAR, *MORE) else "", request.state.tongue
    used = (place.country for place in request.app.state.store.places.countries() if place.groups and place.country)
    like = likely(wish, used, tongue) if not only else {}
    found = _search_index(request, wish, like)
    if found is None:
        return page(request, "search/preparing.html", 503, wish=wish, noindex=True)
    names = (only,) if only else (*NEAR, *MORE)
    # Claims that nobody made are counted over the whole catalogue.
    whole = found if not wish.text and not wish.chosen else _search_index(request, Wish(), {})
    return page(
        request,
        "search/filters.html",
        wish=wish,
        found=found,
        facets=facets(found.facets, wish, tongue, names, found.total, whole.facets if whole else None),
        only=only,
        read=[*wish.query(), ("only", only)],
        evidence=evidence(wish, tongue),
        ours=ours(found.facets, like, wish, tongue),
        label=partial(label, tongue=tongue),
        noindex=True,
    )


def show(request: Request) -> Response:
    reader, store = reader_of(request), request.app.state.store
    found = project_of(request, reader.like)
    slug, mirror, now, someone = found.record.slug, found.mirror, now_of(request), person_of(request)
    chosen = choose(found.facts)
    if found.opted_out is not None:
        return _unlisted_page(request, found, chosen)
    record = record_shown(found.record, chosen)
    beside = told(found.facts, chosen, slug, drawn.served(mirror))
    alive = alive_view(found, now)
    declared = str(chosen[LICENSE].value) if LICENSE in chosen else record.license
    license = license_view(declared, mirror, record.context_only, slug)
    telling = store.homes.project(found.id)
    mine = _page_profile(found, record, alive.state)
    near = store.alike.to(found.id, Mine(record.domains, mine.made_for, mine.languages), SIMILAR)
    like = alike(mine, near, (request.state.tongue.tag, *offered(request)), now)
    advisories = store.agreements.advisories(found.id, 1) if fresh(found, now) else ()
    tallies = store.pages.tallies(found.id) if found.uses.every else UseTallies()
    pictures = screens(mirror, slug)
    askable = store.questions.askable(found.id)
    answer = page(
        request,
        "projects/project.html",
        found=found,
        project=record,
        told=beside,
        mirror=mirror,
        observation=mirror.observation if mirror and mirror.observation else None,
        uses=uses(found.adoptions),
        alive=alive,
        screens=pictures,
        license=license,
        license_words=explained(license.main.expression) if license.main else None,
        past=license_past(chosen["license.history"].value if "license.history" in chosen else None, mirror, slug),
        notice=drawn.license_notice(chosen, mirror, slug, now),
        voices=request.app.state.store.keeping.voices(found.id, now),
        answers=request.app.state.store.makers.of_project(found.id),
        proven=verification,
        said_by=SAID_BY,
        decisions=decisions.standing(request.app.state.store.decisions.of_project(found.id, DECISIONS), mirror),
        words=decisions,
        family=family_view(found, request.app.state.store.families.page(found.id)),
        unknown=unknown(found, record, beside, license, alive.state, bool(pictures), bool(tallies.efforts)),
        alike=like,
        warned=warned(found, alive, like, advisories[0] if advisories else None),
        leave=leave(found, record),
        spent=spent(tallies),
        reader=reader,
        choice=choice(tallies, reader, request.state.tongue),
        near=store.places.near(reader.country, [found.id]).get(found.id, (0, 0)) if reader.country else None,
        compared=[("p", compared_slug) for compared_slug in (slug, *(card.slug for card in near[: COMPARED - 1]))],
        askable=askable,
        ready={line.organization.slug for line in askable},
        experiences=request.app.state.store.experiences.of_project(found.id, per_page=EXPERIENCES),
        told_there=request.app.state.store.their_experiences.of_project(found.id, EXPERIENCES),
        obstacles=request.app.state.store.obstacles.of_project(found.id, OBSTACLES),
        needs=request.app.state.store.calls.of_project(found.id),
        asked_there=request.app.state.store.their_calls.of_project(found.id, now=now),
        keeps=found.id in someone.keeps if someone else False,
        called=calls,
        told_by=telling.every,
        ties=request.app.state.store.ties.of("project", found.id),
        home=telling.home,
        exports=_export_files(found, telling),
        translated=request.app.state.store.offers.translated(found.id, found.record),
        translates=telling.home is not None
        and telling.home.peer_id is not None
        and request.state.tongue.tag not in found.record.summary
        and may(someone, "offer"),
        label=drawn.label,
        linked=_json_ld(request, found, chosen, telling),
        noindex=reader.like is not None,
    )
    if someone:
        private(answer)
    return _with_api_link(answer, f"/api/v1/projects/{slug}/facts")


def _json_ld(request: Request, found: ProjectPage, chosen: Mapping[str, Chosen], telling: Telling) -> str:
    """The page's JSON-LD."""
    base = request.app.state.site.base_url or str(request.base_url).rstrip("/")
    tag, home = request.state.tongue.tag, telling.home
    theirs = Theirs(home.name_in(tag), home.address, home.license) if home else None
    return schema_org(_software(found, chosen), Home(base, manifest_of(request)), tag, theirs)


def _export_files(found: ProjectPage, telling: Telling) -> tuple[str, ...]:
    """The files for download: none for a project that another catalogue is home of, no publiccode.yml where too little
    is known."""
    own = [fact for fact in found.facts if not fact.origin.startswith(PEER)]
    if telling.home or not own:
        return ()
    return (*(() if lacking(_software(found, choose(own))) else ("publiccode.yml",)), "codemeta.json", "facts.csv")


def _software(found: ProjectPage, chosen: Mapping[str, Chosen]) -> Software:
    keepers = tuple(
        Keeper(line.maintenance.role, line.organization.slug, line.organization.name, None)
        for line in found.maintenance
        if line.organization
    )
    last_commit_at = found.mirror.last_commit_at if found.mirror else None
    return shaped(found.record, chosen, keepers, found.changed_at, last_commit_at)


def _unlisted_page(request: Request, found: ProjectPage, chosen: Mapping[str, Chosen]) -> Response:
    """The page of a project whose makers asked not to be listed: name, address and license."""
    slug, mirror, someone = found.record.slug, found.mirror, person_of(request)
    declared = str(chosen[LICENSE].value) if LICENSE in chosen else found.record.license
    stated = str(chosen["repository"].value) if "repository" in chosen else found.record.repository
    answer = page(
        request,
        "projects/unlisted.html",
        project=found.record,
        opted_out=found.opted_out,
        repository=stated,
        license=license_view(declared, mirror, found.record.context_only, slug),
        mirror=mirror,
        keeps=found.id in someone.keeps if someone else False,
        noindex=True,
    )
    return _with_api_link(private(answer) if someone else answer, f"/api/v1/projects/{slug}/facts")


def users(request: Request) -> Response:
    """Who uses a project, `USERS_PER_PAGE` at a time."""
    number, store, reader = number_of(request.query_params.get("page")), request.app.state.store, reader_of(request)
    found = store.pages.users(request.path_params["slug"], number, USERS_PER_PAGE, reader.like)
    last = max(1, -(-found.uses.every // USERS_PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path, reader.query), 302)
    someone, key = person_of(request), store.pages.project_id(found.slug)
    tallies = store.pages.tallies(key)
    answer = page(
        request,
        "projects/adopters.html",
        found=found,
        project=found,
        uses=uses(found.adoptions),
        reasons=store.pages.stop_reasons(key) if found.uses.past else (),
        shared=store.uses.shared(key, someone) if someone and number == 1 else (),
        experiences=store.experiences.of_project(key, per_page=EXPERIENCES),
        told_there=store.their_experiences.of_project(key, EXPERIENCES),
        reader=reader,
        choice=choice(tallies, reader, request.state.tongue),
        bars=bars(tallies.countries) if number == 1 else None,
        ready={line.organization.slug for line in store.questions.askable(key)},
        called=calls,
        number=number,
        last=last,
        numbers=page_numbers(number, last),
        canonical=address(request.url.path, [("page", str(number))] if number > 1 else []),
        noindex=reader.like is not None,
    )
    return answer if someone is None else private(answer)


def facts(request: Request) -> Response:
    """Every public fact of a project with its origin: disputed facts first, technical ones last."""
    slug, found = request.path_params["slug"], project_of(request)
    groups = drawn.groups(request.app.state.store.facts.page(slug).facts, slug, drawn.served(found.mirror))
    answer = page(
        request,
        "projects/facts.html",
        project=found.record,
        names=drawn.names(found),
        answers=request.app.state.store.makers.of_project(found.id),
        groups=groups,
        pictures_not_shown=partial(screenshots.not_shown, found.mirror),
        disputed=[group for group in groups if group.disputed],
        agreed=[group for group in groups if not group.disputed and not group.technical],
        technical=[group for group in groups if not group.disputed and group.technical],
    )
    return _with_api_link(answer, f"/api/v1/projects/{slug}/facts")


def history(request: Request) -> Response:
    """The changes of a project, newest first; `before` is the number of the last line that the reader has seen."""
    slug, written = request.path_params["slug"], request.query_params.get("before")
    before = number_beyond(written)
    found = project_of(request)
    changes = request.app.state.store.facts.history(slug, before, CHANGES_PER_PAGE)
    answer = page(
        request,
        "projects/history.html",
        project=found.record,
        names=drawn.names(found),
        events=drawn.events(changes.lines, slug, drawn.served(found.mirror)),
        before=before,
        next=changes.next,
        canonical=address(request.url.path, [("before", str(before))] if before else []),
    )
    return _with_api_link(answer, f"/api/v1/projects/{slug}/history")


def _page_profile(found: ProjectPage, record: Project, alive: str | None) -> Profile:
    runs = record.runs
    return Profile(
        ways=ways(runs.online, found.hosts, runs.self_hosted) if runs else frozenset(),
        languages=tuple(language.term for language in record.languages),
        made_for=record.made_for,
        alive=alive,
        confirmed_uses=found.uses.confirmed,
    )


def _with_api_link(answer: Response, path: str) -> Response:
    """Add a link to the same data in the API."""
    answer.headers["Link"] = f'<{path}>; rel="alternate"; type="application/json"'
    return answer


def _count_found(request: Request, wish: Wish) -> int:
    """How many projects match; 0 while the index is being built again."""
    query = Query(wish.text, wish.filters, language=request.state.tongue.tag)
    try:
        counted: int = request.app.state.searcher.walk(query, None, 1, now_of(request)).total
    except IndexMissing:
        return 0
    return counted


def _search_index(request: Request, wish: Wish, like: Mapping[str, tuple[str, ...]]) -> Found | None:
    """The result of a search; None while the index is being built again."""
    query = Query(wish.text, wish.filters, wish.sort, wish.page, PER_PAGE, request.state.tongue.tag, like)
    try:
        found: Found = request.app.state.searcher.find(query, now_of(request))
    except IndexMissing:
        return None
    return found
