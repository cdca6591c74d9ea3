"""The pages of calls as readers, senders and moderators meet them, with real messages on their way."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from support.factories.calls import A_NEED, ANA, BRUNO, COOP, GALETTE, a_call, proven, published, somebody
from support.factories.core import NOW, later
from support.factories.submissions import begin_draft
from support.html_structure import problems
from support.visitors import HOSTILE, person_id, signed_in, standing
from support.waiting_rows import jobs_by_kind, waiting_submissions
from support.world import a_client, filled_store

from catalog.errors import Invalid
from catalog.rules.submission import CALL, WAITING
from catalog.store.people.mail_queue import MAIL
from catalog.submissions import calls_lifecycle
from forge.mail.deliver import Delivery
from forge.mail.send import smtp_server

store = filled_store


def deliver(store, box, now=NOW):
    """What is due goes out through the real server."""
    for job in store.jobs.lease("test", now=now, lease=timedelta(minutes=2), kinds=[MAIL], limit=50):
        Delivery(store, "http://testserver", "no-reply@forge.example", smtp_server(box.url), clock=lambda: now).run(job)


def token_of(answer):
    return re.search(r'name="draft" value="([\w-]{43})"', answer.text)[1]


def a_form(reader, path="/en/calls/new?kind=need&words=register+of+shares", **more):
    form = {
        "draft": token_of(reader.get(path)),
        "call": "need",
        "text": "Keep the register of shares.",
        "group": "cooperative",
        "country": "FR",
        "today": "A spreadsheet.",
        "words": "register of shares",
        "language": "en",
        "email": ANA,
        "step": "send",
    }
    return form | more


def test_a_need_goes_from_an_empty_search_to_the_list(reader, store, box):
    page = reader.get("/en/calls/new?kind=need&words=register+of+shares")
    assert page.headers["cache-control"] == "private, no-store" and "register of shares" in page.text
    form = a_form(reader)
    sent = reader.post("/en/calls/new", data=form)
    assert sent.status_code == 303
    own = sent.headers["location"]
    assert "open the link in the message" in reader.get(own).text
    deliver(store, box)
    link = box.link()
    done = reader.post(link, data={"go": ""})
    assert done.status_code == 303 and waiting_submissions(store)[0].state == WAITING
    (case,) = waiting_submissions(store)
    assert "Keep the register" not in reader.get("/en/calls").text
    published(store, case)
    for path in ("/en/calls", "/fr/calls", "/en/", f"/en/calls/{case.reference}", "/feeds/calls.atom"):
        text = a_client(reader.app).get(path).text
        assert "Keep the register of shares." in text and ANA not in text, path
    assert "(anglais)" in reader.get("/fr/calls").text or "en anglais" in reader.get("/fr/calls").text


def test_the_same_form_sent_twice_is_one_declaration(reader, store):
    form = a_form(reader)
    answers = [reader.post("/en/calls/new", data=form) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert jobs_by_kind(store)[MAIL] == 1


def test_all_that_is_wrong_is_told_at_once_and_what_was_typed_stays(reader, store):
    answer = reader.post("/en/calls/new", data=a_form(reader, text="", today="x" * 1001, country="ZZ", email="nobody"))
    assert answer.status_code == 422 and "<title>Error: " in answer.text
    assert problems(answer.text) == []
    for field in ("text", "today", "country", "email"):
        assert f'href="#{field}"' in answer.text and f'id="{field}-problem"' in answer.text
    assert "x" * 1001 in answer.text and not re.search(r"invalid\b(?!=)|required|please|sorry", answer.text.lower())
    assert jobs_by_kind(store).get(MAIL, 0) == 0


def test_similar_calls_are_shown_before_sending_and_one_may_send_all_the_same(reader, store):
    submission = a_call(store, "c@example.org")
    assert submission.reference in reader.get("/en/calls/new?kind=need&words=register+shares").text
    form = a_form(reader)
    shown = reader.post("/en/calls/new", data=form)
    assert (
        shown.status_code == 200 and f"/en/calls/{submission.reference}" in shown.text and 'name="seen"' in shown.text
    )
    assert reader.post("/en/calls/new", data=form | {"seen": "yes"}).status_code == 303


def test_what_is_typed_by_strangers_is_shown_as_text(reader, store):
    submission = a_call(store, text=HOSTILE, today=HOSTILE, words=HOSTILE[:100])
    for path in (f"/fr/calls/{submission.reference}", "/fr/calls", "/feeds/calls.atom", "/fr/"):
        text = reader.get(path).text
        assert "<script>alert" not in text and "\u202e" not in text, path
    assert reader.get("/en/calls/new?kind=need&words=%3Cscript%3Ealert").text.count("<script>") == 0
    ElementTree.fromstring(reader.get("/feeds/calls.atom").content)


def test_where_nobody_asks_for_anything_no_filter_stands(reader):
    html = reader.get("/en/calls").text
    assert "There are no open needs at the moment." in html and 'id="kind"' not in html
    assert "No need has been closed yet." in reader.get("/en/calls?state=ended").text


def test_filters_count_and_say_what_they_do_not_know(reader, store):
    a_call(store)
    a_call(
        store, "c@example.org", project=GALETTE, call="translate", text="Traduire.", language="fr", tag="ar", country=""
    )
    assert "<p>1 need " in reader.get("/en/calls?kind=translate").text
    assert "Traduire." not in reader.get("/en/calls?country=FR").text
    assert "Traduire." in reader.get("/en/calls?project=galette").text
    assert "is not a known value" in reader.get("/en/calls?kind=magic").text
    assert reader.get("/en/calls?page=9&kind=need").headers["location"] == "/en/calls?kind=need"
    for path in ("/en/calls?kind=%00&language=%F0%9F%92%A9&country='--&project=%3Cb%3E", "/en/calls/new?kind[]=x"):
        assert reader.get(path).status_code == 200


def test_a_project_shows_what_it_needs_and_its_keepers_may_ask(app, reader, store):
    client = standing(app, store, project_id=GALETTE)
    page = client.get("/en/projects/galette")
    assert (
        "Ask for help, testers, translators or a new maintainer" in page.text
        and "private" in page.headers["cache-control"]
    )
    form = a_form(client, "/en/calls/new?kind=translate&project=galette", call="translate", project="galette", tag="ar")
    assert client.post("/en/calls/new", data=form).status_code == 303
    text = reader.get("/en/projects/galette").text
    assert (
        "What the project needs" in text
        and "Keep the register of shares." in text
        and "Ask for help, testers" not in text
    )


def test_the_menu_leads_to_needs_only_while_one_is_open(reader, store):
    def entries(path="/en/"):
        menu = reader.get(path).text.partition('<nav aria-label="Main">')[2].partition("</nav>")[0]
        return re.findall(r'href="/en(/[a-z]*)"[^>]*>([^<]*)<', menu)

    assert ("/domains", "Categories") in entries() and "/calls" not in dict(entries())
    call = a_call(store)
    assert ("/calls", "Needs") in entries() and ("/calls", "Needs") in entries("/en/nowhere")
    calls_lifecycle.end(store, call.reference, somebody(store, ANA), now=NOW)
    assert "/calls" not in dict(entries())


def test_a_reminder_leads_to_one_press_and_an_old_link_says_so(reader, store, box):
    from forge.jobs.registry import CallsDaily

    submission = a_call(store)
    now = later(days=160)
    handler = CallsDaily(store, lambda: now)
    handler.plan()
    for job in store.jobs.lease("test", now=now, lease=timedelta(minutes=2), kinds=[CallsDaily.kind]):
        handler.run(job)
    box.messages.clear()
    deliver(store, box, now)
    mail = next(message for message in box.messages if "Is this still needed" in message["Subject"])
    link = re.search(r"http://testserver(/en/sign-in/\S+)", mail.get_body(("plain",)).get_content())[1]
    own = f"/en/calls/{submission.reference}/tend"
    assert "sign-in" in reader.get(own).headers["location"] and reader.get(link).status_code == 200
    assert reader.post(link, data={"go": ""}).headers["location"] == own
    page = reader.get(own)
    assert page.status_code == 200 and "Renew for six months" in page.text
    assert store.calls.page(submission.reference).line.call.ends_at < later(days=200)
    assert reader.post(own, data={"step": "renew"}).status_code == 303
    wrong = reader.post(own, data={"step": "answer", "project": "nothing-here"})
    assert wrong.status_code == 422 and 'href="#project"' in wrong.text
    assert reader.post(own, data={"step": "answer", "project": "/en/projects/galette"}).status_code == 303
    assert "Answer:" in reader.get(f"/en/calls/{submission.reference}").text


def test_many_forms_from_one_network_are_too_many(reader, store):
    answers = [reader.post("/en/calls/new", data=a_form(reader)).status_code for _ in range(32)]
    assert answers[0] == 303 and answers[-1] == 429


def test_a_need_that_a_maintainer_publishes_at_once_can_be_answered_until_their_account_is_gone(app, reader, store):
    client = standing(app, store, project_id=GALETTE)
    form = a_form(client, "/en/calls/new?kind=test&project=galette", call="test", project="galette")
    assert client.post("/en/calls/new", data=form).status_code == 303
    (line,) = store.calls.of_project(GALETTE)
    ask, page = f"/en/ask?call={line.call.reference}", f"/en/calls/{line.call.reference}"
    assert ask in reader.get(page).text
    asked = {"draft": token_of(reader.get(ask)), "text": "I can try it on a phone.", "email": BRUNO}
    assert reader.post(ask, data=asked).status_code == 303
    store.account_erasure.delete(person_id(store, "stands@example.org"), now=NOW)
    assert store.calls.of_project(GALETTE) == () and ask not in reader.get(page).text


def test_a_need_whose_sender_is_gone_cannot_be_published(store):
    _, draft = begin_draft(store, CALL, "en", answers=A_NEED, now=NOW)
    waiting = proven(store, draft, BRUNO)
    store.account_erasure.delete(person_id(store, BRUNO), now=NOW)
    with pytest.raises(Invalid, match="no longer has an account"):
        published(store, waiting)
    assert store.calls.find().total == 0


def test_an_unknown_call_is_not_found(reader, store):
    for path in ("/en/calls/AAAA-AAAA", f"/en/calls/{'9' * 300}"):
        assert reader.get(path).status_code == 404


def test_whose_own_call_needs_no_reader_is_told_so(app, reader, store):
    path = "/en/calls/new?kind=need"
    assert "A moderator reads your text before it is published" in reader.get(path).text
    said = "If your address is that of a verified maintainer, it is public as soon as you open the link"
    of_project = reader.get("/en/calls/new?kind=test&project=galette").text
    assert said in of_project and "Otherwise a moderator reads it within 7 days." in of_project
    assert "A moderator reads your text before it is published" not in of_project and said not in reader.get(path).text
    other = signed_in(app, store, "other@example.org", None).get("/en/calls/new?kind=test&project=galette").text
    assert "A moderator reads your text before it is published" in other
    page = standing(app, store, organization_id=COOP).get(path).text
    assert "It is published at once if you maintain the project" in page
    assert "A moderator reads your text before it is published" not in page


def test_only_its_sender_tends_a_call(app, reader, store):
    submission = a_call(store)
    assert "sign-in" in reader.get(f"/en/calls/{submission.reference}/tend").headers["location"]
    stranger = signed_in(app, store, "s@example.org", None)
    assert stranger.get(f"/en/calls/{submission.reference}/tend").status_code == 403
    assert stranger.post(f"/en/calls/{submission.reference}/tend", data={"step": "end"}).status_code == 403


def test_who_uses_a_program_can_ask_to_have_it_installed_moved_explained_or_something_else(reader, store):
    choice = reader.get("/en/calls/new?project=galette").text
    first = choice.partition("Help with using it</h2>")[2].partition("<h2>")[0]
    assert re.findall(r"kind=(\w+)", first) == ["install", "move", "explain", "other"]
    assert choice.count("kind=install") == 1 and "kind=need" not in choice
    page = reader.get("/en/calls/new?kind=install&project=galette")
    assert '<a href="/en/projects/galette"><bdi>Galette</bdi></a>' in page.text  # its name, not its slug
