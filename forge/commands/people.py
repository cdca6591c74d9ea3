"""The commands about people: invite those who decide. Nobody's password is set here, since there is none."""

from datetime import UTC, datetime

import click

from catalog.people import ROLES, address
from forge.commands.console import fail, settings_here, store_of


@click.group()
def person() -> None:
    """Those who may decide here.

    Example: forge person invite ana@example.org --role moderator
    """


@person.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--language", help="Of the message.  [default: the first of the catalogue]")
def invite(email: str, role: str, language: str | None) -> None:
    """Send somebody a link that signs in and gives a role; it is printed too, for where mail does not work yet.

    Example: forge person invite ana@example.org --role administrator
    """
    settings = settings_here()
    known = address(email)
    if known is None:
        fail(f"{email!r} is no e-mail address. Write one such as ana@example.org.")
    store = store_of(settings)
    manifest = store.manifest()
    offered = manifest.languages if manifest else ()
    if language and language not in offered:
        fail(f"This catalogue has no pages in {language!r}. It has {', '.join(offered) or 'none yet'}.")
    tag = language or (offered[0] if offered else "en")
    token = store.people.invite(known, role, tag, now=datetime.now(UTC))
    click.echo(f"A message goes to {known}. Its link works once, for 7 days: {settings.here}/{tag}/sign-in/{token}")
    store.close()
