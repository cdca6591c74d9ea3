"""The commands of whoever keeps a catalogue: block, unblock, doctor."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from catalog.errors import CatalogError
from forge.commands.console import fail, settings_here, store_of


@click.command()
@click.argument("slug")
@click.option("--reason", required=True, help="Shown to everybody who asks for the page.")
def block(slug: str, reason: str) -> None:
    """Answer 410 for a project, with its reason; `forge unblock` takes it back.

    Example: forge block some-tool --reason "Asked for by its makers."
    """
    try:
        store_of(settings_here()).mirrors.block(slug, reason, now=datetime.now(UTC))
    except CatalogError as no:
        fail(f"{no}.")
    click.echo(f"{slug} is blocked.")


@click.command()
@click.argument("slug")
def unblock(slug: str) -> None:
    """Show a blocked project again.

    Example: forge unblock some-tool
    """
    try:
        store_of(settings_here()).mirrors.unblock(slug)
    except CatalogError as no:
        fail(f"{no}.")
    click.echo(f"{slug} is shown again.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def doctor(as_json: bool) -> None:
    """Check Python, git, the data folder, the document and the mirrors, and say what to do.

    Example: forge doctor
    """
    from forge.examine import examine

    findings = examine(settings_here())
    for one in findings:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        else:
            click.echo(f"{'good' if one.good else 'MEND'}  {one.subject}: {one.sentence}")
    sys.exit(0 if all(one.good for one in findings) else 1)
