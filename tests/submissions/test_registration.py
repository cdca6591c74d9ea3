"""Proposing a project: its address and the look at it. Known facts already, how often one may look, what people
paste, and what they are told when nothing can be read. The look is a real one, at a real loopback origin."""

import multiprocessing
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.factories.code import mirrored
from support.factories.core import NOW, a_catalog, a_project, a_store, identity, load
from support.factories.registration import (
    ANA,
    HERE,
    SAID,
    Lasting,
    a_caisse,
    a_draft,
    a_registering_site,
    begun,
    draft_of,
    heading,
    last_link,
    looked,
    of_path,
    opened,
    plain,
    published,
    put,
)
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.factories.visits import LICENSE_TEXT, Clock
from support.hosts.git_origin import a_repository, git
from support.world import fill

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.submission import CORRECT, DRAFT, PREVIEW, REGISTER, WAITING
from catalog.store.core.engine import reading
from catalog.store.submissions.repository_previews import ADDRESS, CLOSED, FULL, HISTORY, OFTEN, PROPOSED
from catalog.tables.core import job
from catalog.tables.submissions import submission
from forge.mirroring.observer_process import ObserverProcess
from forge.web.submissions.repository_preview import NOT_NOW
from forge.web.submissions.repository_url import pasted
from tests.hostile.test_forms import HOSTILE

HEAD = "a" * 40


@pytest.fixture(scope="module")
def child():
    with closing(Lasting()) as lasting:
        yield lasting


@pytest.fixture
def site(sqlite_store, tmp_path, clock, child):
    """A client, and the look that the worker would do."""
    fill(sqlite_store)
    with a_registering_site(sqlite_store, tmp_path, clock, child) as given:
        yield given


@pytest.fixture(scope="module")
def lasting_site(sqlite_template, tmp_path_factory, child):
    """As `site`, for tests that may share one."""
    folder = tmp_path_factory.mktemp("lasting")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with a_registering_site(store, folder, Clock(), child) as given:
            yield given


@pytest.fixture
def caisse(origin):
    return a_caisse(origin)


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
    with rewriting(store.engine) as connection:
        from catalog.tables.core import mirror

        connection.execute(mirror.update().values(canonical_url=visit.canonical_url))
    known = store.repository_previews.find_known([spelled])
    assert (known.slug, known.how) == ("galette", ADDRESS)
    assert store.repository_previews.find_known(["https://github.com/galette/galette-plugin"]) is None
    assert store.repository_previews.find_known(["https://mirror.example.org"]) is None


def test_a_shared_commit_is_known_as_that_and_a_closed_project_as_closed(store):
    load(store, a_catalog(a_project()))
    mirrored(store, head=HEAD)
    known = store.repository_previews.find_known(["https://fork.example.org/x"], commit=HEAD)
    assert (known.slug, known.how) == ("galette", HISTORY)
    assert store.repository_previews.find_known(["https://fork.example.org/x"], commit="b" * 40) is None
    store.takedowns.block("galette", "Its makers asked for it.", now=NOW)
    closed = store.repository_previews.find_known(["https://github.com/example/galette"])
    assert (closed.kind, closed.name) == (CLOSED, "")


def test_an_open_registration_of_the_same_address_is_known_and_one_that_nobody_proved_is_not(store):
    submission = a_draft(store)
    assert store.repository_previews.want(submission.id, HERE, "n", now=NOW) == ""
    assert store.repository_previews.find_known([HERE]) is None
    submissions.send(store, submission.id, email=ANA, now=NOW)
    assert store.repository_previews.find_known([HERE]) is None
    opened(store, NOW)
    known = store.repository_previews.find_known(["https://GIT.example.org/group/caisse/"])
    assert (known.kind, known.at) == (PROPOSED, NOW)
    assert store.repository_previews.find_known([HERE], but=submission.id) is None


