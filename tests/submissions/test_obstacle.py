""" "Report an obstacle": told to the maintainers, answered by them, public after a look, without a name."""

import re

import pytest
from support.factories.calls import ANA, GALETTE, messages, published, somebody
from support.factories.core import NOW, identity, later
from support.factories.submissions import begin_draft, send_draft
from support.visitors import HOSTILE, signed_in, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, filled_store

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.call import FIXED, LOOKING, NOT_FIXED
from catalog.rules.submission import REPORT, WAITING
from catalog.store.core.public_changes import changing
from catalog.submissions import maintainer_reply
from tests.calls.test_pages import deliver, token_of
from tests.store.test_pages import counted

store = filled_store
A_REPORT = {
    "about": "blocks",
    "audience": "seniors",
    "where": "The page of fees",
    "happened": "The button is grey on grey, nobody could read it.",
    "device": "An old phone",
    "language": "en",
}
PATH = "/en/projects/galette/blocks"


def a_report(store, now=NOW, project=GALETTE, **answers):
    _, submission = begin_draft(store, REPORT, "en", project_id=project, answers=A_REPORT | answers, now=now)
    return send_draft(store, submission.id, email=None, now=now)


def answer(store, person, submission, **given):
    said = {"state": LOOKING, "words": "", "version": "", "language": "en", "now": later(days=1)} | given
    maintainer_reply.answer_obstacle(store, person, GALETTE, submission.reference, **said)


def test_a_report_without_a_name_reaches_the_makers_at_once_and_the_public_after_a_look(store):
    ana = somebody(store, ANA, maintained_projects=[GALETTE])
    submission = a_report(store)
    assert submission.state == WAITING and submission.email is None
    assert [to for to, _ in messages(store, "obstacle")] == [ANA]
    assert len(store.obstacles.for_maintainers(GALETTE)) == 1 and store.obstacles.of_project(GALETTE) == ()
    before = store.change()
    published(store, submission)
    assert store.change() == before + 1
    (shown,) = store.obstacles.of_project(GALETTE)
    assert (shown.audience, shown.state, shown.at) == ("seniors", "received", NOW)
    answer(store, ana, submission, state=FIXED, words="It is black on white now.", version="1.3")
    (shown,) = store.obstacles.of_project(GALETTE)
    assert (shown.state, shown.answer["version"]) == ("fixed", "1.3")
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, store.submissions.get(submission.id), change, now=NOW)
    assert store.obstacles.of_project(GALETTE) == () and store.obstacles.for_maintainers(GALETTE)


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"audience": "", "where": "", "happened": ""}, {"audience", "where", "happened"}),
        ({"audience": "martians", "where": "x" * 201, "device": "y" * 201}, {"audience", "where", "device"}),
        ({"happened": "z" * 1001}, {"happened"}),
        ({"happened": "Write to ana@example.org", "where": "+33 6 12 34 56 78"}, {"happened", "where"}),
        ({"language": "<b>"}, {"language"}),
        ({"audience": ["seniors"]}, {"audience"}),
    ],
)
def test_all_that_is_wrong_with_a_report_is_told_by_field(store, answers, fields):
    with pytest.raises(Invalid) as refused:
        a_report(store, **answers)
    assert set(refused.value.errors) == fields


def test_only_its_makers_answer_and_they_say_why_it_stays(store):
    ana, submission = somebody(store, ANA, maintained_projects=[GALETTE]), a_report(store)
    for stranger in (somebody(store, "m@example.org", role="moderator"), somebody(store, "x@example.org")):
        with pytest.raises(NotAllowed):
            answer(store, stranger, submission)
    for given, field in (
        ({"state": "received"}, "state"),
        ({"state": "gone"}, "state"),
        ({"state": NOT_FIXED}, "text"),
        ({"words": "x" * 1001}, "text"),
        ({"version": "ana@example.org"}, "version"),
    ):
        with pytest.raises(Invalid) as refused:
            answer(store, ana, submission, **given)
        assert set(refused.value.errors) == {field}
    with pytest.raises(NotFound):
        answer(store, ana, a_report(store, project=identity("asleep")))


