"""The commands `forge person` and `forge crawler`: invite moderators and administrators, end their roles, print
tokens for programs. There are no passwords.
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import click

from catalog.errors import Invalid, NotFound
from catalog.rules.person import ROLES, normalized_address
from forge.commands.console import fail, open_store, read_settings


@click.group()
def person() -> None:
    """Those who may decide here.

    Example: forge person invite ana@example.org --role moderator
    """


@click.command()
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it is good.")
def crawler(name: str, days: int) -> None:
    """Print a token for a program that posts to the Open Catalog API at /v1, under this name.

    Nobody keeps it: another FORGE_OPEN_CATALOG_KEY ends all tokens.

    Example: forge crawler our-crawler --days 90
    """
    from forge.web.opencatalog.tokens import MAX_NAME, make

    settings = read_settings()
    if settings.open_catalog_key is None:
        fail(
            "FORGE_OPEN_CATALOG_KEY is not set, so that /v1 is read-only. `head -c 32 /dev/urandom | base64` gives one."
        )
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        fail(f"Write a name of at most {MAX_NAME} characters, such as our-crawler.")
    click.echo(make(settings.open_catalog_key, name, now=datetime.now(UTC), lifetime=timedelta(days=days)))


@person.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--language", help="Of the message.  [default: the first of the catalogue]")
def invite(email: str, role: str, language: str | None) -> None:
    """Send somebody a link that signs in and gives a role; it is printed too, for where mail does not work yet.

    Example: forge person invite ana@example.org --role administrator
    """
    settings = read_settings()
    known = normalized_address(email)
    if known is None:
        fail(f"{email!r} is no e-mail address. Write one such as ana@example.org.")
    store = open_store(settings)
    manifest = store.manifest()
    offered = manifest.languages if manifest else ()
    if language and language not in offered:
        fail(f"This catalogue has no pages in {language!r}. It has {', '.join(offered) or 'none yet'}.")
    tag = language or (offered[0] if offered else "en")
    try:
        token = store.people.invite(known, role, tag, now=datetime.now(UTC))
    except Invalid as error:
        fail(f"{known}: {error.errors['role']}.")
    click.echo(f"A message goes to {known}. Its link works once, for 7 days: {settings.here}/{tag}/sign-in/{token}")
    store.close()


@person.command()
@click.argument("email")
@click.option("--reason", required=True, help="Everybody reads it in the log. Name no person.")
def demote(email: str, reason: str) -> None:
    """Take a role away: who has this address decides no more. The public log says so, without the address.

    Example: forge person demote ana@example.org --reason "Left the network at the end of the year."
    """
    from catalog import moderation

    known = normalized_address(email)
    if known is None:
        fail(f"{email!r} is no e-mail address. Write one such as ana@example.org.")
    with closing(open_store(read_settings())) as store:
        try:
            role, number = moderation.end_role(store, known, reason, now=datetime.now(UTC))
        except NotFound:
            fail(f"Nobody with the address {known} has a role here.")
        except Invalid as error:
            fail(f"{'; '.join(error.errors.values())}.")
    click.echo(f"{known} is no {role} any more. Decision {number} of the log says that a role ended, and not whose.")
