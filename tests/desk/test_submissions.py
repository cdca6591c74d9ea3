"""What people sent, as moderators meet it at the desk and senders on its own page."""

import re

import pytest
from sqlalchemy import select
from support.factories.core import NOW, identity
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.form_crawler import read as read_forms
from support.visitors import signed_in
from support.world import fill

from catalog import submissions
from catalog.rules.decision import REFUSE, reasons_for
from catalog.rules.submission import ADOPT, CORRECT, REGISTER, REPORT
from catalog.store.core.engine import reading
from catalog.tables.people import message

GALETTE, NEW = identity("galette"), "https://new.galette.example"
HOSTILE = '<script>alert("x")</script>\u202e {{ 7 * 7 }} <b>'


@pytest.fixture
def store(sqlite_store):
    fill(sqlite_store)
    with rewriting(sqlite_store.engine) as connection:  # what is sent today is later than what the document says
        connection.exec_driver_sql(
            "UPDATE project SET changed_at = '2026-11-20 00:00:00', added_at = '2026-11-20 00:00:00'"
        )
    return sqlite_store


@pytest.fixture
def chris(app, store):
    return signed_in(app, store, "chris@example.org")


def a_correction(store, email="sender@example.org", value=NEW, language="en", now=NOW, said_in="", **answers):
    given = {"field": "homepage", "value": value, "source": "https://example.org/page"} | answers
    given |= {"language": said_in} if said_in else {}
    token, submission = begin_draft(store, CORRECT, language, project_id=GALETTE, answers=given, now=now)
    submissions.send(store, submission.id, email=email, now=now)
    with reading(store.engine) as connection:
        rows = connection.execute(select(message.c.argument).where(message.c.kind == "confirm-submission")).scalars()
        link = next(argument["token"] for argument in rows if argument["reference"] == submission.reference)
    submissions.open_link(store, link, language, now=now)
    return token, store.submissions.get(submission.id)


