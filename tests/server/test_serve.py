"""The service as one command: what it starts, watches over, survives and ends. Each is a real one; to start it takes
seconds, so that tests which leave it as it was share one."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest
from support import forked_command as forked
from support.factories.core import a_catalog, a_document, a_project, an_adoption, load
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_repository, an_origin
from support.paths import ROOT
from support.world import a_client

from catalog.document import complete, dump
from forge.config.settings import Settings
from forge.server.index_follower import IndexFollower
from forge.server.site import make_site, running

WAIT_SECONDS = 120.0  # for what a process needs a moment to do; a loaded machine needs more of them
# This process's own: at an address that all tests share another one may take the port before the service begins.
HOST = f"127.{os.getpid() // 254 % 254 + 1}.{os.getpid() % 254 + 1}.1"


def write(folder, document):
    (folder / "catalog.yaml").write_text(dump(complete(document)), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "home"
    path.mkdir()
    write(path, a_catalog(a_project(repository=None), a_project("other", repository=None)))
    return path


def environment(**settings):
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.0/8"}
    given["FORWARDED_ALLOW_IPS"] = "*"  # uvicorn's own setting, which containers often have: it must change nothing
    if "notify_socket" in settings:
        given["NOTIFY_SOCKET"] = str(settings.pop("notify_socket"))
    return given | {f"FORGE_{name.upper()}": value for name, value in settings.items()}


def forge(folder, *arguments, **settings):
    return forked.run(arguments, cwd=folder, env=environment(**settings), timeout=60)


def until(condition):
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


class Service:
    """A running `forge serve`: `process`, `address`, and what it said so far in `said`."""

    def __init__(self, folder, *options, at=None, **settings):
        """`at`: its port; else one that is free."""
        with socket.create_server((HOST, at or 0)) as probe:
            port = probe.getsockname()[1]
        self.address, self.folder, self.log = f"http://{HOST}:{port}", folder, folder / f"said-{port}.txt"
        command = [sys.executable, "-m", "forge.cli", "serve", "--host", HOST, "--port", str(port), *options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environment(**settings), stdout=log, stderr=log)
        try:
            until(lambda: self.answers() or self.process.poll() is not None)
            assert self.process.poll() is None, self.said
        except AssertionError:
            self.process.kill()
            raise

    @property
    def said(self):
        return self.log.read_text()

    def get(self, path):
        """Status and text."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=WAIT_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def answers(self):
        with contextlib.suppress(OSError):
            return self.get("/livez")[0] == 200
        return False

    def family(self):
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(WAIT_SECONDS)


@contextlib.contextmanager
def a_service(folder, *options, **settings):
    service = Service(folder, *options, **settings)
    everyone = service.family()
    try:
        yield service
    finally:
        with contextlib.suppress(psutil.Error):
            everyone += service.family()
        if service.process.poll() is None:
            service.end()
        for process in everyone:
            with contextlib.suppress(psutil.Error):
                process.kill()


def ended(processes):
    def all_ended():
        return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)

    def looked():
        with contextlib.suppress(psutil.NoSuchProcess):
            return all_ended()
        return False

    until(looked)


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """A service with a worker beside it, whose `galette` has a repository at an origin."""
    home = tmp_path_factory.mktemp("working")
    (home / "origins").mkdir()
    a_repository(home / "origins", LICENSE=LICENSE_TEXT, README__md="# Hello\n")
    with an_origin(home / "origins") as origin:
        write(home, a_catalog(a_project(repository=origin.url("git/tool.git"))))
        with a_service(home) as service:
            yield service


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A service without a worker."""
    home = tmp_path_factory.mktemp("alone")
    write(home, a_catalog(a_project(repository=None), a_project("other", repository=None)))
    with a_service(home, "--no-worker") as service:
        yield service


def test_it_answers_says_where_and_has_a_worker(working):
    assert working.get("/en/projects/galette")[0] == 200
    assert f"Open {working.address}/" in working.said
    assert " 1 GB in " in working.said
    assert "--no-worker" in working.said
    assert working.get("/readyz") == (200, "ok\n")
    assert oct((working.folder / "data").stat().st_mode)[-3:] == "700"


def test_a_service_manager_is_told_when_the_port_answers(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(WAIT_SECONDS)
        with a_service(folder, "--no-worker", notify_socket=folder / "notify") as service:
            assert manager.recv(100) == b"READY=1"
            assert service.get("/readyz")[0] == 200


def test_memory_that_many_readers_needed_at_once_is_given_back(folder):
    script = """
