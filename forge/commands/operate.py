"""The commands of whoever keeps a catalogue: block, unblock, blank, doctor. What each does stands in the room that it
calls.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from catalog.errors import AlreadyExists, CatalogError, Invalid, NotFound
from catalog.rules.decision import HIDE, SHOW
from forge.commands.console import fail, settings_here, store_of

if TYPE_CHECKING:
    from catalog.store import Store


@click.command()
@click.argument("slug")
@click.option("--reason", required=True, help="Shown to everybody who asks for the page, and in the log of decisions.")
def block(slug: str, reason: str) -> None:
    """Answer 410 for a project, with its reason; `forge unblock` takes it back. The public log says so.

    Example: forge block some-tool --reason "Asked for by its makers."
    """
    _decided(slug, HIDE, reason)
    click.echo(f"{slug} is blocked.")


@click.command()
@click.argument("slug")
def unblock(slug: str) -> None:
    """Show a blocked project again. The public log says so.

    Example: forge unblock some-tool
    """
    _decided(slug, SHOW, "")
    click.echo(f"{slug} is shown again.")


@click.command()
@click.argument("number", type=click.IntRange(1))
def blank(number: int) -> None:
    """Take the text of a line out of the public log of decisions, where the law asks for it. It cannot be put back.

    The line stays, without its words and the name of its project; another line says that this was done.

    Example: forge blank 12
    """
    from catalog import moderation

    try:
        line = moderation.blank(store_of(settings_here()), number, now=datetime.now(UTC))
    except AlreadyExists:
        fail(f"Line {number} has no text any more.")
    except CatalogError as no:
        fail(f"{no}.")
    click.echo(f"The text of line {number} is taken out; line {line} says so.")


def _decided(slug: str, choice: str, words: str) -> None:
    """Decide in public, as whoever has the command line."""
    from catalog import moderation

    reason, store = "other" if words else "over", store_of(settings_here())
    try:
        moderation.decide_here(store, slug, choice, reason, words, now=datetime.now(UTC))
    except NotFound as no:
        if choice != SHOW or not _lifted(store, slug):
            fail(f"{no}.")
    except Invalid as no:
        said = f"{slug} is not blocked" if choice == SHOW and "choice" in no.errors else str(no)
        fail(f"{said}.")
    except CatalogError as no:
        fail(f"{no}.")


def _lifted(store: "Store", slug: str) -> bool:
    """Whether there was a block that outlived the record of its project: no log could tell of what is not there."""
    try:
        store.mirrors.unblock(slug)
    except NotFound:
        return False
    return True


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def doctor(as_json: bool) -> None:
    """Check Python, git, the data folder, the document and the mirrors, and say what to do.

    Example: forge doctor
    """
    from forge.server.doctor import examine

    findings = examine(settings_here())
    for one in findings:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        else:
            click.echo(f"{'good' if one.good else 'MEND'}  {one.subject}: {one.sentence}")
    sys.exit(0 if all(one.good for one in findings) else 1)