def test_one_after_another_for_a_network_five_an_hour_and_two_hundred_a_day_in_all(store):
    submission, other = a_draft(store), a_draft(store)
    assert store.repository_previews.want(submission.id, HERE, "a", now=NOW) == ""
    assert store.repository_previews.want(other.id, HERE, "b", now=NOW) == ""
    assert store.repository_previews.want(submission.id, HERE, "a", now=NOW) == ""  # its own once more
    done(store)
    assert [store.repository_previews.want(submission.id, HERE, "a", now=NOW) for _ in range(4)] == ["", "", "", OFTEN]
    done(store)
    assert store.repository_previews.want(submission.id, HERE, "a", now=NOW + timedelta(hours=1)) == ""
    done(store)
    drawn = [store.repository_previews.want(submission.id, HERE, f"net-{number}", now=NOW) for number in range(210)]
    assert drawn.count("") == 193 and set(drawn[193:]) == {FULL}
    assert store.repository_previews.want(submission.id, HERE, "z", now=NOW + timedelta(days=1)) == ""
    assert set(NOT_NOW) == {OFTEN, FULL}


def test_a_verified_person_may_register_forty_an_hour_which_are_looked_at_one_after_another(store):
    drafts = [a_draft(store) for _ in range(41)]
    wanted = [
        store.repository_previews.want(draft.id, f"{HERE}-{number}", "ana", is_known=True, now=NOW)
        for number, draft in enumerate(drafts)
    ]
    assert wanted == [""] * 40 + [OFTEN]
    with reading(store.engine) as connection:
        begins = sorted(connection.execute(select(job.c.run_at).where(job.c.kind == PREVIEW)).scalars())
    assert [at - NOW for at in begins] == [timedelta(seconds=20 * number) for number in range(40)]


def done(store):
    with rewriting(store.engine) as connection:
        connection.execute(job.delete().where(job.c.kind == PREVIEW))


def begins(store):
    with reading(store.engine) as connection:
        return [row.run_at - NOW for row in connection.execute(select(job.c.run_at).where(job.c.kind == PREVIEW))]


def test_whoever_lost_the_page_and_begins_again_takes_the_place_of_the_own_try(store):
    lost, again, other = a_draft(store), a_draft(store), a_draft(store)
    assert store.repository_previews.want(lost.id, HERE, "a", now=NOW) == ""
    assert store.repository_previews.want(again.id, HERE, "a", now=NOW + timedelta(seconds=5)) == ""
    assert begins(store) == [timedelta(seconds=5)]
    assert store.repository_previews.want(other.id, f"{HERE}-2", "a", now=NOW + timedelta(seconds=6)) == ""
    assert sorted(begins(store)) == [timedelta(seconds=5), timedelta(seconds=25)]


def test_a_look_that_nobody_takes_delays_its_network_for_a_minute(store):
    submission, other = a_draft(store), a_draft(store)
    store.repository_previews.want(submission.id, HERE, "a", now=NOW)
    store.repository_previews.want(other.id, f"{HERE}-2", "a", now=NOW + timedelta(seconds=61))
    assert max(begins(store)) == timedelta(seconds=61)


def test_only_a_draft_of_this_kind_is_looked_at(store):
    _, other = begin_draft(store, CORRECT, "fr", project_id=identity("galette"), now=NOW)
    sent = a_draft(store)
    submissions.send(store, sent.id, email=ANA, now=NOW)
    for kept in (other, sent):
        with pytest.raises(NotFound):
            store.repository_previews.want(kept.id, HERE, "a", now=NOW)


def test_begun_twice_with_one_secret_there_is_one_draft(store):
    token = "t" * 43
    first = begin_draft(store, REGISTER, "fr", answers=SAID, token=token, now=NOW)
    second = begin_draft(store, REGISTER, "fr", answers={}, token=token, now=NOW)
    assert first == second and second[1].answers["name"] == SAID["name"]


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


