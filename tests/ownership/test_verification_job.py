"""The job that checks verifications: a real repository, site and name server on loopback; and those who cheat."""

import gzip
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, load
from support.factories.visits import LICENSE_TEXT, LOOPBACK, README, a_conductor, mirror_of, visited
from support.hosts.dns import a_deaf_port, a_zone
from support.hosts.git_origin import a_repository, git
from support.hosts.web import a_site_of
from support.waiting_rows import jobs_by_kind

from catalog.ownership import verify
from catalog.rules.verification import DNS, FILE, LINK, LOST, OPEN, VERIFIED
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB
from forge.jobs.verification_checks import CheckContext, _links, check
from forge.jobs.verify_ownership import VerifyOwnership
from forge.security.dns import DnsSilent, TxtLookup
from forge.security.safe_http import AddressRules
from tests.ownership.test_verification import BO, again, proven, somebody, verification_results

BASE = "https://catalog.example.org"
RULES = AddressRules(LOOPBACK)
GALETTE = identity("galette")


@pytest.fixture
def proving(sqlite_store, settings, clock):
    return VerifyOwnership(
        CheckContext(sqlite_store, settings.mirrors, RULES, TxtLookup(RULES, ("127.0.0.1",), 1), BASE), clock
    )


@pytest.fixture
def mirrored(sqlite_store, settings, clock, origin, tool):
    """The project's repository at the origin, and a conductor that visits it."""
    load(
        sqlite_store,
        a_catalog(
            a_project(repository=origin.url("git/tool.git")), a_project("fork", repository=origin.url("git/fork.git"))
        ),
    )
    with a_conductor(sqlite_store, settings, clock=clock) as conductor:
        yield conductor


def handler(proving, now=None):
    """Do the look that is due; whether one was."""
    jobs = proving.store.jobs.lease(
        "test", now=now or proving.clock(), lease=timedelta(seconds=60), kinds=[VERIFICATION_JOB]
    )
    for job in jobs:
        proving.run(job)
    return bool(jobs)


def begun(store, way, email=BO, kind="project", slug="galette"):
    verification = verify.begin(store, somebody(store, email), kind, slug, way, "fr", now=NOW)
    verify.ask_for_check(store, verification.id, now=NOW)
    return verification


def pushed(tool, path, text):
    """A commit at the origin that adds a file."""
    work = tool.parent / "work"
    if not work.exists():
        git("clone", "-q", tool, work)
    (work / path).parent.mkdir(exist_ok=True, parents=True)
    (work / path).write_text(text)
    git("add", "-A", cwd=work)
    git("commit", "-qm", path, cwd=work)
    git("push", "-q", cwd=work)


def seen(store, proof):
    return store.verifications.get(proof.id)


@pytest.mark.parametrize("path", [".well-known/forge-claim.txt", "forge-claim.txt"])
def test_a_file_in_the_repository_proves_once_our_copy_has_it(mirrored, proving, tool, clock, path):
    store = proving.store
    visited(mirrored)
    clock.move(seconds=1)
    submission = begun(store, FILE)
    assert handler(proving) and seen(store, submission).state == OPEN  # the visit is under way
    pushed(tool, path, f"# who keeps it\n{submission.line}\n")
    visited(mirrored)
    clock.move(seconds=2)
    assert handler(proving)
    found = seen(store, submission)
    assert (found.state, found.detail) == (VERIFIED, {"file": path, "commit": mirror_of(store).head})
    assert again(store, somebody(store, BO)).maintained_projects == (GALETTE,)


def test_a_visit_that_finds_the_file_gone_says_that_the_proof_is_lost_and_back_that_it_is_back(
    mirrored, proving, tool, clock
):
    store = proving.store
    submission = begun(store, FILE)
    pushed(tool, "forge-claim.txt", submission.line)
    visited(mirrored)
    handler(proving)
    assert seen(store, submission).state == VERIFIED and not handler(proving)
    pushed(tool, "forge-claim.txt", "nothing")
    clock.move(days=1)
    visited(mirrored)
    assert handler(proving) and (seen(store, submission).state, seen(store, submission).reason) == (LOST, "no-line")
    assert verification_results(store) == [(BO, "lost")]
    pushed(tool, "forge-claim.txt", f"{submission.line}\n")
    clock.move(days=1)
    visited(mirrored)
    assert handler(proving) and seen(store, submission).state == VERIFIED


