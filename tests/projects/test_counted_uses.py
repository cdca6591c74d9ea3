"""Uses that organizations let be counted without their name: a number from five on, in no filter, in no exchange."""

import pytest
from support.exchange_reader import ExchangeReader
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, load
from support.world import a_client, a_site

from forge.exchange.publish import write


@pytest.mark.parametrize(("number", "least"), [(4, None), (6, 5)])
def test_counted_uses_appear_only_as_a_number_from_five_on(store, tmp_path, number, least):
    slugs = [f"quiet-{n}" for n in range(number)]
    uses = (an_adoption("open-one"), *(an_adoption(slug, visibility="counted") for slug in slugs))
    quiet = (an_organization(slug, kind="association", country="PT") for slug in slugs)
    open_one = an_organization("open-one", kind="cooperative", country="FR")
    load(store, a_catalog(a_project(adoptions=uses), open_one, *quiet))
    store.restricted_adoptions.count_unnamed(now=NOW)
    with a_site(store, tmp_path / "site") as app:
        client = a_client(app)
        told = client.get("/api/v1/projects/galette").json()["uses"]
        assert told.get("unnamed") == least
        page, users = (client.get(f"/en/projects/galette{part}").text for part in ("", "/users"))
        for html in (page, users):
            assert ("At least 5 organizations use it without being named." in html) == (least == 5)
            assert f"{number} organizations use it" not in html
        assert "open-one" in page + users and "quiet-" not in page + users
        for asked, found in (
            ("country=FR", True),
            ("kind=cooperative", True),
            ("country=PT", False),
            ("kind=association", False),
        ):
            assert ("/en/projects/galette" in client.get(f"/en/projects?{asked}").text) == found, asked
            assert "quiet-" not in client.get(f"/en/projects/galette/users?{asked}").text, asked
    write(store, tmp_path, "https://forge.example", now=NOW)
    with ExchangeReader(tmp_path / "exchange", NOW) as reader:
        assert set(reader.adoptions()) == {"galette open-one"}
        lines = [raw for target, raw in reader.bytes.items() if target.startswith("projects/")]
        assert lines and not any(b"quiet-" in raw for raw in lines)
