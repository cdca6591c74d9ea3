"""Other catalogues as administrators and readers meet them: the desk's pages, and the page that names whose records are
read."""

from dataclasses import replace

import pytest
from support.factories.core import NOW, a_catalog, a_manifest, a_project, later, load
from support.factories.following import a_following, added, names_of
from support.factories.peers import CARD, a_peer, followed
from support.factories.visits import Clock
from support.hosts.exchange import Home, a_signer, an_id
from support.hosts.static import served
from support.visitors import signed_in
from support.world import a_client

from catalog.exchange import fingerprint as fingerprints
from catalog.exchange.statements import FollowedCatalogue
from catalog.rules.peer import EXPIRED, KEYS_CHANGED, TAMPERED, Refusal
from forge.exchange.card import instance_card
from forge.web.wording.peers import hints

HOSTILE = '<script>alert("x")</script>\u202e\x00{{ 7 * 7 }}'


@pytest.fixture
def store(sqlite_store):
    load(sqlite_store, a_catalog(a_project(), manifest=a_manifest(languages=("en", "fr"))))
    return sqlite_store


@pytest.fixture
def peer(store):
    return a_peer(store)


@pytest.fixture
def ana(app, store):
    return signed_in(app, store, "ana@example.org", "administrator")


def press(client, path, **fields):
    return client.post(path, data={name.replace("_", "-"): value for name, value in fields.items()})


def test_moderators_see_the_pages_of_peers_and_only_administrators_decide(app, store, peer):
    for role, status in (("moderator", 200), (None, 403)):
        client = signed_in(app, store, f"{role}@example.org", role)
        for path in ("/en/desk/peers", f"/en/desk/peers/{peer.slug}"):
            answer = client.get(path)
            assert answer.status_code == status and f'action="{path}"' not in answer.text
        assert press(client, f"/en/desk/peers/{peer.slug}", state="paused", words="x").status_code == 403
    assert a_client(app).get("/en/desk/peers").status_code in (303, 401, 403)
    assert store.peers.get(peer.id).state == "new"


def test_the_desk_tells_the_card_and_the_key(ana, peer):
    assert "Software for the social economy" in ana.get("/en/desk/peers").text
    page = ana.get(f"/en/desk/peers/{peer.slug}").text
    for told in ("Red de Redes", "Cada semana.", "0123 4567 89ab cdef 0123", "CC0-1.0"):
        assert told in page
    assert ana.get("/en/desk/peers/nobody").status_code == 404


def test_a_card_full_of_what_nobody_should_send_breaks_no_page(ana, store):
    card = CARD | {
        "name": {"en": HOSTILE, '"><b>': "x", "fr": "n" * 9000},
        "operator": {"name": HOSTILE},
        "address": "javascript:alert(1)",
        "criteria": {"es": HOSTILE},
        "languages": ["es", HOSTILE, 5],
        "data_license": {"facts": HOSTILE},
    }
    peer = a_peer(store, card=card)
    followed(store, peer)
    store.peers.refused(peer.id, Refusal(TAMPERED, HOSTILE, NOW))
    for path in ("/en/desk/peers", f"/fr/desk/peers/{peer.slug}", "/en/about/peers", "/fr/about/peers"):
        answer = ana.get(path)
        assert answer.status_code == 200 and "<script>alert" not in answer.text and "javascript:" not in answer.text
        assert "\u202e" not in answer.text and "<b>" not in answer.text


def test_a_decision_is_kept_and_told_in_public(ana, store, peer):
    here = f"/en/desk/peers/{peer.slug}"
    answer = press(ana, here, state="following", step="decide")
    assert answer.status_code == 303 and answer.headers["location"] == here
    assert store.peers.get(peer.id).state == "following"
    log = ana.get("/en/log").text
    assert "Records from this catalogue are now imported" in log and f'href="/en/about/peers#{peer.slug}"' in log
    assert "Decided by an administrator." in log
    assert press(ana, here, state="new", step="decide").status_code == 303
    assert store.peers.get(peer.id).state == "new"


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(ana, store, peer):
    here = f"/en/desk/peers/{peer.slug}"
    answer = press(ana, here, state="nonsense", words=HOSTILE)
    assert answer.status_code == 422 and "This changes nothing" in answer.text
    assert "&lt;script&gt;" in answer.text and "<script>alert" not in answer.text
    assert store.peers.get(peer.id).state == "new" and store.decisions.count() == 0


def test_a_refusal_is_told_in_a_sentence_with_the_date_of_the_last_good_visit(ana, store, peer):
    followed_peer = followed(store, peer)
    store.peers.refused(followed_peer.id, Refusal(TAMPERED, "entry.json", later(days=1)))
    for path in ("/en/desk/peers", f"/en/desk/peers/{followed_peer.slug}", "/en/about/peers"):
        page = ana.get(path).text
        assert "A file is not the one that was signed" in page and "24 November 2026" in page
        assert ("entry.json" in page) == ("desk" in path)  # the name of a file is for moderators
    store.peers.refused(followed_peer.id, Refusal(EXPIRED, "2026-12-24", later(days=31)))
    page = ana.get("/en/about/peers").text
    assert "On hold until it can be verified again" in page and "Paused" not in page  # nobody paused it


def test_readers_see_whose_records_they_read_and_by_which_rules(app, store, peer):
    reader = a_client(app)
    assert "No other catalogue is read here yet." in reader.get("/en/about/peers").text
    followed(store, peer)
    assert "is erased here within 7 days" in reader.get("/en/about/peers").text
    page = reader.get("/fr/about/peers").text
    assert 'href="/fr/help/exchange"' in page
    assert "Red de Redes" in page and "Dos personas leen cada ficha." in page and 'lang="es"' in page
    assert reader.get("/en/about").status_code == 200


