"""Decisions in the store: what they change, what they never do, how the log is chained, and how they are taken back."""

import threading
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from support.factories.code import mirrored
from support.factories.core import (
    MANIFEST_ID,
    NOW,
    a_catalog,
    a_maintenance,
    a_project,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.people import a_person
from support.factories.rewriting import rewriting
from support.open_findings import open_findings

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotFound, Removed
from catalog.rules.contact_details import AN_ADDRESS
from catalog.rules.decision import (
    ACCEPT,
    BLANK,
    CHOICES,
    CLOSE,
    FIRST_PREVIOUS,
    HIDE,
    LOCK,
    LOOKED_AT,
    MAX_WORDS,
    REASONS,
    SERVE,
    SHOW,
    UNDO,
    UNLOCK,
    WITHHELD,
    Decision,
    DecisionState,
    line_digest,
    log_faults,
    possible_decisions,
    reasons_for,
    serving_basis,
    text_digest,
)
from catalog.rules.person import Person
from catalog.store.core.engine import reading
from catalog.store.store import Store
from catalog.tables.moderation import decision
from forge.i18n.languages import page_language

GALETTE, ANA = identity("galette"), identity("ana-maintains", "organization")
FILES = {"license_files": [{"file": "LICENSE", "oid": "1" * 40, "value": "MIT"}]}
OTHERS = {"license_files": [{"file": "LICENSE", "oid": "2" * 40, "value": "MIT"}]}
SEEN = serving_basis(FILES)
WORDS = "The text in the file is the one of the MIT license."


@pytest.fixture
def galette(store: Store) -> Store:
    """Galette was read, and its files leave its license unsure."""
    kept = a_project(maintenance=(a_maintenance(),))
    load(store, a_catalog(kept, a_project("paheko"), an_organization("ana-maintains")))
    read(store, "c1")
    mirrored(store, head="c1", free=None)
    return store


def read(store: Store, commit: str, record=FILES, free=None, finding=None) -> None:
    given = {"finding": finding, "last_commit_at": NOW, "now": NOW}
    store.observations.observe(GALETTE, commit, record, free=free, **given)


def a_finding(store: Store, kind: str = "license-changed", key: str = "c1") -> int:
    store.findings.add(GALETTE, kind, key, {"before": "MIT", "after": None}, now=NOW)
    return open_findings(store)[-1].number


def a_wish(
    choice: str = LOOKED_AT, reason: str | None = None, words: str = WORDS, seen: str = SEEN
) -> moderation.DecisionRequest:
    return moderation.DecisionRequest(choice, reason or reasons_for((choice,))[0], words, seen)


def decide(
    store: Store, someone: Person, wish: moderation.DecisionRequest, finding: int | None = None, **changes
) -> int:
    return moderation.decide(store, someone, "galette", wish, finding=finding, **({"now": NOW} | changes))


def served(store: Store) -> bool | None:
    return store.mirrors.mirror(GALETTE).may_serve


def test_who_looked_at_a_finding_closes_it_with_a_line_in_the_log(galette: Store) -> None:
    number, change = a_finding(galette), galette.change()
    assert decide(galette, a_person(galette), a_wish(), number) == 1
    (line,) = galette.decisions.lines()
    told = (line.kind, line.about, line.slug, line.name, line.words, line.role)
    assert told == (LOOKED_AT, "license-changed", "galette", "Galette", WORDS, "moderator")
    assert open_findings(galette) == () and galette.change() == change + 1
    assert galette.decisions.faults() == () and galette.decisions.on(number) == line


def test_what_the_files_leave_unsure_is_served_as_was_decided_and_what_was_detected_stays(
    galette: Store,
) -> None:
    someone = a_person(galette)
    assert served(galette) is None
    decide(galette, someone, a_wish(SERVE))
    assert (served(galette), galette.mirrors.mirror(GALETTE).free) == (True, None)
    decide(galette, someone, a_wish(CLOSE))
    assert (served(galette), galette.mirrors.mirror(GALETTE).free) == (False, None)


def test_a_decision_outlives_readings_until_the_license_files_change_and_then_it_is_asked_again(galette: Store) -> None:
    read(galette, "c1", finding=("license-unsure", SEEN, {}))
    decide(galette, a_person(galette), a_wish(SERVE), open_findings(galette)[0].number)
    read(galette, "c2", finding=("license-unsure", SEEN, {}))
    load(galette, a_catalog(a_project(), a_project("paheko")), digest="2", now=later(days=1))
    assert served(galette) is True and open_findings(galette) == ()
    read(galette, "c3", OTHERS, finding=("license-unsure", serving_basis(OTHERS), {}))
    assert served(galette) is None
    assert [finding.key for finding in open_findings(galette)] == [serving_basis(OTHERS)]


def test_nobody_decides_on_files_that_they_have_not_seen(galette: Store) -> None:
    read(galette, "c2", OTHERS)
    with pytest.raises(Invalid) as refused:
        decide(galette, a_person(galette), a_wish(SERVE))
    assert refused.value.errors == {"choice": moderation.NOT_NOW} and galette.decisions.count() == 0


def test_what_is_hidden_gives_its_public_reason_and_is_shown_again(galette: Store) -> None:
    number, someone = a_finding(galette), a_person(galette)
    decide(galette, someone, a_wish(HIDE, words="A court said so."), number)
    with pytest.raises(Removed, match="A court said so"):
        galette.public_records.project("galette")
    assert [takedown.slug for takedown in galette.takedowns.hidden()] == ["galette"] and open_findings(galette) == ()
    decide(galette, someone, a_wish(SHOW))
    assert galette.public_records.project("galette").id == GALETTE
    assert [finding.number for finding in open_findings(galette)] == [number]


@pytest.mark.parametrize("choice", [SERVE, CLOSE, HIDE, LOOKED_AT])
def test_within_a_day_a_decision_is_taken_back_and_all_is_as_before(galette: Store, choice: str) -> None:
    read(galette, "c1", finding=("license-unsure", SEEN, {}))
    (before,), someone = open_findings(galette), a_person(galette)
    number = decide(galette, someone, a_wish(choice), before.number)
    undone = moderation.undo(galette, someone, number, "mistake", "", now=later(hours=23))
    assert served(galette) is None and open_findings(galette) == (before,)
    assert galette.public_records.project("galette").id == GALETTE
    last, first = galette.decisions.lines()
    assert (last.kind, last.concerns, first.undone_by) == (UNDO, number, undone)
    assert galette.decisions.of_project(GALETTE) == () and galette.decisions.faults() == ()


def test_showing_again_is_taken_back_with_the_reason_that_was_given_first(galette: Store) -> None:
    someone = a_person(galette)
    galette.takedowns.block("galette", "Requested by the maintainers.", now=NOW)
    moderation.undo(galette, someone, decide(galette, someone, a_wish(SHOW)), "mistake", "", now=NOW)
    with pytest.raises(Removed, match="Requested by the maintainers"):
        galette.public_records.project("galette")


def test_taking_back_is_refused_after_a_day_twice_and_where_something_followed(galette: Store) -> None:
    someone = a_person(galette)
    first = decide(galette, someone, a_wish(SERVE))
    second = decide(galette, someone, a_wish(CLOSE))
    for number, at, sentence in ((first, NOW, moderation.NOT_LAST), (second, later(hours=25), moderation.TOO_LATE)):
        with pytest.raises(Invalid) as refused:
            moderation.undo(galette, someone, number, "mistake", "", now=at)
        assert refused.value.errors == {"choice": sentence}
    moderation.undo(galette, someone, second, "mistake", "", now=NOW)
    with pytest.raises(AlreadyExists):
        moderation.undo(galette, someone, second, "mistake", "", now=NOW)
    moderation.undo(galette, someone, first, "mistake", "", now=NOW)
    assert served(galette) is None
    with pytest.raises(NotFound):
        moderation.undo(galette, someone, 99, "mistake", "", now=NOW)


def test_of_two_moderators_at_once_one_decides(galette: Store) -> None:
    people = [a_person(galette), a_person(galette, "ana@example.org")]
    number, start, told = a_finding(galette), threading.Barrier(2), []

    def press(someone: Person) -> None:
        start.wait(60)
        try:
            told.append(decide(galette, someone, a_wish(), number))
        except AlreadyExists:
            told.append(None)

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told, key=str) == [1, None] and galette.decisions.count() == 1


