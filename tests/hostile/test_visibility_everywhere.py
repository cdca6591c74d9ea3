"""Whatever organizations say, take back or hide: what is not public is on no page, feed, answer or export, in no index
and in no kept page, and moves no number, no order, no tag and no counter. Worlds are drawn; each use has its own word.
"""

import re
import tempfile
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.routing import Route
from support.example_counts import examples
from support.factories.adoptions import a_use, decided, opened
from support.factories.calls import a_call, proven, somebody
from support.factories.core import (
    NOW,
    a_catalog,
    a_project,
    a_store,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.facts import facts_of_all
from support.world import a_client, a_site

from catalog import moderation, submissions
from catalog.model import Collection, CollectionProject, Runs
from catalog.publication.body import unpacked
from catalog.record_kind import ORGANIZATION
from catalog.rules.adoption import VISIBILITIES
from catalog.rules.decision import PUBLISH
from catalog.rules.permissions import RULES
from catalog.rules.submission import EXPERIENCE
from catalog.search import IndexWriter, SearchQuery
from catalog.store.adoptions.reconfirmation import Reconfirmations
from catalog.store.core.engine import reading
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.store import Store
from catalog.submissions import adoption_actions
from catalog.tables.core import organization
from catalog.tables.public_records import public_mention, public_record
from forge.server.index_follower import catch_up
from tests.submissions.test_experience import TOLD

UNSHOWN = VISIBILITIES[1:]
PROJECTS = ("galette", "paheko")
KNOWN = tuple(f"coop-{number}" for number in range(4))
STAGES = (None, "in-production", "piloting", "stopped")
FILLED = {"part": "projects-1", "term": "member-management", "country": "FR", "id": "MIT", "step": "how"}
GALETTE, LEADS = identity("galette"), identity("coop-0", "organization")
ASKED = (
    *(f"/v1/{path}" for path in ("software?page[size]=100", "publishers", "catalogs", "catalogs/%E2%88%85")),
    f"/v1/software/{GALETTE}",
    *("/v1/software?url=https://github.com/example/galette", f"/v1/publishers/{LEADS}", "/v1/publishers/coop-0"),
    *("/en/projects?q=keep", "/en/projects?sort=uses", "/fr/projects?country=FR", "/fr/projects/galette?page=2"),
    *(
        "/en/projects/filters?kind=cooperative",
        "/en/compare?p=galette&p=paheko",
        "/en/organizations?q=coop",
        "/en/organizations?domain=member-management&country=FR",
    ),
    *("/api/v1/projects?sort=uses&limit=1", "/api/v1/projects?q=keep", "/api/v1/adoptions?limit=2&confirmed=true"),
    *("/api/v1/organizations?q=coop&limit=2", "/api/v1/adoptions?stage=stopped", "/api/v1/countries/MT"),
)


@dataclass(frozen=True)
class DrawnAdoption:
    """One use of the drawn world. `then`: what becomes of it."""

    project: str
    organization: str
    visibility: str
    stage: str | None
    confirmed: bool  # by an address at its website; else decided by the desk
    then: str  # stays | withdrawn | unshown | shown | again


def _curated(draw: st.DrawFn) -> dict[tuple[str, str], tuple[str, str | None]]:
    pairs = st.tuples(st.sampled_from(PROJECTS), st.sampled_from(KNOWN))
    values = st.tuples(st.sampled_from(VISIBILITIES), st.sampled_from(STAGES))
    return draw(st.dictionaries(pairs, values, max_size=4))


def _said(shown: st.SearchStrategy[str], ends: tuple[str, ...]) -> st.SearchStrategy[DrawnAdoption]:
    return st.builds(
        DrawnAdoption,
        st.sampled_from(PROJECTS),
        st.sampled_from((*KNOWN, "zqnew-1", "zqnew-2")),
        shown,
        st.sampled_from(STAGES[1:]),
        st.booleans(),
        st.sampled_from(ends),
    )


@st.composite
def worlds(draw):
    said = draw(
        st.lists(_said(st.sampled_from(VISIBILITIES), ("stays", "withdrawn", "unshown", "shown", "again")), max_size=5)
    )
    more = draw(
        st.lists(_said(st.sampled_from(UNSHOWN), ("stays", "withdrawn", "unshown", "again")), min_size=1, max_size=4)
    )
    hidden = draw(st.sets(st.sampled_from(KNOWN), max_size=1))
    return _curated(draw), said, more, hidden


def word(number: int) -> str:
    return f"zqword{number}q"


class World:
    """A store with what was said in it, and the words that everybody may read now."""

    def __init__(self, store: Store, curated: dict[tuple[str, str], tuple[str, str | None]]):
        self.store, self.count, self.people = store, 0, {}
        self.words: dict[tuple[str, str], str] = {}  # what stands of a pair, and everybody may read
        self.all: set[str] = set()
        self.gone: set[tuple[str, str]] = set()
        uses: dict[str, list] = {slug: [] for slug in PROJECTS}
        for (project, slug), (visibility, stage) in curated.items():
            own = self.fresh()
            given = {"purpose": {"en": own}, "lesson": {"en": own}, "version": own, "replaced": (own,)}
            uses[project].append(an_adoption(slug, visibility=visibility, stage=stage, **given))
            if visibility == "public":
                self.words[project, slug] = own
        self.document = a_catalog(
            *(a_project(slug, adoptions=tuple(uses[slug]), runs=Runs(hosted=("coop-0",))) for slug in PROJECTS),
            *(an_organization(slug, homepage=f"https://{slug}.example") for slug in KNOWN),
            collections=(Collection("suite", {"en": "Suite"}, projects=(CollectionProject("galette"),)),),
        )
        load(store, self.document)
        a_call(store)
        self.desk = somebody(store, "desk@desk.example", role="moderator")

    def fresh(self) -> str:
        self.count += 1
        self.all.add(word(self.count))
        return word(self.count)

    def say(self, said: DrawnAdoption) -> None:
        """What the organization says, and what becomes of it, by the verbs that pages use."""
        pair, own = (said.project, said.organization), self.fresh()
        added = said.organization not in KNOWN
        answers = {"stage": said.stage, "visibility": said.visibility, "purpose": own, "lesson": own, "version": own,
                   "replaced": [own], "people": ""}  # fmt: skip
        if added:
            name = said.organization.replace("-", "")
            answers |= {"organization": "", "name": name, "kind": "cooperative", "country": "MT"}
        else:
            answers["organization"] = str(identity(said.organization, "organization"))
        confirmed = said.confirmed and not added
        draft = a_use(self.store, project=identity(said.project), **answers)
        email = f"p{self.count}@{said.organization if confirmed else 'mailbox'}.example"
        person, sent = opened(self.store, draft, email, later(minutes=self.count))
        if not confirmed:
            if self.people.get(pair):
                return  # only those who speak for it may change what it confirmed
            sent = self.decide(sent)
        else:
            self.people[pair] = person
        self.words.pop(pair, None)
        if said.visibility == "public":
            self.words[pair] = own
            self.tell(said, email, sent.organization_id, own)
        self._then(said, pair, own, person, sent)

    def decide(self, sent):
        """Published by a moderator, with a line of the log; by nobody, where nothing at all may change by it."""
        now = later(minutes=self.count)
        if self.desk is None:
            return decided(self.store, sent, now)
        moderation.answer(
            self.store, self.desk, sent.id, moderation.DecisionRequest(PUBLISH, "", "", moderation.stamp(sent)), now=now
        )
        return self.store.submissions.get(sent.id)

    def tell(self, said: DrawnAdoption, email: str, organization_id, own: str) -> None:
        """How it went, in the same words: they may be read for as long as the use may."""
        answers = TOLD | {"context": own, "hurt": own, "advice": own}
        about = {"project_id": identity(said.project), "organization_id": organization_id}
        draft = begin_draft(self.store, EXPERIENCE, "en", answers=answers, now=NOW, **about)[1]
        sent = proven(self.store, draft, email, later(minutes=self.count))
        if sent.state == "waiting":
            self.decide(sent)

    def readable(self) -> set[str]:
        return set(self.words.values())

    def _then(self, statement, pair, own, person, sent) -> None:
        key = sent.organization_id
        if statement.then == "withdrawn":
            if pair in self.people:
                adoption_actions.take_away(
                    self.store, self.people.pop(pair), identity(statement.project), key, now=later()
                )
            else:
                adoption_actions.take_back(self.store, sent.id, now=later())
            self.words.pop(pair, None)
            self.gone.add(pair)
        elif statement.then in ("unshown", "shown") and pair in self.people:
            to = "counted" if statement.then == "unshown" else "public"
            adoption_actions.show_to(self.store, self.people[pair], identity(statement.project), key, to)
            self.words.pop(pair, None)
            if to == "public":
                self.words[pair] = own
        elif statement.then == "again":  # another of the same organization says another stage
            again = a_use(self.store, project=identity(statement.project), organization=str(key),
                          visibility=statement.visibility, stage="phasing-out", purpose=own)  # fmt: skip
            if pair in self.people:
                submissions.send(self.store, again.id, email=None, person=self.people[pair], now=later(hours=1))

    def hide(self, slugs) -> None:
        with rewriting(self.store.engine) as connection:
            wanted = organization.c.slug.in_(slugs)
            connection.execute(update(organization).where(wanted).values(hidden="hidden"))
        self.words = {pair: own for pair, own in self.words.items() if pair[1] not in slugs}


def addresses(app, store) -> list[str]:
    """Every address that a reader may ask for, of each route, with what is here and with what is not."""
    slugs: dict[str, list[str]] = {"projects": [], "organizations": []}
    for kind, slug in store.record_pages.slugs():
        slugs[f"{kind}s"].append(slug)
    found = list(ASKED)
    filled = FILLED | {"reference": line.call.reference for line in store.calls.find(per_page=1).lines}  # noqa: B035
    for route in app.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()) or route.name in (*RULES, "static"):
            continue
        kind = "organizations" if "/organizations/" in route.path else "projects"
        named = ["suite"] if "/collections/" in route.path else slugs[kind]
        for slug in named if "{slug}" in route.path else [""]:
            path = route.path.replace("{slug}", slug).replace("{language:language}", "en")
            found.append(re.sub(r"\{(\w+)(:\w+)?\}", lambda match: filled.get(match[1], "x"), path))
    return found


