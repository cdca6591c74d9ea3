"""The command `forge ready`: what a repository lacks to be reused by others, why that matters, and how to mend it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from forge.commands.console import fail, read_settings

LANGUAGES = ("en", "fr")
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
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the words.  [default: of the environment, or en]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def ready(where: str, search: bool, folder: Path | None, language: str | None, as_json: bool) -> None:
    """Say what a repository still lacks to be reused by others, why that matters, and how to mend it.

    A repository or folder on this machine, or the public address of one, which is fetched into a temporary folder.
    Ends with 0 when nothing is missing, 1 when something is, 2 when it was asked wrongly.

    Example: forge ready . --history

    Example: forge ready https://git.example.org/cooperative/tool --language fr
    """
    from forge.git.fetch.sync import Bounds
    from forge.i18n.languages import page_language
    from forge.mirroring.cpu_limit import CpuBudget
    from forge.readiness import checks
    from forge.readiness.source import SourceNotOpened, is_address, open_source
    from forge.readiness.steps import LINES
    from forge.security.safe_http import AddressRules

    if search and is_address(where):
        raise click.UsageError("--history reads a repository on this machine only: clone it, then name the folder.")
    if search and (lack := _missing_scanner()):
        raise click.UsageError(lack)
    settings, now = read_settings(), datetime.now(UTC)
    words = page_language(language or _language_of_environment())
    addresses = AddressRules(settings.allow_networks, settings.ca_file)
    bounds = Bounds(max_bytes=settings.mirror_max_bytes, timeout_seconds=settings.visit_seconds)
    try:
        with open_source(where, addresses, bounds) as source:
            if search and source.git_dir is None:
                raise click.UsageError("--history needs a git repository, and this folder is none.")
            limited = CpuBudget(OBSERVER_SECONDS, ALL_SECONDS)
            read = checks.read_repository(source.tree, source.address, source.tags, limited, now, source.fetched)
            searched = _search_history(source, as_json) if search else None
            answers = checks.answers(read, searched and searched.secrets, searched and searched.personal)
            written = _write_drafts(folder, read, source, words) if folder else ()
    except SourceNotOpened as no:
        print(f"{where}: {words.gettext(no.reason)}", file=sys.stderr)
        sys.exit(2)
    lacking = checks.missing_answers(answers, [name for name, line in LINES.items() if line.optional])
    if as_json:
        click.echo(
            json.dumps(_as_record(source, answers, searched, read.unread, [str(path) for path in written]), indent=1)
        )
    else:
        for line in _report_lines(source, answers, searched, read.unread, len(lacking), words):
            click.echo(line)
    sys.exit(1 if lacking else 0)


def _language_of_environment() -> str:
    """Return the language that the environment asks for, as gettext(3) reads it, if the report exists in it; else
    English.
    """
    named = next(
        (os.environ[name] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    short = named.partition(":")[0].partition("_")[0].partition(".")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


def _missing_scanner() -> str | None:
    from importlib.util import find_spec

    if find_spec("detect_secrets") is not None:
        return None
    return "--history needs detect-secrets, the extra `ready` of Forge: pip install 'forge-catalogue[ready]'."


def _search_history(source: Any, quiet: bool) -> Any:
    from forge.readiness.history import search_history

    steps = search_history(source.git_dir, source.commit)
    total = next(steps)
    assert isinstance(total, int)  # what was found comes last
    shown = sys.stderr.isatty() and not quiet
    with click.progressbar(length=total, file=sys.stderr, hidden=not shown, label="history") as bar:
        for step in steps:
            if not isinstance(step, int):
                return step
            bar.update(step)
    raise AssertionError("a search ends with what it found")


def _write_drafts(folder: Path, read: Any, source: Any, words: Any) -> Sequence[Path]:
    from forge.readiness.metadata_drafts import draft_files

    made = []
    for name, text in draft_files(read, source.name).items():
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
        sentence = words.ngettext(
            "Wrote %(file)s: %(num)s line to fill in.", "Wrote %(file)s: %(num)s lines to fill in.", count
        )
        click.echo(sentence % {"file": path, "num": count}, err=True)
    return made


def _as_record(
    source: Any, answers: Sequence[Any], searched: Any, unread: Sequence[str], written: Sequence[str]
) -> dict[str, Any]:
    from forge.readiness.steps import LINES

    return {
        "name": source.name,
        "commit": source.commit if source.git_dir else None,
        "lines": [
            {
                "line": answer.line,
                "state": answer.state,
                "optional": LINES[answer.line].optional,
                "said": answer.said % dict(answer.gaps),
                "path": answer.path,
            }
            for answer in answers
        ],
        "unread": list(unread),
        "history": searched and {
            "searched": searched.searched,
            "left_out": searched.left_out,
            "secrets": [asdict(finding) for finding in searched.secrets],
            "personal": [asdict(finding) for finding in searched.personal],
            "samples": [asdict(finding) for finding in searched.samples],
        },
        "written": list(written),
    }  # fmt: skip


def _report_lines(
    source: Any, answers: Sequence[Any], searched: Any, unread: Sequence[str], lacking: int, words: Any
) -> Iterator[str]:
    from forge.i18n.languages import plain
    from forge.readiness.steps import LINES, STEPS

    gettext = words.gettext
    by_line = {answer.line: answer for answer in answers}
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
            yield from _answer_lines(by_line[name], LINES[name], states, gettext)
    yield from _history_lines(searched, gettext)
    yield ""
    for name in unread:
        yield gettext("Could not be read to its end: %(what)s.") % {"what": name}
    yield words.ngettext("%(num)s thing is missing.", "%(num)s things are missing.", lacking) % {"num": lacking}
    yield gettext("The nine steps are explained in the help of the catalogue, at /help/ready.")


def _answer_lines(answer: Any, line: Any, states: dict[str, str], gettext: Any) -> Iterator[str]:
    from forge.i18n.languages import plain

    mark, colour = _MARKS[answer.state]
    sentence = plain(gettext(answer.said) % dict(answer.gaps)) if answer.said else ""
    state = states[answer.state]
    if line.optional and answer.state == "missing":
        state = gettext("missing, optional")
    title_and_state = gettext("%(what)s: %(state)s") % {"what": gettext(line.title), "state": state}
    yield f"   {click.style(mark, fg=colour)} {title_and_state}"
    detail = " ".join(part for part in (sentence, f"({plain(answer.path)})" if answer.path else "") if part)
    if detail:
        yield f"       {detail}"
    if answer.state != "there":
        why, how, example = gettext("Why:"), gettext("How:"), gettext("Example:")  # an f-string would hide them
        yield f"       {why} {gettext(line.why)}"
        yield f"       {how} {gettext(line.how)}"
        if line.example:
            yield f"       {example} {line.example}"


def _history_lines(searched: Any, gettext: Any) -> Iterator[str]:
    """Yield what was found, file by file: the first few of one kind in one file, and how many more."""
    if searched is None:
        return
    yield ""
    yield click.style(gettext("What the history holds"), bold=True)
    yield gettext("Versions of files that were searched: %(count)s.") % {"count": searched.searched}
    for name, count in searched.left_out.items():
        yield gettext("Not searched (%(why)s): %(count)s.") % {"why": gettext(name), "count": count}
    yield from _finding_lines([*searched.secrets, *searched.personal], gettext)
    if searched.samples:
        yield gettext("In tests, samples and documentation, where they may be invented:")
        yield from _finding_lines(searched.samples, gettext)


def _finding_lines(findings: Sequence[Any], gettext: Any) -> Iterator[str]:
    from forge.i18n.languages import plain

    places: dict[tuple[str, str], list[Any]] = {}
    for finding in findings:
        places.setdefault((finding.path, finding.kind), []).append(finding)
    for (path, kind), several in list(places.items())[:SHOWN]:
        for finding in several[:OF_A_FILE]:
            where = gettext("still there") if finding.in_head else gettext("only in the history")
            what = gettext("%(what)s: %(state)s") % {"what": gettext(kind), "state": finding.masked}
            yield f"   {what}  {plain(path)}:{finding.row}  {finding.commit[:12]}  {where}"
        if len(several) > OF_A_FILE:
            more = {"count": len(several) - OF_A_FILE, "file": plain(path)}
            yield "   " + gettext("and %(count)s more of this kind in %(file)s") % more
    if len(places) > SHOWN:
        yield gettext("More files hold such things: %(count)s. Use --json for all of them.") % {
            "count": len(places) - SHOWN
        }