def test_an_administrator_follows_a_catalogue_that_was_added(ana, app, store, tmp_path):
    home, pull = Home(tmp_path / "home"), a_following(store, app.state.peers, Clock())
    home.project(1, "Contarapido")
    with served(home.folder) as host:
        home.address = host.url
        home.publish()
        peer = added(pull, host.url)
        here = f"/en/desk/peers/{peer.slug}"
        assert fingerprints.grouped(peer.fingerprint) in ana.get(here).text
        assert press(ana, here, state="following").status_code == 303
        assert pull.visit(store.peers.get(peer.id)).good
    assert names_of(store) == ["Contarapido", "Galette"]
    for path in (here, "/en/about/peers"):
        assert " ".join(fingerprints.spoken(peer.fingerprint)) in ana.get(path).text


def test_what_a_visit_asks_is_answered_by_a_press(ana, app, store, tmp_path):
    home, pull = Home(tmp_path / "home"), a_following(store, app.state.peers, Clock())
    for number, name in ((1, "Contarapido"), (2, "Tareas")):
        home.project(number, name)
    home.addresses = (home.address,)
    home.publish()
    peer = followed(store, added(pull, str(home.folder)))
    pull.visit(peer)
    del home.records[an_id(2)]
    home.publish()
    pull.visit(store.peers.get(peer.id))
    here = f"/en/desk/peers/{peer.slug}"
    page = ana.get(here).text
    assert "Somebody must decide" in page and "disappeared without being withdrawn" in page
    assert press(ana, here, step="allow").status_code == 303
    pull.visit(store.peers.get(peer.id))
    assert names_of(store) == ["Contarapido", "Galette"]
    assert "Somebody must decide" not in ana.get(here).text
    assert press(ana, here, step="allow").status_code == 422


def test_every_form_of_it_refuses_another_site(ana, store, peer):
    ana.headers.update({"sec-fetch-site": "cross-site"})
    assert press(ana, f"/en/desk/peers/{peer.slug}", state="paused", words="x").status_code == 403
    assert store.peers.get(peer.id).state == "new"


def test_who_may_not_see_the_pages_of_peers_is_told_which_role_may(app, store, peer):
    client = signed_in(app, store, "p@example.org", None)
    for path in ("/en/desk/peers", f"/en/desk/peers/{peer.slug}"):
        assert "for moderators of this catalogue only" in client.get(path).text


def test_a_change_of_keys_is_told_at_the_desk_and_taken_over_after_a_day(ana, app, store, tmp_path):
    home, clock = Home(tmp_path / "home"), Clock(app.state.clock())
    home.addresses = (home.address,)
    home.project(1, "Contarapido")
    home.publish()
    pull = a_following(store, app.state.peers, clock)
    peer = followed(store, added(pull, str(home.folder)))
    assert pull.visit(peer).good
    home.rotate(roots=[a_signer()])
    home.project(2, "Tareas")
    home.withdraw(1)
    home.publish()
    outcome = pull.visit(store.peers.get(peer.id))
    assert [note.code for note in outcome.notes] == [KEYS_CHANGED]
    assert names_of(store) == ["Galette"]  # what is withdrawn goes at once
    assert "Its keys changed." in ana.get("/en/desk").text and " → " in ana.get("/en/log").text
    clock.move(hours=25)
    assert pull.visit(store.peers.get(peer.id)).good and names_of(store) == ["Galette", "Tareas"]


def test_the_desk_tells_once_a_month_that_the_root_key_lies_on_the_server(ana, app, tmp_path):
    key, told = app.state.root_key, []
    for day, there in ((1, False), (1, True), (2, True)):
        key.write_text("key") if there else None
        app.state.clock = lambda day=day: NOW.replace(day=day)
        told.append("The root key of this catalogue lies on its server" in ana.get("/en/desk").text)
    assert told == [False, True, False]


def test_the_desk_names_the_catalogues_that_those_followed_follow(ana, app, store, tmp_path):
    told = {"name": "Répertoire <b>", "address": "https://repertoire.example.net", "root": "3f2a90bb17c4e05d88a1"}
    known = {"name": "It", "address": "https://catalogo.example.org/", "root": "0" * 20}
    hint = FollowedCatalogue(**told, country="FR", languages=("fr",))
    home = Home(tmp_path / "home", card={"follows": (hint, FollowedCatalogue(**known))})
    home.addresses = (home.address,)
    home.publish()
    pull = a_following(store, app.state.peers, Clock())
    peer = followed(store, added(pull, str(home.folder)))
    assert pull.visit(peer).good
    page = ana.get("/en/desk/peers").text
    assert "Répertoire &lt;b&gt;" in page and "France" in page and told["root"] not in page
    assert page.count("forge peer add ") == 1 and "forge peer add https://repertoire.example.net<" in page
    assert "Followed by" in page
    ours = instance_card(store.manifest(), "https://here.example.org", store.peers.all())
    assert [(line.address, line.languages) for line in ours.follows] == [("https://catalogo.example.org", ("es", "fr"))]
    paused = replace(store.peers.get(peer.id), state="paused")
    assert instance_card(store.manifest(), "https://here.example.org", [paused]).follows == ()
    assert known["name"] not in [line.name for line in hints([paused], "https://here.example.org")]
