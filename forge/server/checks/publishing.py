"""Checks of what other catalogues read: the keys, how long what was signed is believed, what is withheld."""

from collections.abc import Iterator

from catalog.exchange.limits import ROOT_WARNED_BEFORE
from forge.config.checkup_report import GOOD, NOW, SOON, Result
from forge.exchange.paths import FOLDER, ONLINE_KEY, ROOT_KEY
from forge.server.checks.context import LET_THE_WORKER_RUN, DoctorContext


def check_publishing(context: DoctorContext) -> Iterator[Result]:
    from forge.exchange.authority import known_chain
    from forge.exchange.card import missing
    from forge.exchange.keys import KeyTrouble, kept_key, keyid
    from forge.exchange.repository import read_published

    store, data = context.store, context.settings.data
    chain, manifest = known_chain(store), store.manifest()
    if not chain or manifest is None:
        yield GOOD, "Nothing was published to other catalogues yet: the worker does it."
        return
    root = chain[-1]
    if root.statement.instance != manifest.id:
        sentence = (
            "Nothing is published: others know this catalogue by another `id` than that of the document's manifest. "
            f"Write `id: {root.statement.instance}` there again; another catalogue needs a data folder of its own."
        )
        yield NOW, sentence
        return
    gaps = missing(manifest)
    lacks = (
        f" Other catalogues look for these before they follow; the manifest lacks them: {', '.join(gaps)}."
        if gaps
        else ""
    )
    try:
        online = kept_key(data, ONLINE_KEY)
    except KeyTrouble as no:
        yield NOW, str(no)
        return
    if online is None or keyid(online) not in root.online:
        sentence = (
            f"The {ONLINE_KEY} in {data} is missing, or is not the one that the root key signed: nothing is published."
        )
        yield NOW, f"{sentence} Put it back from a backup, or `forge exchange key rotate`."
        return
    published = read_published(data / FOLDER, root)
    until = published.expires.get("timestamp")
    if until is None:
        yield SOON, f"Nothing was published yet. {LET_THE_WORKER_RUN}{lacks}"
    elif until <= context.now:
        yield SOON, f"What was published is no longer valid. {LET_THE_WORKER_RUN}{lacks}"
    else:
        sizes = sum(file.length for file in published.files.values()) / 1e6
        summary = (
            f"What other catalogues read: version {published.highest}, {sizes:.1f} MB, valid until {until:%Y-%m-%d}, "
            "and renewed before then by itself."
        )
        yield GOOD, summary + lacks


def check_withheld_records(context: DoctorContext) -> Iterator[Result]:
    """Whether something that was withdrawn after the backup that this catalogue was restored from is withheld."""
    if withheld := context.store.published_exchange.withheld():
        sentence = (
            f"{len(withheld)} records were withdrawn after the backup from which this catalogue was restored, and are "
            "not told to others. Where that was a mistake: `forge exchange write FOLDER --withheld`."
        )
        yield SOON, sentence


def check_root_key(context: DoctorContext) -> Iterator[Result]:
    """How long the root is believed, and what a root key in the data folder risks."""
    from forge.exchange.authority import kept_or_none, known_chain
    from forge.exchange.keys import keyid

    chain = known_chain(context.store)
    if not chain:
        return
    root, signer = chain[-1], kept_or_none(context.settings.data, ROOT_KEY)
    here, until = signer is not None and keyid(signer) in root.keys, root.root.expires
    if until <= context.now + ROOT_WARNED_BEFORE:
        sentence = (
            f"It ends on {until:%Y-%m-%d}; then nobody can follow. Renew: `forge exchange key rotate --key FILE`."
        )
        yield (NOW if until <= context.now else SOON), sentence
    elif here:
        sentence = (
            "It is in the data folder: whoever gets a copy of that folder can sign in this catalogue's name. `forge "
            "exchange key export FILE --remove` moves it into a file, to be kept away from this machine."
        )
        yield GOOD, sentence
    else:
        sentence = (
            "It is kept away from the data folder. If its file is lost, followers have to compare a new one by hand: "
            "keep a second copy of the file in another place."
        )
        yield GOOD, sentence
