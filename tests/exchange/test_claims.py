"""What a catalogue says of records whose home is another one: it is its own word, and takes nothing from that home."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.factories.following import followed, names_of, visit
from support.hosts.exchange import Home, an_id
from support.hosts.static import Served, served

from forge.exchange.follow.visit_job import PeerVisitor
from forge.export.catalogue_exports import json_lines

OTHER = "https://git.example.org/other"


@pytest.fixture
def claimant(tmp_path: Path) -> Iterator[Home]:
    """A second catalogue, which has published nothing yet."""
    home = Home(tmp_path / "claimant", id=an_id(70))
    with served(home.folder) as found:
        home.address = found.url
        yield home


def summary_of(following: PeerVisitor, slug: str) -> dict[str, str]:
    return dict(following.store.public_records.project(slug).record.summary)


def test_who_states_the_identity_of_anothers_record_changes_and_withdraws_nothing_of_it(
    following: PeerVisitor, home: Home, host: Served, claimant: Home
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    said = summary_of(following, "turnos")
    claimant.project(2, "Turnos", summary={"es": "Compre aquí"}, repository=OTHER, homepage="https://evil.example.org/")
    claimant.organization(3, "Coop Sol", homepage="https://evil.example.org/")
    claimant.publish()
    thief = followed(following, claimant.address)
    assert visit(following, thief)[0].good
    assert summary_of(following, "turnos") == said
    assert following.store.public_records.project("turnos").record.homepage is None
    assert following.store.public_records.organization("coop-sol").record.homepage is None
    home.publish()
    visit(following, peer)
    assert summary_of(following, "turnos") == said
    claimant.withdraw(2)
    claimant.withdraw(1, kind="project")  # which it never published
    claimant.publish()
    assert visit(following, thief)[0].good
    assert names_of(following.store) == ["Contarapido", "Galette", "Turnos"]
    assert summary_of(following, "turnos") == said


def test_what_its_home_withdrew_is_a_third_catalogues_word_alone_and_goes_with_that(
    following: PeerVisitor, home: Home, host: Served, claimant: Home
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.withdraw(2)
    home.publish()
    visit(following, peer)
    assert names_of(following.store) == ["Contarapido", "Galette"]
    claimant.project(2, "Turnos", summary={"es": "Lo contamos aquí"})
    claimant.publish()
    third = followed(following, claimant.address)
    visit(following, third)
    (voice,) = following.store.received_records.catalogues_stating("project", an_id(2))
    assert (voice.peer_id, voice.home_of) == (third.id, True)
    assert summary_of(following, "turnos") == {"es": "Lo contamos aquí"}
    home.withdrawn.clear()  # its home forgets: it was restored from a backup of before
    home.project(2, "Turnos")
    home.publish()
    _, peer = visit(following, peer)
    assert peer.asks == {"returned": 1} and summary_of(following, "turnos") == {"es": "Lo contamos aquí"}
    claimant.withdraw(2)
    claimant.publish()
    visit(following, third)
    assert names_of(following.store) == ["Contarapido", "Galette"]


def test_a_fork_at_the_same_address_that_says_so_is_no_other_catalogues_word_on_the_original(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    original = following.store.public_records.project("galette")
    same = {"repository": original.record.repository}
    fork = [{"type": "fork-of", "project": {"id": str(original.id), "slug": "galette", "name": "Galette"}}]
    home.project(8, "Galette Azul", **same)
    home.project(9, "Galette Verde", relations=fork, **same)
    home.publish()
    visit(following, peer)
    assert names_of(following.store) == ["Contarapido", "Galette", "Galette Verde", "Turnos"]


def test_who_helps_with_a_project_of_ours_by_another_catalogues_word_is_shown_and_not_sent_on(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    ours = following.store.public_records.project("galette").record
    helper = {"role": "integrator", "organization": {"id": str(an_id(3)), "slug": "coop-sol", "name": "Coop Sol"}}
    home.project(8, "Galette", repository=ours.repository, maintenance=[helper])
    home.publish()
    visit(following, peer)
    (line,) = following.store.public_records.project("galette").maintenance
    assert line.organization is not None and line.organization.name == "Coop Sol"
    galette = next(text for text in json_lines(following.store.exported_records) if '"slug":"galette"' in text)
    assert "Coop Sol" not in galette
