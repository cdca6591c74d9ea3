"""Catalogues on loopback that follow each other, each with its own data and its own site: what one says, changes and takes
back is found, renewed and gone at the others. The parts have tests of their own; here they meet.
"""

import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from factories import a_project, an_adoption, an_organization, identity
from factories_visits import Clock
from instances import Instance, a_database, an_instance, refused
from test_serve import Service, a_service, until, write
from test_using import a_use, opened

from catalog import model
from catalog.declarations import WITHDRAW
from catalog.document import complete
from catalog.exchange import parsing, shapes
from catalog.exchange.shapes import ADOPTION, ORGANIZATION, PROJECT
from catalog.peers import FOLLOWING, PAUSED
from forge.exchange import keys
from forge.exchange.folder import write as write_folder
from forge.peers.source import NotRead

COOP = an_organization(
    homepage="https://www.coop.example/qui", identifiers={"siren": "732829320"}, name="Coop des Halles", country="FR"
)


def galette(slug="galette", **changes):
    return a_project(slug, **({"repository": "https://github.com/example/galette.git"} | changes))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def begin(tmp_path, sqlite_template, clock):
    """Starts an instance by name, with languages and records."""
    with ExitStack() as stack:

        def start(name, *languages, records=(), url=None):
            address = url or a_database(sqlite_template, tmp_path, name)
            return stack.enter_context(an_instance(tmp_path, address, clock, name, *languages, records=records))

        yield start


@pytest.fixture
def french(begin):
    """`galette`, used by a cooperative, and `paheko`."""
    uses = (an_adoption(stage="in-production"),)
    return begin("annuaire", "fr", "en", records=(galette(adoptions=uses), a_project("paheko"), COOP))


@pytest.fixture
def spanish(begin):
    return begin("catalogo", "es", "en", records=(a_project("contarapido"),))


def days(number, *instances):
    """So many days pass, and each instance does its work in each of them."""
    for _ in range(number):
        instances[0].clock.move(days=1.2)
        for one in instances:
            one.day()


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


def test_nothing_enters_before_people_decided_and_then_what_they_decided_does(french, spanish) -> None:
    french.write()
    one = spanish.meets(french.address, french.fingerprint())
    assert one.preview["counts"] == {"project": 2, "organization": 1, "adoption": 1}
    assert one.preview["known"] == {"project": 0, "organization": 0, "adoption": 0}
    days(3, french, spanish)
    assert spanish.store.foreign.held(one.id) == {} and spanish.get("/es/projects/galette")[0] == 404
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


def test_a_key_is_rotated_and_the_home_handed_over_and_followers_go_along(begin, french, spanish) -> None:
    one = spanish.follows(french)
    new = keys.rotate(french.store, french.settings.data, now=french.clock())
    days(1, french, spanish)
    pinned = spanish.store.peers.one(one.id)
    assert pinned.public_key == new.private.key.public != one.public_key and pinned.refusal is None
    heir = begin("heritier", "fr", "en")
    document = french.store.curated.document()
    heir.load(*complete(document).projects, *complete(document).organizations)
    heir.write()
    to = keys.keys(heir.store, heir.settings.data).private.key
    at = french.clock().isoformat()
    french.store.sent.note_moved(
        {"address": heir.address, "public": to.public, "fingerprint": to.fingerprint, "at": at}
    )
    days(1, french, heir, spanish)
    moved = spanish.store.peers.one(one.id)
    assert (moved.instance_id, moved.public_key, moved.refusal) == (heir.manifest.id, to.public, None)
    assert moved.address == f"{heir.address}/exchange"
    page = spanish.page("/es/projects/galette")
    assert heir.address in page and french.address not in page
    assert french.page("/fr/projects/galette") == heir.page("/fr/projects/galette")
    french.down()
    heir.load(galette(name="Galette la neuve", id=identity_of(french, "galette")))
    days(2, heir, spanish)
    assert "Galette la neuve" in spanish.page("/es/projects/galette")
    assert spanish.get("/es/projects/paheko")[0] == 404


def identity_of(instance: Instance, slug: str, kind: str = PROJECT):
    return instance.manifest.identity(kind, slug)


def declared(instance, project, at, **answers):
    """What the cooperative says with an address at its own domain."""
    organization = str(identity_of(instance, "coop-des-halles", ORGANIZATION))
    draft = a_use(instance.store, answers.pop("kind", "adopt"), project, organization=organization, **answers)
    return opened(instance.store, draft, now=at)[1]


PLACES = (
    *("/fr/projects/galette", "/fr/projects/galette/users", "/fr/projects?q=galette", "/fr/organizations"),
    *("/feeds/projects/galette.atom", "/badge/galette.svg", "/embed/galette", "/api/v1/adoptions"),
    *("/api/v1/organizations", "/api/v1/projects/galette", "/export", "/fr/places/FR"),
)


def test_an_adopter_that_three_catalogues_know_counts_once_wherever_it_is_counted(begin) -> None:
    """At the third, the project is known by one spelling of its address, the cooperative by its number."""
    uses = (an_adoption(stage="in-production"),)
    spelled = ("https://github.com/example/galette.git", "http://www.GitHub.com/Example/Galette", "git@github.com:example/galette.git")
    made = [
        begin(name, "fr", "en", records=(galette(repository=url, adoptions=uses), COOP))
        for name, url in zip(("un", "deux", "trois"), spelled, strict=True)
    ]
    alone = {path: counted(made[0].page(path)) for path in COUNTING}
    for other in made[1:]:
        declared(other, identity_of(other, "galette"), other.clock())
        made[0].follows(other, "trust")
    here = made[0]
    declared(here, identity_of(here, "galette"), here.clock())
    days(2, *made)
    assert {path: counted(here.page(path)) for path in COUNTING} == {path: alone[path] | {"declared"} for path in COUNTING}
