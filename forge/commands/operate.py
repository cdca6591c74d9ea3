"""The commands for operators of a catalogue: block, unblock, blank, erase, rebuild, doctor."""

import json
import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from catalog.errors import AlreadyExists, CatalogError, Invalid, NotFound
from catalog.rules.decision import HIDE, SHOW
from forge.commands.console import fail, open_store, printable, read_settings
from forge.config.checkup_report import GOOD, NOW, SOON

ERASE_SECONDS = 30.0  # waited for a visit to end

if TYPE_CHECKING:
    from catalog.store.store import Store


@click.command()
@click.argument("slug")
@click.option("--reason", required=True, help="Shown on the page and in the public log of decisions.")
def block(slug: str, reason: str) -> None:
    """Take a project's page down, showing the reason (HTTP 410); `forge unblock` restores it. It is logged publicly.

    Example: forge block some-tool --reason "Asked for by its makers."
    """
    _decide(slug, HIDE, reason)
    click.echo(f"{slug} is blocked.")


@click.command()
@click.argument("slug")
def unblock(slug: str) -> None:
    """Show a blocked project again. It is logged publicly.

    Example: forge unblock some-tool
    """
    _decide(slug, SHOW, "")
    click.echo(f"{slug} is shown again.")


@click.command()
@click.argument("number", type=click.IntRange(1))
def blank(number: int) -> None:
    """Delete the text of an entry of the public log of decisions, where the law requires it. This cannot be undone.

    The entry stays, without its text and the name of its project; a new entry says that this was done.

    Example: forge blank 12
    """
    from catalog import moderation

    try:
        line = moderation.blank(open_store(read_settings()), number, now=datetime.now(UTC))
    except AlreadyExists:
        fail(f"Line {number} has no text any more.")
    except CatalogError as no:
        fail(f"{no}.")
    click.echo(f"The text of line {number} is taken out; line {line} says so.")


@click.command()
@click.argument("slug")
@click.argument("objects", nargs=-1, required=True, metavar="OID...")
@click.option(
    "--reason",
    default="The law or the safety of people demands it.",
    show_default=True,
    help="Shown in the public log of decisions.",
)
def erase(slug: str, objects: tuple[str, ...], reason: str) -> None:
    """Delete objects from our copy of a project's code for good, with everything built on them. This cannot be undone.

    An object is a full id, or COMMIT:PATH for a file or folder. Name the file that must go, not only its commit: then
    it is also refused when another commit brings it back. Branches end before it until the origin deletes it too.
    Backups lose it with the next `forge backup`.

    Example: forge erase some-tool 5f1d7a84db00d2fce00b31a7fc73224f123e3bfe:config/password.txt
    """
    from catalog import moderation
    from forge.git.named_objects import object_ids
    from forge.mirroring.erase_job import EraseJob

    settings = read_settings()
    store = open_store(settings)
    try:
        folder = settings.mirrors / f"{store.decisions.subject(slug).id}.git"
        oids, unknown = object_ids(folder, objects)
        if unknown:
            fail(*(f"{printable(name)} is neither a full id nor a file of a commit that is here." for name in unknown))
        moderation.erase(store, None, slug, oids, "other", reason, now=datetime.now(UTC))
    except Invalid as no:
        fail(*(f"{sentence}." for sentence in no.errors.values()))
    except CatalogError as no:
        fail(f"{no}.")
    click.echo(f"The code of {slug} is not given out from now on, until this is removed from it.")
    job = EraseJob(store, settings.mirrors, settings.mirror_max_bytes, lambda: datetime.now(UTC))
    until = time.monotonic() + ERASE_SECONDS
    while not job.remove(store.decisions.subject(slug).id):
        if time.monotonic() > until:
            fail("A visit has the mirror. A running `forge work` removes it as soon as that ends.")
        time.sleep(0.5)
    click.echo("It is removed. The next visit is due now.")


def _decide(slug: str, choice: str, words: str) -> None:
    """Publish a decision of the operator at the command line; end with a sentence and exit 1 where it cannot
    be.
    """
    from catalog import moderation

    reason, store = "other" if words else "over", open_store(read_settings())
    try:
        moderation.decide(
            store, None, slug, moderation.DecisionRequest(choice, reason, words, ""), now=datetime.now(UTC)
        )
    except NotFound as no:
        if choice != SHOW or not _lift_bare_block(store, slug):
            fail(f"{no}.")
    except Invalid as no:
        sentence = f"{slug} is not blocked" if choice == SHOW and "choice" in no.errors else str(no)
        fail(f"{sentence}.")
    except CatalogError as no:
        fail(f"{no}.")


def _lift_bare_block(store: "Store", slug: str) -> bool:
    """Lift a block that outlived the record of its project, and return whether there was one. It is in no log."""
    try:
        store.takedowns.unblock(slug)
    except NotFound:
        return False
    return True


SEVERITY_WORDS = {GOOD: "good", SOON: "SOON", NOW: "NOW "}
SEVERITY_STATUS = {GOOD: 0, SOON: 1, NOW: 3}  # 2 is that of a command that was asked wrongly


@click.command()
def rebuild() -> None:
    """Rebuild all public records and the search index from the database, and open or close cases at the desk according
    to the submissions. It may run at any time.

    Example: forge rebuild
    """
    from catalog.search import IndexWriter
    from forge.server.index_follower import build_anew

    settings = read_settings()
    store = open_store(settings)
    number, differing = store.public_record_upkeep.rebuild()
    click.echo(f"{number} records built, {differing} differed and were written.")
    if mended := store.submissions.mend_cases():
        click.echo(f"{mended} cases at the desk were opened or closed.")
    writer = IndexWriter.open(settings.search)
    if writer is None:
        click.echo("The search index belongs to a running `forge serve`, which follows what differed.")
        return
    try:
        build_anew(store, writer)
    finally:
        writer.close()
    click.echo("The search index was made anew.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("--offline", is_flag=True, help="Do not contact the mail server and the public address.")
def doctor(as_json: bool, offline: bool) -> None:
    """Check everything that a catalogue needs, and say what to do: NOW if something is broken or in danger, SOON if it
    can wait for some days.

    Exit status: 0 if all is well, 1 if something should be done soon, 3 if something must be done now.

    Example: forge doctor
    """
    from forge.server.doctor import examine_environment

    findings = examine_environment(os.environ, contact=not offline)
    for finding in findings:
        if as_json:
            click.echo(json.dumps(asdict(finding)))
        else:
            click.echo(f"{SEVERITY_WORDS[finding.severity]}  {finding.subject}: {finding.sentence}")
    if not as_json:
        click.echo(f"\n{_summary([finding.severity for finding in findings])}")
    sys.exit(max(SEVERITY_STATUS[finding.severity] for finding in findings))


def _summary(severities: list[str]) -> str:
    """Say how much there is to do, for operators who do not read every line."""
    counts = {word: severities.count(severity) for severity, word in ((NOW, "now"), (SOON, "in the next days"))}
    todo = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"To do: {todo}." if todo else "All is good: there is nothing to do."
