"""Catalogues on loopback that follow each other, each with its own data and site: what one says, changes and takes back
is found, renewed and gone at the others. The parts have tests of their own; here they meet.
"""

import gzip
import http.server
import json
import re
import shutil
import threading
import urllib.request
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
from factories import a_project, an_adoption, an_organization
from factories_calling import a_call, proven, published
from factories_visits import Clock
from instances import Instance, a_database, an_instance, refused
from peerhost import Home, served
from sqlalchemy import select, update
from test_moderate import a_person
from test_using import a_use, opened

from catalog import declare, model, moderate
from catalog.adoptions import VISIBILITIES
from catalog.declarations import WITHDRAW, pair
from catalog.document import complete
from catalog.exchange.shapes import ADOPTION, CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.exchange.signing import grouped
from catalog.schema import organization
from catalog.schema_foreign import foreign, receipt
from catalog.store.database import reading, writing
from forge.exchange import keys
from forge.exchange.folder import write as write_folder
from forge.peers.source import NotRead
from forge.web.session import NAME

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
    log = spanish.page("/en/log")
    assert "This catalogue has a new key" in log and grouped(new.private.key.fingerprint) in log
    pinned = spanish.store.peers.one(one.id)
    assert pinned.public_key == new.private.key.public != one.public_key and pinned.refusal is None
    heir = an_heir(begin, french)
    to = hands_over(french, heir)
    days(1, french, heir, spanish)
    moved = spanish.store.peers.one(one.id)
    assert (moved.instance_id, moved.public_key, moved.refusal) == (heir.manifest.id, to.public, None)
    assert moved.address == f"{heir.address}/exchange"
    assert [one.kind for one in spanish.store.decisions.lines()] == ["peer-moved", "peer-key", "peer-follow"]
    page = spanish.page("/es/projects/galette")
    assert heir.address in page and french.address not in page
    assert french.page("/fr/projects/galette") == heir.page("/fr/projects/galette")
    french.down()
    heir.load(galette(name="Galette la neuve", id=identity_of(french, "galette")))
    days(2, heir, spanish)
    assert "Galette la neuve" in spanish.page("/es/projects/galette")
    assert spanish.get("/es/projects/paheko")[0] == 404


def an_heir(begin, home):
    """Another catalogue, with a copy of all records under their identities."""
    heir, document = begin("heritier", "fr", "en"), complete(home.store.curated.document())
    heir.load(*document.projects, *document.organizations)
    heir.write()
    return heir


def hands_over(home, heir):
    """As `forge exchange transfer` does; the key that is named."""
    to = keys.keys(heir.store, heir.settings.data).private.key
    said = {"address": heir.address, "public": to.public, "fingerprint": to.fingerprint}
    home.store.sent.note_moved(said | {"at": home.clock().isoformat()})
    return to


def test_who_reads_the_new_home_already_lets_go_of_what_the_old_one_told(begin, french, spanish) -> None:
    heir = an_heir(begin, french)
    one = spanish.follows(french)
    spanish.follows(heir)
    assert french.address in spanish.page("/es/projects/galette")
    hands_over(french, heir)
    days(2, french, heir, spanish)
    assert refused(spanish, one) == "" and spanish.store.foreign.held(one.id) == {}
    page = spanish.page("/es/projects/galette")
    assert heir.address in page and french.address not in page
    assert "Coop des Halles" in spanish.page("/es/projects/galette/users")
    french.down()
    heir.load(a_project("paheko", id=identity_of(french, "paheko")))
    days(20, heir, spanish)
    assert spanish.get("/es/projects/galette")[0] == 404 and spanish.get("/es/projects/paheko")[0] == 200
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404


def identity_of(instance: Instance, slug: str, kind: str = PROJECT):
    return instance.manifest.identity(kind, slug)


def declared(instance, project, at, **answers):
    """What the cooperative says with an address at its own domain."""
    organization = str(identity_of(instance, "coop-des-halles", ORGANIZATION))
    draft = a_use(instance.store, answers.pop("kind", "adopt"), project, organization=organization, **answers)
    return opened(instance.store, draft, now=at)[1]


WORD = "zqpurpose"  # of one use, and of nothing else