def test_another_persons_line_another_projects_line_and_a_fork_prove_nothing(mirrored, proving, tool, origin, clock):
    store = proving.store
    bo = begun(store, FILE)
    eve = begun(store, FILE, "eve@example.org")
    elsewhere = begun(store, FILE, slug="fork")
    fork = a_repository(origin.folder, "fork", README__md=README, LICENSE=LICENSE_TEXT)
    pushed(tool, "forge-claim.txt", bo.line)
    pushed(fork, "x/forge-claim.txt", eve.line)  # a fork, and below the top
    visited(mirrored)
    visited(mirrored, "fork")
    clock.move(minutes=2)
    while handler(proving):
        pass
    assert [seen(store, proof).state for proof in (bo, eve, elsewhere)] == [VERIFIED, OPEN, OPEN]
    assert again(store, somebody(store, "eve@example.org")).maintained_projects == ()


def test_links_folders_and_heaps_in_place_of_the_file_prove_nothing(mirrored, proving, tool, clock):
    store = proving.store
    submission = begun(store, FILE)
    pushed(tool, "elsewhere.txt", submission.line)
    work = tool.parent / "work"
    (work / "forge-claim.txt").symlink_to("elsewhere.txt")
    (work / ".well-known" / "forge-claim.txt").mkdir(parents=True)
    (work / ".well-known" / "forge-claim.txt" / "x").write_text(submission.line)
    git("add", "-A", cwd=work)
    git("commit", "-qm", "cheat", cwd=work)
    git("push", "-q", cwd=work)
    visited(mirrored)
    clock.move(minutes=2)
    assert handler(proving) and seen(store, submission).state == OPEN
    (work / "forge-claim.txt").unlink()
    pushed(tool, "forge-claim.txt", "x" * 100_000 + f"\n{submission.line}\n")
    visited(mirrored)
    handler(proving)
    assert (seen(store, submission).state, seen(store, submission).reason) == (OPEN, "no-line")


def test_without_a_copy_the_person_waits_a_minute_then_is_looked_at_hourly(mirrored, proving, clock):
    submission = begun(proving.store, FILE)
    for _ in range(3):
        assert handler(proving) and seen(proving.store, submission).checked_at is None
        clock.move(seconds=2)
    clock.move(seconds=60)
    assert handler(proving) and seen(proving.store, submission).reason == "no-copy"
    assert not handler(proving)
    clock.move(hours=1)
    assert handler(proving)


def test_a_txt_record_at_the_domain_proves_and_nothing_beside_it(sqlite_store, settings, clock):
    load(
        sqlite_store,
        a_catalog(a_project(homepage="https://www.galette.eu/x"), an_organization(homepage="https://halles.coop")),
    )
    with a_zone() as zone:
        names = TxtLookup(RULES, ("127.0.0.1",), zone.port)
        proving = VerifyOwnership(CheckContext(sqlite_store, settings.mirrors, RULES, names, BASE), clock)
        submission = begun(sqlite_store, DNS)
        coop = begun(sqlite_store, DNS, "ana@example.org", "organization", "coop-des-halles")
        zone.texts = {
            "www.galette.eu": [submission.line],
            "other.eu": [submission.line],
            "halles.coop": ["v=spf1 -all", submission.line],
        }
        zone.aliases = {"galette.eu": "other.eu"}
        while handler(proving):
            pass
        assert [seen(sqlite_store, subject).reason for subject in (submission, coop)] == ["no-record", "no-record"]
        zone.aliases = {}
        zone.texts = {
            "galette.eu": ["x" * 1500, *(f"other {n}" for n in range(40)), submission.line],
            "halles.coop": [coop.line],
        }
        clock.move(hours=1)
        while handler(proving):
            pass
        assert [seen(sqlite_store, subject).state for subject in (submission, coop)] == [VERIFIED, VERIFIED]
        assert set(zone.asked) == {"galette.eu", "halles.coop"}
        assert again(sqlite_store, somebody(sqlite_store, "ana@example.org")).represented_organizations
        zone.broken = {"galette.eu"}
        clock.move(days=30)
        while handler(proving):
            pass
        assert (seen(sqlite_store, submission).state, seen(sqlite_store, submission).reason) == (VERIFIED, "no-answer")
        zone.broken, zone.texts["galette.eu"] = set(), []
        clock.move(days=1)
        while handler(proving):
            pass
        assert seen(sqlite_store, submission).state == LOST