def test_many_at_once_leave_a_log_without_a_gap(galette: Store) -> None:
    people = [a_person(galette, f"m{number}@example.org") for number in range(4)]
    start = threading.Barrier(4)

    def press(someone: Person) -> None:
        start.wait(60)
        for choice in (HIDE, SHOW, HIDE, SHOW):
            try:
                moderation.decide(galette, someone, "paheko", a_wish(choice), now=NOW)
            except Invalid:
                continue

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    lines = galette.decisions.lines()
    assert [decision.number for decision in lines] == list(range(len(lines), 0, -1)) and len(lines) >= 2
    assert [decision.kind for decision in reversed(lines)] == [HIDE, SHOW] * (len(lines) // 2) + [HIDE] * (
        len(lines) % 2
    )
    assert galette.decisions.faults() == ()


def test_visits_and_decisions_at_once_wait_for_each_other(galette: Store) -> None:
    someone, start, failed = a_person(galette), threading.Barrier(2), []

    def visit() -> None:
        start.wait(60)
        for number in range(12):
            record = OTHERS if number % 3 == 2 else FILES
            read(galette, f"v{number}", record, finding=("license-unsure", serving_basis(record), {}))

    def press() -> None:
        start.wait(60)
        for number in range(12):
            try:
                decide(galette, someone, a_wish(CLOSE if number % 2 else SERVE))
            except Invalid:
                continue

    def watched(work) -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=watched, args=(work,)) for work in (visit, press)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [] and galette.decisions.faults() == ()


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        (a_wish("", "read"), {"choice": moderation.NO_CHOICE}),
        (a_wish("nonsense", "read"), {"choice": moderation.NOT_NOW, "reason": moderation.OTHER_REASON}),
        (moderation.DecisionRequest(LOOKED_AT, "", "", SEEN), {"reason": moderation.NO_REASON}),
        (a_wish(LOOKED_AT, "law"), {"reason": moderation.OTHER_REASON}),
        (a_wish(LOOKED_AT, "other", ""), {"words": moderation.NO_WORDS}),
        (a_wish(SERVE, words=""), {"words": moderation.NO_WORDS}),
        (a_wish(words="x" * (MAX_WORDS + 1)), {"words": moderation.TOO_LONG}),
        (a_wish(words="Ask bruno@example.org"), {"words": AN_ADDRESS}),
    ],
)
def test_what_is_wrong_is_said_field_by_field_and_nothing_is_kept(galette: Store, wish, wrong) -> None:
    number, change = a_finding(galette), galette.change()
    with pytest.raises(Invalid) as refused:
        decide(galette, a_person(galette), wish, number)
    assert refused.value.errors == wrong
    assert (galette.decisions.count(), galette.change(), len(open_findings(galette))) == (0, change, 1)