def places(slug="galette"):
    """Where a use could be read."""
    return (
        *(f"/fr/projects/{slug}", f"/fr/projects/{slug}/users", f"/fr/projects/{slug}/facts", "/fr/organizations"),
        *(f"/fr/projects/{slug}/history", "/fr/organizations/coop-des-halles/uses", f"/feeds/projects/{slug}.atom"),
        *(f"/badge/{slug}.svg", f"/embed/{slug}", f"/api/v1/projects/{slug}/adoptions", "/api/v1/adoptions"),
        *("/export/adoptions.csv", "/export/catalog.ttl", "/fr/places/FR", f"/fr/projects?q={slug}", "/fr/log"),
    )


def told_where(instance, *words):
    """The places in which one of these words is read."""
    return {path for path in places() if any(word in instance.get(path)[1] for word in words)}


def test_an_adopter_that_three_catalogues_know_counts_once_wherever_it_is_counted(begin) -> None:
    """They write the address of the code each in its way, and know the cooperative by its number."""
    spelled = ("https://github.com/example/galette.git", "https://www.GitHub.com/Example/Galette")
    spelled = (*spelled, "https://github.com/example/galette/tree/main")
    here, *others = (
        begin(name, "en", "fr", records=(galette(repository=url), COOP))
        for name, url in zip(("un", "deux", "trois"), spelled, strict=True)
    )
    for other in (here, *others):
        declared(other, identity_of(other, "galette"), here.clock())
    here.index()
    alone = counted(here)
    assert "used by 1 organization in 1 country" in alone["badge"]
    assert (alone["api"]["confirmed"], alone["countries"], alone["lines"], alone["listed"]) == (1, 1, 1, 1)
    for other in others:
        here.follows(other, "trust")
    days(2, *others, here)
    assert len(here.store.foreign.voices(PROJECT, identity_of(here, "galette"))) == 2
    assert counted(here) == alone


def counted(instance):
    project = json.loads(instance.page("/api/v1/projects/galette"))
    badge = instance.page("/badge/galette.svg")
    users = instance.page("/en/projects/galette/users")
    return {
        "badge": badge,
        "api": project["uses"],
        "countries": project["uses"]["countries"],
        "lines": len(instance.page("/export/adoptions.csv").splitlines()) - 1,
        "listed": len(json.loads(instance.page("/api/v1/adoptions"))["adoptions"]),
        "organizations": len(json.loads(instance.page("/api/v1/organizations"))["organizations"]),
        "projects": len(json.loads(instance.page("/api/v1/projects?q=galette"))["projects"]),
        "users": users.partition("<main")[2].count("Coop des Halles"),
        "told": instance.page("/feeds/projects/galette.atom?language=en").count("Coop des Halles"),
    }


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def test_what_an_organization_takes_back_goes_everywhere_and_followers_say_so(
    begin, french, clock, database, request
) -> None:
    """One follower answers at once, one was down for five days, one is late."""
    names = ("cerca", "lejos", "tarde")
    urls = [request.getfixturevalue("postgres_url") if database == "postgresql" else None, None, None]
    prompt, far, late = followers = tuple(
        begin(name, "es", "fr", records=(a_project(name),), url=url) for name, url in zip(names, urls, strict=True)
    )
    french.load(galette(adoptions=(an_adoption(stage="piloting"),)), a_project("paheko"), a_project("vieux"), COOP)
    use = declared(french, identity_of(french, "galette"), clock(), purpose=WORD)
    assert use.state == "published"
    for one in followers:
        one.follows(french)
        french.follows(one)
        assert len(told_where(one, WORD)) >= 3 and "/fr/projects/galette/users" in told_where(one, "Coop des Halles")
    french.load(galette(adoptions=(an_adoption(stage="piloting"),)), a_project("paheko"), COOP)
    days(3, french, *followers)
    assert all(one.get("/fr/projects/vieux")[0] == 404 for one in followers)
    assert not any("/projects/vieux" in one.page("/fr/projects?q=vieux") for one in followers)
    assert french.store.receipts.late(now=clock()) == ()
    far.down()
    late.down()
    clock.move(hours=1)
    about = {"organization": str(identity_of(french, "coop-des-halles", ORGANIZATION))}
    token, draft = french.store.declarations.begin(
        WITHDRAW, "fr", project_id=identity_of(french, "galette"), answers=about, now=clock()
    )
    assert opened(french.store, draft, now=clock())[1].state == "published"
    assert "la demande de l’effacer." in french.page(f"/fr/declarations/{token}")
    french.write()
    assert not any(WORD.encode() in gzip.decompress(one.read_bytes()) for one in french.folder.rglob("*.gz"))
    days(3, french, prompt)
    assert told_where(prompt, WORD) == set()
    assert "/fr/projects/galette/users" not in told_where(prompt, "Coop des Halles")
    assert not any(WORD.encode() in gzip.decompress(one.read_bytes()) for one in prompt.settings.peers.rglob("*.gz"))
    key = (ADOPTION, pair(identity_of(french, "galette"), identity_of(french, "coop-des-halles", ORGANIZATION)))
    assert key in receipts(french, prompt) and key not in receipts(french, far)
    days(2, french, prompt)
    assert words_of(french, token) == {prompt.host: "effacé le", far.host: "il ne l’a pas", late.host: "il ne l’a pas"}
    far.up()
    days(3, far, french)
    assert told_where(far, WORD) == set() and key in receipts(french, far)
    days(26, french)
    (named,) = french.store.receipts.late(now=clock())
    assert (named.peer_id, named.records) == (french.peer(late).id, 1)
    assert words_of(french, token) == {prompt.host: "effacé le", far.host: "effacé le", late.host: "en retard"}
    assert "tarde (es)" in desk(french) and "nothing new of theirs is read here" in desk(french)
    late.load(a_project("tarde"), a_project("nuevo", repository="https://code.example/nuevo"))
    late.up()
    late.write()
    days(1, french)
    assert french.get("/fr/projects/nuevo")[0] == 404  # of who is late, nothing but its word is read
    late.pull()
    late.index()
    assert told_where(late, WORD) == set()
    days(3, late, french)
    assert french.store.receipts.late(now=clock()) == () and key in receipts(french, late)
    assert french.get("/fr/projects/nuevo")[0] == 200


