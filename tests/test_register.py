"""Proposing a project: what a registration says, what is known already, how often one may look, and its pages from the
pasted address to the public page. The look is a real one, at a real loopback origin."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from factories import NOW, a_catalog, a_project, an_organization, identity, later, load
from factories_register import (
    ANA,
    PUBLICCODE,
    a_registering_site,
    begun,
    draft_of,
    heading,
    looked,
    of_path,
    opened,
    published,
    put,
)
from factories_visits import LICENSE_TEXT
from githost import a_commit, a_repository, git
from sqlalchemy import func, select
from test_forms_hostile import HOSTILE
from world import fill

from catalog import declare
from catalog.declarations import CORRECT, DRAFT, LOOK, REGISTER, SENT, WAITING
from catalog.declare import proposal
from catalog.errors import Invalid, NotFound
from catalog.facts import DECLARED
from catalog.schema import job, removed, root
from catalog.schema_declarations import declaration
from catalog.schema_people import message
from catalog.store.database import ChangeNumber, reading, writing
from catalog.store.looks import ADDRESS, BUSY, CLOSED, FULL, HISTORY, OFTEN, PROPOSED
from forge.web import questions, submitted
from forge.web.looked import NOT_NOW
from forge.web.pasted import pasted

HERE = "https://git.example.org/group/caisse.git"
ROOT = "a" * 40
SAID = {
    "address": HERE,
    "name": "Caisse commune",
    "summary": "Tient la caisse d’un groupe",
    "language": "fr",
    "license": "AGPL-3.0-or-later",
    "homepage": "https://caisse.example.org",
    "needs": ["accounting"],
    "use": ["online", "install"],
    "online": "https://demo.caisse.example.org",
    "hardness": "easy",
    "screens": ["fr", "en"],
    "accessibility": "partial",
    "standard": "RGAA 4.1",
    "maker": "yes",
}


def a_draft(store, *, found=None, now=NOW, email=None, **answers):
    _, one = store.declarations.begin(REGISTER, "fr", answers=SAID | answers, email=email, network="n", now=now)
    if found is not None:
        store.declarations.see(one.id, {LOOK: {"state": "read", "url": HERE} | found}, now=now)
    return store.declarations.one(one.id)


def value(said, file=None):
    return {"value": said, "file": file}


# What a registration says, and what becomes of it


def test_a_published_registration_is_a_project_of_declared_facts_that_no_document_holds(store):
    load(store, a_catalog(a_project()))
    document, before = store.curated.document(), store.change()
    one = published(store, a_draft(store), later(hours=1))
    page = store.pages.project("caisse-commune")
    record = page.record
    assert (record.name, record.summary, record.repository) == (SAID["name"], {"fr": SAID["summary"]}, HERE)
    assert (record.license, record.domains, record.runs.self_hosted) == ("AGPL-3.0-or-later", ("accounting",), "easy")
    assert [line.term for line in record.languages] == ["fr", "en"] and record.accessibility.state == "partial"
    assert {fact.origin for fact in page.facts} == {DECLARED}
    assert {fact.source["declaration"] for fact in page.facts} == {one.reference}
    assert store.change() == before + 1 and store.following.changed(before)[1] == (page.id,)
    assert [row.slug for row in store.following.rows([page.id])] == ["caisse-commune"]
    assert one.project_id == page.id and one.before["slug"] == "caisse-commune"
    assert store.curated.document() == document
    assert not load(store, document, now=later(hours=2)).anything
    assert store.pages.project("caisse-commune").record == record
    assert [card.slug for card in store.pages.domain_cards(["accounting"], 5)] == ["caisse-commune"]
    assert (
        "caisse-commune" in [slug for _, slug in store.pages.every_slug()]
        if hasattr(store.pages, "every_slug")
        else True
    )
    lines = store.facts.history("caisse-commune").lines
    assert {line.origin for line in lines} == {DECLARED} and "license" in [line.field for line in lines]
    assert "caisse-commune" in [line.slug for line in store.facts.changes().lines]
    assert "caisse-commune" in [each.slug for each in store.facts.export()]


def test_its_mirror_is_wanted_at_once_and_only_where_it_is_free(store):
    published(store, a_draft(store), NOW)
    kept = store.mirrors.mirror(store.pages.project_id("caisse-commune"))
    assert (kept.repository, kept.state) == (HERE, "waiting")
    assert [each.argument["project"] for each in visits(store)] == [str(kept.project_id)]
    other = a_draft(store, address="https://git.example.org/group/coopy", name="Coopy", license="SSPL-1.0")
    published(store, other, NOW)
    assert store.pages.project("coopy").record.context_only
    with pytest.raises(NotFound):
        store.mirrors.mirror(store.pages.project_id("coopy"))


def visits(store):
    return store.jobs.take("test", now=NOW, lease=timedelta(seconds=9), kinds=["visit"], limit=9)


def test_taking_it_back_leaves_no_trace_on_any_page_and_its_slug_free(store):
    load(store, a_catalog(a_project()))
    one = published(store, a_draft(store), NOW)
    number = store.change()
    with writing(store.engine) as connection:
        declare.take_back(connection, store.declarations.one(one.id), ChangeNumber(connection), now=later(hours=1))
    with pytest.raises(NotFound):
        store.pages.project("caisse-commune")
    assert store.following.changed(number)[2] == (one.project_id,)
    assert "caisse-commune" not in [line.slug for line in store.facts.changes().lines]
    assert store.mirrors.mirror(one.project_id).repository == HERE
    assert store.declarations.one(one.id).state == WAITING
    again = published(store, store.declarations.one(one.id), later(hours=2))
    assert (again.project_id, again.before["slug"]) == (one.project_id, "caisse-commune")
    assert store.pages.project("caisse-commune").record.license == "AGPL-3.0-or-later"
    with reading(store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(removed)).scalar_one() == 0


def test_a_slug_is_one_that_no_record_has_or_had(store):
    load(store, a_catalog(a_project("caisse", former=("caisse-commune",)), a_project("caisse-commune-2")))
    store.mirrors.block("caisse-commune-2", "Asked for.", now=NOW)
    assert published(store, a_draft(store), NOW).before["slug"] == "caisse-commune-3"
    arabic = a_draft(
        store, name="صندوق", address="https://git.example.org/x/sunduq.git", language="ar", summary="صندوق المجموعة"
    )
    assert published(store, arabic, NOW).before["slug"] == "sunduq"
    emptied = a_draft(store, name="Фильтры", address="https://git.example.org/x/filters")
    assert published(store, emptied, NOW).before["slug"] == "filters-2"


def test_what_the_files_say_just_so_is_left_to_the_mirror(store):
    found = {
        "values": {
            "homepage": value(SAID["homepage"], "publiccode.yml"),
            "license.detected": value("AGPL-3.0-or-later", "LICENSE"),
            "languages": value([{"term": "fr"}, {"term": "en"}]),
        },
        "free": True,
    }
    published(store, a_draft(store, found=found), NOW)
    said = {fact.field for fact in store.facts.page("caisse-commune").facts}
    assert said == {"name", "summary", "repository", "domains", "runs", "accessibility"}


def test_organizations_that_its_files_name_with_a_role_keep_it_and_no_person_does(store):
    load(store, a_catalog(an_organization(name="Coop des Halles")))
    lines = [
        {"organization": "Coop des Halles", "role": "lead"},
        {"organization": "Ana Durand", "role": "lead"},
        {"organization": "Nowhere", "role": None},
    ]
    published(store, a_draft(store, found={"values": {"maintenance": value(lines, "publiccode.yml")}}), NOW)
    page = store.pages.project("caisse-commune")
    assert [(line.organization.slug, line.maintenance.role, line.maintenance.person) for line in page.maintenance] == [
        ("coop-des-halles", "lead", None)
    ]


def test_the_sentence_is_the_senders_else_a_files_else_how_the_readme_begins_else_none(store):
    assert proposal.summary_of(SAID, {}) == {"fr": SAID["summary"]}
    nothing = SAID | {"summary": ""}
    stated = {LOOK: {"values": {"summary": value({"fr": "Tient la caisse", "en": "x" * 130})}}}
    assert proposal.summary_of(nothing, stated) == {"fr": "Tient la caisse"}
    readme = {LOOK: {"readme": {"text": "Keeps the purse of a group. And more.", "language": "und"}}}
    assert proposal.summary_of(nothing, readme) == {"und": "Keeps the purse of a group"}
    assert proposal.summary_of(nothing, {}) == {}
    one = a_draft(store, summary="")
    with pytest.raises(Invalid, match="summary"):
        published(store, one, NOW)
    assert store.declarations.one(one.id).state == DRAFT


@pytest.mark.parametrize(
    ("file", "stated", "title", "name"),
    [
        ("publiccode.yml", "Caisse", "The purse", "Caisse"),
        ("package.json", "caisse-web", "Caisse commune", "Caisse commune"),
        ("package.json", "caisse-web", "Welcome to the place where we keep it", "caisse-web"),
        (None, None, "Welcome to the place where we keep it", "Welcome to the place where we keep it"),
        (None, None, "", "caisse"),
    ],
)
def test_the_name_is_the_one_that_is_written_for_people(file, stated, title, name):
    values = {"name": value(stated, file)} if stated else {}
    look = {"values": values, "readme": {"title": title}, "url": HERE}
    assert proposal.name_of({"address": HERE}, {LOOK: look}) == name


def test_the_desk_is_told_what_to_look_at(store):
    load(store, a_catalog(a_project("caisse", name="CAISSE-Commune")))
    seen = {
        "values": {"license.detected": value("SSPL-1.0", "LICENSE"), "summary": value({"fr": "x" * 130})},
        "free": False,
    }
    one = a_draft(store, found=seen, summary="")
    told = {doubt.reason: doubt.detail for doubt in declare.doubts(store, one)}
    assert told["same-name"]["project"] == "caisse" and told["long-summary"] == {"count": 130}
    assert told["license-differs"] == {"declared": "AGPL-3.0-or-later", "detected": "SSPL-1.0"}
    assert "license-not-free" in told
    unread = {doubt.reason for doubt in declare.doubts(store, a_draft(store, name="Other", summary=""))}
    assert unread == {"not-read", "no-summary"}
    unsure = a_draft(store, found={"free": None, "doubts": ["vendor"]}, name="Third")
    assert "license-unsure" in {doubt.reason for doubt in declare.doubts(store, unsure)}
    sent = a_draft(store, email=ANA, name="Fourth")
    declare.send(store, sent.id, email=ANA, now=NOW)
    assert "sender-before" in {
        doubt.reason for doubt in declare.doubts(store, a_draft(store, email=ANA, now=later(hours=1)))
    }
    assert {one.reason for each in (one, unsure, sent) for one in declare.doubts(store, each)} <= set(submitted.DOUBTS)


def test_every_line_has_its_label_and_each_text_the_desk_may_correct_too(store):
    found = {"values": {"license.detected": value("MIT", "LICENSE")}, "readme": {"text": "Keeps a purse."}}
    one = a_draft(store, found=found, need_words="Purses", host_words="Coop")
    assert [line.field for line in submitted.lines(declare.rows(store, one)) if line.label is None] == []
    words = {each.field: each.value for each in declare.KINDS[REGISTER].editable(one)}
    assert words["name"] == SAID["name"] and words["summary"] == SAID["summary"]
    assert [name for name in words if not (submitted.FIELDS.get(name) or submitted.label(name))] == []


def test_what_its_sender_said_in_words_becomes_data_when_the_desk_corrects_it(store):
    load(store, a_catalog(an_organization(name="Coop des Halles")))
    one = a_draft(store, needs=[], need_words="Les cotisations", use=["hosted"], host_words="la coop", hardness="")
    store.declarations.answer(one.id, {"need_terms": "Comptabilité, member-management", "hosts": "Nobody"}, now=NOW)
    with pytest.raises(Invalid, match="hosts"):
        published(store, store.declarations.one(one.id), NOW)
    store.declarations.answer(one.id, {"hosts": "coop des halles"}, now=NOW)
    published(store, store.declarations.one(one.id), NOW)
    page = store.pages.project("caisse-commune")
    assert page.record.domains == ("accounting", "member-management") and page.record.runs.hosted == (
        "coop-des-halles",
    )
    assert [host.name for host in page.hosts] == ["Coop des Halles"]
    assert [slug for slug, _ in store.pages.organization("coop-des-halles").hosting] == ["caisse-commune"]
    assert proposal.needs_of({"need_terms": "accounting, what"}) is None


def test_it_is_never_published_by_itself(store):
    token = store.people.invite(ANA, "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    one = a_draft(store)
    assert declare.send(store, one.id, email=None, person=someone, now=NOW).state == WAITING
    assert not declare.KINDS[REGISTER].at_once(None, one, replace(someone, keeps=(identity("galette"),)))


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "x" * 101, proposal.LONG_NAME),
        ("name", "👩🏽‍🌾🎉", proposal.NO_LETTERS),
        ("name", "ana@example.org", proposal.HOLDS_EMAIL),
        ("summary", "x" * 121, proposal.LONG_SUMMARY),
        ("summary", "write to ana@example.org", proposal.HOLDS_EMAIL),
        ("summary", "!!! …", proposal.NO_LETTERS),
        ("license", "my own", proposal.NO_LICENSE),
        ("homepage", "javascript:alert(1)", proposal.NO_WEB_ADDRESS),
        ("homepage", "https://x.example/<script>", proposal.NO_WEB_ADDRESS),
        ("online", "https://user:pw@example.org/", proposal.NO_WEB_ADDRESS),
        ("needs", ["accounting", "donations", "loan-portfolio", "microcredit"], proposal.MANY_NEEDS),
        ("needs", ["no-such-term"], proposal.NO_NEED),
        ("need_words", "x" * 501, proposal.LONG_WORDS),
        ("hardness", "impossible", proposal.NO_HARDNESS),
        ("screens", ["xx-not-a-tag!"], proposal.NO_SCREENS),
    ],
)
def test_what_is_wrong_stands_beside_its_field(store, field, typed, sentence):
    with pytest.raises(Invalid) as refused:
        declare.send(store, a_draft(store, **{field: typed}).id, email=ANA, now=NOW)
    assert refused.value.errors == {field: sentence}


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [("Tient la caisse", "ar", False), ("صندوق المجموعة", "fr", False), ("صندوق المجموعة", "ar", True),
     ("Gère WordPress", "fr", True), ("Касса группы", "ru", True), ("Касса группы", "en", False),
     ("Keeps 合作社", "en", True), ("任何", "zh", True), ("Tient", "xx", False)],
)  # fmt: skip
def test_a_sentence_is_in_the_letters_of_its_language(text, language, fits):
    assert (proposal.wrong_summary(text, language) == {}) is fits


# What is known already


@pytest.mark.parametrize(
    "spelled",
    ["https://github.com/galette/galette.git", "https://GitHub.com/Galette/galette", "http://www.github.com/galette/galette/",
     "https://old.example.org/galette", "https://mirror.example.org/g.git", "https://MIRROR.example.org/g"],
)  # fmt: skip
def test_a_repository_is_known_by_any_spelling_of_any_of_its_addresses(store, spelled):
    stated = a_project(
        repository="https://github.com/galette/galette.git", other_repositories=("https://mirror.example.org/g",)
    )
    load(store, a_catalog(stated))
    kept = store.mirrors.mirror(identity("galette"))
    visit = replace(kept, canonical_url="https://old.example.org/galette.git", state="mirrored")
    with writing(store.engine) as connection:
        from catalog.schema import mirror

        connection.execute(mirror.update().values(canonical_url=visit.canonical_url))
    known = store.looks.known([spelled])
    assert (known.slug, known.how) == ("galette", ADDRESS)
    assert store.looks.known(["https://github.com/galette/galette-plugin"]) is None
    assert store.looks.known(["https://mirror.example.org"]) is None


def test_a_shared_beginning_is_known_as_that_and_a_closed_project_as_closed(store):
    load(store, a_catalog(a_project()))
    with writing(store.engine) as connection:
        connection.execute(root.insert().values(project_id=identity("galette"), oid=ROOT, position=0))
    known = store.looks.known(["https://fork.example.org/x"], roots=["b" * 40, ROOT])
    assert (known.slug, known.how) == ("galette", HISTORY)
    assert store.looks.known(["https://fork.example.org/x"], roots=["b" * 40]) is None
    store.mirrors.block("galette", "Its makers asked for it.", now=NOW)
    closed = store.looks.known(["https://github.com/example/galette"])
    assert (closed.kind, closed.name) == (CLOSED, "")


def test_an_open_registration_of_the_same_address_is_known_and_a_draft_is_not(store):
    one = a_draft(store)
    assert store.looks.want(one.id, HERE, "n", now=NOW) == ""
    assert store.looks.known([HERE]) is None
    declare.send(store, one.id, email=ANA, now=NOW)
    known = store.looks.known(["https://GIT.example.org/group/caisse/"])
    assert (known.kind, known.at) == (PROPOSED, NOW)
    assert store.looks.known([HERE], but=one.id) is None


def test_what_came_meanwhile_keeps_it_from_being_published_twice(store):
    one = a_draft(store)
    load(store, a_catalog(a_project("caisse", repository=HERE)))
    with pytest.raises(Invalid) as refused:
        published(store, one, NOW)
    assert refused.value.errors == {"address": proposal.HERE_ALREADY}


# How often one may look


def test_one_at_a_time_for_a_network_five_an_hour_and_fifty_a_day_in_all(store):
    one, other = a_draft(store), a_draft(store)
    assert store.looks.want(one.id, HERE, "a", now=NOW) == ""
    assert store.looks.want(other.id, HERE, "a", now=NOW) == BUSY
    assert store.looks.want(other.id, HERE, "b", now=NOW) == ""
    assert store.looks.want(one.id, HERE, "a", now=NOW) == ""  # its own once more
    done(store)
    assert [store.looks.want(one.id, HERE, "a", now=NOW) for _ in range(4)] == ["", "", "", OFTEN]
    done(store)
    assert store.looks.want(one.id, HERE, "a", now=NOW + timedelta(hours=1)) == ""
    done(store)
    drawn = [store.looks.want(one.id, HERE, f"net-{number}", now=NOW) for number in range(60)]
    assert drawn.count("") == 43 and set(drawn[43:]) == {FULL}
    assert store.looks.want(one.id, HERE, "z", now=NOW + timedelta(days=1)) == ""
    assert set(NOT_NOW) == {BUSY, OFTEN, FULL}


def done(store):
    with writing(store.engine) as connection:
        connection.execute(job.delete().where(job.c.kind == LOOK))


def test_a_look_that_nobody_takes_holds_up_its_network_for_a_minute(store):
    one, other = a_draft(store), a_draft(store)
    store.looks.want(one.id, HERE, "a", now=NOW)
    assert store.looks.want(other.id, HERE, "a", now=NOW + timedelta(seconds=59)) == BUSY
    assert store.looks.want(other.id, HERE, "a", now=NOW + timedelta(seconds=61)) == ""


def test_only_a_draft_of_this_kind_is_looked_at(store):
    _, other = store.declarations.begin(CORRECT, "fr", project_id=identity("galette"), now=NOW)
    sent = a_draft(store)
    declare.send(store, sent.id, email=ANA, now=NOW)
    for one in (other, sent):
        with pytest.raises(NotFound):
            store.looks.want(one.id, HERE, "a", now=NOW)


def test_begun_twice_with_one_secret_there_is_one_draft(store):
    token = "t" * 43
    first = store.declarations.begin(REGISTER, "fr", answers=SAID, token=token, now=NOW)
    second = store.declarations.begin(REGISTER, "fr", answers={}, token=token, now=NOW)
    assert first == second and second[1].answers["name"] == SAID["name"]


# What people paste


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://github.com/galette/galette", "https://github.com/galette/galette"),
        ("https://github.com/galette/galette/tree/main/lib?tab=readme#top", "https://github.com/galette/galette"),
        ("https://gitlab.com/group/sub/tool/-/blob/main/README.md", "https://gitlab.com/group/sub/tool"),
        ("https://codeberg.org/group/tool/src/branch/main", "https://codeberg.org/group/tool"),
        ("https://git.sr.ht/~ana/tool/log", "https://git.sr.ht/~ana/tool"),
        ("https://git.example.org/cgit/tool.git/tree/src", "https://git.example.org/cgit/tool.git"),
        ("git clone --depth 1 https://framagit.org/a/b.git here", "https://framagit.org/a/b.git"),
        ("git@codeberg.org:group/tool.git", "https://codeberg.org/group/tool.git"),
        ("ssh://git@example.org:2222/group/tool", "https://example.org/group/tool"),
        ("git://example.org/tool.git", "https://example.org/tool.git"),
        ("http://example.org/tool", "https://example.org/tool"),
        ("http://127.0.0.1:8080/git/tool.git", "http://127.0.0.1:8080/git/tool.git"),
        (" <github.com/galette/galette> ", "https://github.com/galette/galette"),
        ("galette", "galette"),
        ("", ""),
    ],
)
def test_what_people_paste_becomes_an_address(typed, meant):
    assert pasted(typed) == meant
    assert pasted(pasted(typed)) == meant


def test_an_instance_of_an_intranet_keeps_http():
    assert pasted("http://git.intranet/tool", upgrade=False) == "http://git.intranet/tool"


# The pages


@pytest.fixture
def site(sqlite_store, tmp_path, clock):
    """A client, and the look that the worker would do."""
    fill(sqlite_store)
    with a_registering_site(sqlite_store, tmp_path, clock) as given:
        yield given


@pytest.fixture
def caisse(origin):
    """A free repository that describes itself; the address that one would paste."""
    url = origin.url("git/caisse.git")
    files = {"LICENSE": LICENSE_TEXT, "publiccode__yml": PUBLICCODE.format(url=url)}
    tool = a_repository(origin.folder, "caisse.git", README__md="# Caisse\n\nKeeps the purse of a group.\n", **files)
    git("config", "uploadpack.allowFilter", "true", cwd=tool)
    return url


def plain(answer):
    return unescape(re.sub(r"<[^>]+>", "", answer.text))


QUESTIONS = (
    ("needs", {"needs": "accounting"}),
    ("use", {"use": ["online", "install"], "online": "demo.caisse.example.org", "hardness": "easy"}),
    ("screens", {"screens": ["fr", "en"], "other_screens": "Catalan", "accessibility": ""}),
    ("maker", {"maker": "no"}),
    ("email", {"email": ANA}),
)


def test_from_a_pasted_address_to_the_public_page(site, sqlite_store, caisse, clock):
    client, looking = site
    start = client.get("/fr/register")
    assert "no-store" in start.headers["cache-control"]
    path = begun(client, f"{caisse}/tree/main", "fr")
    waiting = client.get(path)
    assert 'http-equiv="refresh" content="2"' in waiting.text and caisse in waiting.text
    assert looked(looking) == 1 and not list(looking.drafts.iterdir())
    assert client.get(path).headers["location"] == f"{path}/right"
    right = client.get(f"{path}/right")
    for told in ("Caisse commune", "publiccode.yml", "AGPL-3.0", "LICENSE", "caisse.example.org", "README.md", "main"):
        assert told in right.text
    assert right.text.count("back=right") >= 5
    at = f"{path}/needs"  # what it lets people do stands in its publiccode.yml
    assert f'href="{at}"' in right.text
    for step, typed in QUESTIONS:
        assert at == f"{path}/{step}" and client.get(at).status_code == 200
        at = put(client, at, **typed)
    check = client.get(at)
    assert heading(check) and "Catalan" in plain(check).replace("catalan", "Catalan") and ANA in check.text
    assert all(f'href="{path}/{step}?back=check"' in check.text for step, _ in QUESTIONS)
    put(client, at)
    put(client, at)  # pressed twice
    one = of_path(sqlite_store, path)
    assert one.state == SENT and one.reference in client.get(path).text
    with reading(sqlite_store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(message)).scalar_one() == 1
    opened(sqlite_store, clock())
    assert of_path(sqlite_store, path).state == WAITING
    done = published(sqlite_store, of_path(sqlite_store, path), clock())
    for tail in ("", "/facts", "/history", "/users"):
        assert client.get(f"/fr/projects/{done.before['slug']}{tail}").status_code == 200, tail
    page = client.get("/fr/projects/caisse-commune")
    assert "Tient la caisse" in page.text and ANA not in page.text
    assert client.get("/api/v1/projects/caisse-commune/facts").status_code == 200
    assert "caisse-commune" in client.get("/fr/domains/accounting").text
    known = client.get(begun(client, caisse.removesuffix(".git"), "fr"))
    assert "/fr/projects/caisse-commune" in known.text and looked(looking) == 0


def test_each_question_may_be_answered_with_i_do_not_know(site, sqlite_store, origin, clock):
    client, looking = site
    a_repository(origin.folder, "bare.git", commits=1)
    path = begun(client, origin.url("git/bare.git"))
    looked(looking)
    asked = []
    at = f"{path}/summary"
    while not at.endswith("/email"):
        asked.append(at.rpartition("/")[2])
        assert 'value="unknown"' in client.get(at).text
        at = put(client, at, step="unknown")
    assert asked == ["summary", "needs", "use", "screens", "maker"]
    put(client, put(client, at, email=ANA))
    assert of_path(sqlite_store, path).state == SENT
    assert plain(client.get(f"{path}/check")).count("You do not know") == 0  # it is sent: the page of that stands there


def test_going_back_shows_what_was_typed_and_change_returns_to_where_it_was_pressed(site, sqlite_store, caisse):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    for step, typed in QUESTIONS:
        put(client, f"{path}/{step}", **typed)
    use = client.get(f"{path}/use")
    assert 'value="https://demo.caisse.example.org"' in use.text and f'href="{path}/needs"' in use.text
    assert use.text.count(" checked") == 3
    assert put(client, f"{path}/use", step="unknown", back="check") == f"{path}/check"
    assert put(client, f"{path}/name", name="La caisse", back="right") == f"{path}/right"
    assert "La caisse" in client.get(f"{path}/right").text and "You do not know" in client.get(f"{path}/check").text
    for step in ("license", "homepage", "summary"):
        assert client.get(f"{path}/{step}?back=right").status_code == 200
    assert put(client, f"{path}/license", license="agpl-3.0-or-later", back="//evil.example") != "//evil.example"
    assert of_path(sqlite_store, path).answers["license"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_refused_beside_its_field_or_kept_as_text(site, sqlite_store, caisse, kind):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    typed = HOSTILE[kind]
    fields = {"name": ["name"], "license": ["license"], "homepage": ["homepage"], "summary": ["summary", "language"],
              "needs": ["needs", "need_words"], "use": ["use", "online", "hardness", "host_words"],
              "screens": ["screens", "other_screens", "accessibility", "standard", "report"], "maker": ["maker"],
              "email": ["email"]}  # fmt: skip
    for step, names in fields.items():
        answer = client.post(f"{path}/{step}", data=dict.fromkeys(names, typed))
        assert answer.status_code in (303, 422), (step, answer.status_code)
        if answer.status_code == 422:
            assert "Error: " in answer.text and "<script" not in answer.text
            assert not any(sign in answer.text for sign in ("\x00", "\x1b", "\u202e", "\u2066"))
    for step in ("right", "check"):
        shown = client.get(f"{path}/{step}")
        assert shown.status_code == 200 and "<script" not in shown.text and "\u202e" not in shown.text
    answer = client.post(f"/en/register/{'x' * 43}/name", data={"name": typed})
    assert answer.status_code == 410


@pytest.mark.parametrize(
    "typed",
    ["", "galette", "https://", "https://user:pw@example.org/x", "file:///etc/passwd", "https://example.org",
     "https://exa mple.org/x", "ftp://example.org/x", "https://127.1/x", "https://[::1]/x", "x" * 3000, "🎉",
     *HOSTILE.values()],
)  # fmt: skip
def test_what_is_no_address_is_told_beside_its_field_with_what_was_typed(site, sqlite_store, typed):
    client, looking = site
    answer = client.post("/en/register", data={"address": typed, "draft": draft_of(client)})
    assert answer.status_code in (422, 303)
    if answer.status_code == 422:
        assert "<title>Error: " in answer.text and 'id="address-problem"' in answer.text
        assert not any(word in plain(answer).lower() for word in ("invalid", "required", "please", "sorry"))
    else:  # spaces and controls left out, it is one
        assert looked(looking) <= 1
    assert client.post("/en/register", data={"address": "galette"}).text.count('value="galette"') == 1


def test_a_second_press_on_the_first_page_leads_to_the_same_draft(site, sqlite_store, caisse):
    client, looking = site
    sent = {"address": caisse, "draft": draft_of(client)}
    places = {client.post("/en/register", data=sent).headers["location"] for _ in range(2)}
    assert len(places) == 1 and looked(looking) == 1
    with reading(sqlite_store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(declaration)).scalar_one() == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [("password/x.git", "password"), ("missing/x.git", "no repository"), ("page/x.git", "not as a git repository"),
     ("git/empty.git", "no commits yet"), ("redirect/x.git", "redirects")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_page_that_says_why_and_loses_nothing(site, sqlite_store, origin, path, told):
    client, looking = site
    a_repository(origin.folder, "empty.git", commits=0)
    origin.redirect_to = "http://169.254.169.254/"
    url = origin.url(path)
    draft = begun(client, url)
    looked(looking)
    answer = client.get(draft)
    assert answer.status_code == 200 and url in answer.text
    assert told in answer.text or "Only https addresses" in answer.text or "redirect" in answer.text
    assert "Try again" in client.get(f"{draft}/right").text  # no question is asked before
    tool = a_repository(origin.folder, "mended.git", LICENSE=LICENSE_TEXT)
    assert put(client, draft, step="look", address=origin.url("git/mended.git")) == draft
    looked(looking)
    assert client.get(draft).headers["location"] == f"{draft}/right" and tool.exists()


def test_without_the_look_a_person_fills_in_what_they_know(site, sqlite_store, origin, clock):
    client, looking = site
    draft = begun(client, origin.url("missing/purse.git"))
    looked(looking)
    assert put(client, draft, step="alone") == draft
    right = client.get(client.get(draft).headers["location"])
    assert "purse" in right.text and "Not known yet" in right.text
    put(client, f"{draft}/summary", summary="Keeps the purse of a group", language="en")
    put(client, f"{draft}/license", license="MIT")
    put(client, f"{draft}/email", email=ANA)
    put(client, f"{draft}/check")
    opened(sqlite_store, clock())
    assert published(sqlite_store, of_path(sqlite_store, draft), clock()).before["slug"] == "purse"


def test_a_look_that_takes_too_long_is_not_waited_for(site, caisse, clock):
    client, looking = site
    draft = begun(client, caisse)
    clock.move(seconds=19)
    assert 'http-equiv="refresh"' in client.get(draft).text
    clock.move(seconds=2)
    late = client.get(draft)
    assert 'http-equiv="refresh"' not in late.text and "in time" in late.text
    put(client, draft, step="alone")
    looked(looking)  # it comes all the same, and is used
    assert "publiccode.yml" in client.get(f"{draft}/right").text


def test_what_is_not_free_is_told_with_what_would_help_and_may_be_proposed_all_the_same(
    site, sqlite_store, origin, clock
):
    client, looking = site
    terms = '{"name": "shut", "license": "SSPL-1.0"}'
    a_repository(origin.folder, "shut.git", package__json=terms)
    draft = begun(client, origin.url("git/shut.git"))
    looked(looking)
    answer = client.get(draft)
    assert answer.status_code == 200 and "not free" in heading(answer) and "package.json" in answer.text
    put(client, draft, step="anyway")
    assert client.get(draft).headers["location"] == f"{draft}/right"
    put(client, f"{draft}/summary", summary="Keeps data", language="en")
    put(client, f"{draft}/email", email=ANA)
    put(client, f"{draft}/check")
    opened(sqlite_store, clock())
    done = published(sqlite_store, of_path(sqlite_store, draft), clock())
    assert sqlite_store.pages.project(done.before["slug"]).record.context_only


def test_a_changed_copy_is_told_of_the_original_and_goes_its_own_way(site, sqlite_store, origin, caisse, clock):
    client, looking = site
    with writing(sqlite_store.engine) as connection:
        first = git("rev-list", "--max-parents=0", "main", cwd=origin.folder / "caisse.git").decode()
        connection.execute(root.insert().values(project_id=identity("galette"), oid=first, position=0))
    copy = origin.folder / "copy.git"
    git("clone", "-q", "--bare", origin.folder / "caisse.git", copy)
    git("config", "uploadpack.allowFilter", "true", cwd=copy)
    tip = a_commit(copy, {"README.md": "# Other purse\n"}, git("rev-parse", "main", cwd=copy))
    git("update-ref", "refs/heads/main", tip, cwd=copy)
    draft = begun(client, origin.url("git/copy.git"))
    looked(looking)
    answer = client.get(draft)
    assert "same history" in heading(answer) and "/en/projects/galette" in answer.text
    put(client, draft, step="apart")
    assert client.get(draft).headers["location"] == f"{draft}/right"
    assert "same-history" in {doubt.reason for doubt in declare.doubts(sqlite_store, of_path(sqlite_store, draft))}


def test_somebody_who_proposes_the_same_is_told_since_when_it_is_read(site, sqlite_store, caisse):
    client, looking = site
    first = begun(client, caisse)
    looked(looking)
    put(client, f"{first}/email", email=ANA)
    put(client, f"{first}/check")
    second = client.get(begun(client, caisse))
    assert "24 November 2026" in second.text and ANA not in second.text


def test_a_network_that_looks_already_is_told_so_and_keeps_its_address(site, origin, caisse):
    client, looking = site
    begun(client, caisse)
    a_repository(origin.folder, "other.git")
    second = begun(client, origin.url("git/other.git"))
    answer = client.get(second)
    assert "looking one up already" in answer.text and origin.url("git/other.git") in answer.text
    looked(looking)
    put(client, second, step="look", address=origin.url("git/other.git"))
    assert looked(looking) == 1 and client.get(second).status_code == 303


def test_the_secret_link_works_for_thirty_days_and_then_says_so(site, sqlite_store, caisse, clock):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    clock.move(days=29)
    put(client, f"{path}/name", name="Later")
    clock.move(days=29)
    assert client.get(f"{path}/right").status_code == 200
    clock.move(days=2)
    for place in (path, f"{path}/right", f"{path}/email", "/en/register/" + "y" * 43, "/en/register/x"):
        answer = client.get(place)
        assert answer.status_code == 410 and "30 days" in answer.text
    assert client.post(f"{path}/check", data={"step": "send"}).status_code == 410
    assert client.post(path, data={"step": "alone"}).status_code == 410


def test_who_is_signed_in_is_asked_for_no_address(site, sqlite_store, caisse):
    client, looking = site
    token = sqlite_store.people.invite(ANA, "moderator", "fr", now=NOW)
    _, cookie, _ = sqlite_store.people.sign_in(token, "fr", now=NOW)
    client.cookies.set("forge", cookie)
    path = begun(client, caisse)
    looked(looking)
    assert put(client, f"{path}/maker", maker="yes") == f"{path}/check"
    assert "email" not in client.get(f"{path}/check").text
    put(client, f"{path}/check")
    assert of_path(sqlite_store, path).state == WAITING


def test_no_page_of_a_draft_is_kept_on_its_way_or_found_by_machines(site, caisse):
    client, looking = site
    path = begun(client, caisse)
    for place in (path, f"{path}/right"):
        answer = client.get(place)
        assert "no-store" in answer.headers["cache-control"] and "noindex" in answer.text
        assert f'rel="canonical" href="http://testserver{path}' not in answer.text
    looked(looking)
    assert client.get(f"{path}/nothing").status_code == 404


def test_a_look_whose_worker_died_is_tried_once_more_and_then_told(site, sqlite_store, caisse, clock):
    client, looking = site
    path = begun(client, caisse)
    for _ in range(2):
        sqlite_store.jobs.take("dead", now=clock(), lease=timedelta(seconds=60), kinds=[LOOK])
        clock.move(seconds=61)
    assert looked(looking) == 1
    look = of_path(sqlite_store, path).found[LOOK]
    assert (look["state"], look["outcome"]) == ("unread", "failed")


def test_what_was_taken_back_leads_to_where_it_stands(site, sqlite_store, caisse, clock):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    declare.withdraw(sqlite_store, of_path(sqlite_store, path).id, now=clock())
    secret = path.rpartition("/")[2]
    assert client.get(path).headers["location"] == f"/en/declarations/{secret}"
    assert client.get(f"/en/declarations/{secret}").status_code == 200


def test_every_question_has_its_title_and_what_answers_it():
    assert set(questions.TITLES) == set(questions.QUESTIONS)
    assert set(questions.FIELDS) == set(questions.QUESTIONS) - {"email"}
    for step in questions.UNKNOWABLE:
        assert questions.nothing(step)
    assert len([step for step in questions.FLOW if step in questions.UNKNOWABLE]) == 5
