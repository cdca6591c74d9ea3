"""Personal tokens for the API as rows: make, use, list, end, delete. `catalog.rules.permissions` says what one may
do."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update

from catalog.errors import Invalid
from catalog.rules.api_token import (
    KEPT_AFTER,
    LIFETIMES_DAYS,
    MAX_NAME,
    MOST_TOKENS,
    PREFIX,
    Token,
)
from catalog.rules.person import Person
from catalog.store.core.engine import DatabasePart, reading, writing
from catalog.store.people.accounts import digest, person_by_id
from catalog.tables.people import api_token, person

NO_NAME = "Write what the token is for"
LONG_NAME = "Use 80 characters or fewer"
NO_DAYS = "Choose how long it is valid"
TOO_MANY_TOKENS = "You have 20 tokens. End one first"
SENTENCES = (NO_NAME, LONG_NAME, NO_DAYS, TOO_MANY_TOKENS)

_TOKEN_COLUMNS = tuple(api_token.c[name] for name in Token.__dataclass_fields__)


class ApiTokens(DatabasePart):
    def make(self, someone: Person, name: str, days: int, *, now: datetime) -> str:
        """Make a token, which nobody can read again: 49 characters.

        Raises Invalid with a msgid for each of name and days that is wrong.
        """
        wrong = _problems_of(name, days)
        with writing(self._engine) as connection:
            # A person who makes two at once waits here, so that both are counted.
            connection.execute(select(person.c.id).where(person.c.id == someone.id).with_for_update())
            mine = select(func.count()).where(api_token.c.person_id == someone.id)
            if int(connection.execute(mine).scalar_one()) >= MOST_TOKENS:
                wrong.setdefault("name", TOO_MANY_TOKENS)
            if wrong:
                raise Invalid(wrong)
            token = PREFIX + secrets.token_urlsafe(32)
            connection.execute(
                api_token.insert().values(
                    id=uuid4(),
                    digest=digest(token),
                    person_id=someone.id,
                    name=name,
                    created_at=now,
                    expires_at=now + timedelta(days=days),
                )
            )
        return token

    def authenticate(self, token: str, *, now: datetime) -> Person | None:
        """The person of a token, with the role that they have now; None for a token that does not work."""
        query = select(api_token).where(api_token.c.digest == digest(token))
        with reading(self._engine) as connection:
            row = connection.execute(query.where(api_token.c.expires_at > now)).first()
            someone = person_by_id(connection, row.person_id) if row else None
        if row is None or someone is None:
            return None
        if row.used_at is None or row.used_at.date() != now.date():
            with writing(self._engine) as connection:
                connection.execute(update(api_token).where(api_token.c.id == row.id).values(used_at=now))
        return someone

    def of_person(self, person_id: UUID) -> tuple[Token, ...]:
        """A person's tokens, the newest first, also those that ended lately."""
        query = select(*_TOKEN_COLUMNS).where(api_token.c.person_id == person_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(api_token.c.created_at.desc(), api_token.c.id)).all()
        return tuple(Token(*row) for row in rows)

    def delete(self, key: UUID, person_id: UUID) -> None:
        """End this token of this person; a second time changes nothing."""
        mine = (api_token.c.id == key, api_token.c.person_id == person_id)
        with writing(self._engine) as connection:
            connection.execute(delete(api_token).where(*mine))

    def forget(self, now: datetime) -> int:
        """Delete tokens that ended long enough ago; how many."""
        with writing(self._engine) as connection:
            over = api_token.c.expires_at < now - KEPT_AFTER
            return int(connection.execute(delete(api_token).where(over)).rowcount)


def _problems_of(name: str, days: int) -> dict[str, str]:
    wrong = {}
    if not name:
        wrong["name"] = NO_NAME
    elif len(name) > MAX_NAME:
        wrong["name"] = LONG_NAME
    if days not in LIFETIMES_DAYS:
        wrong["days"] = NO_DAYS
    return wrong
