"""The command `forge secret`: a new secret in the place of the old one, and, after a break-in, everybody signed out."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from forge.commands.console import fail, open_store, read_settings


@click.group()
def secret() -> None:
    """What keys digests and what is sealed in the database.

    Example: forge secret rotate
    """


@secret.command("rotate")
@click.option("--sign-out", is_flag=True, help="End all sessions, sign-in links and tokens of programs too.")
def rotate_secret(sign_out: bool) -> None:
    """Put a new secret in the place of the one in the data folder, and seal anew what was sealed with it.

    Restart the services then. Links in messages already sent, by which people end a subscription, no longer work.
    docs/threats.md says how the other secrets are changed.

    Example: forge secret rotate --sign-out
    """
    from catalog.store.opencatalog.webhooks import resealed
    from forge.security.sealed_secrets import seal, unseal
    from forge.security.secret import rotate

    settings = read_settings()
    if settings.secret:
        fail("FORGE_SECRET is set: write another value there, and restart. Webhooks need new secrets then.")
    with closing(open_store(settings)) as store:
        sealed = 0

        @contextmanager
        def changing_over(old: bytes, new: bytes) -> Iterator[None]:
            nonlocal sealed

            def seal_again(text: str) -> str | None:
                plain = unseal(old, text)
                return None if plain is None else seal(new, plain)

            with resealed(store.engine, seal_again) as count:
                sealed = count
                yield

        try:
            rotate(settings.data, changing_over)
        except OSError as wrong:
            fail(f"{settings.data / 'secret'} cannot be written ({wrong.strerror}).")
        ended = store.people.end_all() if sign_out else 0
    click.echo(f"The secret is another one; {sealed} secrets of webhooks were sealed anew. Restart the services.")
    if sign_out:
        click.echo(f"{ended} sessions were ended, with all sign-in links and tokens of programs.")
