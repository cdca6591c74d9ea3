"""Proofs from their beginning to their loss, whom maintainers let in, and what they answer; nobody else's proof
helps."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.ownership import members, methods, recheck, replies, verify
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import DECLARED, Statement
from catalog.rules.submission import CORRECT
from catalog.rules.verification import (
    ABSENT,
    ADDRESS,
    AWAY,
    DNS,
    FILE,
    FOUND,
    LINK,
    LOST,
    OPEN,
    VERIFIED,
    Verification,
    gives_rights,
    has_line,
    outcome_of_check,
)
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.documents import overrides
from catalog.store.ownership import verifications
from catalog.tables.core import job, organization
from catalog.tables.ownership import membership
from catalog.tables.people import message, person

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
ANA, BO = "ana@galette.eu", "bo@example.org"


@pytest.fixture
def filled(store):
    galette = a_project(homepage="https://www.galette.eu/start")
    load(store, a_catalog(galette, a_project("asleep"), an_organization(homepage="https://halles.coop")))
    return store


def somebody(store, email=ANA, now=NOW):
    """The person with this address, as they are now."""
    token = store.people.invite(email, "moderator", "fr", now=now)
    someone, _, _ = store.people.sign_in(token, "fr", now=now)
    with rewriting(store.engine) as connection:
        connection.execute(update(person).where(person.c.id == someone.id).values(role=None))
    return replace(someone, role=None)


def again(store, someone):
    """The same person, with what they were let into meanwhile."""
    _, cookie, _ = store.people.sign_in(store.people.invite(someone.email, "moderator", "fr", now=NOW), "fr", now=NOW)
    with rewriting(store.engine) as connection:
        connection.execute(update(person).where(person.c.id == someone.id).values(role=None))
    return store.people.of_session(cookie, now=NOW)[0]


def proven(store, email=BO, way=FILE, slug="galette", kind="project"):
    someone = somebody(store, email)
    verification = verify.begin(store, someone, kind, slug, way, "fr", now=NOW)
    verify.ask_for_check(store, verification.id, now=NOW)
    verify.settle(store, verification.id, FOUND, detail={"file": "forge-claim.txt"}, reason=None, now=NOW)
    return again(store, someone), store.verifications.get(verification.id)


def verification_results(store):
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message.c.email, message.c.argument).where(message.c.kind == "verification-result")
        ).all()
    return [(row.email, row.argument["told"]) for row in rows]


def correct(store, someone, value, now=NOW):
    answers = {"field": "homepage", "value": value, "source": "https://example.org/x"}
    _, submission = begin_draft(store, CORRECT, "fr", project_id=GALETTE, answers=answers, now=now)
    return submissions.send(store, submission.id, email=someone.email, person=someone, now=now)[0]


def maintainers(store):
    facts = store.facts.page("galette").facts
    return [fact.value for fact in facts if fact.origin == DECLARED and fact.source.get("maintainer")]


def test_each_way_has_its_place_and_the_homepage_must_stand_at_a_domain_of_its_own(filled):
    about = filled.verifications.verifiable_record("project", "galette")
    assert [(place.method, place.where) for place in methods.places(about)] == [
        ("file", "https://github.com/example/galette.git"),
        ("dns", "galette.eu"),
        ("link", "https://www.galette.eu/start"),
        ("address", "galette.eu"),
    ]
    for home in ("https://github.com/example/galette", "https://ana.github.io", "https://co.uk", "https://free.fr/x"):
        assert [place.method for place in methods.places(replace(about, homepages=(home,)))] == ["file"]
    coop = filled.verifications.verifiable_record("organization", "coop-des-halles")
    assert [(place.method, place.where) for place in methods.places(coop)] == [
        ("file", "https://halles.coop/.well-known/forge-claim.txt"),
        ("dns", "halles.coop"),
        ("address", "halles.coop"),
    ]


def test_an_address_at_the_domain_proves_at_once_and_another_one_nothing(filled):
    verification = verify.begin(filled, somebody(filled), "project", "galette", "address", "fr", now=NOW)
    assert (verification.state, verification.detail) == (VERIFIED, {"host": "galette.eu"})
    assert again(filled, somebody(filled)).maintained_projects == (GALETTE,)
    for email in (BO, "ana@notgalette.eu", "ana@galette.eu.example.org", "galette.eu@example.org"):
        with pytest.raises(Invalid) as refused:
            verify.begin(filled, somebody(filled, email), "project", "galette", "address", "fr", now=NOW)
        assert refused.value.errors == {"way": verify.OTHER_DOMAIN}


def test_a_homepage_that_a_declaration_states_proves_nothing(filled):
    eve = somebody(filled, "eve@evil.example.org")
    with changing(filled.engine) as (connection, change):
        said = {"homepage": Statement("homepage", "https://evil.example.org", {"declaration": "X"})}
        overrides.declare_values(connection, GALETTE, said, now=later(days=1))
        overrides.rebuild_records(connection, [GALETTE], change=change, now=later(days=1))
    assert filled.public_records.project("galette").record.homepage == "https://evil.example.org"
    assert filled.verifications.verifiable_record("project", "galette").homepages == ("https://www.galette.eu/start",)
    with pytest.raises(Invalid):
        verify.begin(filled, eve, "project", "galette", "address", "fr", now=NOW)


def test_only_files_at_the_top_of_the_repository_name_its_homepage(filled):
    said = [Statement("homepage", "https://deep.example.org", {"file": "vendor/x/package.json", "commit": "1" * 40})]
    filled.observations.observe(GALETTE, "1" * 40, {}, facts=said, free=True, last_commit_at=NOW, now=NOW)
    assert filled.verifications.verifiable_record("project", "galette").homepages == ("https://www.galette.eu/start",)
    said = [Statement("homepage", "https://top.example.org", {"file": "publiccode.yml", "commit": "2" * 40})]
    filled.observations.observe(GALETTE, "2" * 40, {}, facts=said, free=True, last_commit_at=NOW, now=NOW)
    assert filled.verifications.verifiable_record("project", "galette").homepages[1:] == ("https://top.example.org",)


def test_to_begin_twice_is_the_same_proof_and_no_two_have_one_nonce(filled):
    bo, eve = somebody(filled, BO), somebody(filled, "eve@example.org")
    verification = verify.begin(filled, bo, "project", "galette", FILE, "fr", now=NOW)
    assert verify.begin(filled, bo, "project", "galette", FILE, "en", now=later(days=1)).nonce == verification.nonce
    nonces = {verify.begin(filled, who, "project", slug, FILE, "fr", now=NOW).nonce
              for who in (bo, eve) for slug in ("galette", "asleep")}  # fmt: skip
    assert len(nonces) == 4 and verification.nonce in nonces


def test_what_is_found_lets_in_and_asking_queues_a_look_and_a_visit(filled):
    bo = somebody(filled, BO)
    verification = verify.begin(filled, bo, "project", "galette", FILE, "fr", now=NOW)
    verify.ask_for_check(filled, verification.id, now=NOW)
    with reading(filled.engine) as connection:
        due = {row.kind: row.run_at for row in connection.execute(select(job)) if (row.kind in ("verify", "visit")
               and str(GALETTE) in row.key) or row.kind == "verify"}  # fmt: skip
    assert due == {"verify": NOW, "visit": NOW}
    before = filled.change()
    verify.settle(filled, verification.id, FOUND, detail={"file": "x"}, reason=None, now=NOW)
    assert again(filled, bo).maintained_projects == (GALETTE,) and filled.change() == before + 1
    assert [
        (statement.method, statement.since) for statement in filled.verifications.standing(PROJECT, GALETTE, NOW)
    ] == [("file", NOW)]
    assert verification_results(filled) == []  # its page told them


def test_a_proof_that_is_not_there_is_sought_for_a_week_with_growing_pauses_then_told(filled):
    verification = verify.begin(filled, somebody(filled, BO), "project", "galette", FILE, "fr", now=NOW)
    verify.ask_for_check(filled, verification.id, now=NOW)
    at, looks = NOW, []
    while at is not None:
        looks.append(at)
        at = verify.settle(filled, verification.id, ABSENT, detail={}, reason="no-file", now=at)
    pauses = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert pauses[0] == timedelta(hours=1) and max(pauses) == timedelta(days=1) and pauses == sorted(pauses)
    assert timedelta(days=7) <= looks[-1] - NOW < timedelta(days=8) and len(looks) < 20
    assert (
        verification_results(filled) == [(BO, "not-found")] and filled.verifications.get(verification.id).state == OPEN
    )
    assert again(filled, somebody(filled, BO)).maintained_projects == ()


def test_a_lost_proof_is_said_keeps_its_rights_for_thirty_days_then_the_voice_is_one_of_many(filled):
    bo, proof = proven(filled)
    correct(filled, bo, "https://own.example.org", now=later(hours=1))
    assert maintainers(filled) == ["https://own.example.org"]
    assert verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=1)) == later(days=2)
    assert verification_results(filled) == [(BO, "lost")] and again(filled, bo).maintained_projects == (GALETTE,)
    assert filled.verifications.standing(PROJECT, GALETTE, later(days=2))[0].lost_at == later(days=1)
    verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=30))
    assert maintainers(filled) == ["https://own.example.org"]
    before = filled.change()
    assert verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=31)) is None
    assert (
        verification_results(filled)[-1] == (BO, "lapsed")
        and again(filled, bo).maintained_projects == ()
        and filled.change() > before
    )
    assert maintainers(filled) == [] and filled.verifications.standing(PROJECT, GALETTE, later(days=31)) == ()
    assert (
        filled.public_records.project("galette").record.homepage == "https://own.example.org"
    )  # the later of two voices
    load(filled, a_catalog(a_project(homepage="https://new.example.org"), a_project("asleep"), an_organization()),
         now=later(days=40), digest="2")  # fmt: skip
    assert filled.public_records.project("galette").record.homepage == "https://new.example.org"


def test_a_proof_that_comes_back_in_time_changes_nothing(filled):
    bo, proof = proven(filled)
    correct(filled, bo, "https://own.example.org", now=later(hours=1))
    verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=1))
    verify.settle(filled, proof.id, FOUND, detail={}, reason=None, now=later(days=20))
    kept = filled.verifications.get(proof.id)
    assert (kept.state, kept.lost_at, kept.verified_at, kept.seen_at) == (VERIFIED, None, NOW, later(days=20))
    assert maintainers(filled) == ["https://own.example.org"] and verification_results(filled)[-1] == (BO, "verified")


def test_a_place_that_does_not_answer_tells_nothing_for_two_weeks_after_it_was_due(filled):
    _, proof = proven(filled, way=DNS)
    for day in (30, 31, 43):
        verify.settle(filled, proof.id, AWAY, detail={}, reason="no-answer", now=later(days=day))
        assert filled.verifications.get(proof.id).state == VERIFIED
    verify.settle(filled, proof.id, AWAY, detail={}, reason="no-answer", now=later(days=44))
    assert filled.verifications.get(proof.id).state == LOST


def test_of_two_proofs_one_may_go(filled):
    bo, proof = proven(filled)
    second = verify.begin(filled, bo, "project", "galette", LINK, "fr", now=NOW)
    verify.settle(filled, second.id, FOUND, detail={}, reason=None, now=NOW)
    for day in (1, 31):
        verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=day))
    assert again(filled, bo).maintained_projects == (GALETTE,)
    verify.give_up(filled, bo, second.id, now=later(days=32))
    assert again(filled, bo).maintained_projects == ()


def test_nobody_gives_up_somebody_elses_proof(filled):
    _, proof = proven(filled)
    with pytest.raises(NotFound):
        verify.give_up(filled, somebody(filled, "eve@example.org"), proof.id, now=NOW)


def test_an_organizations_representative_falls_with_the_proof_and_its_own_word_with_it(filled):
    ana, proof = proven(filled, "ana@example.org", kind="organization", slug="coop-des-halles")
    assert ana.represented_organizations == (COOP,)
    _, sent = begin_draft(
        filled, CORRECT, "fr", organization_id=COOP, answers={}, email=ana.email, person_id=ana.id, now=NOW
    )
    with changing(filled.engine) as (connection, change):
        said = {"country": {"value": "BE", "declaration": sent.reference, "own": True}}
        overrides.declare_organization_values(connection, COOP, said, change=change, now=NOW)
    for day in (1, 31):
        verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=day))
    assert again(filled, ana).represented_organizations == ()
    with reading(filled.engine) as connection:
        kept = connection.execute(select(organization.c.declared).where(organization.c.id == COOP)).scalar_one()
    assert kept["country"]["own"] is False and kept["country"]["value"] == "BE"


def invited(store, by, email="cleo@example.org", kind=ORGANIZATION, key=COOP):
    """A colleague who took an invitation to represent the organization, or to maintain the project."""
    members.invite(store, by, kind, key, email, now=NOW)
    assert [email for email, _ in store.memberships.invitations(kind, key, NOW)] == [email]
    with reading(store.engine) as connection:
        token = connection.execute(
            select(message.c.argument).where(message.c.kind == "membership-invitation", message.c.email == email)
        ).scalar_one()["token"]
    someone, _, _, _ = members.accept(store, token, "fr", now=later(days=6))
    with pytest.raises(NotFound):
        members.accept(store, token, "fr", now=later(days=6))
    return again(store, someone)


@pytest.mark.parametrize(
    ("kind", "slug", "key"), [(PROJECT, "galette", GALETTE), (ORGANIZATION, "coop-des-halles", COOP)]
)
def test_members_invite_a_colleague_and_take_them_off_and_nobody_else_does(filled, kind, slug, key):
    def records(someone):
        return someone.maintained_projects if kind == PROJECT else someone.represented_organizations

    bo, _ = proven(filled, slug=slug, kind=kind)
    cleo, eve = invited(filled, bo, kind=kind, key=key), somebody(filled, "eve@example.org")
    assert records(cleo) == (key,) and filled.memberships.invitations(kind, key, NOW) == ()
    with reading(filled.engine) as connection:
        assert verifications.term_of_member(connection, cleo.id, kind, key) == "file-confirmed"
    for refused in (
        lambda: members.remove(filled, cleo, kind, key, bo.id, now=NOW),
        lambda: members.invite(filled, eve, kind, key, "x@example.org", now=NOW),
        lambda: members.remove(filled, eve, kind, key, cleo.id, now=NOW),
        lambda: members.withdraw_invitation(filled, eve, kind, key, "x@example.org", now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()
    for wrong, sentence in (
        (None, members.NO_EMAIL),
        (BO, members.ALREADY_IN[kind]),
        (cleo.email, members.ALREADY_IN[kind]),
    ):
        with pytest.raises(Invalid) as told_why:
            members.invite(filled, bo, kind, key, wrong, now=NOW)
        assert told_why.value.errors == {"email": sentence}
    members.remove(filled, bo, kind, key, cleo.id, now=NOW)
    assert records(again(filled, cleo)) == () and records(again(filled, bo)) == (key,)


def test_who_was_invited_goes_with_the_last_who_proved_it_and_so_does_their_word(filled):
    bo, proof = proven(filled)
    cleo = invited(filled, bo, kind=PROJECT, key=GALETTE)
    correct(filled, cleo, "https://own.example.org")
    assert maintainers(filled) == ["https://own.example.org"]
    for day in (1, 31):
        verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=day))
    assert again(filled, cleo).maintained_projects == () and maintainers(filled) == []


def test_an_invitation_ends_with_whoever_made_it_and_can_be_taken_back(filled):
    bo, proof = proven(filled)
    members.invite(filled, bo, PROJECT, GALETTE, "cleo@example.org", now=NOW)
    members.invite(filled, bo, PROJECT, GALETTE, "dan@example.org", now=NOW)
    members.withdraw_invitation(filled, bo, PROJECT, GALETTE, "cleo@example.org", now=NOW)
    with reading(filled.engine) as connection:
        rows = connection.execute(
            select(message.c.email, message.c.argument).where(message.c.kind == "membership-invitation")
        )
        tokens = {row.email: row.argument["token"] for row in rows}
    verify.give_up(filled, bo, proof.id, now=NOW)
    for token in tokens.values():
        with pytest.raises(NotFound):
            members.accept(filled, token, "fr", now=NOW)


def test_an_invited_colleague_speaks_no_longer_than_one_who_proved_it(filled):
    bo, proof = proven(filled, slug="coop-des-halles", kind="organization")
    cleo, dan = invited(filled, bo), invited(filled, bo, "dan@example.org")
    members.remove(filled, dan, ORGANIZATION, COOP, dan.id, now=NOW)
    assert again(filled, dan).represented_organizations == ()
    with rewriting(filled.engine) as connection:  # as their account is deleted
        connection.execute(delete(membership).where(membership.c.person_id == bo.id))
    assert again(filled, cleo).represented_organizations == ()
    recheck.tend(filled, now=NOW)
    assert filled.memberships.of_record(ORGANIZATION, COOP) == ()
    bo, proof = proven(filled, "ed@example.org", slug="coop-des-halles", kind="organization")
    cleo = invited(filled, bo, "flo@example.org")
    members.invite(filled, bo, ORGANIZATION, COOP, "gus@example.org", now=NOW)
    for day in (1, 31):
        verify.settle(filled, proof.id, ABSENT, detail={}, reason="no-file", now=later(days=day))
    assert (
        again(filled, cleo).represented_organizations == () and filled.memberships.of_record(ORGANIZATION, COOP) == ()
    )
    with reading(filled.engine) as connection:
        wanted = select(message.c.argument).where(
            message.c.kind == "membership-invitation", message.c.email == "gus@example.org"
        )
        token = connection.execute(wanted).scalar_one()["token"]
    with pytest.raises(NotFound):
        members.accept(filled, token, "fr", now=NOW)


def test_an_answer_stands_until_another_or_its_end(filled):
    bo, _ = proven(filled)
    for text in ("First.", "Second."):
        replies.reply(filled, bo, GALETTE, "license", text, "en", now=NOW)
    assert [(line.field, line.text) for line in filled.maintainer_replies.of_project(GALETTE).values()] == [
        ("license", "Second.")
    ]
    for field, text, wrong in (
        ("", "", {"field": replies.NO_FIELD, "text": replies.NO_TEXT}),
        ("license", "x" * 501, {"text": replies.TOO_LONG}),
        ("license", "write to ana@example.org", {"text": replies.AN_ADDRESS}),
    ):
        with pytest.raises(Invalid) as refused:
            replies.reply(filled, bo, GALETTE, field, text, "en", now=NOW)
        assert refused.value.errors == wrong
    with pytest.raises(NotAllowed):
        replies.reply(filled, somebody(filled, "eve@example.org"), GALETTE, "license", "Eve.", "en", now=NOW)
    before = filled.change()
    replies.end_reply(filled, bo, GALETTE, "license", now=NOW)
    assert filled.maintainer_replies.of_project(GALETTE) == {} and filled.change() == before + 1


def test_a_voice_that_nobody_keeps_any_more_is_one_of_many_the_next_day(filled):
    bo, _ = proven(filled)
    correct(filled, bo, "https://own.example.org")
    filled.account_erasure.delete(bo.id, now=NOW)
    assert maintainers(filled) == ["https://own.example.org"]
    recheck.tend(filled, now=later(days=1))
    assert maintainers(filled) == []
    before = filled.change()
    recheck.tend(filled, now=later(days=2))
    assert filled.change() == before


def test_an_address_that_let_in_is_a_lost_proof_when_the_website_moves_and_none_when_it_comes_back(filled):
    cleo = somebody(filled, "cleo@halles.coop")
    with changing(filled.engine) as (connection, change):
        verify.verify_at_once(connection, cleo.id, ORGANIZATION, COOP, ADDRESS, change, detail={}, now=NOW)
    recheck.tend(filled, now=later(days=1))
    assert verification_results(filled) == []
    load(filled, a_catalog(a_project(), an_organization(homepage="https://elsewhere.example.org")))
    for _ in range(2):
        recheck.tend(filled, now=later(days=2))
    assert (
        verification_results(filled) == [("cleo@halles.coop", "lost")]
        and COOP in again(filled, cleo).represented_organizations
    )
    with reading(filled.engine) as connection:
        (proof,) = verifications.verifications_of(connection, cleo.id, "organization", COOP)
    assert (proof.method, proof.verified_at, proof.lost_at) == (ADDRESS, NOW, later(days=2))
    settled(filled, proof, FOUND, 3)
    settled(filled, proof, ABSENT, 4)
    assert COOP in again(filled, cleo).represented_organizations
    settled(filled, proof, ABSENT, 35)
    assert COOP not in again(filled, cleo).represented_organizations


def settled(store, proof, outcome, days):
    verify.settle(store, proof.id, outcome, detail={}, reason=None, now=later(days=days))


def test_a_proof_without_its_job_is_looked_at_again(filled):
    _, _one = proven(filled)
    with rewriting(filled.engine) as connection:
        connection.execute(job.delete())
    recheck.tend(filled, now=later(days=1))
    with reading(filled.engine) as connection:
        assert connection.execute(select(job.c.run_at)).scalars().all() == [later(days=30)]


@given(st.sampled_from([OPEN, VERIFIED, LOST]), st.sampled_from([FOUND, ABSENT, AWAY]), st.integers(0, 60))
def test_every_look_ends_in_a_state_and_rights_end_only_after_the_grace(state, outcome, days):
    lost_at = NOW if state == LOST else None
    of = (GALETTE, GALETTE, "project", GALETTE, FILE, "x", state, "fr", NOW)
    verification = Verification(*of, asked_at=NOW, seen_at=NOW, lost_at=lost_at)
    at = later(days=days)
    become = outcome_of_check(verification, outcome, now=at)
    assert (become.at is None) == (become.lapsed or become.told == "not-found") and (become.at or later(days=99)) > at
    assert not (become.lapsed and gives_rights(state, verification.lost_at, at))
    assert (become.state == VERIFIED) >= (outcome == FOUND)


@pytest.mark.parametrize("text", ["forge-claim=abcd", "x forge-claim=abc", "forge-claim=ab", "#forge-claim=abc", ""])
def test_only_the_line_itself_counts(text):
    assert not has_line([text], "abc") and has_line([text, "\tforge-claim=abc \r"], "abc")
    assert not has_line([""] * 500 + ["forge-claim=abc"], "abc")
