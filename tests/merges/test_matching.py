"""Who is who: nothing is joined that is not the same, and evidence joins a good part of what is."""

import pytest

from catalog.federation.clusters import ForeignRecord, rows
from catalog.federation.identity import SAME, IdentityValues, own_domain, place, verdict
from catalog.federation.names import agree, name, shortened
from tests.merges import record_pairs as labelled


def joined(subject: IdentityValues, other: IdentityValues) -> bool:
    return rows([], [ForeignRecord(1, subject), ForeignRecord(2, other)])[2] == subject.key


def test_there_are_two_hundred_pairs_half_of_them_the_same() -> None:
    assert (len(labelled.SAME), len(labelled.DIFFERENT)) == (100, 100)


def test_no_pair_is_joined_that_is_not_the_same() -> None:
    wrong = [
        (subject.name, other.name)
        for subject, other in labelled.DIFFERENT
        if joined(subject, other) or joined(other, subject)
    ]
    assert wrong == []


def test_evidence_alone_joins_a_good_part_of_the_same() -> None:
    found = [subject for subject, other in labelled.SAME if joined(subject, other)]
    print("joined:", len(found))
    assert len(found) >= 35


def test_whichever_catalogue_is_asked_first_the_answer_is_the_same() -> None:
    for subject, other in (*labelled.SAME, *labelled.DIFFERENT):
        assert verdict(subject, other) == verdict(other, subject), (subject.name, other.name)
        assert joined(subject, other) == joined(other, subject) == (verdict(subject, other) == SAME), (
            subject.name,
            other.name,
        )


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/Galette/Galette.git",
        "http://www.github.com/galette/galette/",
        "git@github.com:galette/galette.git",
        "ssh://git@github.com/galette/galette",
        "https://github.com/galette/galette/tree/develop/galette",
        "https://github.com/galette/galette#readme",
    ],
)
def test_an_address_is_the_same_however_it_is_spelled(address: str) -> None:
    assert place(address) == "github.com/galette/galette"


def test_only_the_first_page_of_a_domain_is_an_organization_s_own() -> None:
    def site(page: str) -> str | None:
        return own_domain(IdentityValues("organization", labelled.HERE, None, "x", homepage=page))

    assert site("https://www.coop.example.org/fr/") is None  # a site below the registered domain
    assert site("https://coop-halles.fr/") == site("https://www.coop-halles.fr/fr") == "coop-halles.fr"
    assert site("https://emmaus-france.org/lyon") is None
    assert site("https://github.io") is None


def test_names_are_compared_without_accents_case_and_abbreviations() -> None:
    assert agree(name("Coop. des Halles"), name("COOPÉRATIVE DES HALLES"))
    assert agree(name("جمعية النور"), name("الجمعية نور"))
    assert not agree(name("Fondation X"), name("Association X"))
    assert shortened(name("LPO"), name("Ligue pour la Protection des Oiseaux"))
