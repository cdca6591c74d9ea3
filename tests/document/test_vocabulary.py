"""The lists of terms: complete in five languages, each label falling back to English, a typo led to its term."""

import subprocess
import sys

import pytest

from catalog.errors import NotFound
from catalog.model import HELPER_ROLES, MAKER_ROLES
from catalog.rules.country_rule import RULES
from catalog.vocabulary import LANGUAGES, names, nearest, vocabulary


@pytest.mark.parametrize("name", names())
def test_a_list_is_well_formed(name):
    known = vocabulary(name)
    assert known.name == name and known.source and known.terms
    assert set(LANGUAGES) <= set(known.title)
    for slug, term in known.terms.items():
        assert term.slug == slug
        assert all(term.label.get(language) for language in LANGUAGES), slug
        assert name == RULES or all(term.definition.get(language) for language in LANGUAGES), slug
        assert len(known.ancestors(slug)) < 4


def test_a_rule_of_a_country_names_the_page_that_says_it_and_whether_it_holds():
    for slug, rule in vocabulary(RULES).terms.items():
        said = rule.details
        assert rule.parent is None or {"own", "own_language", "status", "source", "seen_at"} <= set(said), slug
        assert said.get("status", "ended") in ("in-force", "practice", "changing", "coming", "ended"), slug
        assert "since" in said or not {"since_is", "coming"} & {*said, said.get("status")}, slug


def test_every_role_makes_helps_or_pays():
    assert set(vocabulary("role").terms) == {*MAKER_ROLES, *HELPER_ROLES, "funder"}


def test_terms_have_a_family():
    kinds = vocabulary("organization-kind")
    assert kinds.ancestors("worker-cooperative") == ("cooperative",)
    assert "worker-cooperative" in kinds.children("cooperative")
    assert "cooperative" in kinds.top and "worker-cooperative" not in kinds.top


def test_a_label_is_that_of_the_language_or_its_base_or_english():
    domain = vocabulary("domain")
    assert domain.label("accounting", "fr") == "Comptabilité"
    assert domain.label("accounting", "pt-BR") == domain.label("accounting", "pt")
    assert domain.label("accounting", "eu") == domain.label("accounting", "en") == "Accounting"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Coopératives d’activité et d’emploi", "shared-enterprise"),
        ("coopératives  d'activité et d'emploi", "shared-enterprise"),
        ("shared-enterprise", "shared-enterprise"),
        ("المحاسبة", "accounting"),
        ("acounting", None),
        ("", None),
    ],
)
def test_a_term_is_known_by_its_slug_or_a_label_as_a_keyboard_has_them(typed, meant):
    assert vocabulary("domain").called(typed) == meant


def test_what_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        vocabulary("../model")
    with pytest.raises(NotFound):
        vocabulary("domain").label("acounting", "en")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acounting", "accounting"),
        ("Member management", "member-management"),
        ("member_management", "member-management"),
        ("qqqqqq", None),
        ("", None),
        ("a" * 1000, None),
    ],
)
def test_a_typo_is_led_to_the_nearest_term(typed, meant):
    assert vocabulary("domain").nearest(typed) == meant


def test_the_nearest_key_keeps_its_own_spelling():
    assert nearest("self-hosted", ["online", "self_hosted"]) == "self_hosted"


def test_all_lists_are_read_in_bounded_time():
    code = (
        "import yaml, time; t = time.process_time(); from catalog.vocabulary import names, vocabulary;"
        "list(map(vocabulary, names())); print(time.process_time() - t)"
    )
    spent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert float(spent.stdout) < 10