def _without_drawn(text: str) -> str:
    return re.sub(r'(<input type="hidden" name="\w+" value=")[^"]*', r"\1", text)


def stored_records(store: Store) -> list[tuple[object, ...]]:
    """All public records as they lie in the database, and whom they name."""
    with reading(store.engine) as connection:
        rows = connection.execute(select(public_record).order_by(public_record.c.kind, public_record.c.slug)).all()
        named = connection.execute(select(public_mention).order_by(*public_mention.c)).all()
    return [(*row[:-1], unpacked(row.body)) for row in rows] + [tuple(row) for row in named]


def everything(app, client) -> dict[str, tuple]:
    """What everybody may read: status, tag and content of each address, twice, so that kept pages are among them."""
    store = app.state.store
    told = {}
    for path in addresses(app, store):
        first, answer = client.get(path), client.get(path)
        drawn = first.text != answer.text  # a form with a number drawn for each reader
        told[path] = (answer.status_code, None if drawn else answer.headers.get("etag"), _without_drawn(answer.text))
    told["export"] = (0, None, repr(list(facts_of_all(store))))
    told["index"] = (
        0,
        None,
        repr(list(store.index_rows.rows([store.record_pages.project_id(slug) for slug in PROJECTS]))),
    )
    told["records"] = (0, None, repr(stored_records(store)))
    told["lists"] = (
        0,
        None,
        repr(
            (
                store.home_page.totals(),
                list(store.record_pages.slugs()),
                store.record_pages.organizations(OrganizationFilter()),
            )
        ),
    )
    return told


