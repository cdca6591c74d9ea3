"""The command `forge secret`: a new secret in the place of the old one, and, after a break-in, everybody signed out."""

from contextlib import closing

import click

from forge.commands.console import fail, open_store, read_settings


@click.group()
def secret() -> None:
    """The secret behind links in messages and digests in the database.

    Example: forge secret rotate
    """


@secret.command("rotate")
@click.option("--sign-out", is_flag=True, help="Also end all sessions, sign-in links and API tokens.")
def rotate_secret(sign_out: bool) -> None:
    """Replace the secret in the data folder.

    Restart the services afterwards. Unsubscribe links in messages already sent stop working. docs/threats.md explains
    how to change the other secrets.

    Example: forge secret rotate --sign-out
    """
    from forge.security.secret import rotate

    settings = read_settings()
    if settings.secret:
        fail("FORGE_SECRET is set: write another value there, and restart.")
    with closing(open_store(settings)) as store:
        try:
            rotate(settings.data)
        except OSError as wrong:
            fail(f"{settings.data / 'secret'} cannot be written ({wrong.strerror}).")
        ended = store.people.end_all() if sign_out else 0
    click.echo("The secret is another one. Restart the services.")
    if sign_out:
        click.echo(f"{ended} sessions were ended, with all sign-in links and tokens of programs.")
