"""Whose makers asked not to be listed: name, address and license stay, at once and through every load; all else is told
by no reading, page, feed, answer, export or index, and comes back at one press."""

import re

import pytest
from sqlalchemy import update
from support.factories.calls import somebody
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft, send_draft
from support.facts import facts_of_all
from support.visitors import BROWSER, HOSTILE, signed_in
from support.world import a_client, a_site

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound, OptedOut
from catalog.model import Collection, CollectionProject, Leaving, Maintenance, Relation, Runs
from catalog.ownership import replies, unlist
from catalog.record_kind import PROJECT
from catalog.rules.fact import DECLARED, OBSERVED, Statement
from catalog.rules.submission import PUBLISHED, WAITING, WITHDRAW
from catalog.search import IndexWriter, SearchQuery
from catalog.store.core.public_changes import changing
from catalog.store.ownership import memberships
from catalog.store.projects import fact_history
from catalog.submissions.kinds.unlisting import GONE
from catalog.tables.core import mirror
from forge.server.index_follower import catch_up
from tests.hostile.test_visibility_everywhere import everything
from tests.store.test_visibility import counts, readings

WORD = "zqplanted"
NAME, REASON = "Zqname Outil", "Zqreason: we are too few"
HIDDEN, OTHER, COOP = identity("outil"), identity("galette"), identity("coop-des-halles", "organization")
PLAIN = {"repository": "https://code.example/outil.git", "license": "AGPL-3.0-or-later"}


def planted(**changes):
    """A project in which every word beside name, address and license is the planted one."""
    said = {"en": WORD}
    given = PLAIN | {
        "summary": said, "description": said, "features": {"en": (WORD,)}, "homepage": f"https://{WORD}.example",
        "replaces": (WORD,), "cost": said, "leaving": Leaving(exports=(WORD,), note=said), "governance": said,
        "runs": Runs(online=f"https://{WORD}.example/x", hosted=("coop-des-halles",)), "notes": said,
        "relations": (Relation("fork-of", "galette"),), "standards": (WORD,),
        "maintenance": (Maintenance(role="lead", organization="coop-des-halles"),),
        "adoptions": (an_adoption(purpose=said, lesson=said, version=WORD, replaced=(WORD,)),),
    }  # fmt: skip
    return a_project("outil", name=NAME, **given | changes)


def a_document(*projects):
    suite = Collection("suite", {"en": "Suite"}, projects=(CollectionProject("outil"), CollectionProject("galette")))
    shown = projects or (planted(),)
    collections = (suite,) if any(project.slug == "outil" for project in shown) else ()
    return a_catalog(a_project(), *shown, an_organization(), collections=collections)


@pytest.fixture
def ana(store):
    load(store, a_document())
    return somebody(store, maintained_projects=(HIDDEN,))


@pytest.fixture
def filled(store, ana):
    """Beside the record: an observed and a declared fact, a line of history, an answer of its makers."""
    with rewriting(store.engine) as connection:
        for origin, field in ((OBSERVED, "documentation"), (DECLARED, "demo")):
            said = [Statement(field, f"https://{WORD}.example/{origin}", {})]
            fact_history.replace_facts(connection, origin, {HIDDEN: said}, now=NOW)
    replies.reply(store, ana, HIDDEN, "cost", WORD, "en", now=NOW)
    return store


def own(store):
    """What is still told of it on its own pages."""
    return store.public_records.project("outil"), store.facts.page("outil"), store.public_records.source("outil")


