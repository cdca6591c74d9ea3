"""What the find page says of a country that it read out of what was typed, and how a reader takes it off."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_manifest, a_project, load
from support.world import a_client, a_site

from catalog.search.normalize import LANGUAGES
from catalog.store.store import Store


@pytest.fixture
def client(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    maps = {"domains": ("mapping-directory",), "summary": {"en": "Maps places"}}
    load(
        sqlite_store,
        a_catalog(
            a_project("there", name="There", deployment_countries=("BR",), **maps),
            a_project("elsewhere", name="Elsewhere", description={"en": "Not tried in Brazil"}, **maps),
            manifest=a_manifest(languages=LANGUAGES),
        ),
    )
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def results(text: str) -> list[str]:
    return re.findall(r'href="/\w+/projects/(there|elsewhere)"', text.partition('id="results"')[2])


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "maps used in Brazil", "We read “Brazil” as the country where it is used or made: Brazil."),
        ("fr", "carte au Brésil", "Nous avons lu « Brésil » comme le pays d’usage ou d’origine : Brésil."),
        ("es", "mapas en Brasil", "Hemos leído «Brasil» como el país de uso o de origen: Brasil."),
        ("pt", "mapas no Brasil", "Lemos «Brasil» como o país de uso ou de origem: Brasil."),
        ("ar", "خريطة في البرازيل", "فهمنا «البرازيل» على أنها بلد الاستعمال أو المنشأ: البرازيل."),
    ],
)
def test_the_page_says_which_country_it_read_and_a_link_takes_it_off(client, language, text, told):
    page = client.get(f"/{language}/projects", params={"q": text}).text
    line = re.search(r'<p class="read">(.*?)</p>', page)[1]
    said = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", line)).replace("\u00a0", " ").replace("\u202f", " "))
    assert said.startswith(told) and set(results(page)) == {"there"}
    link = unescape(re.search(r'href="([^"]+)"', line)[1])
    without = client.get(link).text
    assert 'class="read"' not in without and "elsewhere" in results(without)
    assert re.search(r'<input type="hidden" name="literal"', without)  # a filter that is chosen next keeps it so
    assert 'class="read"' not in client.get(link + "&use=self-hosted").text


def test_a_country_of_which_nothing_fits_is_said_and_hides_nothing(client):
    page = client.get("/en/projects", params={"q": "maps in Norway"}).text
    assert "used or made in this country: <bdi>Norway</bdi>. These results are from all countries." in page
    assert {"there", "elsewhere"} <= set(results(page))


def test_other_words_in_the_search_box_are_read_anew(client):
    page = client.get("/en/projects", params={"q": "maps in Norway", "literal": "brazil"}).text
    assert "Norway" in page and 'name="literal"' not in page
