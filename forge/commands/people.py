"""The command `forge person`: invite moderators and administrators, end their roles. There are no passwords."""

from contextlib import closing
from datetime import UTC, datetime

import click

from catalog.errors import Invalid, NotFound
from catalog.rules.person import ROLES, normalized_address
from forge.commands.console import fail, open_store, read_settings


@click.group()
def person() -> None:
    """Moderators and administrators.

    Example: forge person invite ana@example.org --role moderator
    """


@person.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--language", help="Language of the message.  [default: the catalogue's first]")
def invite(email: str, role: str, language: str | None) -> None:
    """Send somebody a link that signs in and gives a role. It is printed too, in case mail does not work yet.

    Example: forge person invite ana@example.org --role administrator
    """
    settings = read_settings()
    address = normalized_address(email)
    if address is None:
        fail(f"{email!r} is no e-mail address. Write one such as ana@example.org.")
    store = open_store(settings)
    manifest = store.manifest()
    offered = manifest.languages if manifest else ()
    if language and language not in offered:
        fail(f"This catalogue has no pages in {language!r}. It has {', '.join(offered) or 'none yet'}.")
    tag = language or (offered[0] if offered else "en")
    try:
        token = store.people.invite(address, role, tag, now=datetime.now(UTC))
    except Invalid as error:
        fail(f"{address}: {error.errors['role']}.")
    click.echo(f"A message goes to {address}. Its link works once, for 7 days: {settings.here}/{tag}/sign-in/{token}")
    store.close()


@person.command()
@click.argument("email")
@click.option("--reason", required=True, help="Shown in the public log. Do not name a person.")
def demote(email: str, reason: str) -> None:
    """Remove somebody's role. It is logged publicly, without the address.

    Example: forge person demote ana@example.org --reason "Left the network at the end of the year."
    """
    from catalog import moderation

    address = normalized_address(email)
    if address is None:
        fail(f"{email!r} is no e-mail address. Write one such as ana@example.org.")
    with closing(open_store(read_settings())) as store:
        try:
            role, number = moderation.end_role(store, address, reason, now=datetime.now(UTC))
        except NotFound:
            fail(f"Nobody with the address {address} has a role here.")
        except Invalid as error:
            fail(f"{'; '.join(error.errors.values())}.")
    click.echo(f"{address} is no {role} any more. Decision {number} of the log says that a role ended, and not whose.")
