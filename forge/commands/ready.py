"""The command `ready`: what a repository lacks to be reused by others, why, and how to mend it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from forge.commands.console import fail, settings_here

SPOKEN = ("en", "fr")
OBSERVER_SECONDS, ALL_SECONDS = 30.0, 180.0  # of the processor
SHOWN, OF_A_FILE = 100, 3  # files on a terminal, and findings of one kind in each; --json has all
_MARKS = {"there": ("✓", "green"), "missing": ("✗", "red"), "check": ("?", "yellow")}


@click.command()
@click.argument("where", metavar="PATH_OR_URL")
@click.option(
    "--history", "search", is_flag=True, help="Search all versions of all files for secrets and personal data."
)
@click.option(
    "--write",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a first publiccode.yml and codemeta.json there; what is there already is left as it is.",
)
@click.option("--language", type=click.Choice(SPOKEN), help="Of the words.  [default: of the environment, or en]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def ready(where: str, search: bool, folder: Path | None, language: str | None, as_json: bool) -> None:
    """Say what a repository still lacks to be reused by others, why that matters, and how to mend it.

    A repository or folder on this machine, or the public address of one, which is fetched into a temporary folder.
    Ends with 0 when nothing is missing, 1 when something is, 2 when it was asked wrongly.

    Example: forge ready . --history

    Example: forge ready https://git.example.org/cooperative/tool --language fr
    """
    from forge.git.fetch.sync import Bounds
    from forge.i18n.languages import tongue
    from forge.mirroring.cpu_limit import Budget
    from forge.readiness import checks
    from forge.readiness.source import NotOpened, is_address, opened
    from forge.readiness.steps import LINES
    from forge.security.safe_http import Addresses

    if search and is_address(where):
        raise click.UsageError("--history reads a repository on this machine only: clone it, then name the folder.")
    if search and (lack := _no_scanner()):
        raise click.UsageError(lack)
    settings, now = settings_here(), datetime.now(UTC)
    words = tongue(language or _spoken())
    addresses = Addresses(settings.allow_networks, settings.ca_file)
    bounds = Bounds(max_bytes=settings.mirror_max_bytes, timeout_seconds=settings.visit_seconds)
    try:
        with opened(where, addresses, bounds) as source:
            if search and source.git_dir is None:
                raise click.UsageError("--history needs a git repository, and this folder is none.")
            limited = Budget(OBSERVER_SECONDS, ALL_SECONDS)
            read = checks.read(source.tree, source.address, source.tags, limited, now, source.fetched)
            found = _searched(source, as_json) if search else None
            told = checks.answers(read, found and found.secrets, found and found.personal)
            written = _written(folder, read, source, words) if folder else ()
    except NotOpened as no:
        print(f"{where}: {words.gettext(no.reason)}", file=sys.stderr)
        sys.exit(2)
    lacking = checks.lacking(told, [name for name, line in LINES.items() if line.optional])
    if as_json:
        click.echo(json.dumps(_object(source, told, found, read.unread, [str(one) for one in written]), indent=1))
    else:
        for line in _lines(source, told, found, read.unread, len(lacking), words):
            click.echo(line)
    sys.exit(1 if lacking else 0)


def _spoken() -> str:
    """The language that the environment asks for, as gettext(3) reads it, where we speak it."""
    named = next((os.environ[one] for one in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(one)), "")
    short = named.partition(":")[0].partition("_")[0].partition(".")[0].lower()
    return short if short in SPOKEN else SPOKEN[0]


def _no_scanner() -> str | None:
    from importlib.util import find_spec

    if find_spec("detect_secrets") is not None:
        return None
    return "--history needs detect-secrets, the extra `ready` of Forge: pip install 'forge-catalogue[ready]'."


def _searched(source: Any, quiet: bool) -> Any:
    from forge.readiness.history import search

    steps = search(source.git_dir, source.commit)
    total = next(steps)
    assert isinstance(total, int)  # what was found comes last
    shown = sys.stderr.isatty() and not quiet
    with click.progressbar(length=total, file=sys.stderr, hidden=not shown, label="history") as bar:
        for step in steps:
            if not isinstance(step, int):
                return step
            bar.update(step)
    raise AssertionError("a search ends with what it found")


def _written(folder: Path, read: Any, source: Any, words: Any) -> Sequence[Path]:
    from forge.readiness.written import files

    made = []
    for name, text in files(read, source.name).items():
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            click.echo(words.gettext("%(file)s is there already and was left as it is.") % {"file": path}, err=True)
            continue
        except OSError as wrong:
            fail(f"{path} cannot be written ({wrong.strerror}).")
        made.append(path)
        count = sum("FILL IN" in row for row in text.splitlines())
        said = words.ngettext(
            "Wrote %(file)s: %(num)s line to fill in.", "Wrote %(file)s: %(num)s lines to fill in.", count
        )
        click.echo(said % {"file": path, "num": count}, err=True)
    return made


def _object(
    source: Any, told: Sequence[Any], found: Any, unread: Sequence[str], written: Sequence[str]
) -> dict[str, Any]:
    from forge.readiness.steps import LINES

    return {
        "name": source.name,
        "commit": source.commit if source.git_dir else None,
        "lines": [
            {
                "line": one.line,
                "state": one.state,
                "optional": LINES[one.line].optional,
                "said": one.said % dict(one.gaps),
                "path": one.path,
            }
            for one in told
        ],
        "unread": list(unread),
        "history": found and {
            "searched": found.searched,
            "left_out": found.left_out,
            "secrets": [asdict(one) for one in found.secrets],
            "personal": [asdict(one) for one in found.personal],
            "samples": [asdict(one) for one in found.samples],
        },
        "written": list(written),
    }  # fmt: skip


def _lines(
    source: Any, told: Sequence[Any], found: Any, unread: Sequence[str], lacking: int, words: Any
) -> Iterator[str]:
    from forge.i18n.languages import plain
    from forge.readiness.steps import LINES, STEPS

    gettext = words.gettext
    by_line = {one.line: one for one in told}
    states = {"there": gettext("there"), "missing": gettext("missing"), "check": gettext("to check by a person")}
    yield click.style(plain(source.name), bold=True)
    if source.git_dir is not None:
        yield gettext("Read at commit %(commit)s. What is not committed was not looked at.") % {
            "commit": source.commit[:12]
        }
    for number, step in enumerate(STEPS, 1):
        yield ""
        yield click.style(f"{number}. {gettext(step.title)}", bold=True)
        yield f"   {gettext(step.check)}"
        for name in step.lines:
            yield from _line(by_line[name], LINES[name], states, gettext)
    yield from _findings(found, gettext)
    yield ""
    for name in unread:
        yield gettext("Could not be read to its end: %(what)s.") % {"what": name}
    yield words.ngettext("%(num)s thing is missing.", "%(num)s things are missing.", lacking) % {"num": lacking}
    yield gettext("The nine steps are explained in the help of the catalogue, at /help/ready.")


def _line(one: Any, line: Any, states: dict[str, str], gettext: Any) -> Iterator[str]:
    from forge.i18n.languages import plain

    mark, colour = _MARKS[one.state]
    said = plain(gettext(one.said) % dict(one.gaps)) if one.said else ""
    state = states[one.state]
    if line.optional and one.state == "missing":
        state = gettext("missing, good to have")
    said_of = gettext("%(what)s: %(state)s") % {"what": gettext(line.title), "state": state}
    yield f"   {click.style(mark, fg=colour)} {said_of}"
    detail = " ".join(part for part in (said, f"({plain(one.path)})" if one.path else "") if part)
    if detail:
        yield f"       {detail}"
    if one.state != "there":
        why, how, example = gettext("Why:"), gettext("How:"), gettext("Example:")  # an f-string would hide them
        yield f"       {why} {gettext(line.why)}"
        yield f"       {how} {gettext(line.how)}"
        if line.example:
            yield f"       {example} {line.example}"


def _findings(found: Any, gettext: Any) -> Iterator[str]:
    """What was found, file by file: of one kind in one file the first few and how many more."""
    if found is None:
        return
    yield ""
    yield click.style(gettext("What the history holds"), bold=True)
    yield gettext("Versions of files that were searched: %(count)s.") % {"count": found.searched}
    for name, count in found.left_out.items():
        yield gettext("Not searched (%(why)s): %(count)s.") % {"why": gettext(name), "count": count}
    yield from _by_file([*found.secrets, *found.personal], gettext)
    if found.samples:
        yield gettext("In tests, samples and documentation, where they may be invented:")
        yield from _by_file(found.samples, gettext)


def _by_file(every: Sequence[Any], gettext: Any) -> Iterator[str]:
    from forge.i18n.languages import plain

    places: dict[tuple[str, str], list[Any]] = {}
    for one in every:
        places.setdefault((one.path, one.kind), []).append(one)
    for (path, kind), several in list(places.items())[:SHOWN]:
        for one in several[:OF_A_FILE]:
            where = gettext("still there") if one.in_head else gettext("only in the history")
            what = gettext("%(what)s: %(state)s") % {"what": gettext(kind), "state": one.masked}
            yield f"   {what}  {plain(path)}:{one.row}  {one.commit[:12]}  {where}"
        if len(several) > OF_A_FILE:
            more = {"count": len(several) - OF_A_FILE, "file": plain(path)}
            yield "   " + gettext("and %(count)s more of this kind in %(file)s") % more
    if len(places) > SHOWN:
        yield gettext("More files hold such things: %(count)s. Use --json for all of them.") % {
            "count": len(places) - SHOWN
        }
