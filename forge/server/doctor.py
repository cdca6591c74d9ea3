"""What `forge doctor` looks at: what a start checks, the document, then each of CHECKS. It mends nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime

from forge.config.checkup_report import Finding
from forge.config.settings import Settings, UnusableSettings, from_environment
from forge.server import preflight
from forge.server.checks import catalogue, environment, mirrors_and_peers, publishing
from forge.server.checks.context import Check, CheckContext
from forge.server.preflight import CannotStart

# In the order in which one would mend what they find. One more check is one more function, named here.
CHECKS: tuple[Check, ...] = (
    environment.check_clock,
    catalogue.check_last_load,
    catalogue.check_log,
    catalogue.check_public_records,
    catalogue.check_cases,
    catalogue.check_index,
    environment.check_queue,
    environment.check_backup,
    environment.check_withdrawals,
    environment.check_public_address,
    environment.check_proxy,
    environment.check_mail,
    environment.check_moderators,
    mirrors_and_peers.check_mirrors,
    mirrors_and_peers.check_observations,
    mirrors_and_peers.check_origins,
    publishing.check_publishing,
    mirrors_and_peers.check_peers,
    catalogue.check_retention,
)


def examine_environment(environment: Mapping[str, str], *, contact: bool = True) -> list[Finding]:
    """As `examine`, with the settings of an environment; what cannot be used of them is all that is found then."""
    try:
        settings = from_environment(environment)
    except UnusableSettings as wrong:
        return [Finding("settings", False, sentence, fatal=True) for sentence in wrong.sentences]
    return examine(settings, contact=contact)


def examine(settings: Settings, *, contact: bool = True) -> list[Finding]:
    """Every finding, good and bad. `contact`: whether the mail server and the public address may be contacted."""
    findings = preflight.check_all(settings)
    if any(finding.fatal for finding in findings):
        return findings
    findings += [catalogue.check_document(settings), *catalogue.check_look(settings)]
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        return [*findings, Finding("database", False, "Nothing was loaded yet. Start once with `forge serve`.")]
    try:
        store = preflight.open_store(settings)
    except CannotStart as no:
        return [*findings, Finding("database", False, str(no), urgent=True)]
    try:
        context = CheckContext(settings, store, datetime.now(UTC), contact)
        findings += catalogue.check_database(context)
        if findings[-1].good:
            for check in CHECKS:
                findings += check(context)
    finally:
        store.close()
    return findings
