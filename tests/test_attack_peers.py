"""What an attack by a catalogue that is followed found once: what it says of itself makes nothing of ours its own."""

from dataclasses import replace

from factories import NOW, a_catalog, a_project, load
from factories_foreign import a_catalogue, take, theirs
from test_moderate import a_person

from catalog import moderate
from catalog.exchange.shapes import PROJECT
from catalog.store import Store


def told(record, **body):
    """A record of theirs that says the identity of `record`."""
    return replace(theirs("stolen", **body), id=record)


def test_a_record_that_says_the_identity_of_ours_is_not_its_home_and_can_be_parted_regression(store: Store) -> None:
    load(store, a_catalog(a_project()))
    mine = store.pages.project("galette")
    home = a_catalogue(store)
    take(store, home, told(mine.id, name="Evil", repository="https://evil.example.org/galette"))
    (voice,) = store.foreign.voices(PROJECT, mine.id)
    assert (voice.home_of, store.pages.project("galette").record.name) == (False, "Galette")

    moderate.voices.tell_apart(store, a_person(store), PROJECT, mine.id, "Another one", now=NOW)
    assert store.foreign.voices(PROJECT, mine.id) == ()
    take(store, home, told(mine.id, name="Evil", repository="https://evil.example.org/galette", revision=2))
    assert store.foreign.voices(PROJECT, mine.id) == ()
    assert store.pages.project("galette").record.name == "Galette"


def test_of_two_catalogues_that_say_one_identity_the_elder_is_its_home_regression(store: Store) -> None:
    first, other = a_catalogue(store), a_catalogue(store, "c.example.org")
    one = theirs("payroll")
    take(store, first, one)
    take(store, other, replace(one, body=one.body | {"name": "Evil"}))
    page = store.pages.project("payroll")
    assert page.record.name == "Payroll"
    assert [(one.host, one.home_of) for one in store.foreign.voices(PROJECT, page.id)] == [
        ("b.example.org", True),
        ("c.example.org", False),
    ]