def test_who_decided_leaves_by_no_reading_and_goes_with_the_account(galette: Store) -> None:
    someone = a_person(galette)
    decide(galette, someone, a_wish(SERVE))
    assert str(someone.id) not in repr(galette.decisions.lines()) and "bruno" not in repr(galette.decisions.lines())
    assert galette.people.everything(someone.id)["decision"][0]["number"] == 1
    galette.account_erasure.delete(someone.id, now=NOW)
    with reading(galette.engine) as connection:
        assert connection.execute(select(decision.c.person_id)).scalar_one() is None
    assert galette.decisions.faults() == () and served(galette) is True


def a_log(store: Store) -> None:
    """Five lines."""
    someone = a_person(store)
    for choice in (SERVE, CLOSE, SERVE, CLOSE, SERVE):
        decide(store, someone, a_wish(choice))


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        (delete(decision).where(decision.c.number == 2), ["Line 2 is missing."]),
        (delete(decision).where(decision.c.number.in_((2, 3))), ["Lines 2 to 3 are missing."]),
        (delete(decision).where(decision.c.number > 3), ["Lines 4 to 5 are missing."]),
        (delete(decision), ["Lines 1 to 5 are missing."]),
        (update(decision).where(decision.c.number == 3).values(kind="looked-at"), ["Line 3 was changed."]),
        (update(decision).where(decision.c.number == 3).values(words="x"), ["The text of line 3 was changed."]),
        (
            update(decision).where(decision.c.number == 3).values(words=None, slug=None, name=None, salt=None),
            ["The text of line 3 was taken out, and no line says so."],
        ),
        (
            update(decision).where(decision.c.number == 3).values(digest="0" * 64),
            ["Line 3 was changed.", "Line 4 does not follow the one before it: one of the two was changed."],
        ),
        (
            update(decision).where(decision.c.number == 5).values(digest="0" * 64),
            ["Line 5 was changed.", "Line 5 is not the one that was written last."],
        ),
    ],
)
def test_a_line_that_is_missing_or_was_changed_is_named(galette: Store, forgery, found) -> None:
    a_log(galette)
    assert galette.decisions.faults() == ()
    with rewriting(galette.engine) as connection:
        connection.execute(forgery)
    assert list(galette.decisions.faults()) == found


