"""Licences in plain words: one explanation a family, on the page of all and on that of each project."""

import pytest

from catalog.licenses import expressions


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_family_is_explained_and_names_licences_with_their_texts(client, language):
    html = client.get(f"/{language}/help/licenses").text
    for family in expressions.FAMILIES:
        (_, section) = html.split(f'<section aria-labelledby="{family}">')
        section = section.partition("</section>")[0]
        assert "<p>" in section and 'href="https://spdx.org/licenses/' in section
    assert "https://spdx.org/licenses/AGPL-3.0.html" in html


@pytest.mark.parametrize(
    ("expression", "for_texts"),
    [
        *(("CC-BY-4.0", True), ("CC-BY-SA-4.0 AND ODbL-1.0", True)),
        *(("MIT", False), ("CC0-1.0", False), ("MIT AND CC-BY-4.0", False), ("AGPL-3.0-or-later", False)),
    ],
)
def test_a_licence_for_texts_alone_is_said_to_be_not_made_for_programs(expression, for_texts):
    assert expressions.expression_in_words(expression).for_texts is for_texts


def test_a_page_of_one_licence_is_none_of_ours(client):
    assert client.get("/en/help/licenses/AGPL-3.0").status_code == 404
