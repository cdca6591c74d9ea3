"""Reconfirming a use: whether an organization still uses what it stated, at one press from a message, without a
password.

The link is for one person, works once, and only as long as they represent the organization; opening its page changes
nothing. It is no kind of submission: it has no field but three buttons, and the person of the link was verified before
it was sent.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.rules.adoption import following_statement
from catalog.rules.person import Link
from catalog.store.adoptions import adoption_rows
from catalog.store.adoptions.reconfirmation import RECONFIRMATION, may_answer, names_of, reconfirm
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import changing
from catalog.store.people.accounts import read_link, use_link
from catalog.store.store import Store

YES, STOPPED, GONE = "yes", "stopped", "gone"
CHOICES = (YES, STOPPED, GONE)
NO_CHOICE = "Choose what is so now"
SENTENCES = (NO_CHOICE,)


@dataclass(frozen=True)
class ReconfirmationQuestion:
    """What is asked: does `organization` still use `project`? Both are names; `slug` is the project's."""

    slug: str
    project: str
    organization: str


def open_question(store: Store, token: str, *, now: datetime) -> ReconfirmationQuestion:
    """What a message's link asks. Raises NotFound when it never did, was answered, is too old, nothing stands, or who
    was asked no longer represents the organization."""
    with reading(store.engine) as connection:
        link = read_link(connection, token, now)
        if link.purpose != RECONFIRMATION:
            raise NotFound("link", link.id[:8])
        return _question_of(connection, link)


def answer(store: Store, token: str, choice: str, *, now: datetime) -> ReconfirmationQuestion:
    """Reconfirm the use, end it, or withdraw it. Raises NotFound as `open_question`; Invalid("choice")."""
    if choice not in CHOICES:
        raise Invalid({"choice": NO_CHOICE})
    with changing(store.engine) as (connection, change):
        used = use_link(connection, token, now=now)
        if used.purpose != RECONFIRMATION:
            raise NotFound("link", used.id[:8])
        reconfirmation_question = _question_of(connection, used)
        project_id, organization_id = _pair(used)
        if choice == YES:
            reconfirm(connection, project_id, organization_id, change=change, now=now)
        elif choice == GONE:
            adoption_rows.withdraw_adoption(connection, project_id, organization_id, change=change, now=now)
        elif (adoption := adoption_rows.own_adoption(connection, project_id, organization_id)) is not None:
            over = replace(adoption, stage="stopped", until=str(now.year))
            use = following_statement(adoption, over, now.date())
            adoption_rows.write_adoption(connection, project_id, organization_id, use, change=change, now=now)
        return reconfirmation_question


def _pair(asking: Link) -> tuple[UUID, UUID]:
    return UUID(asking.argument["project"]), UUID(asking.argument["organization"])


def _question_of(connection: Connection, asking: Link) -> ReconfirmationQuestion:
    pair = _pair(asking)
    names = names_of(connection, *pair)
    if names is None or not may_answer(connection, *pair, asking.email):
        raise NotFound("adoption", str(pair[0]))
    return ReconfirmationQuestion(*names)
