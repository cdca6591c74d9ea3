"""What organizations say of what they use: said, joined, changed, shown or not, taken back; beside what was found."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.factories.adoptions import COOP, EVA, GALETTE, GMAIL, NEW, USE, a_use, decided, opened, shown_adoptions
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.waiting_rows import unnamed_users

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.model import FormerStage
from catalog.rules.adoption import STEPS, published_step
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, PUBLISHED, WAITING, WITHDRAW, WITHDRAWN, adoption_id
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.store import Store
from catalog.submissions import adoption_actions
from catalog.submissions.base.fields import SENTENCES, TOO_LONG, TOO_MANY, problems_of
from catalog.submissions.base.organization_field import problems_of_new
from catalog.submissions.kinds.adoption_fields import FIELDS, MANY_LANGUAGES
from catalog.tables.adoptions import unnamed_adopters
from catalog.tables.calls import question_consent
from catalog.tables.core import organization
from catalog.tables.follows import follow
from catalog.tables.submissions import tombstone
from forge.jobs.registry import CountUnnamedAdoptions

_TAGS = [f"qa{letter}" for letter in "abcdefghijklmnopqrst"]  # reserved for tests


@pytest.fixture
def filled(store: Store) -> Iterator[Store]:
    found = an_adoption(stage="piloting", since="2019")
    coop = an_organization(homepage="https://www.coop.example/qui")
    load(store, a_catalog(a_project(adoptions=(found,)), a_project("paheko"), coop, an_organization("autre")))
    yield store


def undone(store, submission, now=NOW):
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, store.submissions.get(submission.id), change, now=now)


def test_an_address_at_the_organizations_domain_confirms_at_once_and_stands_in_place_of_what_was_found(filled):
    before = filled.change()
    person, sent = opened(filled, a_use(filled))
    assert sent.state == PUBLISHED and person.represented_organizations == (COOP,)
    (line,) = shown_adoptions(filled)
    assert (line.origin, line.confirmed, line.adoption.stage) == ("declared", True, "in-production")
    assert line.adoption.verification == "domain-confirmed" and line.adoption.purpose == {"fr": "Nos adhérents"}
    assert line.adoption.before == (FormerStage("2026-11-24", "piloting", "2019"),)
    assert filled.change() == before + 1 and filled.index_rows.changed(before)[1] == (GALETTE,)
    assert filled.public_records.project("galette").uses.confirmed == 1


@pytest.mark.parametrize("email", [GMAIL, "eva@other.example"])
def test_any_other_address_waits_for_a_person_and_is_declared_only(filled, email):
    person, sent = opened(filled, a_use(filled), email)
    assert (
        sent.state == WAITING
        and person.represented_organizations == ()
        and shown_adoptions(filled)[0].origin == "curated"
    )
    assert decided(filled, sent).state == PUBLISHED
    (line,) = shown_adoptions(filled)
    assert (line.confirmed, line.adoption.verification) == (False, "self-declared")
    uses = filled.public_records.project("galette").uses
    assert (uses.confirmed, uses.declared, uses.found) == (0, 1, 0)


def test_a_website_that_the_same_declaration_states_confirms_nothing_before_a_moderator_accepted_it(filled):
    for email in ("eva@new.example", "b@new.example"):
        _, sent = opened(filled, a_use(filled, **NEW, homepage="https://new.example"), email)
        assert sent.state == WAITING
    decided(filled, sent)
    made = str(filled.organizations.by_slug("les-ateliers").id)
    _, again = opened(filled, a_use(filled, stage="stopped", organization=made), "c@new.example")
    assert again.state == PUBLISHED


def test_a_new_organization_is_made_when_it_is_published_and_gone_when_that_is_undone(filled):
    before = dict(filled.record_pages.slugs())
    _, sent = opened(filled, a_use(filled, **NEW), GMAIL)
    assert dict(filled.record_pages.slugs()) == before
    decided(filled, sent)
    page = filled.public_records.organization("les-ateliers")
    assert (page.record.name, page.record.country, len(page.adoptions)) == ("Les Ateliers", "FR", 1)
    undone(filled, sent)
    with pytest.raises(NotFound):
        filled.public_records.organization("les-ateliers")
    assert filled.submissions.get(sent.id).state == WAITING


def test_an_organization_that_only_unnamed_uses_made_is_listed_nowhere_before_it_shows_one(filled):
    before = filled.change(), list(filled.record_pages.slugs()), filled.home_page.totals()
    _, sent = opened(filled, a_use(filled, **NEW, visibility="counted"), GMAIL)
    decided(filled, sent)
    assert (filled.change(), list(filled.record_pages.slugs()), filled.home_page.totals()) == before
    _, other = opened(filled, a_use(filled, project=identity("paheko"), **NEW), GMAIL)
    decided(filled, other)
    assert filled.public_records.organization("les-ateliers").uses.total == 1
    with reading(filled.engine) as connection:  # the same organization, not a second one
        named = select(func.count()).where(organization.c.folded == "les ateliers")
        assert connection.execute(named).scalar() == 1


def test_a_provider_that_is_not_here_is_kept_as_words_for_the_desk_to_make_data_of(filled):
    _, sent = opened(filled, a_use(filled, provider="Les Hébergeurs"), GMAIL)
    told = {row.field: row.after for row in submissions.rows(filled, sent)}
    assert told["adopt.provider_words"] == "Les Hébergeurs" and "adopt.provider" not in told
    assert ("unknown-provider", "Les Hébergeurs") in [
        (doubt.reason, doubt.detail.get("text")) for doubt in submissions.doubts(filled, sent)
    ]
    assert "adopt.provider" in [text.field for text in submissions.KINDS[ADOPT].editable(sent)]
    submissions.send(filled, a_use(filled).id, only_keep=True, now=NOW)
    decided(filled, sent)
    assert shown_adoptions(filled)[0].provider is None


def test_what_is_wrong_is_told_in_the_order_in_which_the_pages_ask_it(filled):
    new = {"name": "", "kind": "x", "homepage": "a@b.example", "organization": ""}
    wrong = dict.fromkeys(("again", "version", "since", "until", "people", "lesson"), "x" * 2_000)
    sent = a_use(filled, **new, **wrong, stage="", visibility="", speaks="")
    with reading(filled.engine) as connection:
        told = list(submissions.KINDS[ADOPT].problems(connection, sent))
    asked = ["organization", "name", "country", "kind", "homepage", "stage", "since", "until", "version", "people"]
    assert told == [*asked, "again", "lesson", "visibility", "speaks"]


def test_what_is_too_much_is_told_and_never_cut(filled):
    many = {"replaced": [f"tool {number}" for number in range(25)], "reasons": ["cost"] * 6, "questions": "yes",
            "stage": "stopped", "languages": ["fr", "en", *_TAGS]}  # fmt: skip
    wrong = problems_of(FIELDS, USE | many, NOW)
    assert wrong == {"replaced": TOO_MANY, "reasons": TOO_MANY, "languages": MANY_LANGUAGES}
    assert problems_of_new(NEW | {"homepage": f"https://{'a' * 400}.example"}) == {"homepage": TOO_LONG}


def test_two_declarations_of_one_use_are_joined_and_each_person_speaks_for_it(filled):
    opened(filled, a_use(filled))
    over = a_use(filled, stage="stopped", reasons=["cost"], until="2026")
    ana, sent = opened(filled, over, "ana@coop.example", later(days=3))
    assert ana.represented_organizations == (COOP,)
    assert sent.state == PUBLISHED
    (line,) = shown_adoptions(filled)
    assert (line.adoption.stage, line.adoption.reasons) == ("stopped", ("cost",))
    assert [earlier.stage for earlier in line.adoption.before] == ["in-production", "piloting"]
    assert filled.public_records.project("galette").uses.past == 1


def test_saying_the_same_stage_again_keeps_no_former_one(filled):
    opened(filled, a_use(filled))
    opened(filled, a_use(filled, since="2020"), "ana@coop.example")
    (line,) = shown_adoptions(filled)
    assert line.adoption.since == "2020" and len(line.adoption.before) == 1


def test_the_desk_cannot_put_anybodys_word_in_place_of_the_organizations_own(filled):
    opened(filled, a_use(filled))
    _, sent = opened(filled, a_use(filled, stage="stopped"), GMAIL)
    with pytest.raises(Invalid):
        decided(filled, sent)
    assert shown_adoptions(filled)[0].adoption.stage == "in-production"
    with reading(filled.engine) as connection:
        told = [doubt.reason for doubt in submissions.KINDS[ADOPT].doubts(connection, sent)]
    assert told == ["address-elsewhere", "mailbox-provider", "other-stage", "confirmed-already"]


def test_undoing_a_publication_lets_stand_what_was_found_and_takes_the_representative_back(filled):
    person, sent = opened(filled, a_use(filled))
    undone(filled, sent)
    (line,) = shown_adoptions(filled)
    assert (line.origin, line.adoption.stage) == ("curated", "piloting")
    assert filled.people.of_session("x", now=NOW) is None
    with pytest.raises(NotAllowed):
        adoption_actions.take_away(filled, replace(person, represented_organizations=()), GALETTE, COOP, now=NOW)


def test_a_withdrawal_is_at_once_everywhere_leaves_a_tombstone_and_no_load_brings_it_back(filled):
    person, sent = opened(filled, a_use(filled))
    before = filled.change()
    adoption_actions.take_away(filled, person, GALETTE, COOP, now=later(hours=1))
    adoption_actions.take_away(filled, person, GALETTE, COOP, now=later(hours=2))
    assert shown_adoptions(filled) == () and filled.public_records.organization("coop-des-halles").uses.total == 0
    assert filled.change() == before + 1 and filled.index_rows.changed(before)[1] == (GALETTE,)
    with reading(filled.engine) as connection:
        (stone,) = connection.execute(select(tombstone)).all()
    assert (stone.record_id, stone.ground, stone.change) == (adoption_id(GALETTE, COOP), "withdrawn", before + 1)
    assert filled.submissions.get(sent.id).state == WITHDRAWN
    document = filled.curated_document.document()
    assert len(document.projects[0].adoptions) == 1 and filled.restricted_adoptions.kept_out(document) == (
        ("galette", "coop-des-halles"),
    )
    changed = a_project(adoptions=(an_adoption(stage="in-production"),), homepage="https://galette.eu")
    load(filled, a_catalog(changed, an_organization()), now=later(days=1), digest="2")
    assert shown_adoptions(filled) == ()
    opened(filled, a_use(filled, project=GALETTE, organization=str(COOP)), GMAIL, later(days=2))
    assert shown_adoptions(filled) == ()


def test_after_a_withdrawal_the_organization_may_say_it_again(filled):
    person, _ = opened(filled, a_use(filled))
    adoption_actions.take_away(filled, person, GALETTE, COOP, now=NOW)
    submission = a_use(filled)
    assert submissions.send(filled, submission.id, email=None, person=person, now=later(days=1))[0].state == PUBLISHED
    assert len(shown_adoptions(filled)) == 1
    with reading(filled.engine) as connection:
        assert connection.execute(select(tombstone)).first() is None


def test_its_sender_takes_back_by_its_own_page_what_still_stands(filled):
    _, sent = opened(filled, a_use(filled), GMAIL)
    decided(filled, sent)
    assert adoption_actions.may_take_back(filled, filled.submissions.get(sent.id))
    adoption_actions.take_back(filled, sent.id, now=NOW)
    adoption_actions.take_back(filled, sent.id, now=NOW)
    assert shown_adoptions(filled) == () and filled.submissions.get(sent.id).state == WITHDRAWN


def test_a_later_word_of_the_organization_is_not_taken_back_by_who_declared_before(filled):
    _, first = opened(filled, a_use(filled), GMAIL)
    decided(filled, first)
    opened(filled, a_use(filled), EVA, later(hours=1))
    assert not adoption_actions.may_take_back(filled, filled.submissions.get(first.id))
    with pytest.raises(NotFound):
        adoption_actions.take_back(filled, first.id, now=later(hours=2))
    assert len(shown_adoptions(filled)) == 1


def test_what_was_found_goes_at_once_with_an_address_at_the_domain_else_a_person_reads_it(filled):
    _, waiting = opened(filled, a_use(filled, WITHDRAW), GMAIL)
    assert waiting.state == WAITING and len(shown_adoptions(filled)) == 1
    _, gone = opened(filled, a_use(filled, WITHDRAW), EVA)
    assert gone.state == PUBLISHED and shown_adoptions(filled) == ()
    undone(filled, gone)
    assert [line.origin for line in shown_adoptions(filled)] == ["curated"]


def test_what_a_later_declaration_took_away_is_published_no_more_on_the_page_of_the_first_one(
    filled,
):
    _, first = opened(filled, a_use(filled))
    _, gone = opened(filled, a_use(filled, WITHDRAW), EVA, later(hours=1))
    assert gone.state == PUBLISHED and filled.submissions.get(first.id).state == WITHDRAWN
    undone(filled, gone)
    assert filled.submissions.get(first.id).state == PUBLISHED and len(shown_adoptions(filled)) == 1
    adoption_actions.take_back(filled, first.id, now=later(hours=2))
    undone(filled, gone)
    assert filled.submissions.get(first.id).state == WITHDRAWN and shown_adoptions(filled) == ()


def test_who_may_see_it_changes_at_once_both_ways(filled):
    person, _ = opened(filled, a_use(filled))
    before = filled.change()
    adoption_actions.show_to(filled, person, GALETTE, COOP, "counted")
    assert shown_adoptions(filled) == () and filled.change() == before + 1
    (own,) = filled.restricted_adoptions.of_organization(COOP)
    assert (own.slug, own.adoption.visibility, own.own) == ("galette", "counted", True)
    adoption_actions.show_to(filled, person, GALETTE, COOP, "public")
    assert len(shown_adoptions(filled)) == 1 and filled.change() == before + 2
    with pytest.raises(Invalid):
        adoption_actions.show_to(filled, person, GALETTE, COOP, "secret")
    with pytest.raises(NotAllowed):
        adoption_actions.show_to(filled, Person(person.id, EVA, "fr", "moderator"), GALETTE, COOP, "public")


def test_unnamed_groups_are_told_from_five_in_steps_and_only_when_they_are_counted(store):
    secrets = [an_organization(f"org-{number}") for number in range(12)]
    uses = tuple(an_adoption(organization.slug, visibility="counted") for organization in secrets)
    for number, told in ((4, None), (5, 5), (9, 5), (12, 10)):
        load(store, a_catalog(a_project(adoptions=uses[:number]), *secrets), digest=str(number))
        store.restricted_adoptions.count_unnamed(now=NOW)
        assert unnamed_users(store, GALETTE) == told
    change = store.change()
    stopped = tuple(replace(adoption, stage="stopped") for adoption in uses[:9])
    load(store, a_catalog(a_project(adoptions=(*stopped, *uses[9:])), *secrets), digest="x")
    assert unnamed_users(store, GALETTE) == 10  # until it is counted again
    store.restricted_adoptions.count_unnamed(now=later(days=7))
    assert unnamed_users(store, GALETTE) is None and store.change() == change
    with reading(store.engine) as connection:
        assert connection.execute(select(unnamed_adopters)).all() == []
    assert published_step(STEPS[0] - 1) is None and all(published_step(step) == step for step in STEPS)


def test_all_that_is_wrong_is_told_at_once_beside_each_field(filled):
    wrong = {
        "organization": "", "name": "", "kind": "x", "country": "XX", "homepage": "coop", "stage": "always",
        "reasons": ["because"], "since": "20", "until": "2019", "version": "v" * 60, "purpose": "write to a@b.example",
        "deployment": "here", "provider": "x" * 130, "people": "many", "replaced": ["x" * 80], "effort_days": "2",
        "cost_band": "3", "lesson": "l" * 1001, "again": "perhaps", "visibility": "all", "speaks": "",
    }  # fmt: skip
    submission = a_use(filled, **wrong)
    _, refused = submissions.send(filled, submission.id, email=EVA, now=NOW)
    assert set(refused) == set(wrong) - {"until"}
    assert all(len(sentence) > 8 for sentence in SENTENCES)
    for banned in ("invalid", "required", "please", "sorry"):
        assert banned not in " ".join(SENTENCES).lower()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"since": "2031"}, "since"),
        ({"since": "2021-13"}, "since"),
        ({"since": "2020", "until": "2019"}, "until"),
        ({"until": "2024"}, "until"),
        ({"reasons": ["cost"]}, "reasons"),
        ({"stage": "stopped", "until": "2031"}, "until"),
    ],
)
def test_dates_are_read_strictly_and_what_ends_a_use_fits_only_one_that_is_over(changes, field):
    assert list(problems_of(FIELDS, {**USE, **changes}, NOW)) == [field]
    assert problems_of(FIELDS, USE, NOW) == {}
    assert problems_of(FIELDS, {**USE, "stage": "stopped", "until": "2024", "reasons": ["cost"]}, NOW) == {}


def test_the_count_of_unnamed_groups_comes_back_every_week(sqlite_store):
    secrets = [an_organization(f"org-{number}") for number in range(5)]
    uses = tuple(an_adoption(organization.slug, visibility="counted") for organization in secrets)
    load(sqlite_store, a_catalog(a_project(adoptions=uses), *secrets))
    handler = CountUnnamedAdoptions(sqlite_store, lambda: NOW)
    handler.plan()
    handler.plan()
    (job,) = sqlite_store.jobs.lease(
        "ana", now=NOW, lease=timedelta(minutes=1), limit=5, kinds=(CountUnnamedAdoptions.kind,)
    )
    handler.run(job)
    assert unnamed_users(sqlite_store, GALETTE) == 5
    again = sqlite_store.jobs.lease(
        "ana", now=later(days=6), lease=timedelta(minutes=1), limit=5, kinds=(CountUnnamedAdoptions.kind,)
    )
    assert again == ()


WISHES = {"questions": "yes", "languages": ["fr", "en"], "told": "yes"}


def wished(store):
    """In which languages Coop des Halles takes questions about Galette, and who follows it."""
    with reading(store.engine) as connection:
        asked = connection.execute(select(question_consent.c.languages)).scalars().all()
        return asked, connection.execute(select(follow.c.person_id, follow.c.project_id)).all()


def test_who_speaks_for_it_lets_others_ask_and_follows_it_as_soon_as_the_use_is_public(filled):
    submission = a_use(filled, **WISHES)
    assert [(row.field, row.after) for row in submissions.rows(filled, submission)][-3:] == [
        ("adopt.questions", True), ("adopt.languages", ["fr", "en"]), ("adopt.told", True),
    ]  # fmt: skip
    person, sent = opened(filled, submission)
    assert sent.state == PUBLISHED and wished(filled) == ([["fr", "en"]], [(person.id, GALETTE)])
    assert [found.organization.slug for found in filled.questions.askable(GALETTE)] == ["coop-des-halles"]
    undone(filled, sent)
    assert wished(filled) == ([], [])


def test_wishes_of_a_use_that_waits_are_kept_and_hold_when_it_is_published(filled):
    person, sent = opened(filled, a_use(filled, **WISHES), email="eva@example.org")
    assert sent.state == WAITING and wished(filled) == ([], [])
    decided(filled, sent)
    assert wished(filled) == ([["fr", "en"]], [(person.id, GALETTE)])
    assert filled.questions.askable(GALETTE) == ()  # nobody speaks for it yet


def test_who_does_not_speak_for_it_decides_no_questions_of_those_who_do(filled):
    eva, _ = opened(filled, a_use(filled, project=identity("paheko"), **WISHES))
    _, sent = opened(filled, a_use(filled, **WISHES), email="bo@example.org")
    decided(filled, sent)
    asked, agreed = wished(filled)
    assert len(asked) == 1 and eva.id in [row.person_id for row in agreed] and filled.questions.askable(GALETTE) == ()


def test_a_changed_mind_ends_questions_and_silence_changes_nothing(filled):
    opened(filled, a_use(filled, **WISHES))
    opened(filled, a_use(filled, since="2022"))
    assert all(wished(filled))
    opened(filled, a_use(filled, since="2023", questions="no"))
    assert wished(filled)[0] == []


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"questions": "yes"}, "languages"), ({"questions": "yes", "languages": ["<b>"]}, "languages"),
     ({"questions": "perhaps"}, "questions"), ({"questions": "yes", "languages": "fr"}, "languages")],
)  # fmt: skip
def test_a_wish_that_cannot_be_fulfilled_is_told(filled, answers, field):
    assert field in submissions.send(filled, a_use(filled, **answers).id, email=EVA, now=NOW)[1]