def test_what_people_told_and_asked_elsewhere_is_read_here_until_they_take_it_back(french, spanish, clock) -> None:
    """How a use went, and a call for translators: shown with their home, counted nowhere, gone at once."""
    galette, coop = identity_of(french, "galette"), identity_of(french, "coop-des-halles", ORGANIZATION)
    assert declared(french, galette, clock()).state == "published"
    words = {"context": "Cent zqtold membres.", "advice": "Nettoyez zqtold la liste.", "again": "yes", "language": "fr"}
    _, one = french.store.declarations.begin(
        EXPERIENCE, "fr", project_id=galette, organization_id=coop, answers=words, now=clock()
    )
    told = published(french.store, proven(french.store, one, now=clock()), now=clock())
    asked = {"call": "translate", "tag": "ar", "text": "Il manque zqasked la version arabe.", "language": "fr"}
    call = a_call(french.store, project=galette, now=clock(), **asked)
    spanish.follows(french)
    french.follows(spanish)
    of_call = (*("/es/projects/galette", "/es/calls", "/es/calls/elsewhere"), f"/es/calls/elsewhere/{call.id}")
    of_use = ("/es/projects/galette", "/es/projects/galette/users", "/es/projects/galette/experiences")
    for path, word in (*((path, "zqtold") for path in of_use), *((path, "zqasked") for path in of_call)):
        page = spanish.page(path)
        assert word in page and "annuaire (en)" in page and "CC-BY-4.0" in page, path
        assert f'href="{french.address}/' in page and 'lang="fr" dir="ltr"' in page, path
    for there in re.findall(rf'href="{french.address}([^"]+)"', spanish.page(of_call[-1])):
        assert "zqasked" in french.page(there)
    programs = {"/api/v1/experiences/elsewhere": "zqtold la", "/api/v1/calls/elsewhere": "zqasked"}
    for path, word in programs.items():
        listed = spanish.page(path)
        assert word in listed and f'"page":"{french.address}/' in listed and "CC-BY-4.0" in listed, path
    quiet = ("/feeds/calls.atom", "/api/v1/calls", "/es/", "/es/projects?q=zqtold", "/export/catalog.ttl")
    assert not any(re.search("zqtold la|zqasked", spanish.get(path)[1]) for path in quiet)
    spanish.write()
    assert not re.search(
        rb"zqtold|zqasked", b"".join(gzip.decompress(one.read_bytes()) for one in spanish.folder.rglob("*.gz"))
    )
    for gone in (told, call):
        declare.withdraw(french.store, gone.id, now=clock())
    days(1, french, spanish)
    assert not any(re.search("zqtold|zqasked", spanish.get(path)[1]) for path in programs)
    assert not any("zqtold" in spanish.get(path)[1] for path in of_use)
    assert not any("zqasked" in spanish.get(path)[1] for path in of_call)
    assert spanish.get(of_call[-1])[0] == 404
    days(2, spanish, french)
    assert {kind for kind, _ in receipts(french, spanish)} >= {EXPERIENCE, CALL}
    kept = [gzip.decompress(one.read_bytes()) for one in spanish.settings.peers.rglob("*.gz")]
    assert kept and not any(b"zqtold" in one or b"zqasked" in one for one in kept)


