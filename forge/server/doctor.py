"""What `forge doctor` looks at: everything that a start checks, then document, database, index, mirrors and errands. It
mends nothing and contacts nobody."""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from catalog.document import check
from catalog.federation.bounds import LIFETIME
from catalog.federation.shapes import missing
from catalog.search import Finder, IndexMissing
from catalog.search.index_folder import LOCK_FILE
from catalog.store import Store
from catalog.store.core.engine import find_damage
from forge.backup.backup import absent_mirrors
from forge.config import theme
from forge.config.settings import Settings
from forge.federation.publish.folder import card_of
from forge.federation.publish.keys import FILE, KeyTrouble, keys
from forge.jobs.retention import OVERDUE_AFTER
from forge.server import preflight
from forge.server.preflight import CannotStart, Finding
from forge.web.core.template_overrides import override_problems

ANEW = "`forge rebuild` writes them anew; please report it: this should not be."
PROXY_NOTED = timedelta(days=7)
MEND = "Stop the service, move catalog.db away, then `forge restore` a backup, or `forge import` the document."


def examine(settings: Settings) -> list[Finding]:
    """Every finding, good and bad, in the order in which one would mend them."""
    found = preflight.check_all(settings)
    if any(finding.fatal for finding in found):
        return found
    look = theme.read_theme(settings.data / "theme")
    found += [_document(settings), *(Finding("theme", False, sentence) for sentence in look.problems)]
    found += [Finding("templates", False, sentence) for sentence in override_problems(settings.data / "templates")]
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        return [*found, Finding("database", False, "Nothing was loaded yet. Start once with `forge serve`.")]
    try:
        store = preflight.open_store(settings)
    except CannotStart as no:
        return [*found, Finding("database", False, str(no))]
    try:
        if damaged := find_damage(store.engine):
            return [*found, Finding("database", False, f"It is damaged: {damaged}. {MEND}")]
        found.append(Finding("database", True, f"Whole, at its newest schema, change {store.change()}."))
        found += [*_problem(store), _decisions(store), _records(store), _index(settings, store)]
        found += [*_mirrors(settings, store), *_faults(store)]
        now = datetime.now(UTC)
        found += _exchange(settings, store, now)
        found += [_forgotten(store, now), *_proxy(settings, store, now)]
    finally:
        store.close()
    return found


def _problem(store: Store) -> list[Finding]:
    """What the last start could not take over, when a start after it has not."""
    problem = store.problem()
    return [Finding("last load", False, f"What was loaded before is served. {problem}")] if problem else []


def _document(settings: Settings) -> Finding:
    if not settings.catalog.is_file():
        return Finding("document", False, f"There is no {settings.catalog}. `forge init` writes one to begin with.")
    _, problems = check(settings.catalog)
    if problems:
        return Finding("document", False, f"{len(problems)} to mend; `forge check` lists them. First: {problems[0]}")
    return Finding("document", True, f"{settings.catalog} has nothing to mend.")


def _decisions(store: Store) -> Finding:
    """Whether the public log is whole: its lines are chained by their digests."""
    faults = store.decisions.faults()
    if faults:
        more = f" ({len(faults)} in all)" if len(faults) > 1 else ""
        mend = "The log is only added to: compare it with a backup, and tell those who read it."
        return Finding("decisions", False, f"{faults[0]}{more} {mend}")
    return Finding("decisions", True, f"Lines in the log: {store.decisions.count()}, none missing or changed.")


def _records(store: Store) -> Finding:
    """Whether public records are what they are built of: those that changed last, and some others."""
    looked_at, wrong = store.public_record_upkeep.differing()
    if wrong:
        named = ", ".join(f"{kind} {slug}" for kind, slug in wrong[:5])
        return Finding(
            "public records", False, f"{len(wrong)} of {looked_at} are not up to date, first: {named}. {ANEW}"
        )
    return Finding("public records", True, f"{looked_at} of them compared with what they are built of: the same.")


def _index(settings: Settings, store: Store) -> Finding:
    shut = [
        path
        for path in (settings.search, settings.search / LOCK_FILE)
        if path.exists() and not os.access(path, os.W_OK)
    ]
    if shut:
        return Finding("search index", False, f"{shut[0]} cannot be written by who runs this: give it back to them.")
    try:
        behind = store.change() - Finder(settings.search).change
    except IndexMissing as missing:
        return Finding("search index", False, f"{missing}. The next `forge serve` builds it.")
    if behind:
        return Finding("search index", False, f"{behind} changes behind. A running `forge serve` brings it up to date.")
    return Finding("search index", True, "Up to date.")


