"""The command `forge ready`: what a repository lacks to be reused by others, why that matters, and how to mend it."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from forge.commands.console import printable, read_settings

OBSERVER_SECONDS, ALL_SECONDS = 30.0, 180.0  # of the processor


class _NothingToRead(Exception):
    pass


@click.command()
@click.argument("where", metavar="PATH_OR_URL")
@click.option("--language", default="en", help="Language of the report, such as fr.  [default: en]")
def ready(where: str, language: str) -> None:
    """List what a repository still lacks to be reused by others, why it matters, and how to add it.

    Give a repository on this machine, or the public address of one, which is copied into a temporary folder. Only
    what is committed counts. Exit status: 0 if nothing is missing, 1 if something is, 2 if it cannot be read.

    Example: forge ready .

    Example: forge ready https://git.example.org/cooperative/tool --language fr
    """
    from forge.i18n.languages import page_language

    words = page_language(language)
    try:
        if "://" in where:
            with tempfile.TemporaryDirectory(prefix="forge-ready-") as folder:
                mirror = Path(folder) / "copy.git"
                _fetch(where, mirror)
                observation = _observe(mirror)
        else:
            observation = _observe(_git_dir(Path(where)))
    except _NothingToRead as no:
        click.echo(f"{where}: {no}", err=True)
        sys.exit(2)
    sys.exit(1 if _report(observation, words) else 0)


def _fetch(address: str, mirror: Path) -> None:
    from forge.git.fetch.sync import Bounds, Sync
    from forge.security.safe_http import AddressRules

    settings = read_settings()
    addresses = AddressRules(settings.allow_networks, settings.ca_file)
    bounds = Bounds(max_bytes=settings.mirror_max_bytes, timeout_seconds=settings.visit_seconds)
    visit = Sync(mirror, address, addresses, bounds).run()
    if visit.outcome not in ("full", "partial", "unchanged"):
        raise _NothingToRead(visit.reason or "The repository could not be fetched.")


def _git_dir(path: Path) -> Path:
    from forge.git import local

    git_dir = local.repository(path) if path.is_dir() else None
    if git_dir is None:
        raise _NothingToRead("There is no git repository. Name one, or the public address of one.")
    return git_dir


def _observe(git_dir: Path) -> Any:
    from forge.git import local, read
    from forge.git.history import read_history
    from forge.mirroring.cpu_limit import CpuBudget
    from forge.mirroring.snapshot import MirrorFiles
    from forge.observe.core.activity import Tag
    from forge.observe.observation import Snapshot, observe_snapshot

    now = datetime.now(UTC)
    head = local.checked_out(git_dir)
    if head is None:
        raise _NothingToRead("The repository has no commits yet.")
    pool = read.ReaderPool(1)
    try:
        files = MirrorFiles(git_dir, pool)
        snapshot = Snapshot(
            head=head,
            default_branch="HEAD",
            committed_at=now,
            tree=files.tree(head, None),
            past=read_history(git_dir, head, now),
            tags=tuple(Tag(ref.short, ref.commit, ref.at) for ref in read.tags(git_dir) if ref.commit),
        )
        return observe_snapshot(snapshot, now, CpuBudget(OBSERVER_SECONDS, ALL_SECONDS))
    except (read.ObjectMissing, read.MirrorUnreadable) as fault:
        raise _NothingToRead("The repository cannot be read; try `git fsck` in it.") from fault
    finally:
        pool.close()


def _report(observation: Any, words: Any) -> int:
    """Print a line for each thing, and return how many are missing."""
    from forge.readiness.checks import check_observation
    from forge.readiness.lines import IN_FILES

    gettext, lacking = words.gettext, 0
    for name, answer in check_observation(observation).items():
        line = IN_FILES[name]
        lacking += not answer.there and not line.optional
        sign, colour = ("✓", "green") if answer.there else ("✗", "red")
        aside = f" ({gettext('optional')})" if line.optional else ""
        detail = f": {printable(answer.detail)}" if answer.detail else ""
        click.echo(f"{click.style(sign, fg=colour)} {gettext(line.title)}{aside}{detail}")
        if not answer.there:
            click.echo(f"    {gettext(line.why)}\n    {gettext(line.how)}\n    {line.example}")
    for fault in observation.faults:
        click.echo(gettext("Could not be read to its end: %(what)s.") % {"what": fault.observer})
    click.echo(words.ngettext("%(num)s thing is missing.", "%(num)s things are missing.", lacking) % {"num": lacking})
    click.echo(gettext("What only people can check stands in the help of the catalogue, at /help/ready."))
    return lacking