@contextmanager
def a_world(template: Path, curated):
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(a_store(template, folder))
        world = World(store, curated)
        app = stack.enter_context(a_site(store, folder / "data"))

        def indexed() -> None:
            with closing(IndexWriter.open(folder / "data" / "search")) as writer:
                catch_up(store, writer)

        yield world, app, indexed


@settings(
    max_examples=examples(3, 12),  # an example asks for all there is: up to fifteen seconds
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=worlds())
def test_no_page_feed_answer_export_index_or_kept_page_tells_what_is_not_public(sqlite_template, drawn):
    curated, said, more, hidden = drawn
    with a_world(sqlite_template, curated) as (world, app, indexed):
        client, store = a_client(app, packed=True), world.store
        for statement in said:
            world.say(statement)
        assert not [line for line in store.decisions.lines() if line.subject_kind == ORGANIZATION]
        load(store, world.document, now=later(days=1), digest="2")  # no load brings back what was taken back
        world.hide(hidden)
        indexed()
        told = everything(app, client)
        text = "\n".join(body for _, _, body in told.values())
        for own in world.all - world.readable():
            assert own not in text, [path for path, answer in told.items() if own in answer[2]]
        for (project, _), own in world.words.items():
            assert own in told[f"/en/projects/{project}/users"][2] and own in told["records"][2]
        assert not [path for path, answer in told.items() if answer[0] >= 500]
        before = store.change(), told
        world.desk = None  # a line of the log is something that changes
        # More that nobody may read: nothing at all may change by it.
        taken = {pair for pair in (*world.words, *((statement.project, statement.organization) for statement in said))}
        for pair in more:
            if (pair.project, pair.organization) not in taken and pair.organization not in hidden:
                world.say(pair)
        if not world.words:
            Reconfirmations(store.engine).age(now=later(days=600))
        indexed()
        after = store.change(), everything(app, client)
        assert after[0] == before[0]
        assert {path: answer for path, answer in after[1].items() if answer != before[1].get(path)} == {}
        for name in ("zqnew1", "zqnew2"):
            if not any(pair[1].replace("-", "") == name for pair in world.words):
                assert app.state.searcher.find(SearchQuery(name), later()).total == 0
