"""What tests of merging are made of: records of other catalogues, deltas that hold them, catalogues that tell them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from support.factories.core import NOW
from support.factories.deltas import Delta, Record, TakeOverResult, Texts, Tombstone, TranslatableText, apply_delta
from support.factories.peers import a_peer, followed

from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.rules.peer import Peer
from catalog.rules.submission import adoption_id
from catalog.store.store import Store

SPACE = UUID("0b5f2f4e-aaaa-4bbb-8ccc-0123456789ab")
KINDS = (PROJECT, ORGANIZATION, ADOPTION)  # references lead to earlier ones
WANTED = frozenset(KINDS)


def key(name: str) -> UUID:
    """An identity that a test can name."""
    return uuid5(SPACE, name)


def ref(name: str, kind: str = PROJECT) -> dict[str, str]:
    return {"id": str(key(name)), "slug": name, "name": name}


def theirs(name: str, kind: str = PROJECT, /, *, home: str = "b", **body: Any) -> Record:
    """A record of another catalogue; of a project with a repository of its own, unless the body says otherwise."""
    given: dict[str, Any] = {"slug": name, "name": name.capitalize()}
    if kind == PROJECT:
        given |= {"repository": f"https://git.example.org/{name}", "license": "GPL-3.0-or-later"}
    return Record(
        id=key(name),
        updated_at=NOW,
        home=key(home),
        page=f"/{kind}s/{name}",
        origin="curated",
        license="CC0-1.0",
        body={field: value for field, value in (given | body).items() if value is not None},
    )


def use(project: str, organization: str, /, home: str = "b", **body: Any) -> Record:
    """A use, told by another catalogue as confirmed at the organization's domain."""
    given = {
        "project": ref(project),
        "organization": ref(organization),
        "stage": "in-production",
        "visibility": "public",
        "verification": "domain-confirmed",
    }
    page = f"/projects/{project}/users"
    return Record(
        adoption_id(key(project), key(organization)),
        NOW,
        key(home),
        page,
        "declared",
        "CC0-1.0",
        given | body,
    )


def a_delta(
    *records: Record,
    whole: bool = False,
    texts: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
    tombstones: Iterable[Tombstone] = (),
    kinds: frozenset[str] = WANTED,
    sequence: int = 1,
    **more: Any,
) -> Delta:
    """`texts`: name of a project, or "kind:name" -> language -> field -> text."""
    by_kind: dict[str, list[Record]] = {kind: [] for kind in KINDS if kind in kinds}
    for record in records:
        by_kind[kind_of(record)].append(record)
    layers: dict[tuple[str, str], dict[UUID, Texts]] = {}
    for name, languages in (texts or {}).items():
        kind, _, of = name.rpartition(":")
        for language, said in languages.items():
            layer = Texts(key(of), {field: TranslatableText(text) for field, text in said.items()})
            layers.setdefault((kind or PROJECT, language), {})[key(of)] = layer
    return Delta(
        sequence=sequence,
        at=NOW,
        whole=whole,
        kinds=kinds,
        records={kind: tuple(found) for kind, found in by_kind.items() if found},
        texts=layers,
        tombstones=tuple(tombstones),
        **more,
    )


def kind_of(record: Record) -> str:
    if "organization" in record.body and "project" in record.body:
        return ADOPTION
    return ORGANIZATION if record.page.startswith("/organizations/") else PROJECT


def gone(record: Record, ground: str = "withdrawn") -> Tombstone:
    return Tombstone(kind_of(record), record.id, NOW, ground)


def a_catalogue(store: Store, host: str = "b.example.org") -> Peer:
    """Another catalogue that is followed."""
    card = {
        "name": {"en": f"Catalogue of {host}", "fr": f"Catalogue de {host}"},
        "address": f"https://{host}",
        "data_license": {"facts": "CC0-1.0", "texts": "CC-BY-4.0"},
    }
    return followed(store, a_peer(store, id=key(host), instance_id=key(f"instance of {host}"), card=card))


def origin_of(host: str) -> str:
    """The origin of what this catalogue tells: its instance."""
    return f"peer:{key(f'instance of {host}')}"


def receive(store: Store, home: Peer, *records: Record, **delta: Any) -> TakeOverResult:
    return apply_delta(store, home.id, a_delta(*records, **delta), now=NOW)


COOP = theirs("coop", ORGANIZATION, country="ES", kind="cooperative", homepage="https://coop.example.org/")
PAYROLL = theirs("payroll", domains=["member-management"])
USE = use("payroll", "coop")
