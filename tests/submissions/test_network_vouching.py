"""A federation confirms what its members declared, fifty at once from a sheet; nothing is shown of others."""

import pytest
from sqlalchemy import select
from support.factories.adoptions import GMAIL, NEW, a_use, decided, opened
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.visitors import BROWSER
from support.world import a_client, a_site

from catalog.errors import NotAllowed
from catalog.rules.pasted_table import NotATable, read_table
from catalog.rules.person import Person
from catalog.store.adoptions import reported
from catalog.store.core.engine import reading
from catalog.store.people.mail_queue import Message
from catalog.submissions.kinds import network_vouching
from catalog.tables.people import message
from forge.mail.compose import compose
from forge.web.core.session import NAME
from tests.submissions.test_adoption_reconfirmation import speaks

FEDERATION = identity("federation", "organization")
MEMBERS = 50


@pytest.fixture
def filled(store):
    return _fill(store)


def _fill(store):
    members = [an_organization(f"member-{number}", name=f"Member {number}") for number in range(MEMBERS)]
    twins = [an_organization(f"twin-{name}", name="Twin", country=name.upper()) for name in ("fr", "es")]
    federation = an_organization("federation", name="The Federation", function="network-federation")
    galette = a_project(adoptions=(an_adoption("member-0"),))
    load(store, a_catalog(galette, a_project("paheko"), *members, *twins, federation, an_organization()))
    for number in range(MEMBERS):
        a_declared_adoption(store, organization=f"member-{number}", stage="in-production", verification="self-declared")
    return store


def a_representative(store):
    someone = speaks(store, "eva@federation.example.org", FEDERATION)
    return Person(someone.id, someone.email, "fr", None, represented_organizations=(FEDERATION,))


def sheet(*rows):
    return read_table("organization;project;country;email\n" + "\n".join(rows), needed=("organization", "project"))


def test_fifty_are_confirmed_at_once_and_looking_keeps_nothing(filled):
    eva, rows = a_representative(filled), sheet(*(f"Member {number};galette" for number in range(MEMBERS)))
    before = filled.change()
    looked = network_vouching.vouch(filled, eva, FEDERATION, rows, "fr", keep=False, now=later(days=1))
    assert {outcome.result for outcome in looked} == {network_vouching.CONFIRMED} and filled.change() == before
    assert filled.public_records.project("galette").uses.confirmed == 0
    assert network_vouching.vouch(filled, eva, FEDERATION, rows, "fr", keep=True, now=later(days=1)) == looked
    assert filled.public_records.project("galette").uses.confirmed == MEMBERS
    lines = filled.record_pages.users("galette", 1, 100).adoptions
    assert {line.adoption.verification for line in lines} == {"network-confirmed"}
    again = network_vouching.vouch(filled, eva, FEDERATION, rows[:1], "fr", keep=True, now=later(days=2))
    assert [outcome.result for outcome in again] == [network_vouching.ALREADY]


def test_each_faulty_row_is_told_and_the_others_are_kept(filled):
    rows = sheet(
        "Member 1;galette",
        ";galette",
        "Member 2;nothing",
        "Twin;galette",
        "Twin;galette;FR",
        "Member 3;galette;;not an address",
        "member  1;Galette",
        "Unheard of;paheko",
        "Unheard of too;paheko;;office@unheard.example.org",
    )
    told = network_vouching.vouch(filled, a_representative(filled), FEDERATION, rows, "fr", keep=True, now=NOW)
    assert [(outcome.number, outcome.result) for outcome in told] == [
        (2, network_vouching.CONFIRMED),
        (3, network_vouching.NO_ORGANIZATION),
        (4, network_vouching.NO_PROJECT),
        (5, network_vouching.SEVERAL),
        (6, network_vouching.NOTED),
        (7, network_vouching.BAD_ADDRESS),
        (8, network_vouching.TWICE),
        (9, network_vouching.NOTED),
        (10, network_vouching.INVITED),
    ]
    assert filled.public_records.project("galette").uses.confirmed == 1
    assert filled.record_pages.users("paheko").adoptions == ()
    with reading(filled.engine) as connection:
        asked = (
            connection.execute(select(message.c.email).where(message.c.kind == "adoption-invitation")).scalars().all()
        )
    assert asked == ["office@unheard.example.org"]


