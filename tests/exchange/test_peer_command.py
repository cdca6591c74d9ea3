"""`forge peer`, as an operator has it: compare the key of a catalogue by address or stick, follow, visit, pause,
leave."""

import json
import os
import pty
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import forked_command as forked
from support.factories.core import a_catalog, a_manifest, a_project, load
from support.hosts.exchange import Home, an_id
from support.hosts.static import served
from support.paths import ROOT

from catalog.exchange import fingerprint as fingerprints
from catalog.store.store import Store
from tests.commands.test_cli import helped

NAME = "127-0-0-1"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home", now=datetime.now(UTC).replace(microsecond=0))
    home.project(1, "Contarapido")
    home.project(2, "Sin \u202ecolor")
    home.organization(3, "Coop Sol", kind="cooperative", country="ES")
    return home


@pytest.fixture
def host(home):
    with served(home.folder, "/exchange") as found:
        home.address = found.url
        home.publish()
        yield found


def the_digits(home: Home) -> str:
    """What somebody of that catalogue reads out."""
    return fingerprints.fingerprint(home.root)


@pytest.fixture
def folder(tmp_path, sqlite_template) -> Path:
    """An instance with a project of its own."""
    path = tmp_path / "instance"
    (path / "data").mkdir(parents=True)
    shutil.copyfile(sqlite_template, path / "data" / "catalog.db")
    store = the_store(path)
    load(store, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "es"))))
    store.close()
    return path


def the_store(folder: Path) -> Store:
    return Store(f"sqlite:///{folder / 'data' / 'catalog.db'}")


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32"}


def forge(folder, *arguments):
    return forked.run(["peer", *arguments], cwd=folder, env=environment(), timeout=60)


def test_a_catalogue_is_added_followed_visited_listed_and_removed(folder, home, host):
    digits = fingerprints.grouped(the_digits(home))
    added = forge(folder, "add", host.url, "--fingerprint", digits)
    assert added.returncode == 0, added.stderr
    for told in ("Red de Redes", "Software libre que usan", "Dos personas", "es, fr", "facts CC0-1.0", digits, NAME):
        assert told in added.stdout
    assert " ".join(fingerprints.spoken(the_digits(home))) in added.stdout
    assert "  project: 2\n" in added.stdout
    assert "such as Coop Sol (organization)" in added.stdout
    assert "\u202e" not in added.stdout
    pulled = forge(folder, "pull")
    assert pulled.returncode == 0 and "3 added, 0 changed, 0 removed, 0 withdrawn." in pulled.stdout
    assert pulled.stdout.endswith("Here now: 1 organization, 2 project.\n")
    store = the_store(folder)
    assert store.public_records.project("contarapido").record.name == "Contarapido"
    listed = json.loads(forge(folder, "list", "--json").stdout)
    assert (listed["slug"], listed["state"]) == (NAME, "following")
    shown = forge(folder, "list").stdout
    assert "Software for the social economy" in shown and host.url in shown
    assert forge(folder, "pause", NAME).returncode == 0
    assert forge(folder, "pause", NAME).returncode == 1
    assert forge(folder, "pause", NAME, "--off").returncode == 0
    gone = forge(folder, "remove", NAME, "--reason", "We meet them no more.")
    assert gone.returncode == 0 and store.peers.all() == ()
    assert [line.kind for line in store.decisions.lines()] == ["peer-leave", "peer-follow", "peer-pause", "peer-follow"]
    with pytest.raises(Exception, match="contarapido"):
        store.public_records.project("contarapido")
    store.close()


def test_a_wrong_fingerprint_adds_nothing_and_without_a_terminal_one_is_needed(folder, home, host):
    wrong = forge(folder, "add", host.url, "--fingerprint", "0123456789abcdef0123")
    assert wrong.returncode == 1 and "nothing was added" in wrong.stderr
    assert {path.rpartition("/")[2] for path, _, _ in host.asked} == {"root.json"}  # and nothing else was read
    unsaid = forge(folder, "add", host.url)
    assert unsaid.returncode == 1 and "--fingerprint" in unsaid.stderr
    assert forge(folder, "list").stdout == ""
    printed = f"{host.url}?fingerprint={'0123456789abcdef0123'}"  # as the code on another catalogue's paper reads
    assert forge(folder, "add", printed).returncode == 1
    spoken = " ".join(fingerprints.spoken(the_digits(home)))
    assert forge(folder, "add", host.url, "--fingerprint", spoken).returncode == 0
    again = forge(folder, "add", host.url, "--fingerprint", spoken)
    assert again.returncode == 1 and f"It is a peer already: {NAME}" in again.stderr


