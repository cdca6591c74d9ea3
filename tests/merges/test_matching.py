"""Who is who: nothing is joined that is not the same, most of what is the same is found, few are asked in vain."""

import pytest
from support import record_pairs as labelled

from catalog.federation.clusters import ForeignRecord, rows
from catalog.federation.identity import SAME, ComparedRecord, own_domain, place, verdict
from catalog.federation.match_suggestions import pairs
from catalog.federation.names import agree, alike, name

LEAST_FOUND, MOST_ASKED_IN_VAIN = 0.9, 0.5


def joined(subject: ComparedRecord, other: ComparedRecord) -> bool:
    return rows([], [ForeignRecord(1, subject), ForeignRecord(2, other)])[2] == subject.key


def asked(subject: ComparedRecord, other: ComparedRecord) -> bool:
    return bool(pairs([subject, other], {subject.key}))


def test_there_are_two_hundred_pairs_half_of_them_the_same() -> None:
    assert (len(labelled.SAME), len(labelled.DIFFERENT)) == (100, 100)


def test_no_pair_is_joined_that_is_not_the_same() -> None:
    wrong = [
        (subject.name, other.name)
        for subject, other in labelled.DIFFERENT
        if joined(subject, other) or joined(other, subject)
    ]
    assert wrong == []


def test_at_least_nine_in_ten_of_the_same_are_joined_or_shown_to_a_person() -> None:
    missed = [
        (subject.name, other.name)
        for subject, other in labelled.SAME
        if not (joined(subject, other) or asked(subject, other))
    ]
    print("missed:", missed)
    assert len(missed) <= len(labelled.SAME) * (1 - LEAST_FOUND)


def test_evidence_alone_joins_a_good_part_of_the_same() -> None:
    found = [subject for subject, other in labelled.SAME if joined(subject, other)]
    print("joined:", len(found))
    assert len(found) >= 35


def test_a_person_is_not_asked_about_most_of_what_is_not_the_same() -> None:
    vain = [(subject.name, other.name) for subject, other in labelled.DIFFERENT if asked(subject, other)]
    print("asked in vain:", vain)
    assert len(vain) <= len(labelled.DIFFERENT) * MOST_ASKED_IN_VAIN


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
        return own_domain(ComparedRecord("organization", labelled.HERE, None, "x", homepage=page))

    assert site("https://www.coop.example.org/fr/") is None  # a site below the registered domain
    assert site("https://coop-halles.fr/") == site("https://www.coop-halles.fr/fr") == "coop-halles.fr"
    assert site("https://emmaus-france.org/lyon") is None
    assert site("https://github.io") is None


def test_names_are_compared_without_accents_case_and_abbreviations() -> None:
    assert agree(name("Coop. des Halles"), name("COOPÉRATIVE DES HALLES"))
    assert agree(name("جمعية النور"), name("الجمعية نور"))
    assert not agree(name("Fondation X"), name("Association X"))
    assert alike(name("LPO"), name("Ligue pour la Protection des Oiseaux"))
    assert not alike(name("Foodsoft"), name("Foodsharing"))