def test_a_mediator_reports_without_an_account_and_reads_the_answer_on_its_page(app, reader, store, box):
    keeps = standing(app, store, project_id=GALETTE)
    form = A_REPORT | {"draft": token_of(reader.get(PATH))}
    sent = [reader.post(PATH, data=form) for _ in range(2)]
    assert sent[0].status_code == 303 and sent[0].headers["location"] == sent[1].headers["location"]
    path = sent[0].headers["location"]
    page = reader.get(path)
    code = store.submissions.by_token(path.rpartition("/")[2]).reference
    assert code in page.text and "Keep the address of this page" in page.text
    assert "No answer from the maintainers yet" in page.text and "no-store" in page.headers["cache-control"]
    deliver(store, box)
    mail = next(message for message in box.messages if "/obstacles" in message.get_body(("plain",)).get_content())
    assert mail["To"] == "stands@example.org" and "Reply-To" not in mail
    link = re.search(r"http://testserver(/\w\w/projects/galette/obstacles)", mail.get_body(("plain",)).get_content())[1]
    listed = keeps.get(link)
    assert "grey on grey" in listed.text and "grey on grey" not in reader.get("/en/projects/galette").text
    to = f"/en/projects/galette/obstacles/{code}"
    wrong = keeps.post(to, data={"state": "not-fixed"})
    assert wrong.status_code == 422 and "Write why it stays as it is" in wrong.text
    assert keeps.post(to, data={"state": "fixed", "version": "1.3", "text": "Mended."}).status_code == 303
    text = reader.get(path.replace("/en/", "/fr/")).text
    assert "Mended." in text and "1.3" in text
    published(store, store.submissions.by_reference(code))
    text = a_client(app).get("/en/projects/galette").text
    assert "grey on grey" in text and "Mended." in text and "Report an obstacle" in text


def test_a_report_asks_the_database_little(reader, store):
    """What it takes is what readers of other pages wait for while many people report."""
    reader.post(PATH, data=A_REPORT | {"draft": token_of(reader.get(PATH))})
    form = A_REPORT | {"draft": token_of(reader.get(PATH))}
    with counted(store) as statements:
        assert reader.post(PATH, data=form).status_code == 303
    assert len(statements) <= 15, statements


def test_a_form_that_is_mended_and_sent_again_is_one_draft_with_what_was_typed_last(reader, store):
    form = A_REPORT | {"draft": token_of(reader.get(PATH)), "audience": ""}
    assert [reader.post(PATH, data=form).status_code for _ in range(2)] == [422, 422]
    mended = reader.post(PATH, data=form | {"audience": "everyone", "where": "The page of members"})
    assert mended.status_code == 303
    submission = store.submissions.by_token(mended.headers["location"].rpartition("/")[2])
    assert (submission.answers["audience"], submission.answers["where"], submission.state) == (
        "everyone",
        "The page of members",
        WAITING,
    )
    assert len(waiting_submissions(store)) == 1


def test_what_is_wrong_with_the_form_is_told_at_once(reader, store):
    answer = reader.post(PATH, data={"draft": token_of(reader.get(PATH)), "device": "Kept <b>"})
    assert answer.status_code == 422 and "Kept &lt;b&gt;" in answer.text
    for field in ("audience", "where", "happened"):
        assert f'href="#{field}"' in answer.text and f'id="{field}-problem"' in answer.text


def test_a_page_may_be_reported_too_and_only_paths_of_this_site_are_kept(reader, store):
    page = reader.get("/en/contact?page=/projects/galette")
    assert "/en/projects/galette" in page.text
    for given in ("https://evil.example", "//evil.example", "javascript:alert(1)"):
        assert 'name="page"' not in reader.get(f"/en/contact?page={given}").text
    form = {"draft": token_of(page), "page": "/projects/galette", "topic": "mistake", "happened": HOSTILE}
    sent = reader.post("/en/contact", data=form)
    text = reader.get(sent.headers["location"]).text
    assert "<script>alert" not in text and "To be reviewed within 7 days" in text
    (case,) = waiting_submissions(store)
    assert case.answers["page"] == "/projects/galette" and store.obstacles.for_maintainers(GALETTE) == ()
    assert reader.post("/en/contact", data={"draft": token_of(page), "happened": ""}).status_code in (303, 422)


