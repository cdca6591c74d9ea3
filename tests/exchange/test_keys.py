"""Keys of the exchange: who may name them, what a theft and a loss cost, and the commands for it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.exchange_reader import ExchangeReader
from support.factories.core import NOW, a_catalog, a_project, an_organization, later, load
from tuf.api.exceptions import UnsignedMetadataError

from catalog.exchange import names
from catalog.store.store import Store
from forge.commands.exchange import exchange
from forge.exchange import authority
from forge.exchange.keys import KeyTrouble, export_key, exported_key, kept_key, keyid, new_key
from forge.exchange.paths import FOLDER, ONLINE_KEY, ROOT_KEY
from forge.exchange.publish import write
from forge.exchange.roots import chain_of

HERE = "https://forge.example"
PASS = "four plain words here"


@pytest.fixture
def world(sqlite_store: Store) -> Store:
    load(sqlite_store, a_catalog(a_project(), an_organization()))
    return sqlite_store


def test_a_rotated_online_key_needs_nobody_and_the_stolen_one_is_refused(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path, HERE, now=NOW)
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    (stolen / ONLINE_KEY).write_bytes((tmp_path / ONLINE_KEY).read_bytes())
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        authority.rotate_online(world, tmp_path, None, now=later(hours=1))
        write(world, tmp_path, HERE, now=later(hours=1))
        reader.visit()
        assert set(reader.records(names.PROJECTS)) == {"galette"}
        with pytest.raises(KeyTrouble, match="another one"):
            write(world, stolen, HERE, now=later(hours=2))
        _sign_with(tmp_path / "exchange", kept_key(stolen, ONLINE_KEY), world)
        with pytest.raises(UnsignedMetadataError):
            reader.visit()


def test_at_the_first_start_the_operator_is_told_how_to_move_the_root_key_away(
    world: Store, tmp_path: Path, caplog
) -> None:
    for hours in range(2):
        write(world, tmp_path, HERE, now=later(hours=hours))
    (told,) = [line.getMessage() for line in caplog.records if line.name == "forge.exchange"]
    assert str(tmp_path / ROOT_KEY) in told and "forge exchange key export FILE --remove" in told


def _sign_with(folder: Path, thief: Any, store: Store) -> None:
    """A timestamp that the stolen key signs, far above all others."""
    from forge.exchange.repository import read_published, stamp

    root = authority.known_chain(store)[-1]
    stamp(folder, thief, read_published(folder, root), 2**31, NOW)


def test_a_root_that_another_key_signed_is_not_kept(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path, HERE, now=NOW)
    thief = new_key()
    with pytest.raises(KeyTrouble, match="not the root key"):
        authority.rotate_online(world, tmp_path, thief, now=NOW)
    assert len(authority.known_chain(world)) == 1
    write(world, tmp_path, HERE, now=later(hours=1))  # the online key is the one before


def test_a_root_is_renewed_a_year_before_it_ends_and_where_the_address_changes(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path, HERE, now=NOW)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        write(world, tmp_path, "https://elsewhere.example", now=later(hours=1))
        assert authority.known_chain(world)[-1].statement.addresses == ("https://elsewhere.example",)
        assert reader.visit().card.address == "https://elsewhere.example"
        write(world, tmp_path, "https://elsewhere.example", now=later(days=365 * 4 + 10))
        assert len(authority.known_chain(world)) == 3
        reader.visit(later(days=365 * 4 + 11))


def test_a_command_without_the_settings_of_the_service_sends_followers_nowhere_else(
    world: Store, tmp_path: Path
) -> None:
    write(world, tmp_path, HERE, now=NOW)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        write(world, tmp_path, "http://127.0.0.1:8000", now=later(hours=1))
        assert authority.known_chain(world)[-1].version == 1
        assert reader.visit().card.address == HERE


def test_a_follower_that_was_away_for_forty_roots_arrives(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path, HERE, now=NOW)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        for _ in range(40):
            authority.rotate_online(world, tmp_path, None, now=NOW)
        write(world, tmp_path, HERE, now=later(hours=1))
        with pytest.raises(UnsignedMetadataError):  # python-tuf goes 32 roots far in a visit
            reader.visit()
        reader.root = (reader.kept / "root.json").read_bytes()
        assert set(reader.visit().records(names.PROJECTS)) == {"galette"}


def test_an_exported_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    key, file = new_key(), tmp_path / "root.pem"
    with pytest.raises(KeyTrouble, match="10 characters"):
        export_key(key, file, "short")
    export_key(key, file, PASS)
    assert keyid(exported_key(file, PASS)) == keyid(key) and file.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyTrouble, match="passphrase"):
        exported_key(file, "another passphrase")
    with pytest.raises(KeyTrouble, match="there already"):
        export_key(key, file, PASS)
    assert b"ENCRYPTED" in file.read_bytes()


class Commands:
    """The commands in one process, on a data folder of their own."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch):
        self.data = data
        monkeypatch.setenv("FORGE_DATA", str(data))
        monkeypatch.setenv("FORGE_BASE_URL", HERE)
        self.phrase = data / "phrase"
        self.phrase.write_text(f"{PASS}\n")

    def run(self, *given: str, fails: bool = False, typed: str = "") -> str:
        result = CliRunner().invoke(exchange, list(given), input=typed, catch_exceptions=False)
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    def keys(self) -> Any:
        return json.loads(self.run("key", "show", "--json"))


