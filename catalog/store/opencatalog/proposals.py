"""What crawlers post, as proposals at the desk: a registration that waits for a moderator, without a person behind it.

Each repository is proposed once, whatever was answered, and never more than MOST_WAITING wait at the same time: a
crawler posts thousands. It sends all its entries again at each run, so that the others follow as places become free.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from catalog.rules.open_catalog import is_public, is_web
from catalog.rules.submission import CRAWLER, OPEN_STATES, PUBLISHED, REFUSED, REGISTER, WAITING, WITHDRAWN
from catalog.store.core import cases
from catalog.store.opencatalog import own_entries as own
from catalog.store.submissions import repository_previews
from catalog.store.submissions import rows as submission_rows
from catalog.tables.submissions import submission

MOST_WAITING = 100
UNNAMED = "?"  # a crawler whose token says no name


def propose(
    connection: Connection, urls: Iterable[str], stated: Mapping[str, Any], *, actor: str | None, now: datetime
) -> None:
    """Have a moderator asked whether this software becomes a project here. `urls`: its own address first; `stated`:
    answers of a registration that its publiccode.yml gives."""
    urls = list(urls)
    if (
        not (is_web(urls[0]) and is_public(urls[0]))
        or _was_proposed(connection, urls)
        or _waiting(connection) >= MOST_WAITING
    ):
        return
    home = own.home(connection)
    if home is None:
        return
    subject = repository_previews.subject_of(urls[0])
    answers = {**stated, "address": urls[0], CRAWLER: actor or UNNAMED}
    language = home.manifest.languages[0]
    _, begun = submission_rows.begin(connection, REGISTER, language, subject=subject, answers=answers, now=now)
    sent = {"state": WAITING, "sent_at": now, "changed_at": now, "expires_at": None}
    submission_rows.change(connection, begun.id, **sent)
    repository_previews.want_for_desk(connection, begun.id, urls[0], now=now)


def take_back(connection: Connection, url: str, *, now: datetime) -> None:
    """What was posted is gone, and nobody has answered yet."""
    mine = _unanswered() & (submission.c.subject == repository_previews.subject_of(url))
    gone = update(submission).where(mine).values(state=WITHDRAWN, changed_at=now).returning(submission.c.id)
    cases.follow(connection, submission.c.id.in_(list(connection.execute(gone).scalars())))


def _was_proposed(connection: Connection, urls: list[str]) -> bool:
    """Whether somebody proposed it, and that waits or was answered."""
    subjects = [repository_previews.subject_of(url) for url in urls]
    named = or_(submission.c.subject.in_(subjects), submission.c.answers["address"].as_string().in_(urls))
    states = submission.c.state.in_((*OPEN_STATES, PUBLISHED, REFUSED))
    wanted = select(submission.c.id).where(submission.c.kind == REGISTER, states, named)
    return connection.execute(wanted.limit(1)).first() is not None


def _waiting(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(submission).where(_unanswered())).scalar_one())


def _unanswered() -> Any:
    nobody = submission.c.person_id.is_(None) & submission.c.email.is_(None)
    return (submission.c.kind == REGISTER) & submission.c.state.in_(OPEN_STATES) & nobody