def test_names_are_asked_in_bounded_time_and_only_where_it_is_allowed():
    with a_zone(example_org=["a", "b" * 900, ""]) as zone:
        names = TxtLookup(RULES, ("127.0.0.1",), zone.port)
        assert sorted(names.texts("example.org")) == ["", "a", "b" * 500]
        assert names.texts("nothing.example.org") == []
        zone.silent = {"silent.org"}
        began = time.monotonic()
        with pytest.raises(DnsSilent):
            replace(names, seconds=0.5).texts("silent.org")
        assert time.monotonic() - began < 50
        for wrong in ("a..b", "x" * 300, "\udc80.org"):
            with pytest.raises(DnsSilent):
                names.texts(wrong)
        asked = len(zone.asked)
        with pytest.raises(DnsSilent):
            TxtLookup(AddressRules(), ("127.0.0.1",), zone.port).texts("example.org")
        assert len(zone.asked) == asked
    with pytest.raises(DnsSilent):
        TxtLookup(RULES, ("127.0.0.1",), a_deaf_port(), seconds=0.5).texts("example.org")


@pytest.fixture
def homed(sqlite_store, settings, clock):
    """A project and an organization whose site is a real one on loopback."""
    with a_site_of() as site:
        load(sqlite_store, a_catalog(a_project(homepage=site.url("/home")), an_organization(homepage=site.url("/"))))
        yield (
            site,
            VerifyOwnership(
                CheckContext(sqlite_store, settings.mirrors, RULES, TxtLookup(RULES, ("127.0.0.1",), 1), BASE), clock
            ),
        )


def looked(proving, proof):
    """What a look finds now."""
    return check(proving.places, proof, proving.store.verifications.about(proof))


def test_a_link_back_proves_when_it_leads_to_our_page_with_the_persons_line(homed):
    site, proving = homed
    submission, eve = begun(proving.store, LINK), begun(proving.store, LINK, "eve@example.org")
    target = f"{BASE}/fr/projects/galette#{submission.line}"
    for page in (
        f'<p><a href="{target}">x</a>',
        f"<A class=x\nHREF='{target}' >",
        f"<a href={target}>",
        f'<head><link rel="me" href="{BASE}/projects/galette#{submission.line}" />',
    ):
        site.pages["/home"] = page.encode()
        assert (looked(proving, submission).outcome, looked(proving, eve).outcome) == ("found", "absent"), page


def test_what_only_looks_like_a_link_of_the_site_proves_nothing(homed):
    site, proving = homed
    submission = begun(proving.store, LINK)
    line, target = submission.line, f"{BASE}/fr/projects/galette#{submission.line}"
    for page in (
        target,
        f'&lt;a href="{target}"&gt;',
        f'<img src="{target}">',
        f'<a rel="nofollow ugc" href="{target}">a comment</a>',
        f'<a href="{BASE}/fr/projects/galette">{line}</a>',
        f'<a href="{BASE}/fr/projects/galette?{line}">',
        f'<a href="{BASE}/fr/projects/asleep#{line}">',
        f'<a href="{BASE}.evil.example.org/fr/projects/galette#{line}">',
        f'<a href="https://evil.example.org/fr/projects/galette#{line}">',
        f'<a title="{target}" href="/">',
        f'<a data-href="{target}">',
        f'<a href="{target}',
        f'<a{" " * 3000}href="{target}">',
        f'<a href="{BASE}/fr/projects/galette#{line}x">',
    ):
        site.pages["/home"] = page.encode()
        assert looked(proving, submission).outcome == "absent", page


