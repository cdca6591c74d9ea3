"""Catalogues on loopback that follow each other, each with its own data and site: what one says, changes and takes back
is found, renewed and gone at the others. The parts have tests of their own; here they meet.
"""

import gzip
import http.server
import json
import shutil
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import select
from support.factories.core import a_project, load
from support.factories.people import a_person
from support.hosts.peer import Home, served
from support.instances import refused
from support.instances_cast import COOP, days, galette, identity_of
from support.paths import ROOT

from catalog import moderation
from catalog.document import parse
from catalog.federation.shapes import ORGANIZATION, PROJECT
from catalog.store.core.engine import reading
from catalog.tables.federation import foreign
from forge.federation.publish.folder import write as write_folder
from forge.server.starter_document import starter_text

SHIPPED = ROOT / "catalog.yaml"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        """What was asked is not looked at."""


@contextmanager
def static(folder, host="127.0.0.1"):
    """A static file server, as any host has one."""
    server = http.server.ThreadingHTTPServer((host, 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def filled_in(text):
    """The starter as somebody fills it in: what it says to do and no more."""
    rows = [line for line in text.splitlines() if "# FILL IN: " not in line]
    head = [line for line in rows if line.startswith("# ")]
    return "\n".join(line.replace("  # ", "  ", 1) for line in rows if line not in head) + "\n"


@pytest.mark.parametrize("which", ["shipped", "starter"])
def test_the_shipped_catalogue_and_a_starter_that_was_filled_in_are_followed_by_others(begin, spanish, which) -> None:
    text = SHIPPED.read_text() if which == "shipped" else filled_in(starter_text())
    document, problems = parse(text.encode())
    assert problems == [] and document is not None
    ours = begin("ours", "en")
    ours.manifest = document.manifest
    load(ours.store, document, now=ours.clock())
    peer = spanish.follows(ours)
    assert peer.refusal is None and spanish.store.received_records.held(peer.id)["project"] == len(document.projects)
    card = json.loads((ours.folder / "instance.json").read_bytes())
    own = "https://your-organization.example" if which == "starter" else None
    assert card["complete"] and card["contact"] == (f"contact@{own[8:]}" if own else f"{ours.address}/help")
    assert "/wrong?page=" in ours.page("/help") or own
    spanish.index()
    assert ours.address in spanish.page("/es/projects/galette")


def test_nothing_enters_before_people_decided_and_then_what_they_decided_does(french, spanish) -> None:
    french.write()
    one = spanish.meets(french.address, french.fingerprint())
    assert one.preview["counts"] == {"project": 2, "organization": 1, "adoption": 1}
    assert one.preview["known"] == {"project": 0, "organization": 0, "adoption": 0}
    days(3, french, spanish)
    assert spanish.store.received_records.held(one.id) == {} and spanish.get("/es/projects/galette")[0] == 404
    assert "annuaire" not in spanish.page("/es/about/peers")
    spanish.decides(one)
    spanish.day()
    page = spanish.page("/es/projects/galette")
    assert french.address in page and "annuaire (en)" in page
    assert "Coop des Halles" in spanish.page("/es/projects/galette/users")
    assert "galette" in spanish.page("/es/projects?q=galette")
    assert "annuaire (en)" in spanish.page("/es/about/peers")
    assert spanish.get("/exchange/entry.json")[0] == 200
    told = json.loads(spanish.page("/exchange/instance.json"))
    assert told["address"] == spanish.address and told["complete"]
    spanish.write()
    assert b"galette" not in b"".join(gzip.decompress(one.read_bytes()) for one in spanish.folder.rglob("*.gz"))


REFUSALS = ("tampered", "replayed", "rolled-back", "expired")


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_be_believed_leaves_the_last_good_copy_with_its_date_and_a_sentence(
    begin, french, tmp_path, code
) -> None:
    """From a static host, on which the folder of `forge exchange write` lies."""
    spanish = begin("catalogo", "es", "en", records=(a_project("contarapido"),))
    folder, clock = tmp_path / "lying", french.clock

    def out(at):
        write_folder(french.store, french.settings.data, folder, french.address, now=at)

    out(clock())
    with static(folder) as address:
        one = spanish.meets(address, french.fingerprint())
        spanish.decides(one)
        spanish.day()
        first = shutil.copytree(folder, tmp_path / "first")
        assert spanish.get("/es/projects/galette")[0] == 200
        clock.move(days=8)
        if code != "replayed":
            french.load(galette(), a_project("paheko"), a_project("nouveau"), COOP)
        out(clock())
        spanish.day()
        good = spanish.store.peers.one(one.id)
        assert good.refusal is None and good.last_good_at == clock()
        clock.move(days=2)
        if code == "tampered":
            french.load(galette(), COOP)
            out(clock())
            change = sorted((folder / "changes").iterdir())[-1]
            raw = bytearray(change.read_bytes())
            raw[len(raw) // 2] ^= 1
            change.write_bytes(raw)
        elif code == "expired":
            clock.move(days=29)
        else:
            shutil.rmtree(folder)
            shutil.copytree(first, folder)
        spanish.day()
        held = spanish.store.peers.one(one.id)
        assert (refused(spanish, one), held.last_good_at, held.sequence) == (code, good.last_good_at, good.sequence)
        assert spanish.get("/es/projects/galette")[0] == 200
        assert (spanish.get("/es/projects/nouveau")[0] == 200) is (code != "replayed")
        about = spanish.page("/en/about/peers")
        assert f"Last read on {good.last_good_at.day} {good.last_good_at:%B %Y}" in about
        shown = {"tampered": "something changed it", "expired": "older than it says"}
        shown |= {"replayed": "an older list of the same state", "rolled-back": "showed an older state"}
        assert shown[code] in about
        french.load(galette(), a_project("paheko"), a_project("encore"), COOP)
        out(clock())
        clock.move(days=2)
        spanish.day()
        assert refused(spanish, one) == "" and spanish.get("/es/projects/encore")[0] == 200


def test_what_evidence_joined_is_parted_by_a_person_and_stays_so(begin, french, clock) -> None:
    spanish = begin(
        "catalogo",
        "es",
        "en",
        records=(galette("galeta", name="Galeta", repository="https://github.com/Example/Galette"),),
    )
    one = spanish.follows(french)
    page = spanish.page("/es/projects/galeta")
    assert french.address in page and spanish.get("/es/projects/galette")[0] == 404
    assert "Coop des Halles" in spanish.page("/es/projects/galeta/users")
    ana = a_person(spanish.store, "ana@otra.example")
    moderation.tell_apart(spanish.store, ana, PROJECT, identity_of(french, "galette"), "A fork.", now=clock())
    for _ in range(2):
        assert french.address not in spanish.page("/es/projects/galeta")
        assert french.address in spanish.page("/es/projects/galette")
        assert "Coop des Halles" not in spanish.page("/es/projects/galeta/users")
        french.load(galette(name="Galette 2"), a_project("paheko"), COOP)
        days(1, french, spanish)
    assert spanish.store.received_records.held(one.id)[PROJECT] == 2


def test_what_this_instance_does_not_know_is_kept_and_passed_over(spanish, tmp_path, clock) -> None:
    """A recorded third catalogue, of a later version of the format."""
    home = Home(tmp_path / "later", now=clock())
    body = {"license": "GPL-3.0-or-later", "repository": "https://code.example/tareas"}
    home.add(1, "Tareas", **body, domains=["accounting", "telepathy"], reads_minds={"since": "2031"})
    home.add(2, "Coop Sol", ORGANIZATION, kind="swarm", country="ES", tokens=[1, 2])
    home.publish()
    with served(home.folder, "/exchange") as host:
        one = spanish.meets(host.url, home.key.key.fingerprint)
        spanish.decides(one)
        spanish.day()
    page = spanish.page("/es/projects/tareas")
    assert "telepathy" not in page and spanish.get("/en/domains/accounting")[1].count("Tareas")
    assert spanish.get("/es/organizations/coop-sol")[0] == 200
    with reading(spanish.store.engine) as connection:
        bodies = {row.body["name"]: row.body for row in connection.execute(select(foreign))}
    assert bodies["Tareas"]["reads_minds"] == {"since": "2031"} and "telepathy" in bodies["Tareas"]["domains"]
    assert (bodies["Coop Sol"]["kind"], bodies["Coop Sol"]["tokens"]) == ("swarm", [1, 2])
