"""Who reads much of the code: long histories cost the same on each page, and no network reads without end."""

import os
import re
import subprocess
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.testclient import TestClient
from support.factories.code import mirrored
from support.hosts.git_origin import GIT_ENVIRONMENT, git
from support.serving import served

from forge.git import objects
from forge.git.browse import history
from forge.web.code import history_page
from forge.web.code.access import READER_SHARE, READERS
from forge.web.code.token_buckets import TokenBuckets

CODE = "/en/projects/galette/code"


def a_long_history(site, commits):
    """The id of the last of so many commits, every tenth of which changes the same file."""
    rows = ["blob\nmark :1\ndata 1\nx\n"]
    for number in range(commits):
        rows.append(f"commit refs/heads/long\ncommitter Ana <a@b> {1_700_000_000 + number} +0000\ndata 3\nn\n\n")
        content = f"{number:06}"
        rows.append(
            f"M 100644 inline shared\ndata 6\n{content}\n" if number % 10 == 0 else f"M 100644 :1 g{number % 500}\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=site.repository, input="".join(rows).encode(), env=GIT_ENVIRONMENT,
        check=True,
    )  # fmt: skip
    return git("rev-parse", "refs/heads/long", cwd=site.repository).decode()


def changes_of(answer):
    return re.findall(r'commit/([0-9a-f]{40})"><bdi>', answer.text)


@pytest.mark.parametrize("commits", [5_000, pytest.param(80_000, marks=pytest.mark.full)])
def test_each_page_of_a_long_history_holds_what_git_lists(code_site, commits):
    head = a_long_history(code_site, commits)
    listed = git("rev-list", head, cwd=code_site.repository).decode().split()
    for after in (0, 50, commits - 2_150, commits - 50):
        answer = code_site.get(f"{CODE}/log/{head}?after={after}")
        assert changes_of(answer) == listed[after : after + 50], after
        assert (f"?after={after + 50}" in answer.text) is (after < commits - 50)
    for nonsense in (str(commits), "x", "-1", "99999999"):
        assert code_site.get(f"{CODE}/log/{head}?after={nonsense}").status_code == 404


def test_the_changes_of_a_file_take_pages_too(code_site):
    head = a_long_history(code_site, 3_000)
    address, seen = f"{CODE}/log/{head}/shared", []
    while address:
        answer = code_site.get(address)
        seen.append(changes_of(answer))
        older = re.search(r'rel="next nofollow" href="([^"]*)"', answer.text)
        address = older and older[1]
    assert [len(page) for page in seen] == [50] * 6
    assert [oid for page in seen for oid in page] == git(
        "rev-list", head, "--", "shared", cwd=code_site.repository
    ).decode().split()


def test_a_look_for_the_changes_of_a_path_ends_in_time(code_site, monkeypatch):
    head = a_long_history(code_site, 1_000)
    monkeypatch.setattr(history_page, "changes", partial(history.changes, seconds=0.0))
    answer = code_site.get(f"{CODE}/log/{head}/shared")
    assert "Only a part of this long history was looked through" in answer.text
    # Kept for a minute: nobody makes git look there again.
    assert answer.headers["cache-control"].startswith("public")


def test_one_client_that_reads_histories_of_paths_leaves_places_to_others(code_site):
    code_readers = code_site.app.state.code_readers
    crawlers = [Request({"type": "http", "client": (f"2001:db8:0:{n}::1", 1), "headers": []}) for n in range(READERS)]
    crawlers = [Request({**crawler.scope, "app": code_site.app}) for crawler in crawlers]
    with ExitStack() as held:
        for crawler in crawlers[:READER_SHARE]:
            held.enter_context(code_readers.reading(crawler))
        with pytest.raises(HTTPException):
            held.enter_context(code_readers.reading(crawlers[-1]))  # the same network of an IPv6 provider
        assert code_site.get(f"{CODE}/log/main/README.md").status_code == 200


def test_crawlers_are_told_to_follow_nothing(code_site):
    for rest in ("", "/tree/main", "/refs", "/search?q=x"):
        assert code_site.get(f"{CODE}{rest}").headers["x-robots-tag"] == "noindex, nofollow"


