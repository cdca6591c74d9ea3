"""Checks of what comes from elsewhere and goes elsewhere: copies of repositories, their origins, other catalogues."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from catalog.rules.peer import FOLLOWING
from catalog.store.mirrors.doctor_queries import failed_for, with_faults
from forge.backup.backup import absent_mirrors
from forge.config.checkup_report import GOOD, NOW, SOON, Result
from forge.server.checks.context import DoctorContext

CERTIFICATE = "certificate"  # in the reason of a visit that did not trust the other end
PEER_SILENT = timedelta(days=7)


def check_mirrors(context: DoctorContext) -> Iterator[Result]:
    store, folder = context.store, context.settings.mirrors
    states, gone = Counter(store.mirrors.states()), absent_mirrors(store, folder)
    states -= Counter(mirror.state for mirror in gone)
    numbers = ", ".join(f"{number} {state}" for state, number in sorted(states.items())) or "none"
    size = f"{store.mirrors.size_bytes() / 1e9:.2f} GB"
    if any(state not in ("mirrored", "waiting", "empty") for state in states):
        sentence = f"{numbers}; {size}. Their pages say why; `forge refresh SLUG` tries again."
        yield SOON, sentence
    else:
        yield GOOD, f"{numbers}; {size}."
    if damaged := store.mirrors.damaged():
        sentence = f"{damaged} are damaged. Their next visit makes them anew, or `forge refresh SLUG` does."
        yield SOON, sentence
    if aside := sorted(path.name for path in folder.glob("*.damaged")):
        sentence = f"Something of {len(aside)} could not be saved, and a backup may have it: {folder / aside[0]}."
        yield SOON, sentence
    if gone:
        say = f"{len(gone)} more are not in {folder} any more. A backup may have them; else their next visit"
        sentence = f"{say} makes them anew, or `forge refresh {gone[0].slug}` does."
        yield (NOW if len(gone) > 1 and len(gone) * 2 > sum(states.values()) else SOON), sentence


def check_observations(context: DoctorContext) -> Iterator[Result]:
    """Observers that failed over a repository, which is no fault of the repository's, and files that a copy lacks."""
    failed, lacking = [], []
    for slug, mirror in with_faults(context.store.engine):
        observation = mirror.observation or {}
        failed += [f"{slug}: {fault['observer']} ({fault['error']})" for fault in observation.get("faults") or ()]
        lacking += [f"{slug}: {observation['lost']}"] if observation.get("lost") else []
    if failed:
        say = f"{len(failed)} failed, which is a defect of Forge; the log of `forge work` has more. First: {failed[0]}."
        yield SOON, say
    if lacking:
        say = f"{len(lacking)} copies lack files, erased or lost; a backup has the lost ones. First: {lacking[0]}."
        yield SOON, say


def check_origins(context: DoctorContext) -> Iterator[Result]:
    """Hosts of repositories whose certificates were not believed at the last visit."""
    hosts: Counter[str] = Counter()
    for _, mirror in failed_for(context.store.engine, CERTIFICATE):
        hosts[urlsplit(mirror.canonical_url or mirror.repository).hostname or "?"] += 1
    if not hosts:
        yield GOOD, "Each host of a repository that was visited showed a valid one."
        return
    names = ", ".join(f"{host} ({number})" for host, number in hosts.most_common(5))
    todo = (
        "Where all hosts are named, this machine's own authorities are old: update ca-certificates, or FORGE_CA_FILE."
    )
    yield SOON, f"Not valid at the last visit: {names}. Copies stay. {todo}"


def check_peers(context: DoctorContext) -> Iterator[Result]:
    """Catalogues that are followed and could not be read for days."""
    followed = [peer for peer in context.store.peers.all() if peer.state == FOLLOWING]
    silent = [peer for peer in followed if peer.failures and context.now - peer.last_good_at > PEER_SILENT]
    for peer in silent:
        days = (context.now - peer.last_good_at).days
        why = f" ({peer.refusal.code})" if peer.refusal else ""
        sentence = f"{peer.slug} could not be read for {days} days{why}. `forge peer pull {peer.slug}` tries again."
        yield SOON, sentence
    if not silent:
        yield GOOD, f"Catalogues that are followed: {len(followed)}, all read within the last week."
