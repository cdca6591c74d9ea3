"""What a feed weighs and what writing it takes: 3,000 projects and 10,000 organizations of `words`, with 12,000 public
uses. It prints sizes beside the budget and decides nothing.

    python -m benchmarks.exchange [--projects 3000] [--organizations 10000] [--url postgresql://...]
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks import synthetic, words
from catalog.model import Adoption, DataLicense, Document, Operator, Organization, Project
from catalog.store import Store
from forge.exchange.folder import Written, write

BUDGET_BYTES = 15_000_000
USES = 4  # of each project beside those that the made-up catalogue has
HERE = "https://forge.example.org"


def document(projects: int, organizations: int) -> Document:
    """`words.document` with so many organizations, each of them a user of something; the same for the same numbers."""
    made, chance = words.document(projects), random.Random(2)
    more = [_organization(number, chance) for number in range(len(made.organizations), organizations)]
    users = [one.slug for one in more] or [one.slug for one in made.organizations]
    manifest = replace(
        made.manifest,
        operator=Operator("A network"),
        contact="https://forge.example.org/contact",
        criteria={"en": "Free software"},
        validation={"en": "Read by two people"},
        refresh={"en": "Each day"},
        data_license=DataLicense(),
    )
    tools = tuple(_used(one, chance.sample(users, min(USES, len(users))), chance) for one in made.projects)
    return replace(made, manifest=manifest, projects=tools, organizations=(*made.organizations, *more))


def _organization(number: int, chance: random.Random) -> Organization:
    return Organization(
        slug=f"coop-{number}",
        name=f"{chance.choice(words.WORDS).capitalize()} {chance.choice(words.WORDS)} {number}",
        kind="cooperative",
        country=chance.choice(synthetic.COUNTRIES),
        region=f"FR-{chance.randrange(10, 95)}",
        homepage=f"https://coop-{number}.example.org/",
        identifiers={"siren": f"{chance.randrange(10**8, 10**9)}"},
        sources=(f"https://register.example.org/{chance.randrange(10**8)}",),
    )


def _used(one: Project, users: list[str], chance: random.Random) -> Project:
    known = {use.organization for use in one.adoptions}
    uses = [
        Adoption(
            user,
            stage="in-production",
            since=str(chance.randrange(2010, 2026)),
            purpose={"fr": " ".join(chance.sample(words.WORDS, 8)).capitalize()},
            sources=(f"https://{user}.example.org/outils",),
        )
        for user in users
        if user not in known
    ]
    return replace(one, adoptions=(*one.adoptions, *uses))


@contextmanager
def loaded(url: str, made: Document, now: datetime) -> Iterator[Store]:
    with closing(Store(url)) as store:
        store.migrate()
        store.curated.load(made, digest="1", now=now)
        yield store


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchange", description=__doc__.partition("\n")[0])
    parser.add_argument("--projects", type=int, default=3_000)
    parser.add_argument("--organizations", type=int, default=10_000)
    parser.add_argument("--url", help="of an empty database  [default: SQLite in a temporary folder]")
    given = parser.parse_args(arguments)
    now, made = datetime.now(UTC), document(given.projects, given.organizations)
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        folder = Path(temporary)
        with loaded(given.url or f"sqlite:///{folder / 'catalog.db'}", made, now) as store:
            before = psutil.Process().memory_info().rss
            _tell("first", *_timed(store, folder, now))
            _tell("nothing changed", *_timed(store, folder, now + timedelta(hours=1)))
            first = replace(made.projects[0], homepage="https://changed.example.org/")
            changed = replace(made, projects=(first, *made.projects[1:]))
            store.curated.load(changed, digest="2", now=now + timedelta(hours=2))
            _tell("one project changed", *_timed(store, folder, now + timedelta(hours=3)))
            grown = psutil.Process().memory_info().rss - before
            entry = (folder / "out" / "entry.json").stat().st_size
            print(f"entry.json {entry} bytes; the process grew by {grown / 1e6:.0f} MB")


def _timed(store: Store, folder: Path, now: datetime) -> tuple[Written, float]:
    begun = time.process_time()
    done = write(store, folder, folder / "out", HERE, now=now)
    assert done is not None
    return done, time.process_time() - begun


def _tell(what: str, done: Written, seconds: float) -> None:
    size = f"{done.size_bytes / 1e6:.2f} MB ({done.size_bytes / BUDGET_BYTES:.0%} of the budget)"
    print(f"{what}: {size} in {done.files} files, {seconds:.1f} s of processor")


if __name__ == "__main__":
    main()