def test_only_name_address_and_license_are_told_and_no_list_or_number_holds_it(filled, ana):
    assert WORD in repr(list(readings(filled))) and counts(filled) == (2, 0, 1)
    before = filled.change()
    unlist.opt_out(filled, ana, HIDDEN, REASON, "en", now=later(days=1))
    assert filled.change() == before + 1
    told = list(readings(filled))
    lists = [line for line in told if not isinstance(line, list)]  # an export has its name
    assert WORD not in repr(told)
    assert [line for line in lists if NAME in repr(line) or "outil" in repr(line)] == []
    assert counts(filled) == (1, 0, 0) and filled.home_page.totals().countries == 1
    assert WORD not in repr(own(filled)) and "halles" not in repr(own(filled))
    found, facts, _ = own(filled)
    assert (found.record.name, found.record.repository, found.record.license) == (NAME, *PLAIN.values())
    assert (found.opted_out.reason, found.opted_out.at) == (REASON, later(days=1))
    assert {fact.field for fact in facts.facts} <= {"name", "repository", "license"} and facts.facts
    exported = {page.slug: {fact.field for fact in page.facts} for page in facts_of_all(filled)}
    assert exported["outil"] <= {"name", "repository", "license"} and len(exported["galette"]) > 3
    for refuses in (
        filled.record_pages.users,
        filled.facts.history,
        filled.record_pages.project_id,
        filled.restricted_adoptions.project,
    ):
        with pytest.raises(OptedOut):
            refuses("outil")
    assert filled.maintainer_replies.of_project(HIDDEN) == {} and list(filled.index_rows.rows([HIDDEN])) == []
    _, again, dropped = filled.index_rows.changed(before)
    assert HIDDEN not in again and dropped == (HIDDEN,)
    assert filled.unlisted.find_by_name("ZQNAME outil") == (("outil", NAME),)
    assert (
        filled.unlisted.find_by_name("Zqname")
        == ()
        == filled.unlisted.find_by_name("")
        == filled.unlisted.find_by_name("outil")
    )
    assert filled.public_records.organization("coop-des-halles").maintained == 0


def test_its_makers_say_why_and_come_back_at_one_press(filled, ana):
    before = list(readings(filled))
    unlist.opt_out(filled, ana, HIDDEN, "", "en", now=NOW)
    unlist.opt_out(filled, ana, HIDDEN, REASON, "fr", now=later(hours=1))
    assert filled.unlisted.opt_out_of(HIDDEN).at == NOW and filled.unlisted.opt_out_of(HIDDEN).reason == REASON
    unlist.list_again(filled, ana, HIDDEN, now=later(hours=2))
    number = filled.change()
    unlist.list_again(filled, ana, HIDDEN, now=later(hours=2))
    assert filled.change() == number and filled.unlisted.opt_out_of(HIDDEN) is None
    strip = re.compile(r"change=\d+")
    assert strip.sub("", repr(list(readings(filled)))) == strip.sub("", repr(before))


def test_it_outlives_every_load_also_one_that_drops_it_and_one_that_brings_it_back(filled, ana):
    unlist.opt_out(filled, ana, HIDDEN, REASON, "en", now=NOW)
    load(filled, a_document(planted(summary={"en": f"{WORD} again"}, license="MIT")), now=later(days=1), digest="2")
    assert filled.public_records.project("outil").record.license == "MIT" and WORD not in repr(list(readings(filled)))
    with rewriting(filled.engine) as connection:  # what people declared would keep the row: this tries one without
        fact_history.replace_facts(connection, DECLARED, {HIDDEN: []}, now=NOW)
    load(filled, a_document(a_project("paheko")), now=later(days=2), digest="3")
    with pytest.raises(NotFound):
        filled.public_records.project("outil")
    load(filled, a_document(), now=later(days=3), digest="4")
    assert WORD not in repr(list(readings(filled))) and WORD not in repr(own(filled))
    assert filled.public_records.project("outil").opted_out.reason == REASON and filled.unlisted.all() == {HIDDEN}
    assert filled.curated_document.document().projects[1].summary == {"en": WORD}  # the document is given back whole


def test_the_date_alone_is_told_once_its_code_is_public_no_more(filled, ana):
    unlist.opt_out(filled, ana, HIDDEN, REASON, "en", now=NOW)
    with rewriting(filled.engine) as connection:
        connection.execute(update(mirror).where(mirror.c.project_id == HIDDEN).values(state="gone"))
    for refuses in (
        filled.public_records.project,
        filled.facts.page,
        lambda slug: filled.verifications.verifiable_record(PROJECT, slug),
    ):
        with pytest.raises(OptedOut) as caught:
            refuses("outil")
        assert caught.value.gone and caught.value.at == NOW
    assert NAME not in repr([page for page in facts_of_all(filled)]) and filled.unlisted.find_by_name(NAME) == ()
    assert filled.verifications.verifiable_record(PROJECT, "outil", gone=True).name == NAME
    assert filled.public_records.source("outil").mirror is not None  # what was free stays to be cloned