def test_a_heap_of_a_page_is_read_in_linear_time_and_a_packed_or_endless_one_not_at_all(homed):
    site, proving = homed
    submission = begun(proving.store, LINK)
    line = submission.line.encode()
    for piece in (b"<a ", b"<a href=", line, b"<a " + line, b"<" * 50, b'<a x="' + line):
        page = (piece * (1_000_000 // len(piece) + 1))[: 1 << 20]
        began = time.monotonic()
        _links(page, submission.nonce)
        assert time.monotonic() - began < 20
        site.pages["/home"] = page
        assert looked(proving, submission).outcome == "absent"
    site.pages["/home"] = b"x" * ((1 << 20) + 1)
    assert looked(proving, submission).reason == "no-answer"
    site.headers, site.pages["/home"] = {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 50_000_000)
    assert looked(proving, submission).outcome == "absent"


def test_redirects_to_private_addresses_and_to_other_sites_prove_nothing(homed):
    site, proving = homed
    submission = begun(proving.store, LINK)
    with a_site_of() as other:
        other.pages["/x"] = f'<a href="{BASE}/fr/projects/galette#{submission.line}">'.encode()
        for target, reason in (
            ("http://10.0.0.1/x", "refused"),
            ("http://169.254.169.254/latest/meta-data", "refused"),
            ("http://[::1]/x", "refused"),
            ("file:///etc/passwd", "refused"),
            (other.url("/x"), "elsewhere"),
            (site.url("/home"), "refused"),
        ):
            site.pages["/home"] = target
            assert looked(proving, submission).reason == reason, target
    for status, reason in ((404, "no-page"), (410, "no-page"), (500, "no-answer"), (403, "no-answer")):
        site.pages["/home"] = status
        assert looked(proving, submission).reason == reason


def test_a_file_at_the_organizations_site_lets_its_person_speak_for_it(homed):
    site, proving = homed
    submission = begun(proving.store, FILE, "ana@example.org", "organization", "coop-des-halles")
    for content, reason in (
        (404, "no-file"),
        (b"", "no-line"),
        (f"x {submission.line}".encode(), "no-line"),
        (b"\xff\x00" * 9, "no-line"),
    ):
        site.pages["/.well-known/forge-claim.txt"] = content
        assert looked(proving, submission).reason == reason
    site.pages["/.well-known/forge-claim.txt"] = f"{submission.line}\r\n".encode()
    handler(proving)
    assert seen(proving.store, submission).state == VERIFIED
    assert again(proving.store, somebody(proving.store, "ana@example.org")).represented_organizations == (
        identity("coop-des-halles", "organization"),
    )


def test_a_record_whose_homepage_is_another_now_is_looked_at_there(homed, clock):
    site, proving = homed
    submission = begun(proving.store, LINK)
    site.pages["/home"] = f'<a href="{BASE}/fr/projects/galette#{submission.line}">'.encode()
    handler(proving)
    assert seen(proving.store, submission).state == VERIFIED
    load(proving.store, a_catalog(a_project(homepage="https://github.com/x/y")), digest="2")
    clock.move(days=30)
    handler(proving)
    assert (seen(proving.store, submission).state, seen(proving.store, submission).reason) == (LOST, "no-place")


def test_a_proof_that_was_given_up_or_whose_record_left_leaves_no_job(homed):
    _, proving = homed
    store = proving.store
    bo, proof = proven(store, way=LINK)
    verify.give_up(store, bo, proof.id, now=NOW)
    begun(store, LINK)
    load(store, a_catalog(), digest="2")
    while handler(proving):
        pass
    assert VERIFICATION_JOB not in jobs_by_kind(store)