@pytest.mark.parametrize(
    "typed",
    ["", "galette", "https://", "https://user:pw@example.org/x", "file:///etc/passwd", "https://example.org",
     "https://exa mple.org/x", "ftp://example.org/x", "https://127.1/x", "https://[::1]/x", "x" * 3000, "🎉",
     *HOSTILE.values()],
)  # fmt: skip
def test_what_is_no_address_is_told_beside_its_field_with_what_was_typed(lasting_site, typed):
    client, looking = lasting_site
    looking.clock.move(hours=1)  # nobody types so often
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
        assert connection.execute(select(func.count()).select_from(submission)).scalar_one() == 1


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


def test_a_look_that_takes_too_long_is_not_waited_for(site, caisse, clock):
    client, looking = site
    draft = begun(client, caisse)
    clock.move(seconds=19)
    assert 'http-equiv="refresh"' in client.get(draft).text
    clock.move(seconds=2)
    late = client.get(draft)
    assert 'http-equiv="refresh" content="10"' in late.text and "in time" in late.text
    put(client, draft, step="alone")
    looked(looking)  # it comes all the same, and is used
    assert "publiccode.yml" in client.get(f"{draft}/right").text


def test_the_child_that_reads_for_a_look_ends_with_it(sqlite_store, tmp_path, clock, caisse):
    before = set(multiprocessing.active_children())
    with a_registering_site(sqlite_store, tmp_path, clock, ObserverProcess(task_seconds=30)) as (client, looking):
        path = begun(client, caisse)
        assert looked(looking) == 1
        assert "publiccode.yml" in client.get(f"{path}/right").text
        assert set(multiprocessing.active_children()) <= before


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
    put(client, f"{draft}/right", email=ANA, step="send")
    opened(sqlite_store, clock())
    done = published(sqlite_store, of_path(sqlite_store, draft), clock())
    assert sqlite_store.public_records.project(done.before["slug"]).record.context_only


def test_a_copy_is_told_of_the_original_and_goes_its_own_way(site, sqlite_store, origin, caisse, clock):
    client, looking = site
    mirrored(sqlite_store, head=git("rev-parse", "main", cwd=origin.folder / "caisse.git").decode())
    copy = origin.folder / "copy.git"
    git("clone", "-q", "--bare", origin.folder / "caisse.git", copy)
    git("config", "uploadpack.allowFilter", "true", cwd=copy)
    draft = begun(client, origin.url("git/copy.git"))
    looked(looking)
    answer = client.get(draft)
    assert "same history" in heading(answer) and "/en/projects/galette" in answer.text
    put(client, draft, step="apart")
    assert client.get(draft).headers["location"] == f"{draft}/right"
    assert "same-history" in {doubt.reason for doubt in submissions.doubts(sqlite_store, of_path(sqlite_store, draft))}


def test_somebody_who_proposes_the_same_is_told_since_when_it_is_read(site, sqlite_store, caisse):
    client, looking = site
    first = begun(client, caisse)
    looked(looking)
    put(client, f"{first}/right", email=ANA, step="send")
    assert looked(looking) == 0 and client.get(begun(client, caisse)).status_code == 200
    opened(sqlite_store, NOW)
    second = client.get(begun(client, caisse))
    assert "24 November 2026" in second.text and ANA not in second.text and "is kept for 30 days" in second.text


