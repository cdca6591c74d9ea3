"""Translations as offers: from one store to the home of a record and back with credit, and what is kept out; on both
databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from exchange_follower import all_bytes
from factories import NOW, a_catalog, a_manifest, a_project, identity, later, load
from factories_foreign import WANTED, a_catalogue, a_delta, key, take, theirs
from factories_peers import a_peer, followed
from test_moderate import a_person

from catalog import moderate, offers
from catalog.decisions import PUBLISH, REFUSE
from catalog.declarations import CORRECT, WAITING
from catalog.document import dump, parse
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.exchange import merge, offering, parsing, shapes, signing
from catalog.exchange.offering import Draft, Proposal
from catalog.model import Translated
from catalog.moderate import Peering, Wish
from catalog.peers import FOLLOWING, KINDS, PAUSED, Peer
from catalog.store import Store, declarations
from catalog.store.database import writing
from forge.exchange.folder import write
from forge.export.home import Home
from forge.export.publiccode import publiccode
from forge.export.software import software
from forge.peers import reading
from forge.peers.source import Folder

GALETTE = identity("galette")
LATER = later(hours=1)
TEXTS = {"summary": "Llevar la lista de miembros"}


def an_offer(**changes: object) -> shapes.Offer:
    values: dict[str, object] = {
        "id": uuid4(),
        "kind": "project",
        "record": GALETTE,
        "field": "summary",
        "language": "es",
        "text": "Llevar la lista de miembros",
        "of_revision": 1,
        "translator": "Red de Redes",
        "method": "person",
        "at": NOW,
    }
    return shapes.Offer(**values | changes)  # type: ignore[arg-type]


def edited(store: Store) -> Peer:
    """Another catalogue with which projects are edited together."""
    return a_catalogue(store, **dict.fromkeys(WANTED, "follow") | {"project": "co_edit"})


def told(store: Store, tmp_path: Path) -> None:
    """Its feed goes out once, so that revisions are known."""
    write(store, tmp_path, tmp_path / "exchange", "https://forge.example", now=NOW)


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Store:
    """A store whose project was told to others as revision 1."""
    load(store, a_catalog(a_project()))
    told(store, tmp_path)
    return store


def answer(
    store: Store, number: int = 0, choice: str = PUBLISH, reason: str = "", when: datetime = LATER
) -> int | None:
    """A moderator answers what waits."""
    someone = a_person(store)
    one = store.declarations.queue()[number]
    return moderate.answer(store, someone, one.id, Wish(choice, reason, "", moderate.stamp(one)), now=when)


def test_an_offer_for_our_record_waits_at_the_desk_and_is_shown_with_its_translator_once_accepted(home: Store) -> None:
    peer = edited(home)
    given = an_offer()
    take(home, peer, offers=(given,))
    take(home, peer, offers=(given,))
    (waits,) = home.declarations.queue()
    assert waits.state == WAITING and waits.email is None and waits.person_id is None
    (entry,) = [one for one in home.waiting.queue(now=NOW) if one.source == "declaration"]
    assert (entry.name, entry.language, entry.kind) == ("Galette", "es", "correct")
    one = home.offers.of_declaration(waits.id)
    assert one is not None
    assert (one.home, one.translator, one.of_revision, one.state) == (
        "Catalogue of b.example.org", "Red de Redes", 1, offers.WAITING,
    )  # fmt: skip
    assert not one.stale and home.offers.shown(GALETTE) == ()

    number = answer(home)
    page = home.pages.project("galette")
    assert page.record.summary["es"] == "Llevar la lista de miembros" and page.record.summary["fr"]
    (shown,) = home.offers.shown(GALETTE)
    assert (shown.translator, shown.language, shown.stale) == ("Red de Redes", "es", False)
    with home.published.view() as view:
        (sent,) = view.accepted()["project", GALETTE]
        assert sent["translator"] == "Red de Redes"

    assert number is not None
    moderate.undo(home, a_person(home, "clara@example.org"), number, "mistake", "", now=later(hours=2))
    assert "es" not in home.pages.project("galette").record.summary
    assert home.offers.shown(GALETTE) == ()


def test_a_refused_offer_stays_refused_whoever_tells_it_again(home: Store) -> None:
    peer, given = edited(home), an_offer()
    take(home, peer, offers=(given,))
    answer(home, choice=REFUSE, reason="not-checkable")
    take(home, peer, offers=(given,), whole=True)
    assert home.declarations.queue() == ()
    assert [one.state for one in home.offers.every(outgoing=False)] == [offers.REFUSED]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"record": identity("nothing")}, offers.NO_RECORD),
        ({"kind": "organization"}, offers.NO_RECORD),
        ({"field": "license"}, offers.NO_FIELD),
        ({"language": "zz"}, offers.NO_LANGUAGE),
        ({"language": "x" * 200}, offers.NO_LANGUAGE),
        ({"text": "x" * 121}, offers.NO_TEXT),
        ({"text": "two\nlines"}, offers.NO_TEXT),
        ({"text": "x" * 20_000, "field": "description"}, offers.NO_TEXT),
        ({"text": "Write to ana@example.org"}, offers.NO_TEXT),
        ({"translator": None}, offers.PERSONAL),
        ({"translator": "ana@example.org"}, offers.PERSONAL),
        ({"language": "fr", "text": "Gérer les adhérents et les cotisations"}, offers.SAME),
    ],
)
def test_what_keeps_no_rule_is_kept_out_with_its_reason_and_without_its_text(home: Store, changes, why) -> None:
    if why == offers.SAME:
        changes = changes | {"text": home.pages.project("galette").record.summary["fr"]}
    take(home, edited(home), offers=(an_offer(**changes),))
    assert home.declarations.queue() == ()
    assert [(one.state, one.why, one.text) for one in home.offers.every(outgoing=False)] == [(offers.KEPT_OUT, why, "")]


def test_offers_of_a_catalogue_whose_projects_are_not_taken_and_for_other_homes_are_passed_over(home: Store) -> None:
    take(home, a_catalogue(home, organization="follow"), offers=(an_offer(),), kinds=frozenset({"organization"}))
    assert home.offers.every(outgoing=False) == () and home.declarations.queue() == ()


def test_at_most_so_many_offers_of_one_catalogue_wait(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "MOST_WAITING", 3)
    languages = ("es", "pt", "ca", "it", "de")
    take(home, edited(home), offers=tuple(an_offer(language=tag) for tag in languages))
    assert len(home.declarations.queue()) == 3
    assert [one.why for one in home.offers.every(outgoing=False) if one.why] == [offers.MANY] * 2


def test_what_its_catalogue_takes_back_waits_no_more_and_what_was_accepted_stays(home: Store) -> None:
    peer, first, second = edited(home), an_offer(), an_offer(language="pt", text="Gerir membros")
    take(home, peer, offers=(first, second))
    es = next(at for at, one in enumerate(home.declarations.queue()) if one.language == "es")
    answer(home, es)
    stones = [shapes.Tombstone("offer", one.id, NOW, "withdrawn", 1) for one in (first, second)]
    take(home, peer, tombstones=stones)
    assert home.declarations.queue() == ()
    assert set(home.pages.project("galette").record.summary) >= {"es"}
    assert {one.language: one.state for one in home.offers.every(outgoing=False)} == {
        "es": offers.ACCEPTED,
        "pt": offers.TAKEN_BACK,
    }


def test_an_offer_of_an_earlier_revision_says_that_the_original_may_have_changed(home: Store, tmp_path: Path) -> None:
    load(home, a_catalog(a_project(summary={"fr": "Tenir les adhésions"})), digest="2", now=later(hours=1))
    take(home, edited(home), offers=(an_offer(),))
    (one,) = home.offers.every(outgoing=False)
    assert one.stale and one.original is None


class Catalogue:
    """A store with its folder, which another one follows."""

    def __init__(self, store: Store, data: Path, host: str):
        self.store, self.data, self.host = store, data, host

    def tell(self, now: datetime) -> None:
        write(self.store, self.data, self.data / "exchange", f"https://{self.host}", now=now)

    def follow(self, other: "Catalogue") -> Peer:
        card = reading.introduced(Folder(other.data / "exchange"))
        one = a_peer(
            self.store,
            address=f"https://{other.host}/exchange",
            instance_id=card.id,
            card=shapes.plain(card),
            public_key=card.key.public,
            fingerprint=card.key.fingerprint,
        )
        return followed(self.store, one, project="co_edit")

    def hear(self, other: "Catalogue", one: Peer, now: datetime) -> None:
        """What a verified visit hands over."""
        source = Folder(other.data / "exchange")
        public = signing.public_bytes(one.public_key)
        assert public is not None
        seen = reading.visited(source, reading.Pinned(public, one.instance_id), now=now)
        assert seen is not None
        delta = reading.whole(source, seen.entry, KINDS, ("en", "es", "fr"))
        merge.take(self.store, one.id, delta, now=now)


@pytest.fixture
def two(store: Store, tmp_path: Path) -> Iterator[tuple[Catalogue, Catalogue]]:
    """The home of a project, and a catalogue that follows it."""
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    load(store, a_catalog(a_project()))
    manifest = a_manifest(id=uuid4(), name={"es": "Catálogo de la red"})
    load(other, a_catalog(a_project("paheko", repository="https://git.example.org/paheko"), manifest=manifest))
    folders = tmp_path / "home", tmp_path / "other"
    for one in folders:
        one.mkdir()
    yield Catalogue(store, folders[0], "home.example.org"), Catalogue(other, folders[1], "other.example.org")
    other.close()


def correct(store: Store, language: str, text: str, now: datetime, key: UUID = GALETTE) -> None:
    """Somebody corrects the sentence of the project, and a moderator publishes it."""
    with writing(store.engine) as connection:
        answers = {"field": "summary", "language": language, "value": text}
        _, one = declarations.begin(connection, CORRECT, "fr", project_id=key, answers=answers, now=now)
        declarations.change(connection, one.id, state=WAITING, sent_at=now, expires_at=None)
    answer(store, [each.id for each in store.declarations.queue()].index(one.id), when=now)


def test_a_translation_travels_to_its_home_and_comes_back_with_credit_until_the_original_changes(two) -> None:
    home, other = two
    home.tell(NOW)
    other.tell(NOW)
    at_other, at_home = other.follow(home), home.follow(other)
    other.hear(home, at_other, NOW)
    someone = a_person(other.store)
    draft = Draft("es", "fr", TEXTS, "person", None)
    (given,) = offering.give(other.store, someone, GALETTE, draft, now=NOW)
    (ours,) = other.store.offers.every(outgoing=True)
    assert (ours.id, ours.state, ours.translator, ours.slug) == (given, "waiting", "Catálogo de la red", "galette")
    with pytest.raises(Invalid):
        offering.give(other.store, someone, GALETTE, draft, now=NOW)

    other.tell(later(hours=1))
    home.hear(other, at_home, later(hours=1))
    (waits,) = home.store.offers.every(outgoing=False)
    assert (waits.id, waits.home, waits.stale) == (given, "Catálogo de la red", False)
    answer(home.store, when=later(hours=2))
    home.tell(later(hours=3))
    other.hear(home, at_other, later(hours=3))
    page = other.store.pages.project("galette")
    assert page.record.summary["es"] == TEXTS["summary"]
    record = other.store.offers.home_of(GALETTE)
    assert record is not None
    said = record.texts["es"]["texts"]["summary"]
    assert (said["origin"], said["translator"], said["method"]) == ("translation", "Catálogo de la red", "person")
    assert [(one.state, one.stale) for one in other.store.offers.every(outgoing=True)] == [("accepted", False)]
    credit = Translated("summary", "es", "Catálogo de la red", "person")
    assert page.record.translated == (credit,) == home.store.exporting.project("galette").record.translated
    assert "  # summary: translated by Catálogo de la red (CC-BY-4.0)\n  es:\n" in publiccode_of(home.store)
    with home.store.whole.tables() as (_, document):
        assert document().projects[0].translated == (credit,)

    other.tell(later(hours=4))
    home.hear(other, at_home, later(hours=4))
    assert [one.state for one in home.store.offers.every(outgoing=False)] == ["accepted"]

    correct(home.store, "fr", "Tenir les adhésions et les dons", later(hours=5))
    (stale,) = home.store.offers.shown(GALETTE)
    assert stale.stale and stale.text == TEXTS["summary"]
    home.tell(later(hours=6))
    other.hear(home, at_other, later(hours=6))
    assert [(one.state, one.stale) for one in other.store.offers.every(outgoing=True)] == [("accepted", True)]
    assert other.store.pages.project("galette").record.translated == (replace(credit, stale=True),)
    assert "and the original changed since\n  es:" in publiccode_of(home.store)
    correct(other.store, "es", "Otras palabras, de aquí", later(hours=7))
    assert other.store.pages.project("galette").record.translated == ()


def publiccode_of(store: Store) -> str:
    found = store.exporting.project("galette")
    return publiccode(software(found), Home("https://home.example.org", store.manifest()))


def test_a_document_says_who_translated_its_texts_and_so_does_its_feed(home: Store, tmp_path: Path) -> None:
    credit = Translated("summary", "es", "Red de Redes", "machine then person", True)
    project = a_project(summary={"fr": "Tenir les adhésions", "es": "Llevar socios"}, translated=(credit,))
    load(home, a_catalog(project), digest="2")
    document = home.curated.document()
    assert document is not None and document.projects[0].translated == (credit,)
    again, problems = parse(dump(document).encode())
    assert not problems and again is not None and again.projects == document.projects
    assert home.offers.translated(GALETTE, home.pages.project("galette").record) == (credit,)
    told(home, tmp_path)
    entry = parsing.entry((tmp_path / "exchange" / "entry.json").read_bytes())
    delta = reading.whole(Folder(tmp_path / "exchange"), entry, KINDS, ("es", "fr"))
    said = delta.texts["project", "es"][GALETTE].texts["summary"]
    assert (said.origin, said.translator, said.method, said.stale) == ("translation", *(credit.by, credit.method), True)
    assert delta.texts["project", "fr"][GALETTE].texts["summary"].origin == "original"
    assert all("translated" not in one.body for one in delta.records["project"])


def test_what_a_machine_translated_travels_only_once_a_person_read_it(home: Store, tmp_path: Path) -> None:
    texts = {"fr": "Tenir les adhésions", "es": "Llevar socios", "pt": "Manter sócios"}
    by = (Translated("summary", "es", "Red", "machine"), Translated("summary", "pt", "Rede", "machine then person"))
    load(home, a_catalog(a_project(summary=texts, description={}, features={}, translated=by)), digest="2")
    told(home, tmp_path)
    entry = parsing.entry((tmp_path / "exchange" / "entry.json").read_bytes())
    delta = reading.whole(Folder(tmp_path / "exchange"), entry, KINDS, tuple(texts))
    of = {language for (kind, language), layer in delta.texts.items() if kind == "project" and GALETTE in layer}
    assert of == {"fr", "pt"}
    assert b"Llevar socios" not in all_bytes(tmp_path / "exchange")


@pytest.mark.parametrize("name", ["ana@example.org", "x" * 201, "two\nlines", ""])
def test_a_translator_that_breaks_a_rule_is_named_nowhere(home: Store, name: str) -> None:
    said = shapes.Said("Llevar tareas", shapes.TRANSLATION, name or None)
    layer = {("project", "es"): {key("tareas"): shapes.Texts(key("tareas"), 1, {"summary": said})}}
    delta = replace(a_delta(theirs("tareas")), texts=layer)
    merge.take(home, a_catalogue(home).id, delta, now=NOW)
    record = home.pages.project("tareas").record
    assert record.summary == {"es": "Llevar tareas"} and record.translated == ()


def test_who_may_offer_what_in_whose_name(two) -> None:
    home, other = two
    home.tell(NOW)
    other.hear(home, other.follow(home), NOW)
    someone, nobody = a_person(other.store), a_person(other.store, "ana@example.org", None)
    draft = Draft("es", "fr", TEXTS, "person", None)
    with pytest.raises(NotAllowed):
        offering.give(other.store, nobody, GALETTE, draft, now=NOW)
    with pytest.raises(NotFound):
        offering.give(home.store, a_person(home.store), GALETTE, draft, now=NOW)
    for text in ("x" * 121, "  "):
        with pytest.raises(Invalid) as no:
            offering.give(other.store, someone, GALETTE, Draft("es", "fr", {"summary": text}, "person", None), now=NOW)
        assert set(no.value.errors) == {"summary"}
    with pytest.raises(Invalid) as no:
        offering.give(other.store, someone, GALETTE, Draft("es", "fr", TEXTS, "machine", uuid4()), now=NOW)
    assert set(no.value.errors) == {"method", "translator"}
    assert other.store.offers.every(outgoing=True) == ()


def test_a_catalogue_that_is_followed_no_more_leaves_nothing_at_the_desk_and_what_was_accepted(home: Store) -> None:
    peer = edited(home)
    take(home, peer, offers=(an_offer(),))
    answer(home)
    take(home, peer, offers=(an_offer(language="pt", text="Gerir membros"),))
    with writing(home.engine) as connection:
        merge.forget(connection, peer.id, now=LATER)
    assert home.declarations.queue() == ()
    assert home.pages.project("galette").record.summary["es"] == TEXTS["summary"]


@pytest.mark.parametrize("choice", ["follow", "trust"])
def test_an_offer_waits_only_of_a_catalogue_with_which_projects_are_edited_together(home: Store, choice: str) -> None:
    peer, given = a_catalogue(home, project=choice), an_offer()
    take(home, peer, offers=(given,))
    take(home, peer, offers=(given,), whole=True)
    assert home.declarations.queue() == ()
    (one,) = home.offers.every(outgoing=False)
    assert (one.state, one.why, one.text, one.translator) == (offers.KEPT_OUT, offers.NOT_EDITED, "", None)

    decide(home, peer, "co-edit")
    take(home, peer, offers=(given,), whole=True)
    (waits,) = home.declarations.queue()
    assert [one.state for one in home.offers.every(outgoing=False)] == [offers.WAITING]

    decide(home, peer, choice)
    assert home.declarations.queue() == ()
    (one,) = home.offers.every(outgoing=False)
    assert (one.why, one.text, one.reference) == (offers.NOT_EDITED, "", None)
    decide(home, peer, "co-edit")
    take(home, peer, offers=(given,), whole=True)
    (again,) = home.declarations.queue()
    assert again.id != waits.id and again.answers["value"] == given.text


def test_of_a_paused_catalogue_no_offer_is_taken_and_what_was_accepted_stays(home: Store) -> None:
    peer = edited(home)
    take(home, peer, offers=(an_offer(),))
    answer(home)
    moderate.decide_peer(home, None, peer.id, Peering(PAUSED, {}, "We ask them first."), now=LATER)
    take(home, peer, offers=(an_offer(language="pt", text="Gerir membros"),))
    assert home.declarations.queue() == () and len(home.offers.every(outgoing=False)) == 1
    moderate.decide_peer(home, None, peer.id, Peering(FOLLOWING, {"project": "follow"}, ""), now=LATER)
    assert home.pages.project("galette").record.summary["es"] == TEXTS["summary"]
    assert [one.state for one in home.offers.every(outgoing=False)] == [offers.ACCEPTED]


def decide(store: Store, peer: Peer, choice: str) -> None:
    moderate.decide_peer(store, None, peer.id, Peering(FOLLOWING, {"project": choice}, "We know them."), now=LATER)


def a_correction(**changes: object) -> shapes.Correction:
    values: dict[str, object] = {
        "id": uuid4(),
        "kind": "project",
        "record": GALETTE,
        "field": "homepage",
        "language": None,
        "value": "https://galette.example",
        "of_revision": 1,
        "by": "Red de Redes",
        "source": "https://galette.example/about",
        "at": NOW,
    }
    return shapes.Correction(**values | changes)  # type: ignore[arg-type]


def test_a_correction_for_our_record_waits_at_the_desk_is_published_and_undone_like_any_other(home: Store) -> None:
    peer, given = edited(home), a_correction()
    take(home, peer, corrections=(given,))
    take(home, peer, corrections=(given,), whole=True)
    (waits,) = home.declarations.queue()
    assert waits.answers == {
        "field": "homepage", "language": "", "value": given.value, "source": given.source,
    }  # fmt: skip
    one = home.offers.of_declaration(waits.id)
    assert one is not None and one.correction
    assert (one.translator, one.state, one.stale, one.text) == ("Red de Redes", offers.WAITING, False, given.value)
    number = answer(home)
    assert home.pages.project("galette").record.homepage == given.value
    assert home.offers.translated(GALETTE, home.pages.project("galette").record) == ()
    assert [one.state for one in home.offers.every(outgoing=False)] == [offers.ACCEPTED]
    assert number is not None
    moderate.undo(home, a_person(home, "clara@example.org"), number, "mistake", "", now=later(hours=2))
    assert home.pages.project("galette").record.homepage is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"record": identity("nothing")}, offers.NO_RECORD),
        ({"field": "relations", "value": []}, offers.NO_FIELD),
        ({"field": "runs", "value": {"hosted": ["x"]}}, offers.NO_FIELD),
        ({"language": "es"}, offers.NO_LANGUAGE),
        ({"field": "summary", "value": "x"}, offers.NO_LANGUAGE),
        ({"field": "summary", "language": "zz", "value": "x"}, offers.NO_LANGUAGE),
        ({"value": "javascript:alert(1)"}, offers.NO_TEXT),
        ({"value": None}, offers.NO_TEXT),
        ({"value": {"a": [1]}}, offers.NO_TEXT),
        ({"source": "javascript:alert(1)"}, offers.NO_TEXT),
        ({"field": "name", "value": "x" * 101}, offers.NO_TEXT),
        ({"field": "domains", "value": ["telepathy"]}, offers.NO_TEXT),
        ({"by": "ana@example.org"}, offers.PERSONAL),
        ({"field": "license", "value": "GPL-3.0-or-later"}, offers.SAME),
    ],
)
def test_a_correction_that_keeps_no_rule_is_kept_out(home: Store, changes, why) -> None:
    take(home, edited(home), corrections=(a_correction(**changes),))
    assert home.declarations.queue() == ()
    assert [(one.state, one.why, one.text) for one in home.offers.every(outgoing=False)] == [(offers.KEPT_OUT, why, "")]


def test_of_a_catalogue_that_is_only_trusted_no_correction_waits(home: Store) -> None:
    take(home, a_catalogue(home, project="trust"), corrections=(a_correction(),))
    assert home.declarations.queue() == ()
    assert [one.why for one in home.offers.every(outgoing=False)] == [offers.NOT_EDITED]


def test_a_correction_travels_to_its_home_and_who_proposed_it_sees_what_became_of_it(two) -> None:
    home, other = two
    home.tell(NOW)
    other.tell(NOW)
    at_other, at_home = other.follow(home), home.follow(other)
    other.hear(home, at_other, NOW)
    someone = a_person(other.store)

    def propose(field: str, value: object, language: str = "", now: datetime = NOW) -> None:
        wish = Proposal(field, language, value, "", None)
        offering.propose(other.store, someone, GALETTE, wish, now=now)

    refused = [("value", "homepage", "nowhere"), ("value", "license", "GPL-3.0-or-later"), ("field", "runs", {})]
    for wrong, field, value in refused:
        with pytest.raises(Invalid) as no:
            propose(field, value)
        assert set(no.value.errors) == {wrong}
    propose("homepage", "https://wrong.example")
    propose("homepage", "https://galette.example")
    propose("languages", ["fr", {"term": "es", "percent": 60}])
    propose("summary", "Tenir la liste des membres", "fr")
    assert len(other.store.offers.every(outgoing=True)) == 3
    other.tell(later(hours=1))
    home.hear(other, at_home, later(hours=1))
    assert {one.answers["field"] for one in home.store.declarations.queue()} == {"homepage", "languages", "summary"}

    correct(home.store, "fr", "Tenir les adhésions", later(hours=2))
    by_field = {one.field: one.stale for one in home.store.offers.every(outgoing=False)}
    assert by_field == {"homepage": False, "languages": False, "summary": True}
    for field, choice, reason in (
        ("homepage", PUBLISH, ""),
        ("summary", REFUSE, "not-checkable"),
        ("languages", PUBLISH, ""),
    ):
        fields = [one.answers["field"] for one in home.store.declarations.queue()]
        answer(home.store, fields.index(field), choice, reason, later(hours=3))
    home.tell(later(hours=4))
    other.hear(home, at_other, later(hours=4))
    record = other.store.pages.project("galette").record
    assert record.homepage == "https://galette.example" and record.summary["fr"] == "Tenir les adhésions"
    states = {one.field: one.state for one in other.store.offers.every(outgoing=True)}
    assert states == {"homepage": offers.ACCEPTED, "languages": offers.ACCEPTED, "summary": offers.OTHERWISE}
    other.tell(later(hours=5))
    home.hear(other, at_home, later(hours=5))
    assert home.store.declarations.queue() == ()
