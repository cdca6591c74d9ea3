"""Cases: each follows what it is about, the queue costs the same however long it is, and each is decided once."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.people import a_person
from support.factories.submissions import begin_draft
from support.open_findings import open_findings

from catalog import moderation, submissions
from catalog.errors import AlreadyExists
from catalog.moderation import DecisionRequest
from catalog.rules.decision import serving_basis
from catalog.rules.submission import ADOPT, ASKED, CORRECT, PUBLISHED, REGISTER, WAITING, WITHDRAWN
from catalog.store.core import cases
from catalog.store.core.engine import reading, writing
from catalog.store.submissions import submission_rows
from catalog.tables.moderation import case
from catalog.tables.submissions import submission

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
KINDS = ("license-changed", "erasure-asked", "code-gone")


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(), a_project("paheko"), an_organization(homepage="https://halles.example.org")))
    return store


def waits(store, *, now=NOW):
    return [(found.source, found.kind) for found in store.moderation_queue.queue(now=now)]


def a_submission(store, kind=CORRECT, state=WAITING, email="ana@example.org", now=NOW, **answers):
    about = {"project_id": GALETTE} | ({"organization_id": COOP} if kind == ADOPT else {})
    _, submission = begin_draft(store, kind, "fr", answers=answers, email=email, now=now, **about)
    with writing(store.engine) as connection:
        submission_rows.change(connection, submission.id, state=state, sent_at=now, changed_at=now)
    return submission


def test_a_case_is_open_as_long_as_its_submission_waits(filled):
    sent = a_submission(filled)

    def become(state, **values):
        with writing(filled.engine) as connection:
            submission_rows.change(connection, sent.id, state=state, changed_at=NOW, **values)

    assert waits(filled) == [("declaration", CORRECT)]
    become(ASKED)
    assert waits(filled) == [] and waits(filled, now=later(days=15)) == [("declaration", CORRECT)]
    become(PUBLISHED, decided_at=NOW)
    assert waits(filled) == [("look", CORRECT)]
    become(PUBLISHED, reviewed_at=NOW)
    assert waits(filled) == []
    become(WITHDRAWN)
    become(WAITING, reviewed_at=None)
    assert waits(filled) == [("declaration", CORRECT)]
    with writing(filled.engine) as connection:
        connection.execute(submission.delete().where(submission.c.id == sent.id))
        assert connection.execute(select(case.c.id)).all() == []


def test_the_queue_knows_its_reader_s_own_cases_and_names_no_sender(filled):
    keeper = a_person(filled, "keeps@example.org", role=None)
    a_submission(filled, ADOPT, email="board@gmail.com")
    _, own = begin_draft(filled, CORRECT, "fr", project_id=GALETTE, person_id=keeper.id, answers={}, now=NOW)
    with writing(filled.engine) as connection:
        submission_rows.change(connection, own.id, state=WAITING, sent_at=later(minutes=2))
    cases = filled.moderation_queue.queue(now=later(hours=1))
    assert moderation.own_cases(filled, keeper, cases) == {cases[1].number} and "board@" not in repr(cases)


def test_a_project_that_its_files_are_to_name_is_told_by_its_address(filled):
    _, begun = begin_draft(filled, REGISTER, "fr", answers={"address": "https://code.example.org/a/b"}, now=NOW)
    with writing(filled.engine) as connection:
        submission_rows.change(connection, begun.id, state=WAITING, sent_at=NOW)
    (waiting,) = filled.moderation_queue.queue(now=later(hours=1))
    assert waiting.name == "code.example.org/a/b"


def many(store, count):
    """`count` submissions, and as many findings."""
    with writing(store.engine) as connection:
        rows = [
            {"id": uuid4(), "token": f"{at}", "reference": f"{at:04}-{at:04}", "kind": CORRECT, "state": WAITING}
            | {"language": "fr", "answers": {}, "found": {}, "created_at": NOW, "changed_at": NOW}
            | {"sent_at": NOW + timedelta(seconds=at), "project_id": GALETTE, "email": f"s{at}@example.org"}
            for at in range(count)
        ]
        connection.execute(submission.insert(), rows)
        cases.follow(connection, submission.c.state == WAITING)
        shape = {"source": "finding", "from_people": False, "subject_id": GALETTE, "payload": {}, "state": "open"}
        found = [
            shape | {"kind": KINDS[at % 3], "key": f"{at}", "since": NOW + timedelta(seconds=at)} for at in range(count)
        ]
        connection.execute(case.insert(), found)


def statements_of(store, ask):
    asked = []

    def note(*given):
        asked.append((given[2], given[3]))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        return ask(), asked
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_a_queue_of_ten_thousand_is_read_with_as_many_statements_as_one_of_forty_and_along_its_index(filled):
    many(filled, 20)
    queue, bruno, now = filled.moderation_queue, a_person(filled), later(days=1)

    def a_page():
        shown = queue.queue(now=now, limit=21, people=True)
        moderation.own_cases(filled, bruno, shown)
        return shown, queue.groups(now=now), queue.counts(now=now)

    _, few = statements_of(filled, a_page)
    with writing(filled.engine) as connection:
        connection.execute(case.delete())
        connection.execute(submission.delete())
    many(filled, 5_000)
    (shown, groups, counts), asked = statements_of(filled, a_page)
    assert len(asked) == len(few) < 10
    assert len(shown) == 21 and counts == {CORRECT: 5_000, "finding": 5_000}
    assert {group.kind: group.count for group in groups} == dict.fromkeys(KINDS, 0) | {
        KINDS[0]: 1667,
        KINDS[1]: 1667,
        KINDS[2]: 1666,
    }
    assert all(len(group.first) == 3 for group in groups)
    middle = queue.queue(now=now, limit=3_000)[-1].place
    behind, _ = statements_of(filled, lambda: queue.queue(now=now, after=middle, limit=2))
    assert [found.at for found in behind] == [NOW + timedelta(seconds=at) for at in (3_000, 3_001)]
    if filled.engine.dialect.name == "sqlite":
        statement, given = next(found for found in asked if "LIMIT" in found[0])
        with filled.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
        assert any("ix_case_open" in row[-1] for row in plan) and not any("TEMP B-TREE" in row[-1] for row in plan)


def test_pages_of_the_queue_hold_each_case_once_people_first(filled):
    many(filled, 30)
    every, after = [], None
    while page := filled.moderation_queue.queue(now=later(days=1), after=after, limit=7):
        every, after = [*every, *page], page[-1].place
    assert len({found.number for found in every}) == 60
    assert [found.source for found in every] == ["declaration"] * 30 + ["finding"] * 30


def test_two_moderators_at_once_decide_on_a_finding_once(filled):
    filled.findings.add(GALETTE, "license-changed", "c", {"before": "MIT", "after": "ISC"}, now=NOW)
    (finding,) = open_findings(filled)
    people = [a_person(filled, f"{name}@example.org") for name in ("bruno", "chris")]
    seen = serving_basis(filled.decisions.subject("galette").observation)
    told = []

    def press(person):
        wish = DecisionRequest("looked-at", "read", "", seen)
        try:
            told.append(moderation.decide(filled, person, "galette", wish, finding=finding.number, now=NOW))
        except AlreadyExists:
            told.append(None)

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told, key=str) == [1, None] and filled.decisions.count() == 1
    assert waits(filled) == []


def test_every_open_submission_has_a_case_after_whatever_happened_to_it(filled):
    """What `follow` says of all rows is what stands: nothing that changes a submission forgets its case."""
    bruno = a_person(filled)
    for at in range(3):
        a_submission(filled, email=f"s{at}@example.org", field="homepage", value=f"https://x{at}.example.org")
    first, second, _ = filled.moderation_queue.queue(now=NOW)
    for found, choice in ((first, "publish"), (second, "refuse")):
        sent = filled.submissions.get(found.submission_id)
        wish = DecisionRequest(
            choice, "" if choice == "publish" else "not-checkable", "No page says so.", moderation.stamp(sent)
        )
        moderation.answer(filled, bruno, sent.id, wish, now=NOW)
    submissions.withdraw(filled, filled.moderation_queue.queue(now=NOW)[0].submission_id, now=NOW)
    with reading(filled.engine) as connection:
        before = connection.execute(select(case.c.submission_id, case.c.state)).all()
    with writing(filled.engine) as connection:
        cases.follow(connection, submission.c.id.is_not(None))
    with reading(filled.engine) as connection:
        assert connection.execute(select(case.c.submission_id, case.c.state)).all() == before
    assert waits(filled) == []
