"""Translations that another catalogue offers for a record of ours: which wait at the desk, which are kept out, and what
a document and a feed say of them; on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.factories.core import NOW, a_catalog, a_project, identity, later, load
from support.factories.offers import GALETTE, LATER, TEXTS, a_home, an_offer, answer, decide, edited, write_feed
from support.factories.people import a_person
from support.factories.received import a_catalogue, a_delta, key, receive, theirs
from support.feed_follower import all_bytes

from catalog import moderation
from catalog.document import dump, parse
from catalog.federation import merge, parsing, shapes
from catalog.model import Translated
from catalog.moderation import Peering
from catalog.rules import translation_offer
from catalog.rules.decision import REFUSE
from catalog.rules.peer import FOLLOWING, KINDS, PAUSED
from catalog.rules.submission import WAITING
from catalog.store import Store
from catalog.store.core.public_changes import changing
from forge.federation.pull import reading
from forge.federation.pull.source import Folder


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Store:
    return a_home(store, tmp_path)


def test_an_offer_for_our_record_waits_at_the_desk_and_is_shown_with_its_translator_once_accepted(home: Store) -> None:
    peer = edited(home)
    given = an_offer()
    receive(home, peer, offers=(given,))
    receive(home, peer, offers=(given,))
    (waits,) = home.submissions.queue()
    assert waits.state == WAITING and waits.email is None and waits.person_id is None
    (entry,) = [case for case in home.moderation_queue.queue(now=NOW) if case.source == "declaration"]
    assert (entry.name, entry.language, entry.kind) == ("Galette", "es", "correct")
    offer = home.translation_offers.of_declaration(waits.id)
    assert offer is not None
    assert (offer.home, offer.translator, offer.of_revision, offer.state) == (
        "Catalogue of b.example.org", "Red de Redes", 1, translation_offer.WAITING,
    )  # fmt: skip
    assert not offer.stale and home.translation_offers.shown(GALETTE) == ()

    number = answer(home)
    page = home.public_records.project("galette")
    assert page.record.summary["es"] == "Llevar la lista de miembros" and page.record.summary["fr"]
    (shown,) = home.translation_offers.shown(GALETTE)
    assert (shown.translator, shown.language, shown.stale) == ("Red de Redes", "es", False)
    with home.published_records.view() as view:
        (sent,) = view.accepted()["project", GALETTE]
        assert sent["translator"] == "Red de Redes"

    assert number is not None
    moderation.undo(home, a_person(home, "clara@example.org"), number, "mistake", "", now=later(hours=2))
    assert "es" not in home.public_records.project("galette").record.summary
    assert home.translation_offers.shown(GALETTE) == ()


def test_a_refused_offer_stays_refused_whoever_tells_it_again(home: Store) -> None:
    peer, given = edited(home), an_offer()
    receive(home, peer, offers=(given,))
    answer(home, choice=REFUSE, reason="not-checkable")
    receive(home, peer, offers=(given,), whole=True)
    assert home.submissions.queue() == ()
    assert [offer.state for offer in home.translation_offers.all(outgoing=False)] == [translation_offer.REFUSED]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"record": identity("nothing")}, translation_offer.NO_RECORD),
        ({"kind": "organization"}, translation_offer.NO_RECORD),
        ({"field": "license"}, translation_offer.NO_FIELD),
        ({"language": "zz"}, translation_offer.NO_LANGUAGE),
        ({"language": "x" * 200}, translation_offer.NO_LANGUAGE),
        ({"text": "x" * 121}, translation_offer.NO_TEXT),
        ({"text": "two\nlines"}, translation_offer.NO_TEXT),
        ({"text": "x" * 20_000, "field": "description"}, translation_offer.NO_TEXT),
        ({"text": "Write to ana@example.org"}, translation_offer.NO_TEXT),
        ({"translator": None}, translation_offer.PERSONAL),
        ({"translator": "ana@example.org"}, translation_offer.PERSONAL),
        ({"language": "fr", "text": "Gérer les adhérents et les cotisations"}, translation_offer.SAME),
    ],
)
def test_what_keeps_no_rule_is_kept_out_with_its_reason_and_without_its_text(home: Store, changes, why) -> None:
    if why == translation_offer.SAME:
        changes = changes | {"text": home.public_records.project("galette").record.summary["fr"]}
    receive(home, edited(home), offers=(an_offer(**changes),))
    assert home.submissions.queue() == ()
    assert [(offer.state, offer.why, offer.text) for offer in home.translation_offers.all(outgoing=False)] == [
        (translation_offer.KEPT_OUT, why, "")
    ]


def test_offers_of_a_catalogue_whose_projects_are_not_taken_and_for_other_homes_are_passed_over(home: Store) -> None:
    receive(home, a_catalogue(home, organization="follow"), offers=(an_offer(),), kinds=frozenset({"organization"}))
    assert home.translation_offers.all(outgoing=False) == () and home.submissions.queue() == ()


def test_at_most_so_many_offers_of_one_catalogue_wait(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation_offer, "MOST_WAITING", 3)
    languages = ("es", "pt", "ca", "it", "de")
    receive(home, edited(home), offers=tuple(an_offer(language=tag) for tag in languages))
    assert len(home.submissions.queue()) == 3
    assert [offer.why for offer in home.translation_offers.all(outgoing=False) if offer.why] == [
        translation_offer.MANY
    ] * 2


def test_what_its_catalogue_takes_back_waits_no_more_and_what_was_accepted_stays(home: Store) -> None:
    peer, first, second = edited(home), an_offer(), an_offer(language="pt", text="Gerir membros")
    receive(home, peer, offers=(first, second))
    es = next(at for at, submission in enumerate(home.submissions.queue()) if submission.language == "es")
    answer(home, es)
    stones = [shapes.Tombstone("offer", offer.id, NOW, "withdrawn", 1) for offer in (first, second)]
    receive(home, peer, tombstones=stones)
    assert home.submissions.queue() == ()
    assert set(home.public_records.project("galette").record.summary) >= {"es"}
    assert {offer.language: offer.state for offer in home.translation_offers.all(outgoing=False)} == {
        "es": translation_offer.ACCEPTED,
        "pt": translation_offer.TAKEN_BACK,
    }


def test_an_offer_of_an_earlier_revision_says_that_the_original_may_have_changed(home: Store, tmp_path: Path) -> None:
    load(home, a_catalog(a_project(summary={"fr": "Tenir les adhésions"})), digest="2", now=later(hours=1))
    receive(home, edited(home), offers=(an_offer(),))
    (offer,) = home.translation_offers.all(outgoing=False)
    assert offer.stale and offer.original is None


def test_a_document_says_who_translated_its_texts_and_so_does_its_feed(home: Store, tmp_path: Path) -> None:
    credit = Translated("summary", "es", "Red de Redes", "machine then person", True)
    project = a_project(summary={"fr": "Tenir les adhésions", "es": "Llevar socios"}, translated=(credit,))
    load(home, a_catalog(project), digest="2")
    document = home.curated_document.document()
    assert document is not None and document.projects[0].translated == (credit,)
    again, problems = parse(dump(document).encode())
    assert not problems and again is not None and again.projects == document.projects
    assert home.translation_offers.translated(GALETTE, home.public_records.project("galette").record) == (credit,)
    write_feed(home, tmp_path)
    entry = parsing.entry((tmp_path / "exchange" / "entry.json").read_bytes())
    delta = reading.whole(Folder(tmp_path / "exchange"), entry, KINDS, ("es", "fr"))
    said = delta.texts["project", "es"][GALETTE].texts["summary"]
    assert (said.origin, said.translator, said.method, said.stale) == ("translation", *(credit.by, credit.method), True)
    assert delta.texts["project", "fr"][GALETTE].texts["summary"].origin == "original"
    assert all("translated" not in record.body for record in delta.records["project"])


def test_what_a_machine_translated_travels_only_once_a_person_read_it(home: Store, tmp_path: Path) -> None:
    texts = {"fr": "Tenir les adhésions", "es": "Llevar socios", "pt": "Manter sócios"}
    by = (Translated("summary", "es", "Red", "machine"), Translated("summary", "pt", "Rede", "machine then person"))
    load(home, a_catalog(a_project(summary=texts, description={}, features={}, translated=by)), digest="2")
    write_feed(home, tmp_path)
    entry = parsing.entry((tmp_path / "exchange" / "entry.json").read_bytes())
    delta = reading.whole(Folder(tmp_path / "exchange"), entry, KINDS, tuple(texts))
    of = {language for (kind, language), layer in delta.texts.items() if kind == "project" and GALETTE in layer}
    assert of == {"fr", "pt"}
    assert b"Llevar socios" not in all_bytes(tmp_path / "exchange")


@pytest.mark.parametrize("name", ["ana@example.org", "x" * 201, "two\nlines", ""])
def test_a_translator_that_breaks_a_rule_is_named_nowhere(home: Store, name: str) -> None:
    said = shapes.TranslatableText("Llevar tareas", shapes.TRANSLATION, name or None)
    layer = {("project", "es"): {key("tareas"): shapes.Texts(key("tareas"), 1, {"summary": said})}}
    delta = replace(a_delta(theirs("tareas")), texts=layer)
    merge.apply_delta(home, a_catalogue(home).id, delta, now=NOW)
    record = home.public_records.project("tareas").record
    assert record.summary == {"es": "Llevar tareas"} and record.translated == ()


def test_a_catalogue_that_is_followed_no_more_leaves_nothing_at_the_desk_and_what_was_accepted(home: Store) -> None:
    peer = edited(home)
    receive(home, peer, offers=(an_offer(),))
    answer(home)
    receive(home, peer, offers=(an_offer(language="pt", text="Gerir membros"),))
    with changing(home.engine) as (connection, change):
        merge.forget(connection, peer.id, change=change, now=LATER)
    assert home.submissions.queue() == ()
    assert home.public_records.project("galette").record.summary["es"] == TEXTS["summary"]


@pytest.mark.parametrize("choice", ["follow", "trust"])
def test_an_offer_waits_only_of_a_catalogue_with_which_projects_are_edited_together(home: Store, choice: str) -> None:
    peer, given = a_catalogue(home, project=choice), an_offer()
    receive(home, peer, offers=(given,))
    receive(home, peer, offers=(given,), whole=True)
    assert home.submissions.queue() == ()
    (offer,) = home.translation_offers.all(outgoing=False)
    assert (offer.state, offer.why, offer.text, offer.translator) == (
        translation_offer.KEPT_OUT,
        translation_offer.NOT_EDITED,
        "",
        None,
    )

    decide(home, peer, "co-edit")
    receive(home, peer, offers=(given,), whole=True)
    (waits,) = home.submissions.queue()
    assert [offer.state for offer in home.translation_offers.all(outgoing=False)] == [translation_offer.WAITING]

    decide(home, peer, choice)
    assert home.submissions.queue() == ()
    (offer,) = home.translation_offers.all(outgoing=False)
    assert (offer.why, offer.text, offer.reference) == (translation_offer.NOT_EDITED, "", None)
    decide(home, peer, "co-edit")
    receive(home, peer, offers=(given,), whole=True)
    (again,) = home.submissions.queue()
    assert again.id != waits.id and again.answers["value"] == given.text


def test_of_a_paused_catalogue_no_offer_is_taken_and_what_was_accepted_stays(home: Store) -> None:
    peer = edited(home)
    receive(home, peer, offers=(an_offer(),))
    answer(home)
    moderation.decide_peer(home, None, peer.id, Peering(PAUSED, {}, "We ask them first."), now=LATER)
    receive(home, peer, offers=(an_offer(language="pt", text="Gerir membros"),))
    assert home.submissions.queue() == () and len(home.translation_offers.all(outgoing=False)) == 1
    moderation.decide_peer(home, None, peer.id, Peering(FOLLOWING, {"project": "follow"}, ""), now=LATER)
    assert home.public_records.project("galette").record.summary["es"] == TEXTS["summary"]
    assert [offer.state for offer in home.translation_offers.all(outgoing=False)] == [translation_offer.ACCEPTED]
