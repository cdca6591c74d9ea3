"""Corrections that another catalogue offers for a record of ours: which wait at the desk, and which are kept out; on
both databases.
"""

from pathlib import Path

import pytest
from support.factories.core import identity, later
from support.factories.offers import GALETTE, a_correction, a_home, answer, edited
from support.factories.people import a_person
from support.factories.received import a_catalogue, receive

from catalog import moderation
from catalog.rules import translation_offer
from catalog.store import Store


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Store:
    return a_home(store, tmp_path)


def test_a_correction_for_our_record_waits_at_the_desk_is_published_and_undone_like_any_other(home: Store) -> None:
    peer, given = edited(home), a_correction()
    receive(home, peer, corrections=(given,))
    receive(home, peer, corrections=(given,), whole=True)
    (waits,) = home.submissions.queue()
    assert waits.answers == {
        "field": "homepage", "language": "", "value": given.value, "source": given.source,
    }  # fmt: skip
    offer = home.translation_offers.of_declaration(waits.id)
    assert offer is not None and offer.correction
    assert (offer.translator, offer.state, offer.stale, offer.text) == (
        "Red de Redes",
        translation_offer.WAITING,
        False,
        given.value,
    )
    number = answer(home)
    assert home.public_records.project("galette").record.homepage == given.value
    assert home.translation_offers.translated(GALETTE, home.public_records.project("galette").record) == ()
    assert [offer.state for offer in home.translation_offers.all(outgoing=False)] == [translation_offer.ACCEPTED]
    assert number is not None
    moderation.undo(home, a_person(home, "clara@example.org"), number, "mistake", "", now=later(hours=2))
    assert home.public_records.project("galette").record.homepage is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"record": identity("nothing")}, translation_offer.NO_RECORD),
        ({"field": "relations", "value": []}, translation_offer.NO_FIELD),
        ({"field": "runs", "value": {"hosted": ["x"]}}, translation_offer.NO_FIELD),
        ({"language": "es"}, translation_offer.NO_LANGUAGE),
        ({"field": "summary", "value": "x"}, translation_offer.NO_LANGUAGE),
        ({"field": "summary", "language": "zz", "value": "x"}, translation_offer.NO_LANGUAGE),
        ({"value": "javascript:alert(1)"}, translation_offer.NO_TEXT),
        ({"value": None}, translation_offer.NO_TEXT),
        ({"value": {"a": [1]}}, translation_offer.NO_TEXT),
        ({"source": "javascript:alert(1)"}, translation_offer.NO_TEXT),
        ({"field": "name", "value": "x" * 101}, translation_offer.NO_TEXT),
        ({"field": "domains", "value": ["telepathy"]}, translation_offer.NO_TEXT),
        ({"by": "ana@example.org"}, translation_offer.PERSONAL),
        ({"field": "license", "value": "GPL-3.0-or-later"}, translation_offer.SAME),
    ],
)
def test_a_correction_that_keeps_no_rule_is_kept_out(home: Store, changes, why) -> None:
    receive(home, edited(home), corrections=(a_correction(**changes),))
    assert home.submissions.queue() == ()
    assert [(offer.state, offer.why, offer.text) for offer in home.translation_offers.all(outgoing=False)] == [
        (translation_offer.KEPT_OUT, why, "")
    ]


def test_of_a_catalogue_that_is_only_trusted_no_correction_waits(home: Store) -> None:
    receive(home, a_catalogue(home, project="trust"), corrections=(a_correction(),))
    assert home.submissions.queue() == ()
    assert [offer.why for offer in home.translation_offers.all(outgoing=False)] == [translation_offer.NOT_EDITED]
