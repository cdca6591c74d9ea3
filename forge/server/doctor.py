"""The checks of a catalogue, a row each: `forge doctor` and the hourly checkup make all, a start those of the machine.
They mend nothing."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TypeVar

from forge.config.checkup_report import GOOD, NOW, SOON, CheckFinding, Result
from forge.config.settings import Settings, UnusableSettings, from_environment
from forge.server import preflight
from forge.server.checks import catalogue, environment, machine, mirrors_and_peers, publishing
from forge.server.checks.context import DoctorContext
from forge.server.preflight import CannotStart

T = TypeVar("T")

# What each is about, and the function that looks, in the order in which one would mend what they find.
MACHINE: Mapping[str, Callable[[Settings], Iterable[Result]]] = {
    "data folder": machine.check_folder,
    "settings": machine.check_settings,
    "git": machine.check_git,
    "room": machine.check_room,
}
FILES: Mapping[str, Callable[[Settings], Iterable[Result]]] = {
    "document": catalogue.check_document,
    "theme": catalogue.check_theme,
    "templates": catalogue.check_templates,
}
DATABASE: Mapping[str, Callable[[DoctorContext], Iterable[Result]]] = {
    "clock": environment.check_clock,
    "last load": catalogue.check_last_load,
    "decisions": catalogue.check_log,
    "public records": catalogue.check_public_records,
    "moderation": catalogue.check_cases,
    "search index": catalogue.check_index,
    "queue": environment.check_queue,
    "backup": environment.check_backup,
    "withdrawals": environment.check_withdrawals,
    "public address": environment.check_public_address,
    "proxy": environment.check_proxy,
    "mail": environment.check_mail,
    "moderators": environment.check_moderators,
    "mirrors": mirrors_and_peers.check_mirrors,
    "observers": mirrors_and_peers.check_observations,
    "certificates of origins": mirrors_and_peers.check_origins,
    "exchange root key": publishing.check_root_key,
    "exchange": publishing.check_publishing,
    "withheld records": publishing.check_withheld_records,
    "peers": mirrors_and_peers.check_peers,
    "retention": catalogue.check_retention,
}


def examine_environment(environment: Mapping[str, str], *, contact: bool = True) -> list[CheckFinding]:
    """As `examine`, with the settings of an environment; what cannot be used of them is all that is found then."""
    try:
        settings = from_environment(environment)
    except UnusableSettings as wrong:
        return [CheckFinding("settings", NOW, sentence) for sentence in wrong.sentences]
    return examine(settings, contact=contact)


def examine_machine(settings: Settings) -> list[CheckFinding]:
    """The findings of MACHINE, of which the first is about the data folder: without it nothing can start."""
    return _findings(MACHINE, settings)


def examine(settings: Settings, *, contact: bool = True) -> list[CheckFinding]:
    """Every finding, good and bad. `contact`: whether the mail server and the public address may be contacted."""
    findings = examine_machine(settings)
    if findings[0].severity != GOOD:
        return findings
    findings += _findings(FILES, settings)
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        return [*findings, CheckFinding("database", SOON, "Nothing was loaded yet. Start once with `forge serve`.")]
    try:
        store = preflight.open_store(settings)
    except CannotStart as no:
        return [*findings, CheckFinding("database", NOW, str(no))]
    with closing(store):
        context = DoctorContext(settings, store, datetime.now(UTC), contact)
        (database,) = _findings({"database": catalogue.check_database}, context)
        findings.append(database)
        return findings + _findings(DATABASE, context) if database.severity == GOOD else findings


def _findings(checks: Mapping[str, Callable[[T], Iterable[Result]]], about: T) -> list[CheckFinding]:
    return [CheckFinding(subject, *result) for subject, check in checks.items() for result in check(about)]
