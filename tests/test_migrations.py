"""The schema that migrations make is the one that the code knows, on both databases, also when two processes start."""

import multiprocessing
import multiprocessing.synchronize
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from factories import NOW, a_document, a_project, identity, later, load
from sqlalchemy import Engine, inspect, select, text

from catalog.schema_foreign import foreign
from catalog.schema_peers import peer
from catalog.schema_whole import metadata
from catalog.store import Store
from catalog.store.migrate import HEAD, revision
from catalog.store.views import Place

ROOT = Path(__file__).parents[1]


def _upgrade(engine: Engine, to: str) -> None:
    """By the steps alone."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "catalog" / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, to)


def test_the_migrated_schema_is_the_one_in_schema(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def _described(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        table: {
            "columns": sorted(
                (one["name"], repr(one["type"]), one["nullable"], str(one["default"]))
                for one in found.get_columns(table)
            ),
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "references": sorted(
                (one["constrained_columns"], one["referred_table"], one["referred_columns"], str(one["options"]))
                for one in found.get_foreign_keys(table)
            ),
            "unique": sorted(one["column_names"] for one in found.get_unique_constraints(table)),
            "checks": sorted(one["sqltext"] for one in found.get_check_constraints(table)),
            "indexes": sorted(
                (str(one["name"]), one["column_names"], one["unique"], _as_text(one.get("dialect_options")))
                for one in found.get_indexes(table)
            ),
        }
        for table in found.get_table_names()
    }


def _of_expressions(engine: Engine) -> list[str]:
    """The indexes of SQLite that hold an expression, which it is not asked for by `inspect`."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        made = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%json_extract%' ORDER BY name")
        return [" ".join(one.split()) for one in connection.execute(made).scalars()]


def _as_text(options: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in (options or {}).items())


def test_a_schema_made_at_once_is_the_one_that_the_steps_lead_to(empty_url: str) -> None:
    store = Store(empty_url)
    _upgrade(store.engine, "head")
    by_steps, expressions = _described(store.engine), _of_expressions(store.engine)
    with store.engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    store.migrate()
    assert _described(store.engine) == by_steps and len(by_steps) > 50
    assert _of_expressions(store.engine) == expressions and (expressions or "postgresql" in empty_url)
    store.close()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "catalog" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_every_revision_is_a_file_that_begins_with_its_number() -> None:
    for file in (ROOT / "catalog" / "migrations" / "versions").glob("*.py"):
        stated = re.search(r'^revision = "(\w+)"', file.read_text(), re.M)
        assert stated and file.name.startswith(f"{stated[1]}_")


def test_an_empty_database_has_no_revision_and_a_migrated_one_has_the_newest(empty_url: str) -> None:
    store = Store(empty_url)
    assert revision(store.engine) is None
    store.migrate()
    store.migrate()
    assert revision(store.engine) == HEAD
    store.close()