def test_only_those_who_keep_it_and_moderators_read_what_nobody_looked_at(app, reader, store):
    a_report(store)
    path = "/en/projects/galette/obstacles"
    assert "sign-in" in reader.get(path).headers["location"]
    assert signed_in(app, store, "s@example.org", None).get(path).status_code == 403
    other = standing(app, store, project_id=identity("asleep"))
    assert other.get(path).status_code == 403 and other.get("/en/projects/asleep/obstacles").status_code == 200
    assert signed_in(app, store, "m@example.org").get(path).status_code == 200


def test_where_one_is_is_told_by_the_name_of_the_project(reader, store):
    for page in ("blocks", "experience", "experiences"):
        crumbs = reader.get(f"/en/projects/galette/{page}").text.partition('class="crumbs"')[2].partition("</nav>")[0]
        assert '<a href="/en/projects/galette"><bdi>Galette</bdi></a>' in crumbs, page


def test_makers_who_got_enough_messages_just_now_get_no_more(store, box):
    somebody(store, ANA, maintained_projects=[GALETTE])
    for _ in range(6):
        a_report(store)
    deliver(store, box)
    assert len(box.messages) == 5 and len(store.obstacles.for_maintainers(GALETTE)) == 6


def test_a_form_says_whether_somebody_of_its_makers_is_told(reader, store):
    page = reader.get(PATH).text
    assert "so we cannot tell its maintainers" in page and "read it at once" not in page
    somebody(store, ANA, maintained_projects=[GALETTE])
    page = reader.get(PATH).text
    assert "The maintainers who manage its page here can read it at once" in page
    assert "none of its makers" not in page


def test_it_is_called_an_obstacle_at_the_desk_in_the_log_and_on_its_own_page(app, reader, store):
    token, submission = begin_draft(store, REPORT, "en", project_id=GALETTE, answers=A_REPORT, now=NOW)
    send_draft(store, submission.id, now=NOW)
    bruno, here = signed_in(app, store, "bruno@example.org"), f"/en/desk/declarations/{submission.reference}"
    page = bruno.get(here).text
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    answer = {"choice": "refuse", "reason": "not-checkable", "words": "", "seen": seen, "step": "decide"}
    assert bruno.post(here, data=answer).status_code == 303
    for text in (page, reader.get("/en/log").text, reader.get(f"/en/declarations/{token}").text):
        assert "An obstacle" in text and "Message to the team" not in text


def test_a_message_to_the_team_says_what_it_is_about_and_is_answered_only_at_a_proven_address(app, reader, store, box):
    page = reader.get("/en/contact")
    assert "Contact</h1>" in page.text and 'name="page"' not in page.text
    form = {"draft": token_of(page), "happened": "May we print your list of programs?"}
    assert 'id="topic-problem"' in reader.post("/en/contact", data=form).text
    sent = reader.post("/en/contact", data=form | {"topic": "press", "email": "paper@example.org"})
    assert sent.status_code == 303 and waiting_submissions(store) == ()  # until the address is proven
    deliver(store, box)
    assert [message["To"] for message in box.messages] == ["paper@example.org"]
    form |= {"draft": token_of(reader.get("/en/contact")), "topic": "partner"}
    assert reader.post("/en/contact", data=form).status_code == 303  # without an address at once
    (case,) = waiting_submissions(store)
    shown = signed_in(app, store, "m@example.org").get(f"/en/desk/declarations/{case.reference}").text
    assert "Message to the team" in shown and "Working together" in shown and "May we print your list" in shown


def test_who_runs_the_catalogue_is_one_press_from_every_page_and_can_be_written_to(reader):
    foot = reader.get("/en/").text.partition("<footer")[2]
    assert 'href="/en/contact"' in foot
    assert 'href="/en/contact"' in reader.get("/en/legal").text
