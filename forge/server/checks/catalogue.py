"""Checks of what the catalogue holds: document, theme, templates, database, log, index, and whether the daily work is
done."""

import os
import time
from collections.abc import Iterator

from catalog.document import check
from catalog.search import Finder, IndexMissing
from catalog.search.index_folder import LOCK_FILE
from catalog.store.core.damage import find_damage
from forge.config import theme
from forge.config.checkup_report import GOOD, NOW, SOON, Result
from forge.config.settings import Settings
from forge.jobs.retention import OVERDUE_AFTER
from forge.server.checks.context import LET_THE_WORKER_RUN, DoctorContext
from forge.web.core.template_overrides import override_problems

ANEW = "`forge rebuild` writes them anew; please report it: this should not be."
AGAIN = "`forge rebuild` opens and closes their cases again; please report it: this should not be."
FOLLOWED_SECONDS = 3.0  # `forge serve` looks twice a second whether something changed
MEND = "Stop the service, move catalog.db away, then `forge restore` a backup, or `forge import` the document."


def check_document(settings: Settings) -> Iterator[Result]:
    if not settings.catalog.is_file():
        todo = "`forge init` writes one to begin with."
        if settings.database is not None or (settings.data / "catalog.db").is_file():
            todo = f"What was loaded last is served; `forge export {settings.catalog}` writes that down again."
        yield SOON, f"There is no {settings.catalog}. {todo}"
        return
    _, problems = check(settings.catalog)
    if problems:
        yield SOON, f"{len(problems)} to mend; `forge check` lists them. First: {problems[0]}"
    else:
        yield GOOD, f"{settings.catalog} has nothing to mend."


def check_theme(settings: Settings) -> Iterator[Result]:
    for problem in theme.read_theme(settings.data / "theme").problems:
        yield SOON, problem


def check_templates(settings: Settings) -> Iterator[Result]:
    for problem in override_problems(settings.data / "templates"):
        yield SOON, problem


def check_database(context: DoctorContext) -> Iterator[Result]:
    damaged, unread = find_damage(context.store.engine)
    if damaged:
        yield NOW, f"It is damaged: {damaged}. {MEND}"
    else:
        sentence = f"Undamaged and up to date, at change {context.store.change()}."
        if unread:
            sentence = f"{sentence} Of so large a file these tables were not read, which a backup does: "
            sentence += f"{', '.join(unread)}."
        yield GOOD, sentence


def check_last_load(context: DoctorContext) -> Iterator[Result]:
    """What the last start could not take over, when a start after it has not."""
    if problem := context.store.problem():
        yield SOON, f"What was loaded before is served. {problem}"


def check_log(context: DoctorContext) -> Iterator[Result]:
    """Whether the public log is whole: its lines are chained by their digests."""
    if faults := context.store.decisions.faults():
        more = f" ({len(faults)} in all)" if len(faults) > 1 else ""
        mend = "The log is only added to: compare it with a backup, and tell those who read it."
        yield NOW, f"{faults[0]}{more} {mend}"
    else:
        yield GOOD, f"Lines in the public log: {context.store.decisions.count()}, none missing or changed."


def check_public_records(context: DoctorContext) -> Iterator[Result]:
    """Whether public records are what they are built of: those that changed last, and some others."""
    looked_at, wrong = context.store.public_record_upkeep.differing()
    if wrong:
        names = ", ".join(f"{kind} {slug}" for kind, slug in wrong[:5])
        sentence = f"{len(wrong)} of {looked_at} records that pages show are not up to date, first: {names}. {ANEW}"
        yield NOW, sentence
    else:
        sentence = f"{looked_at} of the records that pages show were compared with the database: no difference."
        yield GOOD, sentence


def check_cases(context: DoctorContext) -> Iterator[Result]:
    """Whether the desk shows all that waits for a moderator, and nothing else of what people sent."""
    if unlike := context.store.submissions.without_their_case():
        summary = f"{len(unlike)} submissions wait and are not at the desk, or are there and do not wait"
        sentence = f"{summary}, first: {unlike[0]}. {AGAIN}"
        yield NOW, sentence
    else:
        yield GOOD, "All that people sent and that waits for a decision is shown at the desk."


def check_index(context: DoctorContext) -> Iterator[Result]:
    folder = context.settings.search
    shut = [path for path in (folder, folder / LOCK_FILE) if path.exists() and not os.access(path, os.W_OK)]
    if shut:
        sentence = f"{shut[0]} cannot be written by who runs this: give it back to them."
        yield NOW, sentence
        return
    try:
        behind = _changes_behind(context)
    except IndexMissing as missing:
        yield SOON, f"{missing}. The next start of the pages builds it."
        return
    if behind:
        state = f"Changes that it lacks: {behind}" if behind > 0 else "It is of another database"
        sentence = f"{state}. The process of the pages brings it up to date while it runs."
        yield SOON, sentence
    else:
        yield GOOD, "Up to date."


def _changes_behind(context: DoctorContext) -> int:
    """How many of the changes that there are now the index lacks, once a running `forge serve` had the moment that it
    needs to follow; below zero where it has more than there are. Raises IndexMissing."""
    until, number = time.monotonic() + FOLLOWED_SECONDS, context.store.change()
    while (indexed := Finder(context.settings.search).change) < number and time.monotonic() < until:
        time.sleep(FOLLOWED_SECONDS / 6)
    return number - indexed if indexed < number else min(0, context.store.change() - indexed)


def check_retention(context: DoctorContext) -> Iterator[Result]:
    """Whether the job that deletes what was kept long enough comes back: the legal page promises it."""
    last = context.store.forgotten_at()
    if last is None:
        yield GOOD, "Personal data whose time is over is deleted once a day; the worker has not done so yet."
    elif context.now - last > OVERDUE_AFTER:
        sentence = f"Nothing was deleted for {(context.now - last).days} days, which the legal page promises."
        yield NOW, f"{sentence} {LET_THE_WORKER_RUN}"
    else:
        yield GOOD, "Personal data whose time is over was deleted within the last two days."
