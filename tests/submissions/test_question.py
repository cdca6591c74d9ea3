""" "May I ask you?": relayed by real messages, answered on a page, within a month's limit, never with an address."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.factories.calls import ANA, BRUNO, CARLA, COOP, GALETTE, a_call, messages, somebody
from support.factories.core import NOW, a_declared_adoption, identity, later
from support.factories.submissions import begin_draft, send_draft
from support.visitors import BROWSER, HOSTILE, signed_in, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, filled_store

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.call import ANSWER_AWAITED, MONTH, MONTHLY, TEXTS_KEPT
from catalog.rules.submission import ASK, PUBLISHED, REFUSED
from catalog.store.core.engine import reading
from catalog.submissions import answering
from catalog.tables.calls import question
from catalog.tables.people import message
from catalog.tables.submissions import submission
from forge.web.core.session import NAME
from tests.calls.test_pages import deliver, token_of

store = filled_store
PATH = "/en/ask?project=galette&organization=coop-des-halles"
TEXT = "How long did it take to bring your members in?"
ANSWER = "Two weeks, with one person who knows spreadsheets."


@pytest.fixture
def ready(store):
    """A store where the cooperative takes questions about galette, and Bruno speaks for it."""
    bruno = somebody(store, BRUNO, represented_organizations=[COOP])
    answering.allow(store, bruno, GALETTE, COOP, languages=["en", "fr"], monthly="", now=NOW)
    return store


def send_question(store, email=ANA, now=NOW, **answers):
    """A question whose sender's address is proven."""
    given = {"text": TEXT, "language": "en"} | answers
    _, submission = begin_draft(store, ASK, "en", project_id=GALETTE, organization_id=COOP, answers=given, now=now)
    send_draft(store, submission.id, email=email, now=now)
    token = [said for to, said in messages(store, submissions.CONFIRM_SUBMISSION) if to == email][-1]["token"]
    submissions.open_link(store, token, "en", now=now)
    return store.submissions.get(submission.id)


def state(store, submission):
    return store.questions.by_reference(submission.reference)[0].state


def test_a_question_is_relayed_when_its_address_is_proven_and_stands_on_no_desk(ready):
    submission = send_question(ready)
    assert submission.state == PUBLISHED and waiting_submissions(ready) == ()
    assert state(ready, submission) == "relayed"
    ((to, said),) = messages(ready, "question")
    assert to == BRUNO and ANA not in str(said) and TEXT not in str(said)
    found, answers = ready.questions.by_token(said["token"])
    assert (found.text, answers) == (TEXT, True)
    (line,) = ready.questions.askable(GALETTE)
    assert (line.organization.slug, line.languages, line.monthly, line.asked, line.answered) == (
        "coop-des-halles", ("en", "fr"), MONTHLY, 1, 0,
    )  # fmt: skip


def test_the_answer_goes_back_once_and_counts(ready):
    submission = send_question(ready)
    key = ready.questions.by_reference(submission.reference)[0].id
    with pytest.raises(Invalid):
        answering.reply(ready, key, " ", now=NOW)
    with pytest.raises(Invalid):
        answering.reply(ready, key, f"Write to {BRUNO}", now=NOW)
    for text in (ANSWER, "Another."):
        answering.reply(ready, key, text, now=later(days=1))
    answering.decline(ready, key, now=later(days=2))
    ((to, said),) = messages(ready, "question-ended")
    found, answers = ready.questions.by_token(said["token"])
    assert (to, said["state"], found.answer, found.state, answers) == (ANA, "replied", ANSWER, "replied", False)
    assert BRUNO not in str(said) and ready.questions.askable(GALETTE)[0].answered == 1


def test_an_adopter_gets_so_many_a_month_and_the_others_wait_their_turn(ready):
    sent = [send_question(ready, f"p{number}@example.org") for number in range(MONTHLY + 2)]
    assert [state(ready, submission) for submission in sent] == ["relayed"] * MONTHLY + ["late"] * 2
    assert answering.questions_due(ready, now=later(days=29)) == 0
    assert answering.questions_due(ready, now=NOW + MONTH) == 2
    assert [state(ready, submission) for submission in sent] == ["relayed"] * (MONTHLY + 2)