@pytest.mark.parametrize(("typed", "status"), [("y\ny\n", 0), ("y\nn\n", 1), ("n\n", 1)])
def test_on_a_terminal_a_person_says_that_they_compared(folder, host, typed, status):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "forge.cli", "peer", "add", host.url]
    running = subprocess.Popen(command, cwd=folder, env=environment(), stdin=theirs, stdout=-1, stderr=-1)
    os.write(ours, typed.encode())
    _, said = running.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert running.returncode == status and b"read the same digits or words?" in said
    assert (b"Follow it?" in said) is typed.startswith("y")
    assert bool(forge(folder, "list").stdout) is (status == 0)


def test_an_incomplete_card_is_not_added_by_default(folder, home, host):
    home.card |= {"criteria": {}, "contact": None}
    home.publish()
    digits = the_digits(home)
    refused = forge(folder, "add", host.url, "--fingerprint", digits)
    assert refused.returncode == 1 and "contact, criteria" in refused.stderr
    assert forge(folder, "add", host.url, "--fingerprint", digits, "--despite-incomplete-card").returncode == 0


def test_a_stick_is_added_by_its_folder(folder, home, tmp_path):
    home.addresses = (home.address,)
    home.publish()
    shutil.copytree(home.folder, tmp_path / "stick")
    added = forge(folder, "add", str(tmp_path / "stick"), "--fingerprint", the_digits(home), "--json")
    told = json.loads(added.stdout)
    assert (told["folder"], told["address"], told["state"]) == (str(tmp_path / "stick"), None, "following")


def test_a_catalogue_that_is_known_by_its_address_is_read_from_a_stick_for_once(folder, home, host, tmp_path):
    forge(folder, "add", host.url, "--fingerprint", the_digits(home))
    home.project(4, "Del lapiz")
    home.addresses = (host.url,)
    home.rotate()
    home.publish()
    stick = str(tmp_path / "stick")
    shutil.copytree(home.folder, stick)
    again = forge(folder, "add", stick, "--fingerprint", the_digits(home))
    assert again.returncode == 1 and f"`forge peer pull {NAME}` reads it, with --from FOLDER" in again.stderr
    assert forge(folder, "pull", "--from", stick).returncode == 2  # which of all would it be?
    pulled = forge(folder, "pull", NAME, "--from", stick)
    assert pulled.returncode == 0 and "4 added" in pulled.stdout, pulled.stdout
    told = json.loads(forge(folder, "list", "--json").stdout)
    assert (told["address"], told["folder"]) == (f"{host.url}/exchange/", None)
    assert forge(folder, "pull", NAME).returncode == 0


@pytest.mark.full
def test_what_goes_wrong_is_a_sentence_and_a_status(folder, home, host):
    assert forge(folder, "add", f"{host.url}/nowhere").returncode == 1
    private = forge(folder, "add", "http://10.0.0.1/")
    assert private.returncode == 1 and "Traceback" not in private.stderr
    assert "was not asked" in private.stderr and "FORGE_ALLOW_NETWORKS" in private.stderr
    missing = forge(folder, "add", "catalogo.example.org", "--fingerprint", "x")
    assert missing.returncode == 1 and "starting with https://" in missing.stderr
    assert forge(folder, "pause", "nobody").returncode == 1
    forge(folder, "add", host.url, "--fingerprint", the_digits(home))
    assert "3 added" in forge(folder, "pull", NAME).stdout
    host.statuses["metadata/timestamp.json"] = 503
    refused = forge(folder, "pull", NAME, "--json")
    assert refused.returncode == 1 and json.loads(refused.stdout)["refusal"]["code"] == "out-of-order"
    assert "Its host says that it is out of order" in forge(folder, "list").stdout
    host.statuses.clear()
    home.records.pop(an_id(2))
    home.publish()
    assert "project 1" in forge(folder, "pull", NAME).stdout
    assert f"forge peer pull {NAME} --accept" in forge(folder, "list").stdout
    assert "1 removed" in forge(folder, "pull", NAME, "--accept").stdout
    assert forge(folder, "pull", NAME, "--accept").returncode == 1


def test_each_command_has_help_with_an_example():
    for command in ("", "add", "pause", "move", "remove", "list", "pull"):
        assert "Example: forge peer" in helped("peer", *command.split())
