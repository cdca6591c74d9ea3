"""Messages to the maintainers of a project: relayed to verified people alone, answered on a page, within a month's
limit, never with an address, and off at one press."""

import re

import pytest
from support.factories.calls import ANA, BRUNO, CARLA, GALETTE, messages, somebody
from support.factories.core import NOW, identity, later
from support.factories.submissions import begin_draft, send_draft
from support.visitors import BROWSER, HOSTILE, person_id, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, a_site, filled_store

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.call import MONTH, MONTHLY_OF_MAINTAINERS
from catalog.rules.submission import ASK, PUBLISHED, REFUSED
from catalog.submissions import answering
from forge.web.core.session import NAME
from tests.calls.test_pages import deliver, token_of

store = filled_store
PATH = "/en/ask?project=galette"
TEXT = "We would like to translate it. Whom may we send the texts to?"
ANSWER = "Gladly: open a request where the code is."


@pytest.fixture
def ready(store):
    """A store where Bruno and Carla maintain galette."""
    for email in (BRUNO, CARLA):
        somebody(store, email, maintained_projects=[GALETTE])
    return store


def sent(store, email=ANA, now=NOW, project=GALETTE, **answers):
    """A message whose sender's address is proven."""
    given = {"text": TEXT, "language": "en", "to": "maintainers"} | answers
    _, submission = begin_draft(store, ASK, "en", project_id=project, answers=given, now=now)
    send_draft(store, submission.id, email=email, now=now)
    token = [said for to, said in messages(store, submissions.CONFIRM_SUBMISSION) if to == email][-1]["token"]
    submissions.open_link(store, token, "en", now=now)
    return store.submissions.get(submission.id)


def state(store, submission):
    return store.questions.by_reference(submission.reference)[0].state


def test_it_reaches_each_verified_maintainer_and_stands_on_no_desk(ready):
    submission = sent(ready)
    assert submission.state == PUBLISHED and waiting_submissions(ready) == ()
    told = messages(ready, "question")
    assert [to for to, _ in told] == [BRUNO, CARLA] and ANA not in str(told) and TEXT not in str(told)
    assert all(said["to"] == "maintainers" for _, said in told)
    found, answers = ready.questions.by_token(told[0][1]["token"])
    assert (found.text, found.to_maintainers, answers) == (TEXT, True, True)
    answering.reply(ready, found.id, ANSWER, now=later(days=1))
    ((to, said),) = messages(ready, "question-ended")
    assert (to, said["state"]) == (ANA, "replied") and BRUNO not in str(said)


def test_where_nobody_is_verified_nobody_is_written_to(ready):
    asleep = identity("asleep")
    assert not ready.public_records.project("asleep").takes_messages
    with pytest.raises(Invalid):
        sent(ready, project=asleep)
    somebody(ready, "dora@example.org", maintained_projects=[asleep])
    submission = sent(ready, project=asleep)
    assert state(ready, submission) == "relayed"
    assert [to for to, _ in messages(ready, "question")] == ["dora@example.org"]


def test_so_many_a_month_and_the_others_wait_their_turn_or_end(ready):
    all_sent = [sent(ready, f"p{number}@example.org") for number in range(MONTHLY_OF_MAINTAINERS + 1)]
    assert [state(ready, submission) for submission in all_sent].count("late") == 1
    assert answering.questions_due(ready, now=NOW + MONTH) == 1
    bruno = somebody(ready, "b2@example.org", maintained_projects=[GALETTE])
    for wrong in ("", "5", "-1", "9999"):
        with pytest.raises(Invalid):
            answering.take_messages(ready, bruno, GALETTE, wrong)
    with pytest.raises(NotAllowed):
        answering.take_messages(ready, somebody(ready, "eve@example.org"), GALETTE, "4")
    before = ready.change()
    answering.take_messages(ready, bruno, GALETTE, "0")
    assert ready.change() > before and not ready.public_records.project("galette").takes_messages
    with pytest.raises(Invalid):
        sent(ready, "late@example.org", now=NOW + MONTH)


