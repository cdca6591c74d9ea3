"""Which names may be shown, and that addresses of people are left out while versions, dates and pages stay."""

import pytest

from forge.observe.core.privacy_filter import (
    is_organization,
    organization_name,
    repository_key,
    web_address,
    without_addresses,
)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Comune di Firenze",
            "City of Chicago",
            "Ville d'Angers",
            "Fornitore Privato S.P.A.",
            "Ada, Inc.",
            "Code Lutin Scop",
        ),
        *("Agence nationale de la cohésion des territoires", "Barcelona Supercomputing Center", "جمعية النور"),
        *("Ministère de l'Intérieur et des Outre-mer", "Hostsharing eG Genossenschaft", "Dyne.org foundation"),
    ],
)
def test_a_name_that_says_that_it_is_a_bodys_is_shown(name: str) -> None:
    assert is_organization(name) and organization_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Maya Zeller",
            "Maya Zeller, Université de Lyon",
            "Maya Zeller (City of Chicago)",
            "Maya Zeller and Société X",
        ),
        *("Gabrielle Union", "James City", "Maria Rede", "Paul Bank", "van Sas", "José da Silva", "", " ", "x" * 300),
        *("Université <maya@example.org>", "maya@example.org", "Association 06 12 34 56 78"),
    ],
)
def test_any_other_name_is_not_even_where_an_organization_is_expected(name: str) -> None:
    assert organization_name(name) is None and organization_name(name, is_stated=True) is None


@pytest.mark.parametrize("name", ["Framasoft", "DINUM", "The Galette Team", "Mobilizon contributors"])
def test_a_name_of_a_group_is_shown_only_where_an_organization_is_expected(name: str) -> None:
    assert organization_name(name) is None and organization_name(name, is_stated=True) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ask maya.zeller@example.org now", "Ask … now"),
        ("Ask maya (at) example.org, or mailto:m+z@example.org", "Ask …, or …"),
        ("Call +33 6 12 34 56 78 or 06.12.34.56.78", "Call … or …"),
        ("Call 0612345678, 00 49 30 1234567", "Call …, …"),
    ],
)
def test_addresses_and_numbers_of_people_are_left_out(text: str, shown: str) -> None:
    assert without_addresses(text) == shown


@pytest.mark.parametrize(
    "text",
    ["2026-05-01", "1.10.3", "127.0.0.1:8000", "ISO 9001:2015", "See https://example.org/a?b=1", "at 10 in 2026"],
)
def test_what_looks_like_them_stays(text: str) -> None:
    assert without_addresses(text) == text


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://maya:secret@example.org/",
            "mailto:maya@example.org",
            "https://example.org/+33612345678",
            "javascript:x",
        ),
        *(
            "https://",
            "https://[",
            "https://example.org:99999/",
            "ftp://example.org",
            " https://example.org",
            "https://a b",
        ),
        *("https://example.org/?to=maya%40example.org", "x" * 3000, "", None, 7),
    ],
)
def test_an_address_of_a_person_or_of_no_page_is_none(address: object) -> None:
    assert web_address(address) is None


def test_addresses_of_one_repository_share_a_key() -> None:
    assert {
        repository_key(name)
        for name in (
            *("https://www.Example.org/a/b.git", "http://example.org/a/b/", "git@example.org:a/b.git"),
            *("ssh://git@example.org/a/b", "git://example.org/a/b.git/"),
        )
    } == {"example.org/a/b"}