def test_an_asker_sends_so_many_a_month(ready):
    bruno = somebody(ready, "b2@example.net", represented_organizations=[COOP])
    answering.allow(ready, bruno, GALETTE, COOP, languages=["en"], monthly="50", now=NOW)
    states = [state(ready, send_question(ready, now=later(hours=number))) for number in range(12)]
    assert states == ["relayed"] * 8 + ["late"] * 4
    for number in range(4):
        send_question(ready, now=later(hours=12 + number))
    refused = send_question(ready, now=later(hours=16))
    assert refused.state == REFUSED and waiting_submissions(ready) == ()


def test_one_press_stops_all_and_what_comes_later_is_refused_without_a_reader(ready):
    _, submission = begin_draft(
        ready, ASK, "en", project_id=GALETTE, organization_id=COOP, answers={"text": TEXT}, now=NOW
    )
    send_draft(ready, submission.id, email=ANA, now=NOW)
    before = ready.change()
    for _ in range(2):
        answering.stop(ready, COOP)
    assert ready.questions.askable(GALETTE) == () and ready.change() > before
    token = messages(ready, submissions.CONFIRM_SUBMISSION)[-1][1]["token"]
    _, _, late = submissions.open_link(ready, token, "en", now=NOW)
    assert late.state == REFUSED and messages(ready, "question") == [] and waiting_submissions(ready) == ()
    with pytest.raises(Invalid):
        send_question(ready)


@pytest.mark.parametrize(
    ("answers", "fields"),
    [({"text": ""}, {"text"}), ({"text": "x" * 1001}, {"text"}), ({"text": f"I am {CARLA}"}, {"text"}),
     ({"language": "?"}, {"language"}), ({"call": "AAAA-AAAA"}, {"text"})],
)  # fmt: skip
def test_all_that_is_wrong_with_a_question_is_told_by_field(ready, answers, fields):
    with pytest.raises(Invalid) as refused:
        send_question(ready, **answers)
    assert set(refused.value.errors) == fields