def test_a_text_goes_by_law_and_the_chain_holds(galette: Store) -> None:
    a_log(galette)
    assert moderation.blank(galette, 3, now=NOW) == 6
    lines = {decision.number: decision for decision in galette.decisions.lines()}
    assert (lines[3].words, lines[3].name, lines[3].slug, lines[3].salt) == (None, None, None, None)
    assert (lines[6].kind, lines[6].concerns, lines[6].role, lines[6].name) == (BLANK, 3, "operator", "")
    assert galette.decisions.faults() == ()
    with pytest.raises(AlreadyExists):
        moderation.blank(galette, 3, now=NOW)


def test_whoever_has_the_command_line_decides_in_public_too(galette: Store) -> None:
    moderation.decide(
        galette, None, "galette", moderation.DecisionRequest(HIDE, "law", "A court said so.", ""), now=NOW
    )
    moderation.decide(galette, None, "galette", moderation.DecisionRequest(SHOW, "over", "", ""), now=NOW)
    assert [(decision.kind, decision.role) for decision in galette.decisions.lines()] == [
        (SHOW, "operator"),
        (HIDE, "operator"),
    ]
    with pytest.raises(Invalid):
        moderation.decide(galette, None, "galette", moderation.DecisionRequest(SHOW, "over", "", ""), now=NOW)
    for words in ("First.", "Second."):
        moderation.decide(galette, None, "galette", moderation.DecisionRequest(HIDE, "other", words, ""), now=NOW)
    moderation.undo(galette, a_person(galette), 4, "mistake", "", now=NOW)
    with pytest.raises(Removed, match="First"):
        galette.public_records.project("galette")


def test_the_log_is_read_by_pages_newest_first(galette: Store) -> None:
    a_log(galette)
    first = galette.decisions.lines(limit=2)
    assert [decision.number for decision in first] == [5, 4]
    assert [decision.number for decision in galette.decisions.lines(before=first[-1].number, limit=9)] == [3, 2, 1]
    assert [decision.number for decision in galette.decisions.of_project(GALETTE, 2)] == [5, 4]
    assert galette.decisions.get(1).previous == "0" * 64
    assert MANIFEST_ID and galette.decisions.subject("galette").id == GALETTE


maybe = st.none() | st.booleans()


OLD_LOG = (  # lines as the first version of the log wrote them, with their digests
    ("serve", "license-unsure", "read", "I read it.", None,
     "e264873805b46f85d6deddaf7dee0e5c0c044fca0bd87f1e40e1454ec0a32ffd"),
    ("hide", None, "harm", "Écrit : “risque”.", None,
     "caa07cd56c6a2022ec19c5eeb6472db6ef868f9debc929c48df0b43f53f66626"),
    ("undo", None, "mistake", "", 2,
     "2e618efd43d9430d604377deb3f67f7b83ba6d5d478186b87cf1a50b1f1e53de"),
)  # fmt: skip