def test_only_who_keeps_it_may_and_a_reason_is_bounded(filled, ana):
    stranger = somebody(filled, "bo@example.org")
    for verb in (lambda: unlist.opt_out(filled, stranger, HIDDEN, "", "en", now=NOW),
                 lambda: unlist.list_again(filled, stranger, HIDDEN, now=NOW)):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
    for reason in ("x" * 501, "Write to ana@galette.eu"):
        with pytest.raises(Invalid) as caught:
            unlist.opt_out(filled, ana, HIDDEN, reason, "en", now=NOW)
        assert set(caught.value.errors) == {"reason"}
    assert filled.unlisted.opt_out_of(HIDDEN) is None


def asked(store, person, **answers):
    answers = {"what": "listing", "reason": REASON, "words": "I wrote it"} | answers
    _, submission = begin_draft(store, WITHDRAW, "en", project_id=HIDDEN, answers=answers, now=NOW)
    return send_draft(store, submission.id, email=person.email, person=person, now=NOW)


def test_anybody_else_asks_and_a_person_decides(filled):
    submission = asked(filled, somebody(filled, "bo@example.org"))
    assert submission.state == WAITING and filled.unlisted.opt_out_of(HIDDEN) is None
    assert [row.field for row in submissions.rows(filled, submission)] == ["unlist.name", "unlist.reason", "away.words"]
    assert [doubt.reason for doubt in submissions.doubts(filled, submission)] == ["not-proven-keeper"]
    with changing(filled.engine) as (connection, change):
        submissions.publish(connection, submission, None, change, now=later(days=1))
    assert filled.unlisted.opt_out_of(HIDDEN).reason == REASON and WORD not in repr(list(readings(filled)))
    with pytest.raises(Invalid) as caught:
        asked(filled, somebody(filled, "cleo@example.org"))
    assert caught.value.errors == {"reason": GONE}
    with changing(filled.engine) as (connection, change):
        done = filled.submissions.get(submission.id)
        assert done.state == PUBLISHED
        submissions.take_back(connection, done, change, now=later(days=2))
    assert filled.unlisted.opt_out_of(HIDDEN) is None


# What readers see


@pytest.fixture
def site(sqlite_store, tmp_path):
    load(sqlite_store, a_document(planted(), a_project("paheko")))
    folder = tmp_path / "data"
    with a_site(sqlite_store, folder) as app:
        app.state.folder = folder
        yield app


@pytest.fixture
def maker(site):
    """A client of somebody who keeps it."""
    store = site.state.store
    client = signed_in(site, store, "ana@galette.eu", None)
    with rewriting(store.engine) as connection:
        assert memberships.roles_of_members(connection, PROJECT, HIDDEN) == {}
    someone = somebody(store, "ana@galette.eu")
    with rewriting(store.engine) as connection:
        a_member(connection, someone.id, project_id=HIDDEN)
    return client


def indexed(app):
    writer = IndexWriter.open(app.state.folder / "search")
    try:
        catch_up(app.state.store, writer)
    finally:
        writer.close()


def test_one_press_takes_it_from_every_page_feed_answer_export_and_index(site, maker):
    reader, store = a_client(site), site.state.store
    indexed(site)
    assert site.state.searcher.find(SearchQuery(WORD), NOW).total == 1
    page = maker.get("/en/projects/outil/keep")
    assert 'href="/en/projects/outil/listing"' in page.text
    page = maker.get("/en/projects/outil/listing")
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store" and "email" not in page.text
    answer = maker.post("/en/projects/outil/listing", data={"step": "unlist", "reason": REASON})
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/projects/outil/listing")
    indexed(site)
    told = everything(site, reader)
    mine = [f"/en/projects/outil{path}" for path in ("", "/facts", "/users", "/history", "/code", "/claim",
            "/correct", "/correct?field=cost", "/declare", "/experiences", "/blocks", "/keep", "/listing")]  # fmt: skip
    mine += ["/api/v1/projects/outil/facts", "/api/v1/projects/outil/history", "/feeds/projects/outil.atom"]
    mine += ["/en/compare?p=outil&p=galette", "/en/compare/sheet?p=outil", "/en/calls/new?kind=help&project=outil"]
    answers = {path: reader.get(path, follow_redirects=True) for path in mine}
    text = "\n".join([*(body for _, _, body in told.values()), *(answer.text for answer in answers.values())])
    assert WORD not in text, [
        path for path, answer in (told | answers).items() if WORD in str(getattr(answer, "text", answer))
    ]
    assert not [path for path, answer in answers.items() if answer.status_code >= 500]
    assert [path for path, (_, _, body) in told.items() if "Zqname" in body] == ["export", "records"]
    for path in ("users", "history", "correct", "declare"):
        answer = reader.get(f"/en/projects/outil/{path}")
        assert (answer.status_code, answer.headers["location"]) == (302, "/en/projects/outil"), path
    for path in ("/api/v1/projects/outil/history", "/feeds/projects/outil.atom"):
        assert reader.get(path).status_code == 410
    kept = {fact["field"] for fact in reader.get("/api/v1/projects/outil/facts").json()["facts"]}
    assert kept <= {"name", "repository", "license"}
    assert site.state.searcher.find(SearchQuery(WORD), NOW).total == 0
    assert "/en/projects/outil" in reader.get("/en/projects", params={"q": "zqname outil"}).text
    assert "/en/projects/outil" not in reader.get("/en/projects", params={"q": "zqname"}).text
    page = reader.get("/en/projects/outil")
    for said in ("Its maintainers asked not to be listed here.", REASON, PLAIN["repository"], PLAIN["license"], NAME):
        assert said in page.text
    assert page.status_code == 200 and "noindex" in page.text and "coop" not in page.text.lower()
    assert maker.post("/en/projects/outil/listing", data={"step": "list"}).status_code == 303
    assert WORD in reader.get("/en/projects/outil").text and store.unlisted.opt_out_of(HIDDEN) is None


