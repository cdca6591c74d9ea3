"""Registering many programs from a pasted list: who may, how many, what becomes of lines that say the same, that are
none, or that lead to what is here or is not free. Looks are real ones, at a real loopback origin."""

from contextlib import closing

import pytest
from support.factories.core import a_store
from support.factories.registration import Lasting, a_caisse, a_registering_site, begun, looked, put
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_repository
from support.visitors import HOSTILE, person_id, signed_in
from support.world import fill

from catalog.rules.submission import DRAFT, WAITING

LIST = "/en/register/list"
ANA = "ana.list@example.org"


@pytest.fixture(scope="module")
def child():
    with closing(Lasting()) as lasting:
        yield lasting


@pytest.fixture
def site(sqlite_template, tmp_path, clock, child):
    """The store, a stranger, somebody whose address is proven, and the look that the worker would do."""
    with a_store(sqlite_template, tmp_path) as store:
        fill(store)
        with a_registering_site(store, tmp_path, clock, child) as (stranger, looking):
            yield store, stranger, signed_in(stranger.app, store, ANA, None), looking


def pasted(client, *lines):
    return client.post(LIST, data={"address": "\n".join(lines), "step": "begin"})


def drafts(store, state=DRAFT):
    return [said for said in store.submissions.of_person(person_id(store, ANA)) if said.state == state]


def look_at_all(looking, clock):
    while looked(looking):
        clock.move(seconds=61)


def numbered(count, first=0):
    return [f"https://git.example.org/tools/{number}" for number in range(first, first + count)]


def test_a_stranger_adds_five_in_an_hour_and_is_led_to_sign_in_for_a_list(site, clock, origin):
    _, stranger, _, looking = site
    assert f'href="{LIST}"' in stranger.get("/en/register").text
    assert stranger.get(LIST).headers["location"] == "/en/sign-in?next=%2Fen%2Fregister%2Flist"
    refused = pasted(stranger, *numbered(3))
    assert refused.status_code == 403 and numbered(1)[0] in refused.text and "/en/sign-in" in refused.text
    several = stranger.post("/en/register", data={"address": " ".join(numbered(3)), "draft": ""})
    assert several.status_code == 422 and numbered(1)[0] in several.text and f'href="{LIST}"' in several.text
    paths = []
    for number in range(6):
        paths.append(begun(stranger, origin.url(f"missing/{number}.git")))
        looked(looking)
        clock.move(seconds=61)
    assert "no repository" in stranger.get(paths[4]).text
    assert "Several were looked up from your network in the last hour" in stranger.get(paths[5]).text


def test_whoever_is_signed_in_adds_forty_in_an_hour_and_the_next_ones_later(site, clock):
    store, _, ana, _ = site
    many = pasted(ana, *numbered(41))
    assert many.status_code == 422 and "Paste at most 40 addresses at once" in many.text and drafts(store) == []
    assert all(line in many.text for line in numbered(41))
    assert pasted(ana, *numbered(40)).headers["location"] == LIST
    page = ana.get(LIST)
    assert len(drafts(store)) == 40 and page.text.count("Being read") == 40
    assert 'http-equiv="refresh"' in page.text and "<textarea" not in page.text  # it would take away what is typed
    assert "<textarea" in ana.get(f"{LIST}?more=yes").text and "refresh" not in ana.get(f"{LIST}?more=yes").text
    assert pasted(ana, *numbered(2, 40)).status_code == 303
    page = ana.get(LIST)
    assert page.text.count("To be looked at later") == 2 and page.text.count("Being read") == 40
    clock.move(minutes=61)
    assert pasted(ana, *numbered(2, 40)).status_code == 303  # the same lines again: they are looked at now
    page = ana.get(LIST)
    assert len(drafts(store)) == 42 and "To be looked at later" not in page.text


