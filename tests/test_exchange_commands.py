"""`forge exchange`, as an operator has it: a folder for a stick, a key to compare, a new home."""

import json
import shutil
from pathlib import Path

import pytest
from exchange_follower import Follower
from factories import a_document, a_manifest
from test_cli import a_file, forge, helped

from catalog.exchange import parsing, signing
from catalog.model import Operator

WHOLE = a_manifest(
    operator=Operator("April"),
    contact="https://april.example/contact",
    criteria={"en": "Free software"},
    validation={"en": "Read by two people"},
    refresh={"en": "Each day"},
)
OTHER = signing.Private(b"o" * 32).key


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    path = tmp_path_factory.mktemp("imported")
    a_file(path, a_document(manifest=WHOLE))
    assert forge(path, "import", "catalog.yaml").returncode == 0
    return path


@pytest.fixture
def folder(tmp_path, imported):
    """A catalogue that was imported: a copy of one for all of them."""
    return shutil.copytree(imported, tmp_path / "here")


def shown(folder: Path) -> dict[str, str]:
    return dict(json.loads(forge(folder, "exchange", "key", "show", "--json").stdout))


def the_card(folder: Path):
    return parsing.card((folder / "stick" / "instance.json").read_bytes())


def test_a_stick_holds_what_its_key_signed_and_is_brought_up_to_date(folder) -> None:
    ran = forge(folder, "exchange", "write", "stick", base_url="https://forge.example")
    assert (ran.returncode, ran.stderr) == (0, "") and "sequence 1" in ran.stdout
    follower = Follower(folder / "stick", signing.public_bytes(shown(folder)["public"])).take_snapshot()
    assert set(follower.named("project")) == {"galette"} and the_card(folder).address == "https://forge.example"
    again = forge(folder, "exchange", "write", "stick", "--json", base_url="https://forge.example")
    assert json.loads(again.stdout)["wrote"] is False


def test_a_card_that_does_not_say_all_is_named_by_check_doctor_and_write(folder) -> None:
    assert "source card" not in forge(folder, "check").stderr
    a_file(folder)
    assert "does not say: operator, contact, criteria, validation, refresh." in forge(folder, "check").stderr
    forge(folder, "import", "catalog.yaml")
    ran = forge(folder, "exchange", "write", "stick")
    assert ran.returncode == 0 and "does not say: operator" in ran.stderr
    assert not the_card(folder).complete
    assert "The source card does not say operator" in forge(folder, "doctor").stdout


def test_a_key_is_shown_in_digits_and_words_and_changed(folder) -> None:
    before = shown(folder)
    said = forge(folder, "exchange", "key", "show").stdout
    assert signing.grouped(before["fingerprint"]) in said and " ".join(before["words"]) in said
    assert not (folder / "stick").exists()
    ran = forge(folder, "exchange", "key", "rotate")
    assert ran.returncode == 0 and shown(folder)["public"] != before["public"]
    assert signing.grouped(before["fingerprint"]) in forge(folder, "exchange", "key", "show").stdout
    forge(folder, "exchange", "write", "stick")
    assert signing.follows(signing.public_bytes(before["public"]), the_card(folder))


def test_a_key_that_is_gone_is_named_and_nothing_is_signed_with_another(folder) -> None:
    forge(folder, "exchange", "write", "stick")
    (folder / "data" / "exchange-key").unlink()
    for command in (["write", "stick"], ["key", "show"], ["key", "rotate"]):
        ran = forge(folder, "exchange", *command)
        assert (ran.returncode, "backup" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)
    assert forge(folder, "doctor").returncode == 1
    assert forge(folder, "exchange", "key", "rotate", "--lost").returncode == 0
    assert forge(folder, "exchange", "write", "stick2").returncode == 0


def test_a_home_is_handed_over_and_taken_back(folder) -> None:
    ran = forge(folder, "exchange", "transfer", "https://new.example/", "--key", OTHER.public)
    assert ran.returncode == 0 and signing.grouped(OTHER.fingerprint) in ran.stdout
    forge(folder, "exchange", "write", "stick")
    card = the_card(folder)
    assert signing.hands_over(card) and (card.moved_to.address, card.moved_to.key) == ("https://new.example", OTHER)
    assert forge(folder, "exchange", "transfer", "--back").returncode == 0
    forge(folder, "exchange", "write", "stick")
    assert the_card(folder).moved_to is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://new.example", "--key", OTHER.public], "in full"),
        (["--key", OTHER.public], "in full"),
        (["https://new.example", "--key", "abc"], "44 characters"),
        (["https://new.example"], "44 characters"),
    ],
)
def test_a_transfer_that_names_no_home_is_refused_with_what_to_do(folder, arguments, said) -> None:
    ran = forge(folder, "exchange", "transfer", *arguments)
    assert (ran.returncode, said in ran.stderr) == (1, True)


def test_a_folder_that_cannot_be_written_is_named(folder) -> None:
    (folder / "file").write_text("")
    ran = forge(folder, "exchange", "write", "file/stick")
    assert (ran.returncode, "Traceback" in ran.stderr, "file/stick" in ran.stderr) == (1, False, True)


@pytest.mark.parametrize("command", [["write"], ["key", "show"], ["key", "rotate"], ["transfer"]])
def test_each_command_shows_an_example(command) -> None:
    assert "Example: forge exchange" in helped("exchange", *command)
