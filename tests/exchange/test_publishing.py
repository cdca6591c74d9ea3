"""What is published: the right files, whole at every moment, and nothing that was withdrawn."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.exchange_reader import ExchangeReader, all_bytes
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting
from tuf.api.exceptions import BadVersionNumberError, ExpiredMetadataError

from catalog.exchange import names
from catalog.model import Document, Relation, Runs
from catalog.rules.submission import adoption_id
from catalog.store.exchange.published import mark_restored
from catalog.store.store import Store
from forge.exchange.copy import write_copy
from forge.exchange.keys import KeyTrouble
from forge.exchange.paths import ONLINE_KEY, ROOT_KEY
from forge.exchange.publish import POINTS, write
from forge.exchange.repository import OtherFolder

HERE = "https://forge.example"
COOP_AT_GALETTE = ("adoption", adoption_id(identity("galette"), identity("coop-des-halles", "organization")))


def the_catalog(*more: Any, **changes: Any) -> Document:
    galette = {
        "adoptions": (an_adoption(provider="host"),),
        "maintenance": (a_maintenance("maker"),),
        "runs": Runs(hosted=("host",)),
        "relations": (Relation("works-with", "paheko"),),
    }
    organizations = [an_organization(slug) for slug in ("host", "maker")]
    organizations.append(an_organization())
    return a_catalog(a_project(**(galette | changes)), a_project("paheko"), *more, *organizations)


@pytest.fixture
def world(store: Store) -> Store:
    load(store, the_catalog())
    return store


def publish(store: Store, data: Path, now=NOW, **given: Any):
    done = write(store, data, HERE, now=now, **given)
    assert done is not None
    return done


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def withdraw_use(store: Store, now=None, project: str = "galette") -> None:
    """The document does not hold the adoption any more."""
    uses: tuple[Any, ...] = ()
    load(store, the_catalog(adoptions=uses), now=now or later(hours=1), digest="less")


def test_a_follower_reads_what_the_pages_show(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        assert reader.card.instance == a_manifest().id and reader.card.address == HERE
        projects, organizations = reader.records(names.PROJECTS), reader.records(names.ORGANIZATIONS)
        assert set(projects) == {"galette", "paheko"} and set(organizations) == {"host", "maker", "coop-des-halles"}
        galette = projects["galette"]
        assert galette.body["summary"] == a_project().summary and galette.page == "/projects/galette"
        assert galette.body["relations"][0]["project"]["slug"] == "paheko"
        assert galette.body["runs"]["hosted"][0]["slug"] == "host"
        assert galette.body["maintenance"][0]["organization"]["slug"] == "maker"
        (use,) = galette.adoptions
        assert (use.organization.slug, use.body["provider"]["slug"]) == ("coop-des-halles", "host")
        assert ("adoption", use.id) == COOP_AT_GALETTE and use.body.get("stage") == an_adoption().stage
        assert not reader.withdrawn


def test_one_change_writes_its_shard_and_the_signatures_and_nothing_else(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    before = files(tmp_path / "exchange")
    load(world, the_catalog(summary={"fr": "Tenir un registre"}), now=later(hours=1), digest="2")
    done = publish(world, tmp_path, later(hours=1))
    after = files(tmp_path / "exchange")
    assert done.wrote
    new = {name.rpartition(".json")[0].rpartition(".")[2] for name in after if before.get(name) != after[name]}
    shard = names.shard_of(identity("galette"), 4)
    assert new == {"targets", "snapshot", "metadata/timestamp", shard} or new == {
        *("targets", "snapshot", shard),
        "metadata/timestamp".rpartition(".")[2],
    }
    assert len(after) == len(before)  # what is named no more went
    again = publish(world, tmp_path, later(hours=2))
    assert not again.wrote and files(tmp_path / "exchange") == after


def test_no_file_is_larger_than_followers_take(sqlite_store: Store, tmp_path: Path) -> None:
    words = {f"x{first}{second}": "x" * 19_000 for first in "abcdefghi" for second in "abcdefghij"}
    large = [a_project(f"large-{number}", notes=words) for number in range(40)]
    load(sqlite_store, a_catalog(*large))
    publish(sqlite_store, tmp_path)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        assert reader.bits[names.PROJECTS] == 8 and len(reader.records(names.PROJECTS)) == 40
    load(sqlite_store, a_catalog(*large[:3]), now=later(hours=1), digest="few")
    publish(sqlite_store, tmp_path, later(hours=1))
    with ExchangeReader(tmp_path / "exchange", later(hours=1)) as reader:
        assert len(reader.withdrawn) == 37 and len(reader.records(names.PROJECTS)) == 3
        assert reader.bits[names.PROJECTS] == 8  # what grew stays divided


def test_what_is_withdrawn_is_in_no_byte_and_named_with_its_ground(world: Store, tmp_path: Path) -> None:
    load(world, the_catalog(adoptions=(an_adoption(lesson={"fr": "zqlesson"}),)), digest="with")
    publish(world, tmp_path)
    assert b"zqlesson" in all_bytes(tmp_path / "exchange")
    withdraw_use(world)
    world.takedowns.block("paheko", "Asked.", now=later(hours=1))
    done = publish(world, tmp_path, later(hours=1), patience=timedelta(days=1))
    assert done.wrote and done.withdrawn == 2
    assert b"zqlesson" not in all_bytes(tmp_path / "exchange")
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        assert set(reader.withdrawn) == {COOP_AT_GALETTE, ("project", identity("paheko"))}
        assert {said.ground for said in reader.withdrawn.values()} == {"withdrawn"}
        assert not reader.records(names.PROJECTS)["galette"].body.get("relations") and not reader.adoptions()


def test_what_is_published_again_says_after_which_withdrawal(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    withdraw_use(world)
    publish(world, tmp_path, later(hours=1))
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        number = reader.withdrawn[COOP_AT_GALETTE].n
        load(world, the_catalog(), now=later(hours=2), digest="again")
        publish(world, tmp_path, later(hours=2))
        reader.visit()
        assert not reader.withdrawn and reader.adoptions()["galette coop-des-halles"].returns == number
        withdraw_use(world, now=later(hours=3))
        publish(world, tmp_path, later(hours=3))
        assert reader.visit().withdrawn[COOP_AT_GALETTE].n > number


def test_news_wait_and_withdrawals_do_not(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    load(world, the_catalog(summary={"fr": "Tenir un registre"}), now=later(minutes=5), digest="2")
    wait = timedelta(minutes=30)
    waiting = publish(world, tmp_path, later(minutes=5), patience=wait)
    assert not waiting.wrote and waiting.waits_until == later(minutes=30)
    assert publish(world, tmp_path, later(minutes=31), patience=wait).wrote
    withdraw_use(world, now=later(minutes=32))
    assert publish(world, tmp_path, later(minutes=32), patience=wait).wrote


def test_a_quiet_catalogue_signs_anew_each_week_and_once_more_where_a_clock_was_wrong(
    world: Store, tmp_path: Path
) -> None:
    publish(world, tmp_path)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        assert not publish(world, tmp_path, later(days=6)).wrote
        before = files(tmp_path / "exchange")
        assert publish(world, tmp_path, later(days=8)).wrote
        changed = {name for name, raw in files(tmp_path / "exchange").items() if before.get(name) != raw}
        assert changed == {"metadata/timestamp.json"}
        reader.visit(later(days=37))
        with pytest.raises(ExpiredMetadataError):
            reader.visit(later(days=39))
        publish(world, tmp_path, later(days=400))  # a clock that was wrong once
        assert publish(world, tmp_path, later(days=9)).wrote  # and is right again
        reader.visit(later(days=9))
        with pytest.raises(ExpiredMetadataError):
            reader.visit(later(days=60))
        publish(world, tmp_path, later(days=-400))
        with pytest.raises(ExpiredMetadataError):
            reader.visit(later(days=10))
        publish(world, tmp_path, later(days=10))
        reader.visit(later(days=10))


@pytest.mark.parametrize("point", POINTS)
def test_a_writing_that_is_ended_leaves_a_whole_folder_and_the_next_one_finishes(
    world: Store, tmp_path: Path, point: str
) -> None:
    publish(world, tmp_path)
    withdraw_use(world)

    def end(reached: str) -> None:
        if reached == point:
            raise KeyboardInterrupt

    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        with pytest.raises(KeyboardInterrupt):
            publish(world, tmp_path, later(hours=1), reached=end)
        reader.visit()
        publish(world, tmp_path, later(hours=1, minutes=1))
        reader.visit()
        assert set(reader.withdrawn) == {COOP_AT_GALETTE} and not reader.adoptions()
        assert not publish(world, tmp_path, later(hours=2)).wrote


def test_every_file_that_was_damaged_or_lost_is_written_anew(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    folder, hours = tmp_path / "exchange", 0
    with ExchangeReader(folder, NOW) as reader:
        for name in sorted(files(folder)):
            hours += 1
            path = folder / name
            if not path.exists():  # of an earlier version
                continue
            path.unlink() if hours % 2 else path.write_bytes(path.read_bytes()[:-1] + b"x")
            publish(world, tmp_path, later(hours=hours), check=True)
            assert set(reader.visit().records(names.PROJECTS)) == {"galette", "paheko"}, name
        for path in (path for path in folder.rglob("*") if path.is_file()):
            path.unlink()
        publish(world, tmp_path, later(hours=hours + 1))
        assert set(reader.visit().records(names.PROJECTS)) == {"galette", "paheko"}


def test_a_copy_goes_into_a_new_folder_an_own_one_and_no_other(world: Store, tmp_path: Path) -> None:
    data, stick = tmp_path / "data", tmp_path / "stick"
    data.mkdir()
    write_copy(world, data, stick, HERE, now=NOW)
    served = files(data / "exchange")
    assert files(stick) == served
    withdraw_use(world)
    write_copy(world, data, stick, HERE, now=later(hours=1))
    assert files(stick) == files(data / "exchange") != served
    (stick / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(OtherFolder, match=r"holiday\.jpg"):
        write_copy(world, data, stick, HERE, now=later(hours=2))
    (stick / "holiday.jpg").unlink()
    (stick / "metadata/1.targets.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OtherFolder, match="targets"):
        write_copy(world, data, stick, HERE, now=later(hours=2))
    assert (stick / "metadata/1.targets.json").is_symlink()


def test_another_catalogue_s_stick_is_left_as_it_is(sqlite_template: Path, world: Store, tmp_path: Path) -> None:
    from support.factories.core import a_store

    data, stick = tmp_path / "data", tmp_path / "stick"
    data.mkdir()
    write_copy(world, data, stick, HERE, now=NOW)
    before, theirs = files(stick), tmp_path / "theirs"
    theirs.mkdir()
    other = replace(a_manifest(), id=identity("another"))
    with a_store(sqlite_template, theirs) as store:
        load(store, a_catalog(a_project("theirs"), manifest=other))
        with pytest.raises(OtherFolder, match="another catalogue"):
            write_copy(store, theirs, stick, HERE, now=NOW)
        assert not (theirs / "exchange").exists()
    assert files(stick) == before


def test_an_older_copy_of_the_database_publishes_nothing_that_was_withdrawn_since(world: Store, tmp_path: Path) -> None:
    """As after `forge restore`: rows are as they were, and the folder knows more."""
    publish(world, tmp_path)
    state = world.published_exchange.state()
    withdraw_use(world)
    publish(world, tmp_path, later(hours=1))
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        number = reader.withdrawn[COOP_AT_GALETTE].n
        load(world, the_catalog(), now=later(hours=2), digest="restored")
        _as_it_was(world, state)
        publish(world, tmp_path, later(hours=2))
        assert reader.visit().withdrawn[COOP_AT_GALETTE].n == number and not reader.adoptions()
        assert world.published_exchange.withheld() == (COOP_AT_GALETTE,)
        world.published_exchange.release(*COOP_AT_GALETTE)
        publish(world, tmp_path, later(hours=3))
        assert reader.visit().adoptions()["galette coop-des-halles"].returns == number and not reader.withdrawn


def test_a_database_without_its_folder_goes_on_above_what_it_published(world: Store, tmp_path: Path) -> None:
    """Followers refuse a lower version; versions are seconds, so that nobody has to know the last one."""
    publish(world, tmp_path)
    state = world.published_exchange.state()
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        for hours in range(1, 5):
            load(world, the_catalog(summary={"fr": f"Tenir {hours}"}), now=later(hours=hours), digest=str(hours))
            publish(world, tmp_path, later(hours=hours))
        reader.visit()
        _as_it_was(world, state)
        for path in (path for path in (tmp_path / "exchange").rglob("*") if path.is_file()):
            path.unlink()
        publish(world, tmp_path, later(hours=6))
        try:
            reader.visit()
        except BadVersionNumberError:
            pytest.fail("a follower refuses what a restored catalogue says")


def _as_it_was(store: Store, state) -> None:
    from catalog.store.core.engine import set_meta
    from catalog.store.exchange.published import _plain
    from catalog.tables.publishing import withdrawal

    with rewriting(store.engine) as connection:
        set_meta(connection, "exchange-published", _plain(state))
        connection.execute(withdrawal.delete())
        mark_restored(connection)


def test_without_its_keys_a_catalogue_signs_nothing_and_says_what_to_do(world: Store, tmp_path: Path) -> None:
    publish(world, tmp_path)
    before = files(tmp_path / "exchange")
    key = (tmp_path / ONLINE_KEY).read_bytes()
    (tmp_path / ONLINE_KEY).unlink()
    withdraw_use(world)
    with pytest.raises(KeyTrouble, match="forge exchange key rotate"):
        publish(world, tmp_path, later(hours=1))
    assert files(tmp_path / "exchange") == before and not (tmp_path / ONLINE_KEY).exists()
    (tmp_path / ONLINE_KEY).write_bytes(key)
    (tmp_path / ROOT_KEY).unlink()  # taken out: what is published needs the online key alone
    assert publish(world, tmp_path, later(hours=1)).wrote


def test_a_declared_use_of_an_organization_is_published_as_its_own_word(database_url: str, tmp_path: Path) -> None:
    with closing(Store(database_url)) as store:
        load(store, a_catalog(a_project(), an_organization()))
        publish(store, tmp_path)
        a_declared_adoption(store)
        publish(store, tmp_path, later(hours=1))
        with ExchangeReader(tmp_path / "exchange", NOW) as reader:
            use = reader.adoptions()["galette coop-des-halles"]
            assert (use.origin, use.body["verification"]) == ("declared", "domain-confirmed")
