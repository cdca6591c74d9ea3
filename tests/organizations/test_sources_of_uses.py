"""What holds for most of many uses is said once, and a source has the name that people give it."""

import re

import pytest
from support.factories.core import a_catalog, a_maintenance, a_manifest, a_project, an_adoption, an_organization, load
from support.world import a_client, a_site

from catalog.vocabulary import LANGUAGES
from forge.web.core.source_names import SourceName, source_name

README, LINES = "group/list@0123abc:README.md", 12


@pytest.fixture
def reader(sqlite_store, tmp_path):
    found = [
        an_adoption(f"user-{number}", sources=(f"{README}#L{number}",), seen_at="2026-09-05") for number in range(LINES)
    ]
    other = an_adoption("coop", stage="piloting", sources=("https://coop.example/software",), seen_at="2026-10-01")
    tools = [a_project(f"tool-{n}", name=f"Tool {n}", maintenance=(a_maintenance("coop"),)) for n in range(5)]
    load(
        sqlite_store,
        a_catalog(
            a_project("used", name="Used", repository="https://code.example/group/list", adoptions=(*found, other)),
            *tools,
            an_organization("coop", name="Coop", kind="consumer-cooperative", country="ES"),
            an_organization("user-0", name="User", kind=None, country=None),
            *(an_organization(f"user-{number}") for number in range(1, LINES)),
            manifest=a_manifest(languages=LANGUAGES),
        ),
    )
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def test_what_holds_for_most_uses_is_said_once_and_of_each_what_differs(reader):
    html = reader.get("/en/projects/used/users").text
    said = words(html)
    assert said.count("Stage not known") == said.count("Is this your organization?") == 1
    assert said.count("the project’s README, version of 5 September 2026") == 1
    assert all(f"/README.md?plain=1#L{number}" in html for number in range(LINES))
    assert said.count("Confirm or correct") == said.count("Remove this") == LINES + 1
    (differs,) = re.findall(r'<li class="use">(?:(?!</li>\n<li class="use">).)*coop\.example.*?</p>', html, re.S)
    assert "Being tried out" in words(differs) and "website coop.example (seen on " in words(differs)


OWN = "https://github.com/Group/Tool.git"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("group/tool:README.md#L3", SourceName("readme", "group/tool", True)),
        ("group/docs@0123abc:guide/start.html", SourceName("documentation", "group/docs")),
        ("list/data@0123abc:software/tool.yml#L1", SourceName("data", "list/data")),
        ("group/tool@0123abc0123abc", SourceName("code", "group/tool", True)),
        ("https://github.com/group/tool/blob/main/publiccode.yml#L3", SourceName("publiccode", "group/tool", True)),
        ("https://gitlab.com/group/tool/-/blob/v1/LICENSE", SourceName("license", "group/tool", True)),
        ("https://codeberg.org/a/b/src/branch/main/CHANGELOG.md", SourceName("changes", "a/b")),
        ("https://raw.githubusercontent.com/a/b/main/package.json", SourceName("package", "a/b")),
        ("https://www.example.org/a/b", SourceName("website", "example.org")),
        ("https://[", None),
        ("a letter to us", None),
    ],
)
def test_a_source_has_the_name_that_people_give_it(source, name):
    named = source_name(source, OWN)
    assert named == name and (named is None or named.address is source.startswith("https://"))