def test_a_network_that_reads_too_much_is_told_when_to_come_back(code_site):
    code_readers = code_site.app.state.code_readers
    code_readers.tokens = TokenBuckets(tokens=10, per_second=0.001)
    crawler = TestClient(code_site.app, follow_redirects=False, client=("203.0.113.7", 1))
    neighbour = TestClient(code_site.app, follow_redirects=False, client=("203.0.113.9", 1))
    reader = TestClient(code_site.app, follow_redirects=False, client=("198.51.100.7", 1))
    statuses = [crawler.get(f"{CODE}/refs").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [503] * 2
    answer = neighbour.get("/projects/galette/raw/main/README.md")
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 100
    assert reader.get(f"{CODE}/refs").status_code == 200
    assert crawler.get("/en/projects/galette").status_code == 200


def test_crawlers_that_hold_all_places_leave_the_catalogue_to_its_readers(code_site, monkeypatch):
    """More crawlers than a server has threads follow links, while git stands still."""
    monkeypatch.setattr(objects, "ANSWER_SECONDS", 600.0)
    code_site.app.state.code_readers.pool.close()
    settings = code_site.repository / "config"
    text = settings.read_bytes()
    settings.unlink()
    os.mkfifo(settings)  # whoever opens it waits for a writer
    with served(code_site.app) as address, ThreadPoolExecutor(60) as crawlers:
        host, port = address.removeprefix("http://").split(":")

        def status(path, reader="127.0.0.1"):
            connection = HTTPConnection(host, int(port), timeout=60, source_address=(reader, 0))
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                return answer.status, answer.getheader("retry-after")
            finally:
                connection.close()

        page = f"{CODE}/log/{code_site.ids['two']}"
        waiting = {crawlers.submit(status, page, f"127.0.1.{2 + number % 3}") for number in range(60)}
        try:
            refused = []
            while len(waiting) > READERS:
                done, waiting = wait(waiting, timeout=30, return_when=FIRST_COMPLETED)
                assert done, "more hold a place than there are places"
                refused += [answer.result() for answer in done]
            assert set(refused) == {(503, "5")}
            for catalogue in (
                "/en/log",
                "/en/projects/galette",
                "/en/organizations",
                "/en/help",
                "/api/v1/projects/galette",
            ):
                assert status(catalogue)[0] == 200, catalogue
            assert len(waiting) == READERS and not any(answer.done() for answer in waiting)
        finally:
            settings.rename(settings.with_name("waited-for"))
            settings.write_bytes(text)
            (code_site.repository / "waited-for").open("wb").close()
        assert {answer.result()[0] for answer in waiting} == {200}


def test_what_takes_git_long_costs_more(code_site):
    code_site.app.state.code_readers.tokens = TokenBuckets(tokens=9, per_second=0.001)
    reader = TestClient(code_site.app, follow_redirects=False, client=("203.0.113.7", 1))
    assert reader.get(f"{CODE}/search?q=x").status_code == 200
    assert reader.get(f"{CODE}/blame/main/src/inner.c").status_code == 503
    assert reader.get("/projects/galette/archive/v1.zip").status_code == 503
    assert reader.get(f"{CODE}/refs").status_code == 200


def test_the_machine_itself_is_not_counted_but_who_comes_through_it_is(code_site):
    code_site.app.state.code_readers.tokens = TokenBuckets(tokens=1, per_second=0.001)
    local = TestClient(code_site.app, follow_redirects=False, client=("127.0.0.1", 1))
    assert [local.get(f"{CODE}/refs").status_code for _ in range(3)] == [200] * 3
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    assert [local.get(f"{CODE}/refs", headers=forwarded).status_code for _ in range(2)] == [200, 503]


def test_a_bucket_fills_again_and_forgets_whoever_stayed_away():
    buckets = TokenBuckets(tokens=2, per_second=1, networks=2)
    assert [buckets.take("a", 1, now=0.0) for _ in range(3)] == [0, 0, 1]
    assert buckets.take("a", 1, now=1.0) == 0 and buckets.take("a", 2, now=2.0) == 1
    for network in ("b", "c"):
        buckets.take(network, 2, now=2.0)
    assert buckets.take("a", 2, now=2.0) == 0


@pytest.mark.parametrize("rest", ["", "/tree/main", "/refs", "/compare/v1...v2", "/search"])
def test_closed_code_costs_nothing(code_site, rest):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    code_site.app.state.code_readers.tokens = TokenBuckets(tokens=0, per_second=0.001)
    assert code_site.get(f"{CODE}{rest}").status_code in (200, 403)