import os, threading
from forge.server.memory import bound_memory
assert bound_memory()
def rss(): return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
bytearray(24 << 20)  # glibc learns from it to keep what large pieces leave behind, unless it was told otherwise
before, threads, ready, seen = rss(), [], threading.Barrier(17), threading.Barrier(17)
def read():
    pieces = [os.urandom(5 << 20) for _ in range(2)]
    small = [os.urandom(60_000) for _ in range(20)]
    ready.wait()
    seen.wait()
for _ in range(16):
    threads.append(threading.Thread(target=read))
    threads[-1].start()
ready.wait()
most = rss()
seen.wait()
for thread in threads:
    thread.join()
assert most - before > 80 << 20 and rss() - before < 40 << 20, (before, most, rss())
"""
    subprocess.run([sys.executable, "-c", script], env=environment(), check=True, timeout=60)


def test_it_mirrors_behind_the_pages(tmp_path, working):
    until(lambda: "We keep a backup copy of the code." in working.get("/en/projects/galette")[1])
    clone = ["git", "clone", "-q", f"{working.address}/git/galette.git", str(tmp_path / "clone")]
    subprocess.run(clone, check=True, capture_output=True)
    assert (tmp_path / "clone" / "README.md").read_text() == "# Hello\n"


def left(service, **headers):
    """How many requests of the interface are left to a client with these headers."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(f"{service.address}/api/v1/projects", headers=given)
    with urllib.request.urlopen(asked, timeout=WAIT_SECONDS) as answer:
        return int(re.search(r"r=(\d+)", answer.headers["ratelimit"])[1])


def test_forwarded_headers_are_believed_of_nobody_where_no_proxy_is_named(folder):
    with a_service(folder, "--no-worker") as service:
        first = left(service)
        asked = [left(service, X_Forwarded_For=f"9.9.{n}.9", Forwarded=f"for=9.9.{n}.9") for n in range(3)]
        assert asked == [first - 1, first - 2, first - 3]
        feed = urllib.request.Request(
            f"{service.address}/feeds/calls.atom",
            headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
        )
        with urllib.request.urlopen(feed, timeout=WAIT_SECONDS) as answer:
            text = answer.read().decode()
    assert service.address in text and "evil.example" not in text and f"https://{HOST}" not in text


def test_behind_named_proxies_a_reader_is_the_last_address_that_is_no_proxy(folder):
    with a_service(folder, "--no-worker", proxies="127.0.0.0/8,10.0.0.0/8") as service:
        first = left(service, X_Forwarded_For="8.8.8.8")
        # What stands before it, the reader wrote; what stands behind it, our proxies did.
        assert left(service, X_Forwarded_For="1.2.3.4, 8.8.8.8") == first - 1
        assert left(service, X_Forwarded_For="1.2.3.5, 8.8.8.8, 10.1.1.1") == first - 2
        assert left(service, X_Forwarded_For="8.8.8.8, 9.9.9.9") == first


def test_pages_that_cannot_begin_end_the_service_with_an_error(folder):
    (folder / "data" / "secret").mkdir(parents=True)  # where a file is expected
    ran = subprocess.run(
        [sys.executable, "-m", "forge.cli", "serve", "--host", HOST, "--port", "0", "--no-worker"],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=WAIT_SECONDS,
    )  # fmt: skip
    assert ran.returncode == 1 and "started again" not in ran.stderr


def test_keys_are_there_before_the_first_answer(alone):
    shown = forge(alone.folder, "exchange", "key", "show")
    assert (shown.returncode, shown.stderr) == (0, "") and shown.stdout.startswith("Fingerprint ")


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.full)])
def test_a_signal_ends_everything(folder, number):
    with a_service(folder) as service:
        everyone = service.family()
        assert service.end(number) == 0
        ended(everyone)
        assert "Traceback" not in service.said


def test_a_service_that_is_killed_leaves_no_process(folder):
    with a_service(folder) as service:
        everyone = service.family()
        service.end(signal.SIGKILL)
        ended(everyone)


def test_without_a_worker_there_is_none_and_it_says_so(alone):
    assert alone.family() == [psutil.Process(alone.process.pid)]
    assert "not brought up to date" in alone.said