def test_lines_that_an_older_version_wrote_keep_their_digests() -> None:
    lines, salt, previous = [], "ab" * 16, FIRST_PREVIOUS
    for number, (kind, about, reason, words, concerns, digest) in enumerate(OLD_LOG, 1):
        covered = {
            "at": NOW.replace(second=number), "kind": kind, "subject_kind": "project", "subject_id": UUID(int=7),
            "about": about, "reason": reason, "role": "moderator", "concerns": concerns, "previous": previous,
            "text_digest": text_digest(salt, "galette", "Galette", words), "number": number,
        }  # fmt: skip
        assert line_digest(**covered) == digest
        lines.append(Decision(**covered, slug="galette", name="Galette", words=words, salt=salt, digest=digest))
        previous = digest
    assert list(log_faults(lines, (3, previous))) == []
    assert next(iter(log_faults([lines[0], lines[2]], (3, previous)))) == "Line 2 is missing."


findings_of = st.sampled_from([None, "license-changed", WITHHELD])


@given(
    st.builds(DecisionState, read=st.booleans(), free=maybe, decided=maybe, hidden=st.booleans(), locked=st.booleans()),
    findings_of,
)
def test_what_may_be_decided_never_repeats_what_stands(state: DecisionState, kind: str | None) -> None:
    possible, finding = possible_decisions(state, kind), kind is not None
    assert (ACCEPT in possible) == (kind == WITHHELD and not state.hidden)
    assert set(possible) <= set(CHOICES) and (SHOW in possible) == (state.hidden and not finding)
    assert {LOCK, UNLOCK} & set(possible) == (
        {UNLOCK if state.locked else LOCK} if not state.hidden and not finding else set()
    )
    assert (LOOKED_AT in possible) == (finding and not state.hidden)
    if SERVE in possible:
        assert state.read and state.free is not False and (state.decided is False or state.free is None)
    if CLOSE in possible:
        assert state.read and state.decided is not False


@pytest.mark.parametrize("choice", [*CHOICES, UNDO])
def test_each_choice_has_reasons_and_an_open_one(choice: str) -> None:
    assert len(reasons_for((choice,))) >= 2 and "other" in reasons_for((choice,))
    assert {*CHOICES, UNDO} < set(REASONS["other"])


def test_each_sentence_for_a_field_is_translated() -> None:
    for sentence in moderation.SENTENCES:
        assert page_language("fr").gettext(sentence) != sentence


def test_the_basis_of_a_decision_is_the_license_files_alone() -> None:
    assert serving_basis(FILES) == serving_basis(FILES | {"commit": "x", "free": True}) != serving_basis(OTHERS)
    assert serving_basis(None) == serving_basis({}) == serving_basis({"license_files": []})
    moved = {"unidentified_license_files": [{"file": "LICENSE", "oid": "1" * 40}]}
    assert serving_basis(moved) == SEEN


def test_a_store_that_was_never_decided_in_has_nothing_to_find(store: Store) -> None:
    assert store.decisions.faults() == ()
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM decision")).scalar() == 0


def test_a_text_that_is_taken_out_is_shown_nowhere_else(galette):
    hidden = moderation.decide(
        galette, None, "galette", moderation.DecisionRequest(HIDE, "harm", "It names Ada Lovelace.", ""), now=NOW
    )
    shown = moderation.decide(galette, None, "galette", moderation.DecisionRequest(SHOW, "mistake", "", ""), now=NOW)
    moderation.undo(galette, a_person(galette), shown, "mistake", "", now=NOW)
    moderation.blank(galette, hidden, now=NOW)
    with pytest.raises(Removed) as gone:
        galette.public_records.project("galette")
    assert gone.value.reason == ""
    with reading(galette.engine) as connection:
        rows = connection.execute(select(decision)).all()
    assert "Ada" not in repr(rows) and galette.decisions.faults() == ()
