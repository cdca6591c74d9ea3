"""The pages of offered translations: the form on a foreign project, the desk's list, what comes to be decided."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from support.factories.core import NOW, identity
from support.factories.received import WANTED, a_catalogue, receive, theirs
from support.visitors import signed_in
from support.world import a_client

from catalog.exchange.statements import TranslationOffer, text_digest
from catalog.federation import received_offers
from catalog.record_kind import ORGANIZATION
from catalog.store.store import Store
from tests.hostile.test_visibility_everywhere import a_world

PAYROLL = theirs("payroll")
TEXTS = {"payroll": {"es": {"summary": "Calcula nóminas", "features": "Recibos\nFirmas"}}}
PATH = "/fr/projects/payroll/translate"
HOSTILE = '"><script>zq7()</script>{{ 7*7 }}'
TYPED = {"summary": "Calculer les paies", "features": "", "method": "person", "translator": "here"}


def test_a_moderator_offers_a_translation_and_sees_at_the_desk_what_became_of_it(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, _):
        receive(world.store, a_catalogue(world.store), PAYROLL, texts=TEXTS)
        reader, desk = a_client(app), signed_in(app, world.store, "bruno@example.org")
        assert PATH not in reader.get("/fr/projects/payroll").text
        assert reader.get(PATH).status_code in (303, 403)
        assert PATH in desk.get("/fr/projects/payroll").text
        form = desk.get(PATH).text
        assert "Calcula nóminas" in form and "Catalogue de b.example.org" in form
        assert desk.get("/fr/projects/galette/translate").status_code == 404
        for changes in ({"summary": ""}, {"method": "machine"}, {"translator": "me"}, {"summary": HOSTILE * 9}):
            wrong = desk.post(PATH, data=TYPED | changes)
            assert wrong.status_code == 422 and "<script>zq7" not in wrong.text and "Recibos" in wrong.text, changes
        assert "zq7" in wrong.text
        assert world.store.translation_offers.all(outgoing=True) == ()
        assert desk.post(PATH, data=TYPED).status_code == 303
        assert "Calcula nóminas" not in desk.get(PATH).text
        told = desk.get("/fr/desk/offers").text
        assert "Calculer les paies" in told and "payroll" in told
        assert desk.post(PATH, data=TYPED).status_code == 422


def test_what_came_is_decided_like_any_correction_and_the_page_names_the_translator(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, _):
        store = world.store
        peer = a_catalogue(store, **dict.fromkeys(WANTED, "follow") | {"project": "co_edit"})
        given = an_offer(store, text=f"Llevar {HOSTILE}", translator="Red <b>")
        received_offers.take_over_offers(store, peer.id, (given, an_offer(store, field="license")), (), now=NOW)
        desk = signed_in(app, store, "bruno@example.org")
        page = desk.get("/en/desk/offers").text
        assert (
            "This field is not offered from one catalogue to another." in page
            and "<script>zq7" not in page
            and "Red &lt;b" in page
        )
        (waits,) = store.submissions.queue()
        path = f"/en/desk/declarations/{waits.reference}"
        assert path in page and path in desk.get("/en/desk").text
        item = desk.get(path).text
        assert "Catalogue of b.example.org" in item and "The original may have changed since." in item
        assert a_client(app).get("/en/desk/offers").status_code in (303, 403)
        assert waits.sent_at == NOW


def an_offer(store: Store, **changes: Any) -> TranslationOffer:
    """A translation of a text that is another one here by now."""
    manifest = store.manifest()
    assert manifest is not None
    values: dict[str, Any] = {
        "id": uuid4(),
        "home": manifest.id,
        "kind": "project",
        "record": identity("galette"),
        "field": "summary",
        "language": "es",
        "text": "Llevar la lista",
        "original_language": "fr",
        "original": text_digest("Un autre texte"),
        "translator": "Red de Redes",
        "method": "person",
        "at": NOW,
    }
    return TranslationOffer(**values | changes)


def test_the_form_of_corrections_links_to_the_home_of_a_record_and_promises_to_send_it_nothing(
    sqlite_template: Path,
) -> None:
    with a_world(sqlite_template, {}) as (world, app, _):
        store = world.store
        receive(store, a_catalogue(store), PAYROLL, theirs("coop", ORGANIZATION), texts=TEXTS)
        reader, desk = a_client(app), signed_in(app, store, "bruno@example.org")
        typed = {"field": "homepage", "value": "https://payroll.example", "draft": "d" * 32}
        for record in ("projects/payroll", "organizations/coop"):
            path = f"/fr/{record}/correct"
            for visitor, draft in ((reader, "e" * 32), (desk, "d" * 32)):
                for page in (visitor.get(path), visitor.post(path, data=typed | {"draft": draft})):
                    assert page.status_code == 200 and f'href="https://b.example.org/{record}"' in page.text
                    assert "Catalogue de b.example.org" in page.text and 'value="propose"' not in page.text
        ours = "/fr/projects/galette/correct"
        for page in (desk.get(ours), desk.post(ours, data=typed | {"draft": "f" * 32})):
            assert page.status_code == 200 and "b.example.org" not in page.text
        desk.post("/fr/projects/payroll/correct", data=typed | {"step": "propose", "by": "here"})
        assert store.translation_offers.all(outgoing=True) == ()
        assert PATH in desk.get("/fr/projects/payroll").text, "translations still travel"