@pytest.mark.full
def test_a_faulty_document_at_a_later_start_serves_the_last_good_state_and_says_so(folder):
    with a_service(folder, "--no-worker"):
        pass
    path = folder / "catalog.yaml"
    good = path.read_text()
    path.write_text(good.replace("name: Galette", "naem: Galette"))
    with a_service(folder, "--no-worker") as service:
        assert "what was loaded last is served" in service.said
        assert re.search(r"catalog\.yaml:\d+:\d+", service.said)
        assert service.get("/en/projects/galette")[0] == 200
        status, told = service.get("/readyz")
        assert status == 200 and told.startswith("ok\n") and "catalog.yaml" in told
        assert "SOON  last load" in forge(folder, "doctor").stdout
    path.write_text(good)
    with a_service(folder, "--no-worker") as service:
        assert service.get("/readyz") == (200, "ok\n")


def test_a_document_that_is_away_serves_what_was_loaded_last(folder):
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    (folder / "catalog.yaml").unlink()
    with a_service(folder, "--no-worker") as service:
        assert "what was loaded last is served" in service.said
        assert service.get("/en/projects/galette")[0] == 200


def found_after_an_import(service):
    assert "Zebulon" not in service.get("/en/projects?q=zebulon")[1]
    write(service.folder, a_catalog(*(a_project(slug, repository=None) for slug in ("galette", "other", "zebulon"))))
    assert forge(service.folder, "import", "catalog.yaml").returncode == 0
    until(lambda: "Zebulon" in service.get("/en/projects?q=zebulon")[1])
    assert "No project" not in service.get("/en/projects?q=zebulon")[1]


def test_an_import_by_another_process_is_found_without_a_restart(alone):
    found_after_an_import(alone)


def test_a_block_by_another_process_is_410_and_gone_from_search_until_unblocked(alone):
    assert forge(alone.folder, "block", "other", "--reason", "Asked for by its makers.").returncode == 0
    status, text = alone.get("/en/projects/other")
    assert (status, "Asked for by its makers." in text) == (410, True)
    until(lambda: "/en/projects/other" not in alone.get("/en/projects?q=other")[1])
    assert forge(alone.folder, "unblock", "other").returncode == 0
    assert alone.get("/en/projects/other")[0] == 200
    until(lambda: "/en/projects/other" in alone.get("/en/projects?q=other")[1])


@pytest.mark.full
def test_a_second_service_on_the_same_folder_reads_the_index_and_takes_it_over(folder):
    with a_service(folder, "--no-worker") as first, a_service(folder, "--no-worker") as second:
        assert "/en/projects/galette" in second.get("/en/projects?q=galette")[1]
        first.end()
        write(folder, a_catalog(a_project("zebulon", repository=None)))
        forge(folder, "import", "catalog.yaml")
        until(lambda: "Zebulon" in second.get("/en/projects?q=zebulon")[1])


def test_whoever_finds_first_finds_all(sqlite_store, tmp_path):
    load(sqlite_store, a_catalog(a_project()))
    settings = Settings(data=tmp_path)
    with running(IndexFollower(sqlite_store, settings.search)):
        assert "Galette" in a_client(make_site(settings, sqlite_store)).get("/fr/projects?q=galette").text


@pytest.mark.full
def test_a_deleted_index_is_built_again(folder):
    import shutil

    with a_service(folder, "--no-worker"):
        pass
    shutil.rmtree(folder / "data" / "search")
    with a_service(folder, "--no-worker") as service:
        assert "/en/projects/galette" in service.get("/en/projects?q=galette")[1]


def test_an_address_that_is_taken_ends_with_an_error_and_leaves_no_worker(folder, alone):
    port = alone.address.rpartition(":")[2]
    ran = forge(folder, "serve", "--host", HOST, "--port", port)
    assert ran.returncode != 0
    assert "address already in use" in ran.stderr.lower() and "FORGE_PORT" in ran.stderr
    assert "Open http" not in ran.stdout


def test_an_address_of_another_machine_is_named_with_what_to_do(folder):
    command = [sys.executable, "-m", "forge.cli", "serve", "--host", "192.0.2.1"]
    settings = environment(base_url="https://catalog.example.org")
    ran = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1 and "192.0.2.1:8000" in ran.stderr and "FORGE_HOST" in ran.stderr
    assert "Traceback" not in ran.stderr and "Open http" not in ran.stdout


@pytest.mark.full
def test_the_whole_document_of_an_organization_is_served(folder):
    write(folder, a_document(projects=(a_project(repository=None, adoptions=(an_adoption(),)),)))
    with a_service(folder, "--no-worker") as service:
        assert service.get("/fr/organizations/coop-des-halles")[0] == 200