@pytest.fixture
def commands(world: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(Path(str(world.engine.url.database)).parent, monkeypatch)


def test_an_administrator_takes_the_root_key_out_and_rotates_with_it(commands: Commands, tmp_path: Path) -> None:
    assert "no keys yet" in commands.run("key", "show", fails=True)
    commands.run("write", str(tmp_path / "stick"))
    said = commands.run("key", "show")
    assert "In words" in said and "--remove` takes the root key out" in said
    drawer = tmp_path / "drawer.pem"
    said = commands.run("key", "export", str(drawer), "--remove", "--passphrase-file", str(commands.phrase))
    assert "no longer in" in said and not (commands.data / ROOT_KEY).exists()
    before = commands.keys()
    assert before["root_key_in_data_folder"] is False
    assert "--key FILE" in commands.run("key", "rotate", fails=True)
    commands.run("key", "rotate", "--key", str(drawer), typed=f"{PASS}\n")
    after = commands.keys()
    assert after["online_key"] != before["online_key"] and after["root_version"] == 2
    assert after["fingerprint"] != before["fingerprint"] and len(after["words"]) == 6
    commands.run("key", "rotate", "--root", "--key", str(drawer), "--passphrase-file", str(commands.phrase))
    assert commands.keys()["root_key"] != before["root_key"] and commands.keys()["root_key_in_data_folder"] is True
    said = commands.run("key", "rotate", "--key", str(drawer), typed=f"{PASS}\n", fails=True)
    assert "not the root key" in said  # the one in the drawer names nothing any more


def test_a_root_key_in_the_data_folder_is_replaced_and_whoever_read_the_one_before_goes_on(
    commands: Commands, tmp_path: Path
) -> None:
    commands.run("write", str(tmp_path / "stick"))
    before, old = commands.keys(), (commands.data / ROOT_KEY).read_bytes()
    commands.run("key", "rotate", "--root")
    after = commands.keys()
    assert after["root_key_in_data_folder"] and (commands.data / ROOT_KEY).read_bytes() != old
    assert after["root_key"] != before["root_key"] and after["root_version"] == 2
    roots = [commands.data / FOLDER / f"metadata/{version}.root.json" for version in (1, 2)]
    assert [root.version for root in chain_of([file.read_bytes() for file in roots])] == [1, 2]
    commands.run("key", "rotate")
    assert commands.keys()["root_version"] == 3


def test_where_the_root_key_is_lost_followers_must_compare_again(commands: Commands, tmp_path: Path) -> None:
    commands.run("write", str(tmp_path / "stick"))
    (commands.data / ROOT_KEY).unlink()
    (commands.data / ONLINE_KEY).unlink()
    assert "rotate" in commands.run("write", str(tmp_path / "stick"), fails=True)
    assert "Nothing was changed" in commands.run("key", "rotate", "--anew", typed="n\n", fails=True)
    before = commands.keys()["fingerprint"]
    commands.run("key", "rotate", "--anew", typed="y\n")
    assert commands.keys()["fingerprint"] != before and commands.keys()["root_version"] == 1


def test_a_copy_is_written_for_a_stick_and_says_until_when_it_is_believed(commands: Commands, tmp_path: Path) -> None:
    said = commands.run("write", str(tmp_path / "stick"))
    assert "believed until" in said and (tmp_path / "stick/metadata/timestamp.json").is_file()
    told = json.loads(commands.run("write", str(tmp_path / "stick"), "--json"))
    assert told["files"] >= 3 and "operator" in told["missing"]