def test_a_message_that_comes_after_the_last_maintainer_left_is_refused_without_a_reader(ready):
    given = {"text": TEXT, "to": "maintainers"}
    _, submission = begin_draft(ready, ASK, "en", project_id=GALETTE, answers=given, now=NOW)
    send_draft(ready, submission.id, email=ANA, now=NOW)
    token = messages(ready, submissions.CONFIRM_SUBMISSION)[-1][1]["token"]
    for email in (BRUNO, CARLA):
        ready.account_erasure.delete(person_id(ready, email), now=NOW)
    _, _, late = submissions.open_link(ready, token, "en", now=NOW)
    assert late.state == REFUSED and messages(ready, "question") == []


def test_who_left_the_project_answers_no_message_by_the_link_they_got(ready):
    sent(ready)
    told = dict(messages(ready, "question"))
    from catalog.ownership import members

    bruno = somebody(ready, "boss@example.org", maintained_projects=[GALETTE])
    (carla,) = (m for m in ready.memberships.of_record("project", GALETTE) if m.email == CARLA)
    members.remove(ready, bruno, "project", GALETTE, carla.person_id, now=NOW)
    with pytest.raises(NotFound):
        ready.questions.by_token(told[CARLA]["token"])
    assert ready.questions.by_token(told[BRUNO]["token"])[1]


@pytest.fixture
def app(ready, tmp_path, box):
    with a_site(ready, tmp_path / "data") as opened:
        yield opened


def test_it_is_written_answered_and_turned_off_on_pages_that_show_no_address(app, ready, box):
    reader = a_client(app)
    reader.headers.update(BROWSER)
    assert f'href="{PATH}"' in reader.get("/en/projects/galette").text
    assert "ask?project=asleep" not in reader.get("/en/projects/asleep").text
    assert reader.get("/en/ask?project=asleep").status_code == 404
    form = {"draft": token_of(reader.get(PATH)), "text": HOSTILE, "language": "en", "email": ANA}
    assert reader.post(PATH, data=form | {"text": ""}).status_code == 422
    assert reader.post(PATH, data=form).status_code == 303
    deliver(ready, box)
    done = reader.post(box.link(), data={"go": ""})
    reader.cookies.set(NAME, done.cookies[NAME])
    deliver(ready, box)
    (told, *_) = [mail for mail in box.messages if mail["To"] == BRUNO]
    assert "A message for you about Galette" in told["Subject"]
    link = box.link()
    page = a_client(app).get(link).text
    assert "A message to you as a maintainer" in page and "<script>alert" not in page and ANA not in page
    answerer = a_client(app)
    answerer.headers.update(BROWSER)
    assert answerer.post(link, data={"step": "answer", "text": ANSWER}).status_code == 303
    deliver(ready, box)
    back = reader.get(box.link()).text
    assert ANSWER in back and BRUNO not in back and CARLA not in back
    assert answerer.post(link, data={"step": "stop"}).status_code == 303
    assert f'href="{PATH}"' not in reader.get("/en/projects/galette").text
    keeper = standing(app, ready, project_id=GALETTE)
    page = keeper.get("/en/projects/galette/keep").text
    assert '<option value="0" selected>' in page
    assert keeper.post("/en/projects/galette/keep", data={"step": "messages", "monthly": "x"}).status_code == 422
    assert keeper.post("/en/projects/galette/keep", data={"step": "messages", "monthly": "4"}).status_code == 303
    assert f'href="{PATH}"' in reader.get("/en/projects/galette").text


def test_what_a_maintainer_can_do_leads_to_pages_that_are_there(app, ready):
    keeper = standing(app, ready, project_id=GALETTE)
    main = keeper.get("/en/projects/galette/keep").text.partition("<main")[2].partition("</main>")[0]
    leads = {lead.replace("&amp;", "&") for lead in re.findall(r'href="(/en/[^"#]+)"', main)}
    assert len(leads) > 5
    assert {lead: keeper.get(lead).status_code for lead in leads} == dict.fromkeys(leads, 200)
