"""Experiences and calls of other catalogues as readers meet them: beside ours and apart from them, each with its home,
its date and its rights, in its own language; whatever a stranger wrote into them."""

import json
import re

import pytest
from support.factories.calls import COOP, GALETTE, a_call
from support.factories.core import identity
from support.factories.received import a_catalogue, a_received_call, receive, went
from support.html_structure import problems
from support.visitors import HOSTILE as UNSHOWABLE
from support.world import a_client, a_site, fill

HOSTILE = UNSHOWABLE.replace("\x00", "")  # with it a text is left out
HERE = {"id": str(GALETTE), "slug": "galette", "name": "Galette"}
BY = {"id": str(COOP), "slug": "coop-des-halles", "name": "Coop des Halles"}
WENT = went("how", "galette", "coop", project=HERE, organization=BY)
HELP = a_received_call("help", "galette", project=HERE, organization=BY)
NEED = a_received_call("need", language="it")
TEXTS = {
    "experience:how": {
        "es": {"context": "Cien socias.", "advice": f"Limpiad {HOSTILE}", "answer": "Gracias."},
        "ar": {"hurt": "الاستيراد", "advice": f"{UNSHOWABLE} zq9"},
    },
    "call:help": {"ar": {"text": f"نحتاج {HOSTILE}", "who": "<b>x</b>"}},
}
SHOWN = (
    "/projects/galette",
    "/projects/galette/users",
    "/projects/galette/experiences",
    "/organizations/coop-des-halles",
)
CALLS = ("/calls", "/calls/elsewhere", f"/calls/elsewhere/{HELP.id}", f"/calls/elsewhere/{NEED.id}")


@pytest.fixture
def store(sqlite_store):
    fill(sqlite_store)
    return sqlite_store


@pytest.fixture
def reader(store, tmp_path):
    with a_site(store, tmp_path / "data") as opened:
        yield a_client(opened)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_they_stand_beside_ours_with_home_date_rights_and_a_way_to_their_own_page(store, reader):
    a_call(store, text="Lend tools to neighbours.")
    counted = reader.get("/en/calls").text.partition('id="elsewhere"')[0]
    receive(store, a_catalogue(store), WENT, HELP, NEED, texts=TEXTS)
    for path in (*SHOWN, *CALLS):
        answer = reader.get(f"/en{path}")
        page = text_of(answer)
        assert answer.status_code == 200, path
        assert "Told by Catalogue of b.example.org on 24 November 2026." in page, path
        assert "Facts: CC0-1.0 . Texts: CC-BY-4.0 ." in page and 'href="https://b.example.org/' in answer.text, path
        assert problems(answer.text) == [], path
    page = reader.get("/en/projects/galette/experiences").text
    assert (
        'href="https://b.example.org/projects/galette/experiences#e-how"' in page and "They do not count here" in page
    )
    assert '<span lang="es" dir="ltr">Cien socias.</span>' in page and 'lang="ar" dir="rtl">الاستيراد' in page
    calls = reader.get("/en/calls").text
    ours, _, there = calls.partition('id="elsewhere"')
    assert ours.count('class="card"') == counted.count('class="card"') == 1 and there.count('class="card"') == 2
    assert "A need whose text is only on its own page" in there and "See all 2 needs in other catalogues" in there
    text = reader.get(f"/en/calls/elsewhere/{HELP.id}").text
    assert (
        'href="https://b.example.org/calls/help"' in text
        and "us-too" not in text
        and "<form" not in text.partition("<main")[2]
    )
    assert 'href="/en/projects/galette"' in text and "noindex" in text
    assert "Italian" in reader.get(f"/en/calls/elsewhere/{NEED.id}").text
    for path in ("/feeds/calls.atom", "/api/v1/calls", "/export/catalog.ttl", "/en/", "/sitemap.xml"):
        told = reader.get(path).text
        assert "نحتاج" not in told and str(HELP.id) not in told and "elsewhere/" not in told, path
    assert reader.get("/en/calls/elsewhere/nothing").status_code == 404
    assert reader.get(f"/en/calls/elsewhere/{identity('x')}").status_code == 404
    assert reader.get("/en/calls/elsewhere?page=9").status_code == 302
    assert "None known here." not in reader.get("/en/calls/elsewhere?kind=nonsense&country=ES").text
    assert text_of(reader.get("/en/calls/elsewhere?kind=code")).count("0 needs") == 1


def test_what_a_stranger_wrote_is_text_in_its_own_language_and_direction(store, reader):
    card = {
        "name": {"en": HOSTILE},
        "address": "javascript:alert(1)",
        "data_license": {"facts": "CC0-1.0", "texts": HOSTILE},
    }
    receive(store, a_catalogue(store), WENT, HELP, NEED, texts=TEXTS)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE peer SET card = json(?)", (json.dumps(card),))
    for tag in ("en", "fr"):
        for path in (*SHOWN, *CALLS):
            page = reader.get(f"/{tag}{path}").text
            assert "<script>alert" not in page and "\u202e" not in page, path
            assert not re.search(r"<b>(?!\d+</b>)", page), path  # numbers of ours stand in it
            assert "javascript:" not in page and "zq9" not in page, path
    page = reader.get(f"/fr/calls/elsewhere/{HELP.id}").text
    assert re.search(r'<h1><span lang="ar" dir="rtl">نحتاج &lt;script', page)
    assert "{{ 7 * 7 }}" in page and "zq9" not in page