def test_who_asked_for_silence_is_left_in_silence(filled):
    filled.reported_adoptions.add(identity("paheko"), ["Quiet"], {"by": "network"}, now=NOW)
    key = filled.reported_adoptions.of_project(identity("paheko"))[0].id
    filled.reported_adoptions.refuse(
        filled.reported_adoptions.invite(key, identity("paheko"), None, "fr", now=NOW), now=NOW
    )
    told = network_vouching.vouch(
        filled, a_representative(filled), FEDERATION, sheet("Quiet;paheko;;a@b.example.org"), "fr", keep=True, now=NOW
    )
    assert [outcome.result for outcome in told] == [network_vouching.REFUSED]


@pytest.mark.parametrize(
    ("visibility", "state", "told"),
    [
        ("public", reported.AGREED, network_vouching.CONFIRMED),
        ("maintainers", reported.AGREED, network_vouching.INVITED),
        ("counted", reported.INVITED, network_vouching.INVITED),
    ],
)
def test_who_said_so_by_the_form_is_invited_no_more_and_known_to_none_but_those_it_chose(
    filled, visibility, state, told
):
    eva, rows = a_representative(filled), sheet("Les Ateliers;galette;;office@ateliers.example.org")
    _, sent = opened(filled, a_use(filled, **NEW, visibility=visibility), GMAIL)
    first = network_vouching.vouch(filled, eva, FEDERATION, rows, "en", keep=True, now=NOW)
    assert [outcome.result for outcome in first] == [network_vouching.INVITED] and len(invitations(filled)) == 1
    decided(filled, sent)
    again = network_vouching.vouch(filled, eva, FEDERATION, rows, "en", keep=True, now=later(days=1))
    assert [outcome.result for outcome in again] == [told] and len(invitations(filled)) == 1
    assert [line.state for line in filled.reported_adoptions.of_project(identity("galette"))] == [state]


def test_only_who_speaks_for_a_network_vouches(filled):
    eva = a_representative(filled)
    for who, about in (
        (Person(eva.id, eva.email, "fr", None), FEDERATION),
        (Person(eva.id, eva.email, "fr", "moderator"), FEDERATION),
        (
            Person(eva.id, eva.email, "fr", None, represented_organizations=(identity("member-1", "organization"),)),
            FEDERATION,
        ),
        (
            Person(eva.id, eva.email, "fr", None, represented_organizations=(identity("member-1", "organization"),)),
            identity("member-1", "organization"),
        ),
    ):
        with pytest.raises(NotAllowed):
            network_vouching.vouch(filled, who, about, sheet("Member 1;galette"), "fr", keep=True, now=NOW)
    assert filled.public_records.project("galette").uses.confirmed == 0


def test_a_word_taken_back_leaves_what_was_declared(filled):
    eva, member = a_representative(filled), identity("member-1", "organization")
    network_vouching.vouch(filled, eva, FEDERATION, sheet("Member 1;galette"), "fr", keep=True, now=NOW)
    assert [member.slug for member in filled.network_vouching.of_network(FEDERATION)] == ["member-1"]
    network_vouching.unvouch(filled, eva, FEDERATION, identity("galette"), member)
    page = filled.public_records.project("galette")
    assert (page.uses.confirmed, page.uses.declared) == (0, MEMBERS)
    assert filled.network_vouching.of_network(FEDERATION) == ()


