"""Who was invited represents or maintains as long as somebody verified does: else they are written to no more."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from support.factories.calls import GALETTE, somebody
from support.factories.core import NOW, a_catalog, a_declared_adoption, a_project, an_organization, identity, load
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting

from catalog.errors import NotFound
from catalog.ownership import recheck
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.verification import INVITED
from catalog.store.adoptions import reconfirmation, relayed_questions
from catalog.store.calls import call_rows
from catalog.store.core.engine import reading
from catalog.store.ownership import memberships, verifications
from catalog.store.people import accounts
from catalog.submissions import answering
from catalog.submissions.kinds import adoption_reconfirmation
from catalog.tables.ownership import membership, verification
from catalog.tables.people import message, person
from tests.test_layers import MODULES, imports

HALLES = identity("coop-des-halles", "organization")
LATER = NOW + reconfirmation.LOWERED_AFTER + timedelta(days=1)
# These look after the rows themselves, whoever speaks: who is listed, what proves it, which records are said of here.
OF_ROWS = {
    "catalog.store.ownership.memberships",
    "catalog.store.organizations.organization_rows",  # whether a row is left that names it
    "catalog.store.public_records.organization_rows",  # only whether there is anybody whose standing is read
    "catalog.store.public_records.project_rows",
    "catalog.store.federation.matching.matching_rows",
}


@pytest.fixture
def alone(store):
    """Leo, whom Eva invited, before and after Eva's account is gone: who proved it is there no more."""
    load(store, a_catalog(a_project(), an_organization(name="Coop des Halles")))
    a_declared_adoption(store, stage="in-production", verification="domain-confirmed")
    eva = somebody(store, "eva@halles.example.org", represented_organizations=(HALLES,))
    leo = somebody(store, "leo@far.example.org", represented_organizations=(HALLES,))
    answering.allow(store, eva, GALETTE, HALLES, languages=["fr"], monthly="", now=NOW)
    with rewriting(store.engine) as connection:
        connection.execute(update(membership).where(membership.c.person_id == leo.id).values(role=INVITED))
        connection.execute(delete(verification).where(verification.c.person_id == leo.id))
        given = {"id": uuid4(), "project_id": GALETTE, "organization_id": HALLES, "language": "fr", "text": "Does it?"}
        relayed_questions.add_question(connection, reference="Q1", person_id=None, at=NOW, call_id=None, **given)
        relayed_questions.change_question(connection, given["id"], state="relayed", relayed_at=NOW)
        to_answer = {
            person.email: relayed_questions.add_answer_link(connection, given["id"], person.email)
            for person in (eva, leo)
        }
    return store, eva, leo, to_answer


def _written(store):
    with reading(store.engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(message.c.kind, message.c.email)))


def _proves_no_more(store, eva):
    with rewriting(store.engine) as connection:
        connection.execute(delete(person).where(person.c.id == eva.id))


def test_while_one_who_proved_it_speaks_whom_they_invited_is_written_to_as_they_are(alone):
    store, _, leo, _ = alone
    assert store.reconfirmations.age(now=LATER).asked == 2
    with reading(store.engine) as connection:
        assert (
            len(call_rows.addresses_of_representatives(connection, HALLES)) == 2
            and accounts.person_by_id(connection, leo.id).represented_organizations
        )


def test_whom_they_invited_is_written_to_no_more_once_nobody_proves_it(alone):
    store, eva, leo, to_answer = alone
    assert store.reconfirmations.age(now=LATER).asked == 2
    with reading(store.engine) as connection:
        links = connection.execute(
            select(message.c.email, message.c.argument).where(message.c.kind == "adoption-reconfirmation")
        ).all()
    token = next(row.argument["token"] for row in links if row.email == leo.email)
    assert all(store.questions.by_token(token)[1] for token in to_answer.values()) and len(set(to_answer.values())) == 2
    _proves_no_more(store, eva)
    before = _written(store)
    assert store.reconfirmations.age(now=LATER + reconfirmation.ASKED_AGAIN_AFTER + timedelta(days=1)).asked == 0
    assert _written(store) == before
    for refused in (
        adoption_reconfirmation.open_question,
        lambda *given, now: adoption_reconfirmation.answer(*given, adoption_reconfirmation.GONE, now=now),
    ):
        with pytest.raises(NotFound):
            refused(store, token, now=LATER)
    for token in to_answer.values():
        with pytest.raises(NotFound):
            store.questions.by_token(token)
    assert store.questions.askable(GALETTE) == () and store.reconfirmations.due_of(leo.id) == ()
    with reading(store.engine) as connection:
        assert (
            call_rows.addresses_of_representatives(connection, HALLES) == ()
            and not accounts.person_by_id(connection, leo.id).represented_organizations
        )
        assert not memberships.has_members(connection, ORGANIZATION, HALLES)
        assert verifications.term_of_member(connection, leo.id, ORGANIZATION, HALLES) is None


def test_who_leaves_answers_no_question_by_the_link_they_got_and_colleagues_go_on(alone):
    store, eva, leo, to_answer = alone
    with rewriting(store.engine) as connection:
        connection.execute(delete(membership).where(membership.c.person_id == leo.id))
    with pytest.raises(NotFound):
        store.questions.by_token(to_answer[leo.email])
    assert store.questions.by_token(to_answer[eva.email])[1]


def test_whom_makers_invited_keeps_a_project_as_long_as_one_who_proved_it_does(alone):
    store, _, leo, _ = alone
    ana = somebody(store, "ana@galette.example.org", maintained_projects=(GALETTE,))
    with rewriting(store.engine) as connection:
        a_member(connection, leo.id, project_id=GALETTE, role=INVITED)
    with reading(store.engine) as connection:
        assert len(call_rows.addresses_of_maintainers(connection, GALETTE)) == 2 and accounts.person_by_id(
            connection, leo.id
        ).maintained_projects == (GALETTE,)
    _proves_no_more(store, ana)
    with reading(store.engine) as connection:
        assert (
            call_rows.addresses_of_maintainers(connection, GALETTE) == ()
            and accounts.person_by_id(connection, leo.id).maintained_projects == ()
        )
        assert memberships.roles_of_members(connection, PROJECT, GALETTE)
    recheck.tend(store, now=NOW)
    with reading(store.engine) as connection:
        assert not memberships.roles_of_members(connection, PROJECT, GALETTE)


def test_whoever_reads_who_is_in_asks_whether_it_stands():
    rows = re.compile(r"\bmembership\.c\.")
    files = {name: file.read_text() for name, file in MODULES.items() if name.startswith("catalog.")}
    reading_it = {name for name, text in files.items() if rows.search(text)}
    asking = {name for name in reading_it if "catalog.store.ownership.memberships" in imports(name)}
    assert reading_it - asking == OF_ROWS
