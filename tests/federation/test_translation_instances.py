"""Catalogues on loopback that edit together: what one offers waits at the other's desk, stands there and everywhere
with its credit, and is said to be old when its original changes. Each acts by its own pages."""

import json

import pytest
from support.client import Client
from support.factories.core import a_project
from support.factories.offers import correct
from support.instances import Instance
from support.instances_cast import days, identity_of
from support.visitors import BROWSER

from catalog.rules.translation_offer import NOT_EDITED, REFUSAL_SENTENCES
from forge.i18n.languages import tongue
from forge.web.core.session import NAME

FRENCH, SPANISH = {"fr": "Tenir la liste des adhérents"}, "Llevar la lista de socias"
TRANSLATOR = "catalogo (es)"


@pytest.fixture
def french(begin):
    return begin("annuaire", "fr", "es", records=(a_project(summary=FRENCH),))


@pytest.fixture
def spanish(begin):
    return begin("catalogo", "es", "fr", records=(a_project("contarapido"),))


def somebody(instance: Instance, email: str) -> Client:
    """A moderator of an instance who is signed in."""
    store, now = instance.store, instance.clock()
    link = store.people.invite(email, "moderator", "en", now=now)
    _, cookie, _ = store.people.sign_in(link, "en", now=now)
    client = Client(instance.app, base_url=instance.address, headers=BROWSER, follow_redirects=False)
    client.cookies.set(NAME, cookie)
    return client


def published(instance: Instance, someone: Client) -> None:
    """What waits is published as it stands, by the press of one button."""
    (submission,) = instance.store.submissions.queue()
    path = f"/fr/desk/declarations/{submission.reference}"
    page = someone.get(path).text
    assert TRANSLATOR in page and FRENCH["fr"] in page
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    sent = {"choice": "publish", "reason": "", "words": "", "seen": seen, "step": "decide"}
    assert someone.post(path, data=sent).status_code == 303


def credited(instance: Instance, slug: str = "galette") -> tuple[list[dict[str, object]], str]:
    """Whom an instance names as translators to programs, and what its Spanish page says to readers."""
    return json.loads(instance.page(f"/api/v1/projects/{slug}"))["translated"], instance.page(f"/es/projects/{slug}")


def test_a_translation_is_offered_accepted_told_on_with_its_credit_and_staled(begin, french, spanish) -> None:
    third = begin("tercero", "es", "en", records=(a_project("otro"),))
    third.follows(french)
    spanish.follows(french)
    french.follows(spanish)
    ana, zoe = somebody(spanish, "ana@catalogo.example"), somebody(french, "zoe@annuaire.example")
    path = "/es/projects/galette/translate"
    assert path in ana.get("/es/projects/galette").text and FRENCH["fr"] in ana.get(path).text
    sent = {"summary": SPANISH, "method": "person", "translator": "here"}
    assert ana.post(path, data=sent).status_code == 303

    days(1, spanish, french)
    assert french.store.submissions.queue() == ()
    assert tongue("fr").gettext(REFUSAL_SENTENCES[NOT_EDITED]) in zoe.get("/fr/desk/offers").text
    french.decides(french.peer(spanish), "co-edit")
    days(1, spanish, french)
    published(french, zoe)
    days(1, french, spanish, third)
    line = {"field": "summary", "language": "es", "by": TRANSLATOR, "method": "person"}
    for instance in (french, spanish, third):
        told, page = credited(instance)
        assert told == [line] and SPANISH in page and TRANSLATOR in page, instance.name
    assert f"# summary: translated by {TRANSLATOR} (CC-BY-4.0)" in french.page(
        "/export/projects/galette/publiccode.yml"
    )
    assert tongue("es").gettext("It was accepted.") in ana.get("/es/desk/offers").text

    changed = "Tenir la liste des adhérents et des dons"
    correct(french.store, "fr", changed, french.clock(), identity_of(french, "galette"))
    days(1, french, spanish, third)
    for instance in (french, spanish, third):
        told, page = credited(instance)
        assert told == [line | {"stale": True}], instance.name
        assert tongue("es").gettext("The original has changed since.") in page
    assert "and the original changed since" in french.page("/export/projects/galette/publiccode.yml")
    stale = tongue("es").gettext("The original may have changed since.")
    assert stale in ana.get("/es/desk/offers").text