def test_the_page_shows_each_row_before_anything_is_kept_and_loses_nothing(sqlite_store, tmp_path):
    _fill(sqlite_store)
    someone = speaks(sqlite_store, "eva@federation.example.org", FEDERATION)
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        client.cookies.set(NAME, _cookie(sqlite_store, someone))
        client.headers.update(BROWSER)
        page, text = "/en/organizations/federation/vouch", "organization\tproject\nMember 1\tgalette\nX\tno <b>such"
        looked = client.post(page, data={"sheet": text})
        assert looked.status_code == 200 and "Nothing is kept yet" in looked.text and "no &lt;b&gt;such" in looked.text
        assert sqlite_store.public_records.project("galette").uses.confirmed == 0
        changed = client.post(page, data={"sheet": text, "step": "change"})
        assert "Member 1\tgalette" in changed.text
        assert "Done" in client.post(page, data={"sheet": text, "step": "keep"}).text
        assert sqlite_store.public_records.project("galette").uses.confirmed == 1
        for wrong, sentence in (
            ("", "Paste your sheet"),
            ("a;b\nc;d", "names of the columns"),
            ("name;project\nX;y", "No row"),
        ):
            answer = client.post(page, data={"sheet": wrong})
            assert answer.status_code == 422 and sentence in answer.text and "<title>Error: " in answer.text
        back = client.post(f"{page}/back", data={"project": "galette", "member": "member-1"})
        assert back.status_code == 303 and sqlite_store.public_records.project("galette").uses.confirmed == 0
        assert a_client(app).get(page).status_code == 303


def test_a_sheet_of_two_hundred_long_rows_is_read_to_its_end(sqlite_store, tmp_path):
    _fill(sqlite_store)
    someone = speaks(sqlite_store, "eva@federation.example.org", FEDERATION)
    rows = [f"Association {number} with quite a long name;galette;https://a-{number}.example.org/{'x' * 80}"
            for number in range(200)]  # fmt: skip
    pasted = "\n".join(("organization;project;website", *rows))
    assert len(pasted) > 27_000
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        client.cookies.set(NAME, _cookie(sqlite_store, someone))
        client.headers.update(BROWSER)
        path = "/en/organizations/federation/vouch"
        looked = client.post(path, data={"sheet": pasted, "step": "look"})
        assert looked.status_code == 200 and "Association 199 with" in looked.text
        refused = client.post(path, data={"sheet": f"{pasted}\nOne more;galette", "step": "look"})
        assert refused.status_code == 422 and "Send 200 lines or fewer" in refused.text and "One more" in refused.text
    with pytest.raises(NotATable):
        read_table("organization\n" + "a" * 200_000)


def _cookie(store, someone):
    store.people.send_sign_in(someone.email, "en", {}, now=NOW)
    with reading(store.engine) as connection:
        wanted = select(message.c.argument).where(message.c.email == someone.email, message.c.kind == "sign-in")
        token = connection.execute(wanted).scalars().first()["token"]
    return store.people.sign_in(token, "en", now=NOW)[1]


def invitations(store):
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message).where(message.c.kind == "adoption-invitation").order_by(message.c.created_at)
        )
        told = [Message(*row) for row in rows]
    sent = [
        compose(message, None, base_url="https://forge.example", sender="no-reply@forge.example") for message in told
    ]
    return [" ".join(mail.get_body(("plain",)).get_content().split()) for mail in sent]


def test_an_invitation_says_who_told_us_and_where_nobody_did_that_we_were_told(filled):
    paheko = identity("paheko")
    rows = sheet("Unheard of;paheko;;office@unheard.example.org")
    network_vouching.vouch(filled, a_representative(filled), FEDERATION, rows, "en", keep=True, now=NOW)
    for number, source in enumerate(({"by": "maintainer"}, {"by": "moderator"}, {"file": "USERS.md"}), 1):
        filled.reported_adoptions.add(paheko, [f"Group {number}"], source, now=NOW)
        key = next(line.id for line in filled.reported_adoptions.of_project(paheko) if line.name == f"Group {number}")
        filled.reported_adoptions.invite(key, paheko, f"g{number}@example.org", "en", now=later(hours=number))
    by_network, by_maintainers, by_moderator, in_a_file = invitations(filled)
    assert "A representative of The Federation told" in by_network and "maintain" not in by_network
    assert "The maintainers of Paheko told" in by_maintainers
    assert "Someone told us that Group 2 uses Paheko" in by_moderator and "maintain" not in by_moderator
    assert "A file in the source code of Paheko lists Group 3" in in_a_file
    for text in (by_network, by_maintainers, by_moderator, in_a_file):
        assert "Nobody else sees" not in text and "We have not published it" in text