def fields(page, action):
    """What the first form to this action holds."""
    form = page.split(f'action="{action}"', 1)[1].split("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def forms(action, page):
    """What all forms to this action hold."""
    return [field for form in read_forms("", page)[1] if form.action == action for field in form.fields]


def path(submission):
    return f"/fr/desk/declarations/{submission.reference}"


def test_what_was_sent_is_shown_before_and_after_and_published_at_one_press(bruno, reader, store):
    token, submission = a_correction(store)
    desk = bruno.get("/fr/desk").text
    assert path(submission) in desk and bruno.get("/fr/desk/next").headers["location"] == path(submission)
    page = bruno.get(path(submission))
    assert page.headers["cache-control"] == "private, no-store" and NEW.split("//")[1] in page.text
    assert "galette.eu" in page.text and 'lang="en"' in page.text and submission.reference in page.text
    assert 'value="not-checkable"' in page.text and 'value="not-free"' not in page.text  # it is about no licence
    quick = fields(page.text, path(submission)) | {"step": "decide"}
    done = bruno.post(path(submission), data=quick)
    assert (done.status_code, done.headers["location"]) == (303, "/fr/desk/next?done=1")
    assert bruno.get("/fr/desk/next?done=1").headers["location"] == "/fr/desk?done=1"
    assert "/fr/desk/undo/1" in bruno.get("/fr/desk?done=1").text
    assert "The sender is notified" in bruno.get("/en/desk/undo/1").text
    assert NEW in reader.get("/fr/projects/galette").text
    assert "sender@" not in reader.get("/fr/log").text and 'id="d1"' in reader.get("/fr/log").text
    own = reader.get(f"/fr/declarations/{token}").text
    assert 'id="decided"' in own and "/fr/log?before=2#d1" in own
    again = bruno.post(path(submission), data=quick)
    assert (again.status_code, again.headers["location"]) == (303, "/fr/desk/next?done=1")
    assert store.decisions.count() == 1


def test_corrections_are_typed_checked_with_the_message_in_the_sender_s_language_and_told_in_the_log(
    bruno, reader, store
):
    _, submission = a_correction(store, "s@example.org", "https://galete.example.org")
    page = bruno.get(path(submission)).text
    typed = {
        "choice": "publish-edited",
        "seen": fields(page, path(submission))["seen"],
        "edit.value": NEW,
        "edit.source": "https://example.org/page",
    }
    same = bruno.post(path(submission), data=typed | {"edit.value": "https://galete.example.org"})
    assert same.status_code == 422 and 'href="#choice"' in same.text
    check = bruno.post(path(submission), data=typed)
    assert check.status_code == 200 and "https://galete.example.org" in check.text and "Published" in check.text
    hidden = fields(check.text, path(submission))
    assert hidden["choice"] == "publish-edited" and store.decisions.count() == 0
    sent = dict(re.findall(r'name="([\w.]+)" value="([^"]*)"', check.text.split(f'action="{path(submission)}"')[1]))
    done = bruno.post(path(submission), data=sent | {"step": "decide"})
    assert done.status_code == 303 and store.submissions.get(submission.id).answers["value"] == NEW
    assert store.decisions.get(1).words and NEW in reader.get("/fr/projects/galette").text


def test_a_refusal_needs_a_reason_is_previewed_and_reaches_its_sender(bruno, reader, store):
    token, submission = a_correction(store)
    seen = fields(bruno.get(path(submission)).text, path(submission))["seen"]
    wish = {"choice": "refuse", "reason": "", "words": HOSTILE, "seen": seen}
    assert bruno.post(path(submission), data=wish).status_code == 422
    check = bruno.post(path(submission), data=wish | {"reason": "not-checkable"})
    assert check.status_code == 200 and "We could not verify it" in check.text
    assert "<script>" not in check.text and "&lt;script&gt;" in check.text and "\u202e" not in check.text
    changed = bruno.post(path(submission), data=wish | {"reason": "not-checkable", "step": "change"})
    assert "&lt;script&gt;" in changed.text and "checked" in changed.text
    done = bruno.post(path(submission), data=wish | {"reason": "not-checkable", "step": "decide"})
    assert done.status_code == 303
    own = reader.get(f"/fr/declarations/{token}").text
    assert "https://example.org/contact" in own and "<script>" not in own
    log = reader.get("/fr/log").text
    assert "<script>" not in log


def test_a_question_is_answered_on_its_own_page_and_comes_back(bruno, reader, store):
    token, submission = a_correction(store)
    seen = fields(bruno.get(path(submission)).text, path(submission))["seen"]
    wish = {"choice": "ask", "reason": "", "words": "Which page says so?", "seen": seen}
    assert "Which page says so?" in bruno.post(path(submission), data=wish).text
    assert bruno.post(path(submission), data=wish | {"step": "decide"}).status_code == 303
    own = f"/fr/declarations/{token}"
    assert "Which page says so?" in reader.get(own).text and store.decisions.count() == 0
    with reading(store.engine) as connection:
        asked = connection.execute(select(message.c.argument).where(message.c.kind == "decisions/ask")).scalar()
    opened = reader.get(f"/en/sign-in/{asked['token']}").text  # nothing is left to confirm or to send
    assert "It was sent already" in opened and "Confirm" not in opened and "send what you filled in" not in opened
    assert reader.post(own, data={"step": "reply", "text": "The second."}).status_code == 303
    assert "The second." in bruno.get(path(submission)).text


def test_of_two_moderators_the_second_is_told_and_loses_nothing_typed(bruno, chris, store):
    _, submission = a_correction(store)
    seen = fields(bruno.get(path(submission)).text, path(submission))["seen"]
    assert chris.get("/fr/desk/next").headers["location"] == path(submission)
    bruno.post(path(submission), data={"choice": "publish", "seen": seen, "step": "decide"})
    late = chris.post(
        path(submission), data={"choice": "refuse", "reason": "other", "words": HOSTILE, "seen": seen, "step": "decide"}
    )
    assert late.status_code == 409 and "&lt;script&gt;" in late.text and store.decisions.count() == 1


def test_what_a_moderator_corrects_is_checked_and_given_back(bruno, store):
    _, submission = a_correction(store, value="https://galete.example.org")
    seen = fields(bruno.get(path(submission)).text, path(submission))["seen"]
    typed = {"choice": "publish-edited", "seen": seen, "edit.value": NEW, "edit.source": ""}
    check = bruno.post(path(submission), data=typed)
    assert check.status_code == 200 and NEW in check.text and store.decisions.count() == 0
    kept = {field.name: field.value for field in forms(path(submission), check.text)}
    assert (kept["edit.value"], kept["edit.source"]) == (NEW, "")
    wrong = bruno.post(path(submission), data=typed | {"edit.value": "no address", "step": "decide"})
    assert wrong.status_code == 422 and 'id="edit.value-problem"' in wrong.text and "no address" in wrong.text
    long = "https://example.org/" + "a" * 20_000
    refused = bruno.post(path(submission), data=typed | {"edit.value": long})
    assert refused.status_code == 422 and 'id="edit.value-problem"' in refused.text and long in refused.text


def test_what_changed_meanwhile_is_not_decided_unseen(bruno, reader, store):
    token, submission = a_correction(store)
    seen = fields(bruno.get(path(submission)).text, path(submission))["seen"]
    reader.post(f"/fr/declarations/{token}", data={"step": "reply", "text": "More of it."})
    late = bruno.post(path(submission), data={"choice": "publish", "seen": seen, "step": "decide"})
    assert late.status_code == 422 and "More of it." in late.text and store.decisions.count() == 0


def test_the_queue_is_narrowed_and_odd_wishes_are_left_out(bruno, store):
    _, submission = a_correction(store)
    _, other = a_correction(store, "o@example.org", f"{NEW}/2", language="fr")
    french = bruno.get("/fr/desk?kind=correct&language=fr").text
    assert path(other) in french and path(submission) not in french
    for odd in (
        "kind=x",
        "language=<b>",
        "after=x",
        "after=2026~9~x",
        "after=2026-11-24T12:30:00~1~x",
        f"after={'9' * 99}",
    ):
        assert bruno.get(f"/fr/desk?{odd}").status_code == 200
    for odd in ("ZZZZ-ZZZZ", "x" * 99, "%00", "draft"):
        assert bruno.get(f"/fr/desk/declarations/{odd}").status_code in (404, 400)


def test_a_draft_is_nobody_s_at_the_desk(bruno, store):
    _, draft = begin_draft(store, CORRECT, "fr", project_id=GALETTE, answers={}, now=NOW)
    assert bruno.get(path(draft)).status_code == 404


def test_what_was_not_accepted_is_reopened_by_another_moderator_after_its_sender_wrote(bruno, chris, reader, store):
    _, correction = a_correction(store)
    seen = fields(bruno.get(path(correction)).text, path(correction))["seen"]
    refusal = {"choice": "refuse", "reason": "not-checkable", "words": "", "seen": seen, "step": "decide"}
    bruno.post(path(correction), data=refusal)
    log = reader.get("/fr/log").text
    assert "https://example.org/contact" in log
    page = chris.get(path(correction)).text
    assert "Non accepté" in page.split('id="decided"')[1][:200]
    wish = {"choice": "reopen", "reason": "new-facts", "words": "", "seen": fields(page, path(correction))["seen"]}
    assert chris.post(path(correction), data=wish).status_code == 422  # everybody reads why
    wish["words"] = "They named its second page."
    assert "They named its second page." in chris.post(path(correction), data=wish).text
    assert chris.post(path(correction), data=wish | {"step": "decide"}).status_code == 303
    assert chris.post(path(correction), data=wish | {"step": "decide"}).status_code == 303  # a second press
    log = reader.get("/fr/log").text
    assert 'id="d2"' in log and "They named its second page." in log and store.decisions.faults() == ()
    assert path(correction) in bruno.get("/fr/desk").text and store.decisions.get(1).undone_by == 2


def test_two_records_are_joined_parted_and_said_to_be_apart(bruno, reader, store):
    nothing = bruno.get("/en/desk/joins?kind=project&one=&other=")
    assert nothing.status_code == 422 and 'id="one-problem"' in nothing.text and 'id="other-problem"' in nothing.text
    chosen = bruno.get("/fr/desk/joins?kind=project&one=tool-1&other=tool-2").text
    key = str(identity("tool-1"))
    wish = fields(chosen, "/fr/desk/joins") | {"choice": key, "words": ""}
    assert bruno.post("/fr/desk/joins", data=wish | {"choice": ""}).status_code == 422
    check = bruno.post("/fr/desk/joins", data=wish)
    assert check.status_code == 200 and 'value="decide"' in check.text
    assert bruno.post("/fr/desk/joins", data=wish | {"step": "decide"}).status_code == 303
    moved = reader.get("/fr/projects/tool-2")
    assert (moved.status_code, moved.headers["location"]) == (301, "/fr/projects/tool-1")
    assert reader.get("/fr/projects/tool-2/facts").headers["location"] == "/fr/projects/tool-1/facts"
    part = f"/fr/desk/separate/project/{identity('tool-2')}"
    assert part in bruno.get("/fr/desk/projects/tool-1").text and bruno.get(part).status_code == 200
    assert bruno.post(part, data={"words": "Write to ana@example.org"}).status_code == 422
    assert bruno.post(part, data={"words": ""}).status_code == 303
    assert reader.get("/fr/projects/tool-2").status_code == 200
    twice = bruno.post(part, data={"words": ""})
    assert (twice.status_code, twice.headers["location"]) == (303, "/fr/desk")
    for odd in (
        "kind=x&one=galette&other=asleep",
        "kind=project&one=galette&other=galette",
        "kind=project&one=no&other=galette",
    ):
        assert bruno.get(f"/fr/desk/joins?{odd}").status_code == 422
    assert bruno.get("/fr/desk/separate/project/x").status_code == 404 == bruno.get("/fr/desk/joins/99").status_code
    assert bruno.get("/fr/desk/joins").status_code == 200


def test_what_may_be_the_same_waits_at_the_desk(bruno, store):
    pair = tuple(sorted((identity("tool-3"), identity("tool-4")), key=str))
    store.merges.resemble("project", [pair], now=NOW)
    assert bruno.get("/fr/desk/next").headers["location"] == "/fr/desk/joins/1"
    page = bruno.get("/fr/desk/joins/1").text
    wish = fields(page, "/fr/desk/joins/1") | {"choice": "apart", "words": ""}
    assert bruno.post("/fr/desk/joins/1", data=wish).headers["location"] == "/fr/desk/next?done=1"
    assert store.moderation_queue.queue(now=NOW) == () and bruno.get("/fr/desk/joins/1").status_code == 200


def test_its_own_page_leads_to_what_it_is_about_unless_nobody_may_open_that(reader, store):
    token, _ = a_correction(store)
    own = reader.get(f"/fr/declarations/{token}").text
    assert 'Concerne\u00a0: <a href="/fr/projects/galette"><bdi>Galette</bdi></a></p>' in own
    store.takedowns.block("galette", "Asked for.", now=NOW)
    own = reader.get(f"/fr/declarations/{token}").text
    assert "Concerne\u00a0: <bdi>Galette</bdi></p>" in own and "/fr/projects/galette" not in own


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [("summary", "Llevar la lista", "Llevar la lista"), ("features", ["Recibos", "Firmas"], "Recibos")],
)
def test_what_is_proposed_in_another_language_than_the_moderators_is_shown(store, bruno, field, value, written):
    _, sent = a_correction(store, value=value, field=field, said_in="es")
    page = bruno.get(f"/fr/desk/declarations/{sent.reference}").text
    changed = page.split('<table class="changes">', 1)[1].split("</table>")[0]
    assert written in changed and "espagnol" in changed and "Non indiqué" in changed