def test_only_a_representative_allows_questions_and_says_how_many_and_in_which_languages(store):
    bruno, carla = somebody(store, BRUNO, represented_organizations=[COOP]), somebody(store, CARLA)
    given = {"languages": ["fr"], "monthly": "3", "now": NOW}
    with pytest.raises(NotAllowed):
        answering.allow(store, carla, GALETTE, COOP, **given)
    for wrong, field in (({"monthly": "0"}, "monthly"), ({"monthly": "51"}, "monthly"), ({"monthly": "²"}, "monthly"),
                         ({"languages": []}, "languages"), ({"languages": ["<b>"]}, "languages")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            answering.allow(store, bruno, GALETTE, COOP, **given | wrong)
        assert set(refused.value.errors) == {field}
    answering.allow(store, bruno, GALETTE, COOP, **given)
    answering.allow(store, bruno, identity("asleep"), COOP, **given)
    assert len(store.questions.askable(GALETTE)) == 1
    assert store.questions.askable(identity("asleep")) == ()  # it does not publicly use that


def test_what_nobody_answers_ends_and_texts_go_after_ninety_days(ready):
    unanswered, other = send_question(ready), send_question(ready, CARLA)
    key = ready.questions.by_reference(other.reference)[0].id
    answering.reply(ready, key, ANSWER, now=later(days=1))
    answering.questions_due(ready, now=NOW + ANSWER_AWAITED)
    assert state(ready, unanswered) == "unanswered"
    assert [said["state"] for to, said in messages(ready, "question-ended") if to == ANA] == ["unanswered"]
    for when, kept in ((later(days=1) + TEXTS_KEPT - timedelta(hours=1), True), (later(days=1) + TEXTS_KEPT, False)):
        ready.questions.forget(when)
        found = ready.questions.by_reference(other.reference)[0]
        assert (found.text is not None, found.answer is not None) == (kept, kept)
    assert ready.questions.forget(NOW + ANSWER_AWAITED + TEXTS_KEPT) == 1
    with reading(ready.engine) as connection:
        kept = (
            connection.execute(select(question)).all()
            + connection.execute(select(submission.c.answers).where(submission.c.kind == ASK)).all()
        )
    assert TEXT not in str(kept) and ANSWER not in str(kept) and ready.questions.askable(GALETTE)[0].answered == 1


def test_a_caller_is_written_to_without_an_address(store):
    call = a_call(store, CARLA)
    submission = send_question(store, call=call.reference, text="We have such a register.")
    ((to, said),) = messages(store, "question")
    assert (to, said["call"], state(store, submission)) == (CARLA, "yes", "relayed")


def test_a_question_is_asked_and_answered_and_no_address_is_shown(app, reader, ready, box):
    """Each message and each page that either side gets is searched for the other's address."""
    page = reader.get("/en/projects/galette").text
    assert PATH.replace("&", "&amp;") in page and "Ask a user organization" in page
    form = {"draft": token_of(reader.get(PATH)), "text": TEXT, "language": "en", "email": ANA}
    assert reader.post(PATH, data=form | {"text": ""}).status_code == 422
    assert reader.post(PATH, data=form).status_code == 303
    deliver(ready, box)
    proof = box.link()
    asker = a_client(app)
    asker.headers.update(BROWSER)
    done = asker.post(proof, data={"go": ""})
    asker.cookies.set(NAME, done.cookies[NAME])
    own = asker.get(done.headers["location"]).text
    deliver(ready, box)
    link = box.link()
    question_page = a_client(app).get(link)
    assert '<a href="/en/projects/galette"><bdi>Galette</bdi></a>' in question_page.text
    assert TEXT in question_page.text and "no-store" in question_page.headers["cache-control"]
    answerer = a_client(app)
    answerer.headers.update(BROWSER)
    assert answerer.post(link, data={"step": "answer", "text": ""}).status_code == 422
    assert answerer.post(link, data={"step": "answer", "text": ANSWER}).status_code == 303
    after = answerer.get(link).text
    deliver(ready, box)
    back = box.link()
    answer_page = a_client(app).get(back).text
    assert ANSWER in answer_page
    for mail in box.messages:
        whole = mail.as_string()
        other = ANA if mail["To"] == BRUNO else BRUNO
        assert other not in whole and mail["Reply-To"] is None and mail["Cc"] is None
        assert mail["From"].addresses[0].addr_spec == "no-reply@forge.example"
        assert TEXT not in whole and ANSWER not in whole
    assert {mail["To"] for mail in box.messages} == {ANA, BRUNO}
    assert all(BRUNO not in text for text in (own, answer_page)) and all(ANA not in text for text in
               (question_page.text, after, a_client(app).get("/en/projects/galette").text))  # fmt: skip
    reference = ready.submissions.of_person(somebody(ready, ANA).id)[0].reference
    assert ANSWER in asker.get(f"/en/questions/{reference}").text
    with pytest.raises(NotFound):
        ready.questions.by_token("x" * 43)


def test_a_link_in_each_message_and_my_page_turn_questions_off_at_one_press(app, reader, ready, box):
    send_question(ready)
    deliver(ready, box)
    link = box.link()
    assert "Stop accepting questions" in reader.get(link).text
    assert reader.post(link, data={"step": "stop"}).status_code == 303
    assert "No more questions reach you" in reader.get(f"{link}?stopped=1").text
    assert reader.get(PATH).status_code == 404 and "Ask a group" not in reader.get("/en/projects/galette").text
    client = standing(app, ready, organization_id=COOP)
    page = client.get("/en/me/questions").text
    assert "galette coop-des-halles" in page
    form = {"use": "galette coop-des-halles", "languages": ["fr"], "monthly": "2", "step": "allow"}
    assert client.post("/en/me/questions", data=form | {"monthly": "many"}).status_code == 422
    assert client.post("/en/me/questions", data=form).status_code == 303
    assert ready.questions.askable(GALETTE)[0].monthly == 2
    assert "May others ask you?" in client.get("/en/me").text
    assert client.post("/en/me/questions", data={"step": "stop-all"}).status_code == 303
    assert ready.questions.askable(GALETTE) == ()


def test_an_old_link_says_so_and_a_stranger_finds_nothing(app, reader, ready):
    submission = send_question(ready)
    assert reader.get(f"/en/questions/{'x' * 43}").status_code == 410
    assert reader.post(f"/en/questions/{'x' * 43}", data={"step": "stop"}).status_code == 410
    assert "sign-in" in reader.get(f"/en/questions/{submission.reference}").headers["location"]
    stranger = standing(app, ready, organization_id=identity("org-1", "organization"))
    assert stranger.get(f"/en/questions/{submission.reference}").status_code == 410
    assert reader.get("/en/ask?project=galette&organization=org-1").status_code == 404


def test_what_is_typed_is_shown_as_text_and_a_server_that_is_down_queues(app, reader, ready, box):
    box.answer = "451 later"
    send_question(ready, text=HOSTILE)
    deliver(ready, box)
    box.answer = ""
    assert box.messages == []
    deliver(ready, box, later(minutes=5))
    text = reader.get(box.link()).text
    assert "<script>alert" not in text and "\u202e" not in text
    with reading(ready.engine) as connection:
        left = connection.execute(select(message.c.argument)).scalars().all()
    assert all(said == {} for said in left)


def test_an_unnamed_use_is_not_asked(store):
    bruno = somebody(store, BRUNO, represented_organizations=[identity("org-61", "organization")])
    a_declared_adoption(store, "asleep", "org-61", visibility="counted")
    answering.allow(
        store, bruno, identity("asleep"), identity("org-61", "organization"), languages=["fr"], monthly="", now=NOW
    )
    assert (
        store.questions.askable(identity("asleep")) == ()
        and store.questions.uses(bruno.represented_organizations) == ()
    )


def read_by_moderators(app, store, submission, role="moderator"):
    """All that the desk's pages say of a question to a moderator."""
    item = f"/en/desk/declarations/{submission.reference}"
    places = ("/en/desk", item, "/en/log",
              f"/en/questions/{submission.reference}", f"/en/declarations/{submission.reference}")  # fmt: skip
    client = signed_in(app, store, f"{role}@example.org", role)
    answers = [client.get(place) for place in places]
    assert {answer.status_code for answer in answers} <= {200, 303, 404, 410}
    return "\n".join(answer.text for answer in answers)


def take_away(moderator, submission):
    """Remove a question that was reported, at the desk; what its page said before."""
    item = f"/en/desk/declarations/{submission.reference}"
    page = moderator.get(item).text
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    wish = {"choice": "take-away", "reason": "harm", "words": "It insults.", "seen": seen, "step": "decide"}
    done = moderator.post(item, data=wish)
    assert done.status_code == 303, done.text
    return page


def an_answered_question(store):
    """A question that was answered; it, and the link of the person who answered."""
    submission = send_question(store)
    (_, said), *_ = messages(store, "question")
    answering.reply(store, submission.id, ANSWER, now=later(days=1))
    return submission, f"/en/questions/{said['token']}"


def a_refused_question(store):
    """The address was proven when no questions were taken any more."""
    given = {"text": TEXT, "language": "en"}
    _, submission = begin_draft(store, ASK, "en", project_id=GALETTE, organization_id=COOP, answers=given, now=NOW)
    send_draft(store, submission.id, email="late@example.org", now=NOW)
    answering.stop(store, COOP)
    (token,) = [
        said["token"] for to, said in messages(store, submissions.CONFIRM_SUBMISSION) if to == "late@example.org"
    ]
    _, _, refused = submissions.open_link(store, token, "en", now=NOW)
    assert refused.state == REFUSED
    return refused


def test_moderators_see_between_whom_a_question_is_and_not_what_it_says(app, ready):
    submission, _ = an_answered_question(ready)
    refused = a_refused_question(ready)
    for role in ("moderator", "administrator"):
        for asked in (submission, refused):
            seen = read_by_moderators(app, ready, asked, role)
            assert TEXT not in seen and ANSWER not in seen
        client = signed_in(app, ready, f"{role}@example.org", role)
        item = client.get(f"/en/desk/declarations/{submission.reference}").text
        assert "galette" in item and "coop-des-halles" in item and "Answered" in item
        assert "Moderators read it only if one of them reports it" in item
        assert "look" not in ready.moderation_queue.counts(now=NOW)  # nothing of it waits for anybody


def test_a_form_says_who_reads_a_question(reader, ready):
    said = reader.get(PATH).text
    assert "unless one of you reports it" in said and "only the two of you read" not in said


@pytest.mark.parametrize("by", ["asker", "addressee"])
def test_either_side_reports_a_question_at_one_press_and_both_are_told(app, ready, box, by):
    submission, answerer = an_answered_question(ready)
    (_, said), *_ = messages(ready, "question-ended")
    pages = {"asker": f"/en/questions/{said['token']}", "addressee": answerer}
    mine = pages[by]
    other = next(page for side, page in pages.items() if side != by)
    visitor = a_client(app)
    visitor.headers.update(BROWSER)
    assert "Report it to the moderators" in visitor.get(mine).text
    assert visitor.post(mine, data={"step": "report", "why": "x" * 1001}).status_code == 422
    assert TEXT not in read_by_moderators(app, ready, submission)
    for _ in range(2):
        assert visitor.post(mine, data={"step": "report", "why": HOSTILE}).status_code == 303
    assert "You reported it" in visitor.get(mine).text and "Moderators can read" in visitor.get(mine).text
    ((to, told),) = messages(ready, "question-reported")
    assert to == (ANA if by == "addressee" else BRUNO) and TEXT not in str(told)
    page = visitor.get(f"/en/questions/{told['token']}").text
    assert "The other person reported it" in page and "Moderators can read" in page and "alert(" not in page
    if by == "asker":
        assert "The other person reported it" in visitor.get(other).text
    moderator = signed_in(app, ready, "moderator@example.org")
    read = moderator.get(f"/en/desk/declarations/{submission.reference}").text
    assert TEXT in read and ANSWER in read and "<script>alert" not in read and "\u202e" not in read
    assert ready.moderation_queue.counts(now=NOW)["look"] == 1
    deliver(ready, box, later(days=1))
    (mail,) = [message for message in box.messages if "was reported" in message["Subject"]]
    assert mail["To"] == to and TEXT not in mail.as_string()


def test_a_question_that_waits_its_turn_is_reported_to_nobody(app, ready):
    sent = [send_question(ready, f"p{number}@example.org") for number in range(MONTHLY + 1)]
    late, told = sent[-1], messages(ready, "question")
    assert state(ready, late) == "late" and len(told) == MONTHLY
    asker = signed_in(app, ready, f"p{MONTHLY}@example.org", None)
    page = f"/en/questions/{late.reference}"
    assert "It waits its turn" in asker.get(page).text and "Report it" not in asker.get(page).text
    assert asker.post(page, data={"step": "report", "why": "No."}).status_code == 303
    assert messages(ready, "question-reported") == [] and messages(ready, "question") == told
    assert TEXT not in read_by_moderators(app, ready, late) and "look" not in ready.moderation_queue.counts(now=NOW)
    answering.questions_due(ready, now=NOW + MONTH)  # its turn came: now it has two sides
    assert state(ready, late) == "relayed" and "Report it" in asker.get(page).text
    assert asker.post(page, data={"step": "report"}).status_code == 303
    assert [to for to, _ in messages(ready, "question-reported")] == [BRUNO]


def test_a_report_needs_no_reason_and_what_a_moderator_removes_can_be_put_back_for_a_day(app, ready):
    submission = send_question(ready)
    (_, said), *_ = messages(ready, "question")
    visitor = a_client(app)
    visitor.headers.update(BROWSER)
    link = f"/en/questions/{said['token']}"
    assert visitor.post(link, data={"step": "report"}).status_code == 303
    seen = take_away(signed_in(app, ready, "m@example.org"), submission)
    assert 'value="looked-at"' in seen and 'value="take-away"' in seen and TEXT in seen
    page = visitor.get(link).text
    assert TEXT not in page and "A moderator removed it" in page
    visitor.post(link, data={"step": "answer", "text": ANSWER})
    answering.questions_due(ready, now=NOW + ANSWER_AWAITED)
    assert messages(ready, "question-ended") == []
    number, another = ready.decisions.lines()[0].number, signed_in(app, ready, "n@example.org")
    undo = {"reason": "mistake", "words": "It does not.", "step": "decide"}
    assert another.post(f"/en/desk/undo/{number}", data=undo).status_code == 303
    assert TEXT in visitor.get(link).text
    assert visitor.post(link, data={"step": "answer", "text": ANSWER}).status_code == 303
    assert len(messages(ready, "question")) == 1 and state(ready, submission) == "replied"


def test_no_page_says_of_a_question_that_it_is_or_was_public(app, ready):
    submission, _ = an_answered_question(ready)
    asker = signed_in(app, ready, ANA, None)
    own, me, item = (
        f"/en/declarations/{submission.reference}",
        "/en/me",
        f"/en/desk/declarations/{submission.reference}",
    )
    assert "Sent, not public" in asker.get(me).text and "t is published" not in asker.get(me).text
    answering.report(ready, submission.id, "addressee", "", now=NOW)
    moderator = signed_in(app, ready, "moderator@example.org")
    read = moderator.get(item).text
    assert "It stays published" not in read and "Nothing changes. The case is closed." in read
    assert "All is as it was before" not in read and "Neither side can see or answer it from now on" in read
    desk = moderator.get("/en/desk").text
    assert "reported" in desk
    only = moderator.get("/en/desk?kind=look").text
    assert submission.reference in only or "Coop" in only
    assert "published automatically today" not in only and "reported" in only
    take_away(moderator, submission)
    for text in (asker.get(me).text, asker.get(own).text, moderator.get(item).text, moderator.get("/en/log").text):
        assert "was not accepted" not in text and "Removed after publication" not in text
        assert "removed" in text.lower()


def test_an_answer_is_not_asked_for_where_whoever_asked_is_gone(app, ready, box):
    sent = [send_question(ready, f"p{number}@example.org") for number in range(MONTHLY + 1)]
    (_, said), *_ = messages(ready, "question")
    link = f"/en/questions/{said['token']}"
    visitor = a_client(app)
    visitor.headers.update(BROWSER)
    assert "Send the answer" in visitor.get(link).text
    for email in ("p0@example.org", f"p{MONTHLY}@example.org"):
        ready.account_erasure.delete(somebody(ready, email).id, now=NOW)
    page = visitor.get(link).text
    assert "Send the answer" not in page and "The person who asked has deleted their account" in page
    assert "The other person is told" not in page and "Report it" in page
    late = visitor.post(link, data={"step": "answer", "text": ANSWER})
    assert late.status_code == 409 and ANSWER in late.text and state(ready, sent[0]) == "relayed"
    answering.questions_due(ready, now=NOW + MONTH)  # nobody is asked what nobody would read
    assert state(ready, sent[-1]) == "late" and len(messages(ready, "question")) == MONTHLY
    answering.questions_due(ready, now=NOW + ANSWER_AWAITED)
    assert {state(ready, sent[0]), state(ready, sent[-1])} == {"unanswered"}


def test_moderators_read_a_question_to_a_caller_under_its_own_words(app, store):
    call = a_call(store, CARLA)
    submission = send_question(store, call=call.reference, text="We have such a register.")
    answering.report(store, submission.id, "addressee", "", now=NOW)
    moderator = signed_in(app, store, "moderator@example.org")
    for page in (f"/en/desk/declarations/{submission.reference}", "/en/desk/next"):
        text = moderator.get(page).text
        assert "A question to an organization" not in text and "The need that you join" not in text
        assert "Your question" not in text
    text = moderator.get(f"/en/desk/declarations/{submission.reference}").text
    assert "A question between organizations" in text and "About the need" in text and "The question" in text
    assert "We have such a register." in text and "The answer" not in text and "The same" not in text


def test_a_stranger_reports_nothing(app, ready):
    submission, _ = an_answered_question(ready)
    stranger = signed_in(app, ready, "stranger@example.org", None)
    assert stranger.post(f"/en/questions/{submission.reference}", data={"step": "report"}).status_code == 410
    assert TEXT not in read_by_moderators(app, ready, submission)


def test_a_question_that_nobody_would_get_any_more_ends_and_its_text_goes_with_a_refused_one_s(ready):
    sent = [send_question(ready, f"p{number}@example.org") for number in range(MONTHLY + 1)]
    assert state(ready, sent[-1]) == "late"
    refused = a_refused_question(ready)
    answering.questions_due(ready, now=NOW + ANSWER_AWAITED)
    assert {state(ready, submission) for submission in sent} == {"unanswered"}
    over = NOW + ANSWER_AWAITED + TEXTS_KEPT
    ready.questions.forget(over)
    with reading(ready.engine) as connection:
        wanted = select(submission.c.answers).where(submission.c.kind == ASK)
        assert TEXT not in str(connection.execute(wanted).all())
    assert ready.submissions.get(refused.id).state == REFUSED


def test_whose_question_was_removed_reads_that_and_not_that_nobody_read_it(app, ready):
    submission = send_question(ready)
    answering.report(ready, submission.id, "addressee", "", now=NOW)
    take_away(signed_in(app, ready, "m@example.org"), submission)
    asker = signed_in(app, ready, ANA, None)
    page = asker.get(f"/en/declarations/{submission.reference}").text
    assert "a moderator removed it" in page and "Nobody read it" not in page