def test_of_two_who_propose_the_same_the_first_to_prove_an_address_is_read_and_the_other_keeps_all(site, sqlite_store):
    client, _ = site
    drafts = []
    for number, email in enumerate((ANA, "ben@example.org")):
        secret, submission = begin_draft(sqlite_store, REGISTER, "en", answers=SAID, now=NOW)
        sqlite_store.repository_previews.want(submission.id, HERE, email, now=NOW)
        submissions.send(sqlite_store, submission.id, email=email, now=NOW + timedelta(minutes=number))
        drafts.append((secret, submission, last_link(sqlite_store)))
    (_, first, first_link), (secret, second, second_link) = drafts
    answer = client.post(f"/en/sign-in/{second_link}", data={"go": ""})
    assert sqlite_store.submissions.get(second.id).state == WAITING
    client.cookies.clear()
    answer = client.post(f"/en/sign-in/{first_link}", data={"go": ""})
    told = client.get(answer.headers["location"])
    assert "Someone else has already proposed this software" in told.text and SAID["summary"] in told.text
    client.post(answer.headers["location"], data={"step": "send"})
    assert sqlite_store.submissions.get(first.id).state == DRAFT
    submissions.withdraw(sqlite_store, second.id, now=NOW)
    assert 'value="send"' in client.get(answer.headers["location"]).text
    client.post(answer.headers["location"], data={"step": "send"})
    assert sqlite_store.submissions.get(first.id).state == WAITING


def test_a_mistyped_address_is_corrected_where_it_was_sent_and_its_link_opens_nothing(site, sqlite_store, clock):
    client, _ = site
    secret, submission = begin_draft(sqlite_store, REGISTER, "en", answers=SAID, now=NOW)
    submissions.send(sqlite_store, submission.id, email="anna@example.org", now=NOW)
    wrong_link, page = last_link(sqlite_store), f"/en/declarations/{secret}"
    assert client.get(f"/en/register/{secret}").headers["location"] == page
    assert 'value="anna@example.org"' in client.get(page).text
    refused = client.post(page, data={"step": "address", "email": "ana@"})
    assert refused.status_code == 422 and 'value="ana@"' in refused.text
    clock.move(minutes=1)
    assert client.post(page, data={"step": "address", "email": ANA}).headers["location"] == page
    assert ANA in client.get(page).text and "anna@" not in client.get(page).text
    assert client.post(f"/en/sign-in/{wrong_link}", data={"go": ""}).status_code == 410
    right_link = last_link(sqlite_store)
    assert right_link != wrong_link
    client.post(f"/en/sign-in/{right_link}", data={"go": ""})
    sent = sqlite_store.submissions.get(submission.id)
    assert (sent.state, sent.email) == (WAITING, ANA) and sent.answers["summary"] == SAID["summary"]


def test_corrected_addresses_get_no_more_messages_than_any_others(site, sqlite_store):
    client, _ = site
    secret, submission = begin_draft(sqlite_store, REGISTER, "en", answers=SAID, now=NOW)
    submissions.send(sqlite_store, submission.id, email=ANA, now=NOW)
    for number in range(30):
        client.post(f"/en/declarations/{secret}", data={"step": "address", "email": f"a{number}@example.org"})
    answer = client.post(f"/en/declarations/{secret}", data={"step": "address", "email": "more@example.org"})
    assert answer.status_code == 429


def test_whoever_follows_on_a_network_waits_for_the_one_before_and_is_read_too(site, origin, caisse, clock):
    client, looking = site
    begun(client, caisse)
    a_repository(origin.folder, "other.git")
    second = begun(client, origin.url("git/other.git"))
    answer = client.get(second)
    assert "We are looking at it" in answer.text and origin.url("git/other.git") in answer.text
    assert looked(looking) == 1
    clock.move(seconds=20)
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
    for place in (path, f"{path}/right", "/en/register/" + "y" * 43, "/en/register/x"):
        answer = client.get(place)
        assert answer.status_code == 410 and "30 days" in answer.text
    assert client.post(f"{path}/right", data={"step": "send"}).status_code == 410
    assert client.post(path, data={"step": "alone"}).status_code == 410


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
        sqlite_store.jobs.lease("dead", now=clock(), lease=timedelta(seconds=60), kinds=[PREVIEW])
        clock.move(seconds=61)
    assert looked(looking) == 1
    look = of_path(sqlite_store, path).found[PREVIEW]
    assert (look["state"], look["outcome"]) == ("unread", "failed")