def test_a_case_is_called_by_the_name_of_what_it_is_about(store, chris):
    _, submission = a_correction(store)
    page = chris.get(f"/en/desk/declarations/{submission.reference}").text
    assert re.search(r"<h1><bdi>Galette</bdi>: A correction <span", page)


def test_a_moderator_publishes_her_own_correction_herself_and_cannot_leave_it_to_nobody(app, store, chris):
    form = read_forms("", chris.get("/en/projects/galette/correct?field=homepage").text)[1]
    given = {field.name: field.value for one in form for field in one.fields if field.name in ("field", "draft")}
    given |= {"value": NEW, "source": "https://example.org/page", "step": "check"}
    mine, somebodys = (
        client.post("/en/projects/galette/correct", data=given).text
        for client in (chris, signed_in(app, store, "reader@example.org", None))
    )
    assert "Publish it now as a moderator" in mine and 'value="send"' not in mine
    assert "Publish it now as a moderator" not in somebodys and 'value="send"' in somebodys


def test_reasons_fit_the_kind_of_case():
    refusing = {kind: set(reasons_for([REFUSE], kind)) for kind in (REGISTER, ADOPT, CORRECT, REPORT)}
    assert "not-free" in refusing[REGISTER] and "not-theirs" not in refusing[REGISTER]
    assert "not-theirs" in refusing[ADOPT] and not {"not-free", "no-license"} & refusing[ADOPT]
    assert not {"not-free", "here-already", "not-theirs"} & refusing[REPORT] and "advertising" in refusing[REPORT]