def desk(instance):
    """The desk as an administrator reads it."""
    store, now = instance.store, instance.clock()
    link = store.people.invite("ana@x.coop", "administrator", "en", now=now)
    _, cookie, _ = store.people.sign_in(link, "en", now=now)
    asked = urllib.request.Request(f"{instance.address}/en/desk", headers={"Cookie": f"{NAME}={cookie}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read().decode()


def words_of(home, token):
    """What the page of a declaration tells of each host, by how it begins."""
    page = home.page(f"/fr/declarations/{token}")
    found = re.findall(r'<li><bdi dir="ltr">([^<]+)</bdi>, (?:<strong[^>]*>)?(effacé le|en retard|il ne l’a pas)', page)
    return dict(found)


def receipts(home, follower):
    with reading(home.store.engine) as connection:
        rows = connection.execute(select(receipt).where(receipt.c.peer_id == home.peer(follower).id))
        return {(row.kind, row.record_id) for row in rows}


def test_a_dead_home_is_served_by_a_follower_and_read_there_by_a_third(begin, french, spanish, clock) -> None:
    spanish.follows(french)
    digits, rescue = french.fingerprint(), f"{spanish.address}/exchange/rescue/{french.manifest.id}"
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404
    french.down()
    days(40, spanish)
    assert spanish.get("/es/projects/galette")[0] == 200
    third = begin("terceiro", "pt", "en", records=(a_project("outro"),))
    with pytest.raises(AssertionError):
        third.meets(rescue, spanish.fingerprint())
    one = third.meets(rescue, digits)
    third.decides(one)
    third.day()
    page = third.page("/pt/projects/galette")
    assert "annuaire" in page and third.store.peers.one(one.id).refusal is None
    assert "Coop des Halles" in third.page("/pt/projects/galette/users")
    days(3, third)
    assert refused(third, one) == "" and third.get("/pt/projects/galette")[0] == 200
    heir = an_heir(begin, french)
    hands_over(french, heir)
    french.up()
    days(1, french, heir, spanish)
    french.down()
    assert spanish.peer(heir).address == f"{heir.address}/exchange" and heir.address in spanish.page("/es/log")
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404
    days(1, third, heir)
    moved = third.store.peers.one(one.id)
    assert (moved.refusal, moved.instance_id, moved.address) == (None, heir.manifest.id, f"{heir.address}/exchange")
    heir.load(galette(name="Galette la neuve", id=identity_of(french, "galette")))
    days(2, heir, third)
    assert "Galette la neuve" in third.page("/pt/projects/galette") and heir.address in third.page("/pt/log")


def test_who_reads_other_languages_than_the_rescuer_gets_all_but_the_texts_in_those(begin, french, spanish) -> None:
    french.load(
        galette(description={"fr": "Gère les adhésions.", "en": "Keeps the members."}), a_project("paheko"), COOP
    )
    spanish.follows(french)
    digits, rescue = french.fingerprint(), f"{spanish.address}/exchange/rescue/{french.manifest.id}"
    french.down()
    days(40, spanish)
    third = begin("troisieme", "fr", "en", records=(a_project("autre"),))
    one = third.meets(rescue, digits)
    assert one.preview["missing"] == ["fr"] and one.preview["counts"][PROJECT] == 2
    third.decides(one)
    third.day()
    assert refused(third, one) == ""
    page = third.page("/fr/projects/galette")
    assert "Keeps the members." in page and "Gère les adhésions." not in page
    kept = {file.name.split(".")[1] for file in (third.settings.peers / str(one.id)).rglob("project.*.gz")}
    assert "en" in kept and "fr" not in kept
    for file in (spanish.settings.peers / str(spanish.peer(french).id)).rglob("project.en.*.gz"):
        file.unlink()
    with pytest.raises(NotRead) as no:  # a part that is no text of a language is lacked by nobody
        next((spanish.settings.peers / str(spanish.peer(french).id)).rglob("organization.*.gz")).unlink()
        begin("quatrieme", "fr", "en", records=(a_project("encore"),)).meets(rescue, digits)
    assert no.value.subject.startswith("snapshot/organization.")


def test_a_follower_that_never_sent_word_is_late_too_and_named(begin, french, clock) -> None:
    """What it reads stands in its card, before anything was ever taken back."""
    silent = begin("tarde", "es", "fr", records=(a_project("tarde"),))
    use = declared(french, identity_of(french, "galette"), clock(), purpose=WORD)
    assert use.state == "published"
    silent.follows(french)
    silent.write()
    french.follows(silent)
    assert [one["id"] for one in french.peer(silent).card["follows"]] == [str(french.manifest.id)]
    silent.down()
    clock.move(hours=1)
    about = {"organization": str(identity_of(french, "coop-des-halles", ORGANIZATION))}
    token, draft = french.store.declarations.begin(
        WITHDRAW, "fr", project_id=identity_of(french, "galette"), answers=about, now=clock()
    )
    assert opened(french.store, draft, now=clock())[1].state == "published"
    days(5, french)
    assert words_of(french, token) == {silent.host: "il ne l’a pas"} and french.store.receipts.late(now=clock()) == ()
    days(30, french)
    (late,) = french.store.receipts.late(now=clock())
    assert (late.peer_id, late.records) == (french.peer(silent).id, 1)
    assert words_of(french, token) == {silent.host: "en retard"}


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
    moderate.tell_apart(spanish.store, ana, PROJECT, identity_of(french, "galette"), "A fork.", now=clock())
    for _ in range(2):
        assert french.address not in spanish.page("/es/projects/galeta")
        assert french.address in spanish.page("/es/projects/galette")
        assert "Coop des Halles" not in spanish.page("/es/projects/galeta/users")
        french.load(galette(name="Galette 2"), a_project("paheko"), COOP)
        days(1, french, spanish)
    assert spanish.store.foreign.held(one.id)[PROJECT] == 2


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


def test_of_what_is_private_not_a_byte_reaches_a_follower(begin, spanish, clock) -> None:
    shown = an_adoption("coop-des-halles", purpose={"fr": "zqopen"})
    hidden = tuple(
        an_adoption(f"org-{visibility}", visibility=visibility, purpose={"fr": f"zqplant-{visibility}"})
        for visibility in VISIBILITIES[1:]
    )
    person = model.Maintenance("lead", person="zqplant person")
    alone = an_organization("zqplant-alone", name="zqplant alone", kind="self-employed")
    french = begin(
        "annuaire", "fr", "en",
        records=(
            galette(adoptions=(shown, *hidden), maintenance=(person,), description={"fr": "À zqplant@april.example"}),
            a_project("secret", name="zqplant secret"), COOP, alone,
            *(an_organization(one.organization, name=f"zqplant {one.organization}") for one in hidden),
        ),
    )  # fmt: skip
    french.store.mirrors.block("secret", "zqplant its makers asked for it", now=clock())
    with writing(french.store.engine) as connection:
        for slug in (one.organization for one in hidden):
            connection.execute(update(organization).where(organization.c.slug == slug).values(hidden="unnamed"))
    new = {"organization": "", "name": "zqplant draft", "kind": "association", "country": "FR"}
    a_use(french.store, "adopt", identity_of(french, "galette"), **new, purpose="zqplant draft")
    declared(french, identity_of(french, "galette"), clock(), purpose="zqplant network", visibility="network")
    spanish.follows(french)
    raw = b"".join(
        one.read_bytes() + (gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else b"")
        for one in (*spanish.settings.data.rglob("*"), *spanish.settings.data.parent.glob("catalogo.db*"))
        if one.is_file()
    )
    assert b"galette" in raw and b"Coop des Halles" in raw
    assert b"zqplant" not in raw
