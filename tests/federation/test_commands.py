"""`forge exchange`, as an operator has it: a folder for a stick, a key to compare, a new home."""

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest
from support.factories.core import a_document, a_manifest, identity
from support.feed_follower import Follower

from catalog.federation import parsing, signing
from catalog.model import Operator
from tests.commands.test_cli import a_file, forge, helped

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
    assert "does not say: operator, criteria, validation, refresh." in forge(folder, "check").stderr
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
    assert forge(folder, "doctor").returncode == 3  # to do now
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


def written(folder: Path, to: str):
    return forge(folder, "exchange", "write", to, base_url="https://forge.example")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "held",
    [
        "thesis.odt", "snapshot/thesis.odt", "changes/diary/monday.txt", "snapshot/diary.json.gz", ".hidden",
        "entry.json", "instance.json", "entry.sig/letters.txt", "snapshot/letter.0123456789abcdef.json.gz/page.txt",
    ],
)  # fmt: skip
def test_a_folder_that_holds_anything_else_is_refused_and_left_as_it_is(folder, held) -> None:
    theirs = folder / "theirs"
    (theirs / held).parent.mkdir(parents=True)
    (theirs / held).write_text("Dear diary")
    before = everything(theirs)
    ran = written(folder, "theirs")
    assert (ran.returncode, ran.stdout, "Traceback" in ran.stderr) == (1, "", False)
    assert "theirs" in ran.stderr and "Name a new folder, or an empty one." in ran.stderr
    assert everything(theirs) == before


def test_another_catalogues_stick_is_refused_and_left_as_it_is(folder, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    a_file(other, a_document(manifest=a_manifest(id=identity("other", "peer"))))
    assert forge(other, "import", "catalog.yaml").returncode == 0
    assert written(other, str(folder / "stick")).returncode == 0
    before = everything(folder / "stick")
    ran = written(folder, "stick")
    assert (ran.returncode, "another catalogue" in ran.stderr) == (1, True)
    assert everything(folder / "stick") == before


def test_what_others_put_beside_an_exchange_stays_and_links_lead_to_no_writing(folder, tmp_path) -> None:
    assert written(folder, "stick").returncode == 0
    stick, diary = folder / "stick", tmp_path / "diary"
    diary.mkdir()
    (diary / "monday.txt").write_text("Dear diary")
    kept = [".htaccess", "thesis.odt", "snapshot/thesis.odt", "changes/diary.json.gz", "snapshot/old/letter.txt"]
    for name in kept:
        (stick / name).parent.mkdir(exist_ok=True)
        (stick / name).write_text("mine")
        os.utime(stick / name, (0, 0))
    for name in ("snapshot/project.0123456789abcdef.json.gz", ".entry.json.new", ".instance.json.new"):
        (stick / name).symlink_to(diary / "monday.txt")
    a_file(folder, a_document(manifest=dataclasses.replace(WHOLE, operator=Operator("Framasoft"))))
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    assert written(folder, "stick").returncode == 0 and the_card(folder).operator["name"] == "Framasoft"
    assert [(stick / name).read_text() for name in kept] == ["mine"] * len(kept)
    assert (diary / "monday.txt").read_text() == "Dear diary"


@pytest.mark.parametrize("name", ["snapshot", "changes"])
def test_nothing_is_written_or_deleted_behind_a_link(folder, tmp_path, name) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "project.0123456789abcdef.json.gz").write_text("theirs")
    (folder / "stick").mkdir()
    (folder / "stick" / name).symlink_to(elsewhere)
    ran = written(folder, "stick")
    assert (ran.returncode, f"stick/{name}" in ran.stderr) == (1, True)
    assert [path.name for path in elsewhere.iterdir()] == ["project.0123456789abcdef.json.gz"]
    assert [path.name for path in (folder / "stick").iterdir()] == [name]


def test_a_folder_that_cannot_be_written_is_named(folder) -> None:
    (folder / "file").write_text("")
    ran = forge(folder, "exchange", "write", "file/stick")
    assert (ran.returncode, "Traceback" in ran.stderr, "file/stick" in ran.stderr) == (1, False, True)


@pytest.mark.parametrize("command", [["write"], ["key", "show"], ["key", "rotate"], ["transfer"]])
def test_each_command_shows_an_example(command) -> None:
    assert "Example: forge exchange" in helped("exchange", *command)