def _mirrors(settings: Settings, store: Store) -> list[Finding]:
    states = Counter(store.mirrors.states())
    gone = absent_mirrors(store, settings.mirrors)
    states -= Counter(kept.state for _, kept in gone)
    found = [_states(store, states)]
    if gone:
        say = f"{len(gone)} more are not in {settings.mirrors} any more. A backup may have them; else their next visit"
        found.append(Finding("mirrors", False, f"{say} makes them anew, or `forge refresh {gone[0][0]}` does."))
    return found


def _states(store: Store, states: Mapping[str, int]) -> Finding:
    told = ", ".join(f"{number} {state}" for state, number in sorted(states.items())) or "none"
    size = f"{store.mirrors.size_bytes() / 1e9:.2f} GB"
    failing = {state: number for state, number in states.items() if state not in ("mirrored", "waiting", "empty")}
    if failing:
        return Finding("mirrors", False, f"{told}; {size}. Their pages say why; `forge refresh SLUG` tries again.")
    return Finding("mirrors", True, f"{told}; {size}.")


def _faults(store: Store) -> list[Finding]:
    """Observers that failed over a repository, which is no fault of the repository's, and files that a copy lacks."""
    failed, lacking = [], []
    for slug, kept in store.mirrors.due(()):
        seen = kept.observation or {}
        failed += [f"{slug}: {fault['observer']} ({fault['error']})" for fault in seen.get("faults") or ()]
        lacking += [f"{slug}: {seen['lost']}"] if seen.get("lost") else []
    found = []
    if failed:
        say = f"{len(failed)} failed, which is a defect of Forge; the log of `forge work` has more. First: {failed[0]}."
        found.append(Finding("observers", False, say))
    if lacking:
        say = f"{len(lacking)} copies lack files, erased or lost; a backup has the lost ones. First: {lacking[0]}."
        found.append(Finding("files", False, say))
    return found


def _forgotten(store: Store, now: datetime) -> Finding:
    """Whether the errand that deletes what was kept long enough comes back: the legal page promises it."""
    last = store.forgotten_at()
    if last is None:
        return Finding("retention", True, "Nothing was deleted yet: `forge work` does it within a day.")
    if now - last > OVERDUE_AFTER:
        say = f"Nothing was deleted for {(now - last).days} days, which the legal page promises."
        return Finding("retention", False, f"{say} Let `forge serve` or `forge work` run.")
    return Finding("retention", True, "What was kept long enough was deleted within the last two days.")


def _exchange(settings: Settings, store: Store, now: datetime) -> list[Finding]:
    """Whether other catalogues can follow: the source card, the key, how long they believe what was written."""
    state = store.exchange_state.state()
    if state.at is None and not (settings.data / FILE).exists():
        return [Finding("exchange", True, "Nothing was written for other catalogues yet: `forge work` does it.")]
    try:
        card = card_of(store, keys(store, settings.data), settings.here)
    except KeyTrouble as no:
        return [Finding("exchange", False, str(no))]
    gaps = missing(card) if card else ()
    lacks = f" The source card does not say {', '.join(gaps)}, so that others hesitate to follow." if gaps else ""
    if state.at is None or now > state.at + LIFETIME:
        return [Finding("exchange", False, f"What was written is believed no more. Let `forge work` run.{lacks}")]
    until = f"{state.at + LIFETIME:%Y-%m-%d}"
    return [Finding("exchange", True, f"Sequence {state.sequence}, believed until {until}.{lacks}")]


def _proxy(settings: Settings, store: Store, now: datetime) -> list[Finding]:
    """A proxy whose word on readers' addresses nobody said to believe: they all share one limit."""
    noted = store.unbelieved_proxy()
    if settings.proxies or noted is None or now - noted[1] > PROXY_NOTED:
        return []
    say = f"A proxy at {noted[0]} forwards requests, so that all readers count as one. Set FORGE_PROXIES={noted[0]}."
    return [Finding("proxy", False, say)]
