"""What is published over HTTP: exact bytes, strong tags, little for who has it already; and the job that writes it."""

import os
import pickle
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from support.exchange_reader import ExchangeReader
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, later, load
from support.world import a_client, a_site

from catalog.store.exchange.published import PublishedMeanwhile
from catalog.store.store import Store
from forge.config import memory_turn
from forge.config.settings import Settings
from forge.exchange.publisher import PATIENCE, PUBLISH, Publisher
from forge.exchange.repository import alone, prepare
from forge.server.own_interpreter import call_in_own_interpreter
from forge.server.polling_thread import PollingThread
from forge.server.publish_in_own_interpreter import publish_in_own_interpreter

USE = an_adoption()


def the_catalog(*uses: Any, **changes: Any):
    return a_catalog(a_project(adoptions=uses, **changes), a_project("paheko"), an_organization())


@pytest.fixture
def world(tmp_path, sqlite_url):
    """A store with its site, and the job that publishes beside it."""
    with closing(Store(sqlite_url)) as store:
        load(store, the_catalog(USE))
        with a_site(store, tmp_path / "data") as app, a_client(app, packed=True) as client:
            clock = SimpleNamespace(now=later())
            app.state.clock = lambda: clock.now
            job = Publisher(store, app.state.exchange.parent, "https://forge.example", lambda: clock.now)
            job.plan()
            yield SimpleNamespace(store=store, client=client, job=job, clock=clock, folder=app.state.exchange)


def work(world, **passed: float) -> None:
    """The job as the worker takes it, so much later."""
    world.clock.now = later(**passed)
    (job,) = world.store.jobs.lease("here", now=world.clock.now, lease=PATIENCE, kinds=[PUBLISH], limit=1)
    world.job.run(job)


def paths(folder) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return sorted(path.relative_to(folder).as_posix() for path in files)


def test_each_file_goes_out_as_it_was_signed(world) -> None:
    work(world)
    for path in paths(world.folder):
        answer = world.client.get(f"/exchange/{path}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200 and "content-encoding" not in answer.headers, path
        assert answer.content == (world.folder / path).read_bytes()
        assert ("immutable" in answer.headers["cache-control"]) == path.startswith("targets/")
        assert answer.headers["access-control-allow-origin"] == "*"
        again = world.client.get(f"/exchange/{path}", headers={"If-None-Match": f'"x", {answer.headers["etag"]}'})
        assert again.status_code == 304 and not again.content


def test_a_visit_without_news_costs_less_than_a_kilobyte(world) -> None:
    work(world)
    first = world.client.get("/exchange/metadata/timestamp.json")
    answers = [
        world.client.get("/exchange/metadata/2.root.json"),
        world.client.get("/exchange/metadata/timestamp.json", headers={"If-None-Match": first.headers["etag"]}),
    ]
    assert [answer.status_code for answer in answers] == [404, 304]
    sizes = []
    for answer in answers:
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        sizes.append(len(f"HTTP/1.1 {answer.status_code} Not Modified\r\n{head}\r\n") + len(answer.content))
    assert sum(sizes) <= 1_000, sizes


def test_a_slow_line_goes_on_where_it_broke(world) -> None:
    work(world)
    path = next(path for path in paths(world.folder) if "/projects/" in path)
    rest = world.client.get(f"/exchange/{path}", headers={"Range": "bytes=10-"})
    assert rest.status_code == 206 and rest.content == (world.folder / path).read_bytes()[10:]


def test_another_sites_program_may_ask_with_a_condition(world) -> None:
    for path in ("metadata/timestamp.json", "targets/projects/x.json.gz"):
        allowed = world.client.options(f"/exchange/{path}")
        assert allowed.status_code == 204 and "If-None-Match" in allowed.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "path",
    [
        "metadata/.lock",
        "metadata/%2e%2e/.lock",
        "targets/%2e%2e/metadata/root.json",
        "metadata/9.root.json",
        "targets/x",
    ],
)
def test_what_is_not_published_is_not_there(world, path) -> None:
    work(world)
    (world.folder / "metadata/.lock").write_text("")
    assert world.client.get(f"/exchange/{path}").status_code in (404, 307, 301, 302)
    assert b"signed" not in world.client.get(f"/exchange/{path}").content


def test_what_is_new_waits_half_an_hour_and_what_was_withdrawn_does_not(world) -> None:
    work(world)
    with ExchangeReader(world.folder, NOW) as reader:
        load(world.store, the_catalog(USE, summary={"fr": "Tenir un registre"}), now=later(minutes=1), digest="2")
        work(world, minutes=1)
        assert reader.visit().records("projects")["galette"].body["summary"] != {"fr": "Tenir un registre"}
        work(world, minutes=31)
        assert reader.visit().records("projects")["galette"].body["summary"] == {"fr": "Tenir un registre"}
        load(world.store, the_catalog(summary={"fr": "Tenir un registre"}), now=later(minutes=32), digest="3")
        work(world, minutes=32)
        assert not reader.visit().adoptions() and len(reader.withdrawn) == 1


def test_nobody_reads_what_was_withdrawn_while_nothing_is_written(world) -> None:
    """The worker stands still: after ten minutes only the roots are given."""
    work(world)
    load(world.store, the_catalog(), now=later(minutes=1), digest="2")
    for minutes, status in ((5, 200), (11, 503)):
        world.clock.now = later(minutes=minutes)
        assert world.client.get("/exchange/metadata/timestamp.json").status_code == status
        assert world.client.get("/exchange/metadata/root.json").status_code == 200
    work(world, minutes=12)
    assert world.client.get("/exchange/metadata/timestamp.json").status_code == 200


def test_a_service_without_a_worker_publishes_by_itself(world) -> None:
    thread = PollingThread("publishing", world.job.look_and_log, 0.02, 1)
    thread.start()
    try:
        for _ in range(500):
            if (world.folder / "metadata/timestamp.json").is_file():
                break
            time.sleep(0.02)
    finally:
        thread.stop()
    with ExchangeReader(world.folder, NOW) as reader:
        assert set(reader.records("projects")) == {"galette", "paheko"}


def test_a_service_publishes_in_a_process_of_its_own(world, sqlite_url, caplog) -> None:
    world.job.write = publish_in_own_interpreter(Settings(database=sqlite_url))
    world.clock.now = later()
    prepare(world.folder)
    with alone(world.folder), caplog.at_level("INFO"):
        assert world.job.look() == timedelta(0)
        assert "is being written by another process" in caplog.text
        assert not list(world.folder.glob("metadata/*"))
    assert world.job.look() > timedelta(0)
    assert list(world.folder.glob("metadata/*"))
    raised = pickle.loads(pickle.dumps(PublishedMeanwhile()))
    assert str(raised) == "another process published meanwhile"


def test_publishing_waits_for_a_long_checkup_for_seconds_only(tmp_path, monkeypatch):
    """What was taken back is told within half a minute, and a checkup may take a quarter of an hour."""
    monkeypatch.setattr(memory_turn, "TURN_SECONDS", 0.1)
    words = tmp_path / "words"
    os.mkfifo(words)
    long = Thread(target=call_in_own_interpreter, args=(Path.read_text, None, words))
    long.start()
    with words.open("w") as end:  # opened when the first one reads, and so is under way
        assert call_in_own_interpreter(abs, None, -7) == 7 and long.is_alive()
        end.write("over")
    long.join()
    assert call_in_own_interpreter(abs, None, -8) == 8