def test_a_database_of_the_first_release_is_upgraded_with_what_it_holds(empty_url: str) -> None:
    store = Store(empty_url)
    _upgrade(store.engine, "0001")
    columns = {
        "organization": "id slug name folded curated record change added_at changed_at",
        "project": "id slug name folded context_only curated record change added_at changed_at",
        "mirror": "project_id repository state failures interval_seconds free observation",
        "observation": "project_id commit observed_at record",
        "meta": "key value",
    }
    key = identity("galette").hex
    record = '{"slug": "galette", "name": "Galette", "summary": {"en": "Keep members"}, "license": "MIT",'
    record += ' "runs": {"hosted": ["host", "gone", "host"]}}'
    day = "2025-03-01 10:00:00+00:00"
    seen = '{"commit": "2", "license": {"value": "MIT"}}'
    rows = [
        ("organization", [identity("host").hex, "host", "Host", "host", True, "{}", 1, day, day]),
        ("project", [key, "galette", "Galette", "galette", False, True, record, 1, day, day]),
        ("mirror", [key, "https://github.com/example/galette.git", "mirrored", 0, 9, True, seen]),
        ("observation", [key, "1", day, "{}"]),
        ("observation", [key, "2", day, seen]),
        ("meta", ["change", "1"]),
        ("meta", ["digest", '"d"']),
    ]
    with store.engine.begin() as connection:
        for table, values in rows:
            names = columns[table].split()
            into, given = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
            sent = text(f"INSERT INTO {table} ({into}) VALUES ({given})")
            connection.execute(sent, dict(zip(names, values, strict=True)))
    store.migrate()
    assert revision(store.engine) == HEAD and not inspect(store.engine).has_table("observation")
    mirror = store.mirrors.mirror(identity("galette"))
    assert (mirror.state, mirror.free, mirror.free_commit) == ("mirrored", True, None)
    assert mirror.observation == {"commit": "2", "license": {"value": "MIT"}}
    assert (store.change(), store.digest(), store.observing.memory(identity("galette"))) == (1, "d", {})
    facts = store.facts.page("galette").facts
    assert [one.field for one in facts] == ["name", "summary", "license", "runs"]
    assert store.places.countries() == (Place(None, 0, 0, 1),)
    assert {one.first_seen_at.isoformat() for one in facts} == {"2025-03-01T10:00:00+00:00"}
    load(store, a_document(projects=(a_project(license="ISC"),)), now=later(days=1))
    changed = [line for line in store.facts.history("galette").lines if line.field == "license"]
    assert [(line.before and line.before.value, line.after and line.after.value) for line in changed] == [
        ("MIT", "ISC")
    ]
    store.observing.observe(identity("galette"), "3", {}, free=True, last_commit_at=NOW, now=NOW)
    assert store.mirrors.mirror(identity("galette")).free_commit == "3"
    store.close()


def test_what_other_catalogues_told_in_words_is_read_anew(empty_url: str) -> None:
    store = Store(empty_url)
    _upgrade(store.engine, "0022")
    homes = {"spoken": {"project": "follow", "call": "follow", "term": "follow"}, "silent": {"project": "follow"}}
    with store.engine.begin() as connection:
        for number, (slug, decisions) in enumerate(homes.items(), 1):
            values = {
                "slug": slug,
                "decisions": decisions,
                "taken": 7,
                "sequence": 7,
                "failures": 0,
                "state": "following",
            }
            values |= dict.fromkeys(("entry_at", "expires_at", "added_at", "last_good_at"), NOW)
            values |= {
                "card": {},
                "public_key": "",
                "fingerprint": "",
                "id": UUID(int=number),
                "instance_id": UUID(int=number),
            }
            connection.execute(peer.insert().values(**values))
        for kind, of in (("call", 1), ("project", 1), ("project", 2)):
            values = {
                "peer_id": UUID(int=of),
                "kind": kind,
                "record_id": UUID(int=9),
                "revision": 1,
                "body": {},
                "texts": {},
            }
            values |= dict.fromkeys(("page", "origin", "license", "digest", "refs", "led", "state"), "")
            values |= {"updated_at": NOW, "taken_at": NOW, "due": False}
            connection.execute(foreign.insert().values(**values))
    store.migrate()
    with store.engine.connect() as connection:
        rows = connection.execute(select(peer.c.slug, peer.c.taken, peer.c.decisions).order_by(peer.c.slug)).all()
        kinds = connection.execute(select(foreign.c.kind)).scalars().all()
    assert [tuple(row) for row in rows] == [
        ("silent", 7, {"project": "follow"}),
        ("spoken", None, {"project": "follow", "call": "follow"}),
    ]
    assert kinds == ["project", "project"]
    store.close()


def _migrate(url: str, start: multiprocessing.synchronize.Barrier) -> None:
    store = Store(url)
    start.wait(60)
    store.migrate()
    store.close()


def test_two_processes_that_start_together_both_migrate(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    processes = [spawn.Process(target=_migrate, args=(empty_url, start)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    store = Store(empty_url)
    assert revision(store.engine) == HEAD and store.change() == 0
    store.close()


def test_a_start_with_nothing_to_migrate_imports_no_alembic(database_url: str) -> None:
    program = (
        "import sys; from catalog.store import Store; store = Store(sys.argv[1]); store.migrate(); store.close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, database_url], cwd=ROOT, check=True)
