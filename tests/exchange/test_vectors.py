"""The test vectors, read by our own follower, and by the reader of docs/exchange, which knows nothing but python-tuf
and the schemas; and what docs/exchange says, which is made from the code."""

import importlib.util
import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select
from support.factories.core import a_catalog, load
from support.factories.following import a_following, followed, visit
from support.factories.visits import Clock
from support.paths import ROOT
from tuf.api.exceptions import DownloadError, RepositoryError

from catalog.exchange import limits, schemas
from catalog.exchange.names import USES
from catalog.store.core.engine import reading
from catalog.store.store import Store
from catalog.tables.federation import received_record
from tests.exchange import make_vectors
from tests.exchange.make_vectors import HERE, PARTLY, REFUSED, TAKEN, USE

LINES = json.loads((HERE / "vectors.json").read_text())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    spec = importlib.util.spec_from_file_location("exchange_reader_of_docs", ROOT / "docs/exchange/reader.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "served"
    shutil.copytree(HERE / "good", folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def follower(reader: ModuleType, address: str, state: Path) -> Any:
    """One that read `good`."""
    found = reader.Follower(address, state)
    with pytest.raises(reader.Refused, match="Compare this fingerprint") as asked:
        found.pin(None)
    found.pin(str(asked.value).rpartition(": ")[2])
    found.visit(datetime.fromisoformat(LINES["good"]["now"]))
    counts = {kind: len(found.records[kind]) for kind in found.records}
    assert counts == {kind: LINES["good"][kind] for kind in counts} and not found.said[1:]
    return found


@pytest.mark.parametrize("line", LINES["vectors"], ids=lambda line: line["name"])
def test_each_vector_is_taken_or_refused_as_its_line_says(reader, served, tmp_path: Path, line: dict[str, Any]) -> None:
    folder, address = served
    found = follower(reader, address, tmp_path / "state")
    before = json.loads(json.dumps(found.records))
    shutil.copytree(HERE / line["name"], folder, dirs_exist_ok=True)
    found.said.clear()
    refused = None
    try:
        found.visit(datetime.fromisoformat(line["now"]))
    except (reader.Refused, RepositoryError, DownloadError) as no:
        refused = no
    told = "\n".join(found.said)
    if line["outcome"] == REFUSED:
        assert refused is not None and (found.records == before) != ("withdrawn" in line)
    elif line["outcome"] == TAKEN:
        assert refused is None and (found.records == before) == line.get("unchanged", False), told
    else:
        assert line["outcome"] == PARTLY and (refused is not None) == (line.get("files") == ["*"]), (refused, told)
    uses = [use["id"] for project in found.records["projects"].values() for use in project.get("adoptions", ())]
    assert (uses == []) == ("withdrawn" in line)
    for name in line.get("files", ()):
        assert name == "*" or name in told
    for key in line.get("entries", ()):
        assert "breaks a rule" in told or f"{key} is in the shard of others" in told
    for kind in line.get("asked", ()):
        assert f"{kind} vanished" in told and found.records[kind] == before[kind]
    if "third" in line:
        before = json.loads(json.dumps(found.records))
        shutil.copytree(HERE / line["third"], folder, dirs_exist_ok=True)
        found.visit(datetime.fromisoformat(line.get("third_now", line["now"])))
        assert found.records != before


@pytest.mark.parametrize("line", LINES["vectors"], ids=lambda line: line["name"])
def test_our_own_follower_makes_the_same_of_each_vector(
    sqlite_store: Store, tmp_path: Path, line: dict[str, Any]
) -> None:
    folder, clock = tmp_path / "stick", Clock(datetime.fromisoformat(LINES["good"]["now"]))
    shutil.copytree(HERE / "good", folder)
    load(sqlite_store, a_catalog())
    following = a_following(sqlite_store, tmp_path / "peers", clock)
    peer = followed(following, str(folder))
    assert visit(following, peer)[0].good
    before = _received(sqlite_store)
    assert len(before) == LINES["good"]["projects"] + LINES["good"]["organizations"] + 1
    shutil.copytree(HERE / line["name"], folder, dirs_exist_ok=True)
    clock.now = datetime.fromisoformat(line["now"])
    outcome, _ = visit(following, peer)
    after, told = _received(sqlite_store), " ".join(f"{note.code} {note.subject}" for note in outcome.notes)
    if line["outcome"] == REFUSED:
        assert not outcome.good and (after == before) != ("withdrawn" in line)
    elif line["outcome"] == TAKEN:
        assert outcome.good and (after == before) == line.get("unchanged", False), told
    else:
        assert outcome.good == (line.get("files") != ["*"]), outcome
    assert (("adoption", str(USE)) in after) == ("withdrawn" not in line)
    for name in line.get("files", ()):
        assert name == "*" or name in told
    for key in line.get("entries", ()):
        assert key in told
    for kind in line.get("asked", ()):
        assert outcome.taken.asks.get(kind.removesuffix("s")) and after == before | {
            name: body for name, body in after.items() if name in before
        }
    if "third" in line:
        shutil.copytree(HERE / line["third"], folder, dirs_exist_ok=True)
        clock.now = datetime.fromisoformat(line.get("third_now", line["now"]))
        assert visit(following, peer)[0].good and _received(sqlite_store) != after


def _received(store: Store) -> dict[tuple[str, str], Any]:
    """What is kept of the catalogue, by kind and id."""
    with reading(store.engine) as connection:
        rows = connection.execute(select(received_record)).all()
    found = {(row.kind, str(row.record_id)): {**row.body, USES: None} for row in rows}
    return found | {("adoption", use["id"]): use for row in rows for use in row.body.get(USES, ())}


def test_the_vectors_and_schemas_are_what_their_script_makes() -> None:
    assert json.loads(json.dumps(make_vectors.made())) == LINES, "make generated"
    for name, schema in schemas.schemas().items():
        assert json.loads((make_vectors.SCHEMAS / f"{name}.json").read_text()) == schema, name
    known = {path.stem for path in make_vectors.SCHEMAS.iterdir()}
    assert known == set(schemas.schemas())


def test_the_limits_in_the_docs_and_in_their_reader_are_those_that_are_kept(reader) -> None:
    text = (ROOT / "docs/exchange.md").read_text()
    table = text.partition("<!-- limits -->")[2].partition("<!-- end of limits -->")[0]
    told: dict[str, list[str]] = {}
    for row in table.splitlines():
        names, _, numbers = row.partition(": ")
        for name in re.findall(r"`([^`]+)`", names):
            told[name.removesuffix("/XX")] = re.findall(r"[0-9][0-9,]*\b(?: [KM]B)?", numbers)
    for name, limit in limits.LIMITS.items():
        assert told.pop(name) == [
            *(_bytes(limit.packed), _bytes(limit.unpacked)),
            *(f"{limit.entries:,}", f"{limit.values:,}"),
        ], name
        if name.partition(".")[0] in reader.LIMITS:
            assert reader.LIMITS[name.partition(".")[0]] == tuple(vars(limit).values())
    metadata = {
        "root.json": limits.ROOT_BYTES,
        "timestamp.json": limits.TIMESTAMP_BYTES,
        "snapshot.json": limits.SNAPSHOT_BYTES,
        "targets.json": limits.TARGETS_BYTES,
    }
    assert {name: cells[0] for name, cells in told.items()} == {name: _bytes(n) for name, n in metadata.items()}
    assert (reader.RECORD_BYTES, reader.DEPTH) == (limits.RECORD_BYTES, limits.DEPTH)


def _bytes(number: int) -> str:
    return f"{number // limits.MB} MB" if number >= limits.MB else f"{number // limits.KB} KB"
