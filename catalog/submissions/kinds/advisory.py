"""A security advisory: the maintainers of a project warn those who use it and agreed to hear of it.

Its fields are rows like those of all forms. It is no submission: nobody decides on it, it is no draft and is not taken
back, and what it says goes out as messages at once, to people whom its senders do not learn of.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid
from catalog.rules.person import Person
from catalog.sentences import mark
from catalog.store.people.alert_subscriptions import Advisory
from catalog.store.store import Store
from catalog.submissions.base.fields import TEXT, URL, FormField, problems_of

MAX_WORDS, MAX_LINE, MAX_URL = 2_000, 200, 300  # characters
NO_WORDS = "Write what can go wrong, and what to do"
NO_VERSIONS = "Write which versions have the weakness"
TOO_LONG = "Write at most 2,000 characters, and 200 for each list of versions"
NO_URL = "Enter an address like https://example.org/advisory, or leave it empty"
SENTENCES = (NO_WORDS, NO_VERSIONS, TOO_LONG, NO_URL)

_ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(:\d{1,5})?(/[!-~]*)?", re.I)


def _wrong_address(text: str) -> str | None:
    return None if _ADDRESS.fullmatch(text) else NO_URL


# A maintainer signs it, and may say where to ask: it may hold addresses.
FIELDS = (
    FormField("words", TEXT, mark("What can go wrong, and what to do"),
              mark("In plain words, for people who do not program. At most 2,000 characters."), missing=NO_WORDS,
              longest=MAX_WORDS, too_long=TOO_LONG, public=False, rows=4),
    FormField("affected", label=mark("Versions with the weakness"), hint=mark("For example: all before 1.2.3"),
              missing=NO_VERSIONS, longest=MAX_LINE, too_long=TOO_LONG, public=False),
    FormField("fixed", label=mark("Version without it"), longest=MAX_LINE, too_long=TOO_LONG, public=False),
    FormField("url", URL, mark("Address where more is said"), longest=MAX_URL, too_long=NO_URL, refused=NO_URL,
              check=_wrong_address),
)  # fmt: skip


def send_advisory(
    store: Store, person: Person, project_id: UUID, answers: Mapping[str, str], *, identity: UUID, now: datetime
) -> Advisory:
    """Send it, once each person; what was sent with this `identity` before is not sent again. Raises Invalid."""
    if wrong := problems_of(FIELDS, answers):
        raise Invalid(wrong)
    said = {name: answers[name] for name in ("words", "affected", "fixed")}
    return store.alert_subscriptions.advise(
        person, project_id, **said, url=answers["url"] or None, identity=identity, now=now
    )
