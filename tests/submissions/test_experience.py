"""What organizations tell of their use: kept half-way, in any language, answered by makers, gone at one press."""

import re

import pytest
from sqlalchemy import select
from support.factories.calls import ANA, COOP, GALETTE, proven, published, somebody
from support.factories.core import NOW, identity, later
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft, send_draft
from support.visitors import HOSTILE, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, filled_store

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.submission import EXPERIENCE, PUBLISHED, WAITING
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.submissions import maintainer_reply
from catalog.tables.adoptions import adoption
from catalog.tables.submissions import tombstone
from tests.calls.test_pages import deliver, token_of

store = filled_store
TOLD = {
    "context": "We keep 300 members with it; two volunteers do so.",
    "replaced": "A spreadsheet",
    "effort_days": "d2-5",
    "cost_band": "c1-100",
    "hurt": "The import of fees.",
    "advice": "Clean your list first.",
    "again": "yes",
    "language": "pt",
}
PATH = "/en/projects/galette/experience"


def send_experience(store, email=ANA, now=NOW, organization=COOP, **answers):
    _, submission = begin_draft(
        store, EXPERIENCE, "en", project_id=GALETTE, organization_id=organization, answers=TOLD | answers, now=now
    )
    return proven(store, submission, email, now)


def test_an_experience_waits_for_a_person_unless_a_representative_tells_it(store):
    submission = send_experience(store)
    assert submission.state == WAITING and store.experiences.count(GALETTE) == 0
    before = store.change()
    published(store, submission)
    assert store.change() == before + 1
    (line,) = store.experiences.of_project(GALETTE)
    assert (line.organization.slug, line.language, line.stage, line.since) == (
        "coop-des-halles", "pt", "in-production", "2021",
    )  # fmt: skip
    assert line.record["effort_days"] == "d2-5" and ANA not in str(line)
    ana = somebody(store, ANA, represented_organizations=[COOP])
    _, again = begin_draft(
        store, EXPERIENCE, "en", project_id=GALETTE, organization_id=COOP, answers=TOLD | {"again": "no"}, now=NOW
    )
    assert send_draft(store, again.id, email=None, person=ana, now=later(days=1)).state == PUBLISHED
    (line,) = store.experiences.of_project(GALETTE)
    assert (line.record["again"], line.at) == ("no", later(days=1))
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, store.submissions.get(again.id), change, now=NOW)
    (line,) = store.experiences.of_project(GALETTE)
    assert (line.record["again"], line.at) == ("yes", NOW)


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"context": "", "again": ""}, {"context", "again"}),
        ({"context": "x" * 1001, "hurt": "y" * 1001, "advice": "a@b.org"}, {"context", "hurt", "advice"}),
        ({"replaced": "z" * 201, "effort_days": "ages", "cost_band": "much"}, {"replaced", "effort_days", "cost_band"}),
        ({"again": "maybe", "language": "!"}, {"again", "language"}),
        ({"again": ["yes"]}, {"again"}),
    ],
)
def test_all_that_is_wrong_with_an_experience_is_told_by_field(store, answers, fields):
    with pytest.raises(Invalid) as refused:
        send_experience(store, **answers)
    assert set(refused.value.errors) == fields


def test_only_an_organization_that_declared_its_use_tells(store):
    for organization in (identity("org-1", "organization"), identity("org-61", "organization"), None):
        with pytest.raises(Invalid) as refused:
            send_experience(store, organization=organization)
        assert set(refused.value.errors) == {"organization"}


def test_it_goes_at_one_press_with_a_tombstone_and_with_the_use_that_it_is_about(store):
    submission = published(store, send_experience(store))
    with rewriting(store.engine) as connection:
        ours = adoption.c.organization_id == COOP
        connection.execute(adoption.update().where(ours).values(visibility="counted"))
    assert store.experiences.of_project(GALETTE) == () and store.experiences.count(GALETTE) == 0
    with rewriting(store.engine) as connection:
        connection.execute(adoption.update().where(ours).values(visibility="public"))
    assert store.experiences.count(GALETTE) == 1
    for _ in range(2):
        submissions.withdraw(store, submission.id, now=later(days=1))
    assert store.experiences.count(GALETTE) == 0
    with reading(store.engine) as connection:
        assert [row.kind for row in connection.execute(select(tombstone))] == ["experience"]


def test_its_makers_answer_it_and_nobody_else(store):
    submission = published(store, send_experience(store))
    ana, carla = somebody(store, "k@example.org", maintained_projects=[GALETTE]), somebody(store, "c@example.org")
    given = {"words": "The import is easier since 1.2.", "language": "en", "now": later(days=1)}
    with pytest.raises(NotAllowed):
        maintainer_reply.answer_experience(store, carla, GALETTE, submission.reference, **given)
    with pytest.raises(Invalid):
        maintainer_reply.answer_experience(store, ana, GALETTE, submission.reference, **given | {"words": "x" * 1001})
    with pytest.raises(NotFound):
        maintainer_reply.answer_experience(store, ana, GALETTE, "AAAA-AAAA", **given)
    maintainer_reply.answer_experience(store, ana, GALETTE, submission.reference, **given)
    assert store.experiences.of_project(GALETTE)[0].answer["text"] == given["words"]
    maintainer_reply.answer_experience(store, ana, GALETTE, submission.reference, **given | {"words": ""})
    assert store.experiences.of_project(GALETTE)[0].answer is None


def test_it_is_sent_read_in_another_language_and_answered(app, reader, store, box):
    page = reader.get(PATH)
    assert 'value="coop-des-halles"' in page.text and "org-1" not in page.text
    form = TOLD | {"draft": token_of(page), "organization": "coop-des-halles", "email": ANA}
    wrong = reader.post(PATH, data=form | {"again": ""})
    assert wrong.status_code == 422 and 'href="#again"' in wrong.text and TOLD["hurt"] in wrong.text
    own = reader.post(PATH, data=form).headers["location"]
    deliver(store, box)
    reader.post(box.link(), data={"go": ""})
    (case,) = waiting_submissions(store)
    published(store, case)
    keeps = standing(app, store, project_id=GALETTE)
    to = f"/en/projects/galette/experiences/{case.reference}"
    assert keeps.post(to, data={"text": "a@b.org"}).status_code == 422
    assert keeps.post(to, data={"text": "Thank you."}).status_code == 303
    for path in ("/en/projects/galette", "/en/projects/galette/experiences", "/fr/projects/galette/experiences"):
        text = a_client(app).get(path).text
        assert "Clean your list first." in text and ANA not in text and 'lang="pt"' in text, path
    assert "Thank you." in text
    assert reader.post(own, data={"step": "withdraw"}).status_code == 303
    assert "Clean your list first." not in a_client(app).get("/en/projects/galette/experiences").text


def test_what_is_typed_is_shown_as_text(app, reader, store):
    client = standing(app, store, organization_id=COOP)
    form = TOLD | {"draft": token_of(client.get(PATH)), "organization": "coop-des-halles"}
    form |= {"context": HOSTILE, "advice": HOSTILE, "hurt": HOSTILE}
    assert client.post(PATH, data=form).status_code == 303
    for path in ("/en/projects/galette", "/en/projects/galette/experiences"):
        text = reader.get(path).text
        assert "<script>alert" not in text and "\u202e" not in text
    assert reader.get("/en/projects/galette/experiences?page=7").status_code == 302


def test_a_representative_is_offered_her_own_organization_alone(app, store):
    page = standing(app, store, organization_id=COOP).get(PATH).text
    offered = re.findall(r'name="organization" value="([^"]*)"', page)
    assert offered == ["coop-des-halles"]