def test_lines_that_mean_the_same_are_one_draft_and_what_is_here_is_said_to_be_here(site):
    store, _, ana, _ = site
    same = (
        "https://git.example.org/group/caisse",
        "https://git.example.org/group/caisse.git",
        "  https://GIT.example.org/group/caisse/  ",
        "git clone https://git.example.org/group/caisse.git",
        "git@git.example.org:group/caisse.git",
        "- https://git.example.org/group/caisse/tree/main",
        "2. https://git.example.org/group/caisse",
        "",
    )
    here = "https://github.com/example/galette"
    assert pasted(ana, *same, here).status_code == 303
    assert pasted(ana, *reversed(same), here).status_code == 303
    assert len(drafts(store)) == 2
    page = ana.get(LIST).text
    assert page.count("Here already") == 1 and page.count("Being read") == 1
    assert 'href="/en/projects/galette"' in page
    assert pasted(ana, "", "  ").status_code == 422


def test_lines_that_are_no_address_come_back_with_their_reasons_and_the_others_go_on(site):
    store, _, ana, _ = site
    bad = {
        HOSTILE: "Write the whole address, starting with https://",
        "javascript:alert(1)": "Write the whole address, starting with https://",
        "https://someone:secret@git.example.org/a/b": "must not contain a user name or a password",
        "http://169.254.169.254/latest/meta-data": "Write the name of the host, not a number",
        "https://git.example.org/" + "x" * 5_000: "The address is too long",
        "../../etc/passwd": "The host name is not valid",
    }
    answer = pasted(ana, *bad, "https://git.example.org/good/one")
    assert answer.status_code == 422 and "Correct the lines that are left, or delete them" in answer.text
    assert "<script>" not in answer.text and "\u202e" not in answer.text and "&lt;script&gt;" in answer.text
    assert [draft.answers["address"] for draft in drafts(store)] == ["https://git.example.org/good/one"]
    box = answer.text.partition("<textarea")[2].partition("</textarea>")[0]
    assert "good/one" not in box and "169.254.169.254" in box and "someone:secret" in box
    for reason in bad.values():
        assert reason in answer.text


def test_those_that_lack_nothing_are_sent_at_one_press_and_what_is_not_free_is_asked_about(site, clock, origin):
    store, _, ana, looking = site
    free = a_caisse(origin)
    a_repository(origin.folder, "bare.git", LICENSE=LICENSE_TEXT)
    a_repository(origin.folder, "shut.git", package__json='{"license": "SSPL-1.0"}')
    shut, bare = origin.url("git/shut.git"), origin.url("git/bare.git")
    assert pasted(ana, free, shut, bare, origin.url("missing/none.git")).status_code == 303
    look_at_all(looking, clock)
    page = ana.get(LIST).text
    assert page.count("Ready to send") == 1 and page.count("To be completed") == 2
    assert page.count("Not free software") == 1
    closed = next(draft for draft in drafts(store) if draft.answers["address"] == shut)
    assert "not free" in ana.get(f"/en/register/{closed.reference}").text
    assert ana.post(LIST, data={"step": "send"}).status_code == 303
    assert ana.post(LIST, data={"step": "send"}).status_code == 303  # nothing is left to be sent
    assert [said.answers["address"] for said in drafts(store, WAITING)] == [free] and len(drafts(store)) == 3
    page = ana.get(LIST).text
    assert "Ready to send" not in page and "A moderator reads it within 7 days" in page and "Caisse commune" in page
    put(ana, f"/en/register/{closed.reference}", step="anyway")
    put(ana, f"/en/register/{closed.reference}/summary", summary="Keeps data", language="en")
    assert ana.get(LIST).text.count("Ready to send") == 1
    assert ana.post(LIST, data={"step": "remove", "draft": closed.reference}).status_code == 303
    assert len(drafts(store)) == 2 and shut not in ana.get(LIST).text
    other = signed_in(ana.app, store, "other@example.org", None)
    left = drafts(store)[0].reference
    assert other.post(LIST, data={"step": "remove", "draft": left}).status_code == 404
    assert len(drafts(store)) == 2 and drafts(store, WAITING)[0].reference not in other.get(LIST).text