def test_once_its_code_is_gone_the_date_is_all_that_is_said(site, maker):
    reader = a_client(site)
    maker.post("/en/projects/outil/listing", data={"step": "unlist", "reason": REASON})
    with rewriting(site.state.store.engine) as connection:
        connection.execute(update(mirror).where(mirror.c.project_id == HIDDEN).values(state="gone"))
    for path in ("", "/facts", "/users", "/claim", "/listing"):
        page = reader.get(f"/en/projects/outil{path}")
        assert page.status_code == 410 and "24 November 2026" in page.text.replace("\xa0", " "), path
        assert NAME not in page.text and REASON not in page.text and "code.example" not in page.text
    assert (
        maker.get("/en/projects/outil/listing").status_code == maker.get("/en/projects/outil/keep").status_code == 200
    )


def test_others_are_asked_for_an_address_and_hostile_input_changes_nothing(site, maker):
    reader, store = a_client(site), site.state.store
    reader.headers.update(BROWSER)
    page = reader.get("/en/projects/outil/listing")
    assert page.status_code == 200 and 'name="email"' in page.text and 'name="draft"' in page.text
    draft = re.search(r'name="draft" value="([^"]+)"', page.text)[1]
    answer = reader.post("/en/projects/outil/listing", data={"draft": draft, "reason": "<b>x</b>", "step": "list"})
    assert answer.status_code == 422 and "Error: " in answer.text and "&lt;b&gt;x" in answer.text
    both = {"draft": draft, "reason": "x" * 501, "email": "nobody"}
    page = reader.post("/en/projects/outil/listing", data=both)
    assert page.status_code == 422 and "reason-problem" in page.text and "email-problem" in page.text
    sent = reader.post("/en/projects/outil/listing", data={"draft": draft, "reason": "y", "email": "bo@example.org"})
    assert sent.status_code == 303 and "/en/declarations/" in sent.headers["location"]
    assert reader.get(sent.headers["location"]).status_code == 200
    for text in HOSTILE[:6]:
        for client in (reader, maker):
            answer = client.post("/en/projects/outil/listing", data={"reason": f"{text} a@b.example", "draft": text})
            assert answer.status_code == 422
        assert reader.get(f"/en/projects/{'x' * 200}/listing").status_code == 404
    assert store.unlisted.opt_out_of(HIDDEN) is None
    assert reader.post("/en/projects/galette/listing", data={"step": "list"}).status_code == 422
    assert store.unlisted.all() == frozenset()


def test_whose_address_counts_at_once_is_told_so_before_signing_in(site):
    said = "it takes effect as soon as you open the link that we send you."
    page = a_client(site).get("/en/projects/outil/listing").text
    assert said in page and "Otherwise a moderator reads it within 7 days." in page
    assert "A moderator reads it within 7 days." not in page
    other = signed_in(site, site.state.store, "other@example.org", None).get("/en/projects/outil/listing").text
    assert "A moderator reads it within 7 days." in other and said not in other
