"""Registrable domains by the packaged list, and whose domains say nothing about who has an address there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.registrable_domain import PROVIDERS, is_confirming, registrable_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.ville.example.org:8443/page?x#y", "example.org"),
        ("ana.silva@mail.coop.example.co.uk", "example.co.uk"),
        ("https://ana.github.io/tool", "ana.github.io"),
        ("HTTPS://WWW.Exemple.FR.", "exemple.fr"),
        ("https://www.économie.fr", "xn--conomie-9xa.fr"),
        ("asso.fr", None),
        ("co.uk", None),
        ("github.io", None),
        ("localhost", None),
        ("http://127.0.0.1:8000/", None),
        ("http://[::1]/", None),
        ("1.2.3.4", None),
        ("127.1", None),
        ("", None),
        ("https://", None),
        ("https://[", None),
        ("a@", None),
        ("https://exa mple.org", None),
        ("https://ex\u200dample.org", None),
        ("https://ex\u00adample.org", None),
        ("admin@ex\u00adample.org", None),
        ("https://\uff45xample.org/", None),
        ("https://example\u3002org/", None),
        ("https://\u212aasse.org/", None),
        ("https://ana:word@www.kasse.org:8443/", "kasse.org"),
        ("https://stra\u00dfe.org/", None),
        ("https://xn--strae-oqa.org/", "xn--strae-oqa.org"),
    ],
)
def test_the_registrable_domain_of_addresses(text, domain):
    assert registrable_domain(text) == domain


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "yahoo.co.in",
        "hotmail.com.ar",
        "ana.github.io",
        "framasite.org",
        "sourceforge.net",
        "co.uk",
        "x",
        "",
    ],
)
def test_providers_and_suffixes_confirm_nothing(domain):
    assert not is_confirming(domain)


def test_a_domain_of_its_own_confirms_and_a_host_below_it_is_no_registrable_one():
    assert is_confirming("example.org") and is_confirming("ville-de-paris.fr") and not is_confirming("www.example.org")


def test_providers_are_written_as_hosts():
    assert all(domain == domain.lower() and "." in domain and "/" not in domain for domain in PROVIDERS)


@given(st.text(max_size=80))
def test_no_text_makes_it_raise_and_what_it_gives_stays_what_it_is(text):
    found = registrable_domain(text)
    assert found is None or (registrable_domain(found) == found and is_confirming(found) in (True, False))
