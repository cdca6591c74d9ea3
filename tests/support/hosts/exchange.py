"""Another catalogue for tests of following: it writes its repository from what a test gives it, by python-tuf and the
models of `catalog.exchange`, as any other implementation would. What a test wants to be wrong, it writes wrong.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from securesystemslib.signer import CryptoSigner
from support.factories.core import NOW
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from catalog.exchange import names
from catalog.exchange.records import (
    ExchangeAdoption,
    ExchangeRecord,
    Reference,
)
from catalog.exchange.statements import (
    X_CATALOGUE,
    CardLicense,
    CardOperator,
    InstanceCard,
    RootStatement,
    Withdrawal,
)
from catalog.exchange.writing import (
    as_json,
    canonical,
    card_bytes,
    root_member,
    shard_bytes,
    withdrawn_bytes,
)
from catalog.rules.submission import adoption_id

HOME = UUID("5f0c6d0e-3f0a-4d52-9a55-6c1f6f6f0a01")


def an_id(number: int) -> UUID:
    return UUID(int=number, version=4)


def a_signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


@dataclass
class Home:
    """`publish` writes all files for the state that the attributes tell. `roots`: keys of persons; `online`: of the
    server. `raw` replaces the bytes of a target before they are signed, `lengths` what is signed of its length."""

    folder: Path
    id: UUID = HOME
    address: str = "https://catalogo.example.org"
    now: datetime = NOW
    roots: list[CryptoSigner] = field(default_factory=lambda: [a_signer()])
    threshold: int = 1
    online: CryptoSigner = field(default_factory=a_signer)
    addresses: tuple[str, ...] = ()
    bits: int = 4
    records: dict[UUID, ExchangeRecord] = field(default_factory=dict)
    withdrawn: list[Withdrawal] = field(default_factory=list)
    card: dict[str, Any] = field(default_factory=dict)  # what differs
    raw: dict[str, bytes] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    version: int = 0
    root_version: int = 0
    n: int = 0
    lifetimes: Mapping[str, timedelta] = field(
        default_factory=lambda: {
            "root": timedelta(days=1825),
            "targets": timedelta(days=365),
            "snapshot": timedelta(days=365),
            "timestamp": timedelta(days=30),
        }
    )

    def project(self, number: int, name: str, returns: int | None = None, **body: Any) -> ExchangeRecord:
        """A project with a summary in two languages and a repository of its own; said again, it is changed."""
        slug = slug_of(name)
        given: dict[str, Any] = {
            "summary": {"es": f"Llevar cuentas: {name}", "fr": f"Tenir les comptes : {name}"},
            "repository": f"https://git.example.org/{slug}",
            "license": "GPL-3.0-or-later",
        }
        before = self.records.get(an_id(number))
        uses = before.adoptions if before is not None else ()
        head = (an_id(number), slug, name, f"/projects/{slug}", "curated", self.now)
        record = ExchangeRecord(*head, returns=returns, adoptions=uses, body=given | body)
        self.records[record.id] = record
        return record

    def organization(self, number: int, name: str, **body: Any) -> ExchangeRecord:
        slug = slug_of(name)
        page = f"/organizations/{slug}"
        head = (an_id(number), slug, name, page, "curated", self.now)
        record = ExchangeRecord(*head, body=body, record_kind=names.ORGANIZATION)
        self.records[record.id] = record
        return record

    def uses(self, project: ExchangeRecord, organization: ExchangeRecord, **body: Any) -> ExchangeAdoption:
        """An adoption, confirmed at the organization's domain, inside of the project's record."""
        given = {"stage": "in-production", "verification": "domain-confirmed"} | body
        key = adoption_id(project.id, organization.id)
        use = ExchangeAdoption(key, reference(organization), "declared", body=given)
        now = self.records[project.id]
        self.records[project.id] = replace(now, adoptions=(*now.adoptions, use))
        return use

    def withdraw(self, number: int, ground: str = "withdrawn", kind: str = "", n: int = 0) -> Withdrawal:
        """A record leaves its file, and stands in the list of withdrawals."""
        record = self.records.pop(an_id(number), None)
        self.n = n or self.n + 1
        kind = kind or record.record_kind
        gone = Withdrawal(self.n, kind, an_id(number), self.now, ground)
        self.withdrawn.append(gone)
        return gone

    def publish(self, **versions: int) -> "Home":
        """Write the next state; `versions` of single roles."""
        if not self.root_version:
            self.rotate()
        self.version += 1
        files = {}
        for target, raw in {**self.targets(), **self.raw}.items():
            info = TargetFile.from_data(target, raw, ["sha256"])
            info.length = self.lengths.get(target, info.length)
            if target == names.INSTANCE:
                info.unrecognized_fields["custom"] = {"bits": dict.fromkeys(names.KINDS, self.bits)}
            files[target] = info
            self.put(f"targets/{names.file_of(target, hashlib.sha256(raw).hexdigest())}", raw)
        number = {role: versions.get(role, self.version) for role in ("targets", "snapshot", "timestamp")}
        targets = self.signed(Targets(number["targets"], expires=self.expires("targets"), targets=files))
        meta = {"targets.json": _meta(number["targets"], targets)}
        snapshot = self.signed(Snapshot(number["snapshot"], expires=self.expires("snapshot"), meta=meta))
        of_snapshot = _meta(number["snapshot"], snapshot)
        timestamp = self.signed(
            Timestamp(number["timestamp"], expires=self.expires("timestamp"), snapshot_meta=of_snapshot)
        )
        self.put(f"metadata/{number['targets']}.targets.json", targets)
        self.put(f"metadata/{number['snapshot']}.snapshot.json", snapshot)
        self.put("metadata/timestamp.json", timestamp)
        return self

    def targets(self) -> dict[str, bytes]:
        found = {names.INSTANCE: card_bytes(self.card_now)}
        gone: dict[str, list[bytes]] = {}
        for said in sorted(self.withdrawn, key=lambda said: said.n):
            path = names.shard_target(names.WITHDRAWN, names.shard_of(said.id, self.bits))
            gone.setdefault(path, []).append(canonical(as_json(said)))
        found |= {path: withdrawn_bytes(lines) for path, lines in gone.items()}
        shards: dict[str, list[ExchangeRecord]] = {}
        for record in sorted(self.records.values(), key=lambda record: str(record.id)):
            shard = names.shard_of(record.id, self.bits)
            shards.setdefault(names.shard_target(names.FOLDER_OF[record.record_kind], shard), []).append(record)
        found |= {path: shard_bytes(canonical(as_json(record)) for record in every) for path, every in shards.items()}
        return found

    def shard(self, number: int, folder: str = names.PROJECTS) -> str:
        """The file in which a record stands."""
        return names.shard_target(folder, names.shard_of(an_id(number), self.bits))

    @property
    def card_now(self) -> InstanceCard:
        complete: dict[str, Any] = {
            "instance": self.id,
            "name": {"es": "Software para la economía social", "en": "Software for the social economy"},
            "address": self.address,
            "languages": ("es", "fr"),
            "data_license": CardLicense("CC0-1.0", "CC-BY-4.0"),
            "operator": CardOperator("Red de Redes"),
            "contact": "https://catalogo.example.org/contact",
            "criteria": {"es": "Software libre que usan cooperativas."},
            "validation": {"es": "Dos personas leen cada ficha."},
            "refresh": {"es": "Cada semana."},
        }
        return InstanceCard(**(complete | self.card))

    def rotate(self, *, roots: Iterable[CryptoSigner] | None = None, online: CryptoSigner | None = None) -> bytes:
        """The next root, signed by the keys before and by its own."""
        before = list(self.roots)
        self.roots, self.online = list(roots or self.roots), online or self.online
        self.root_version += 1
        root = Root(self.root_version, expires=self.expires("root"), consistent_snapshot=True)
        for signer in self.roots:
            root.add_key(signer.public_key, "root")
        root.roles["root"].threshold = self.threshold
        for role in ("timestamp", "snapshot", "targets"):
            root.add_key(self.online.public_key, role)
        root.unrecognized_fields[X_CATALOGUE] = root_member(RootStatement(self.id, self.addresses))
        signed = Metadata(root)
        for signer in {signer.public_key.keyid: signer for signer in (*before, *self.roots)}.values():
            signed.sign(signer, append=True)
        raw = signed.to_bytes()
        self.put(f"metadata/{self.root_version}.root.json", raw)
        self.put("metadata/root.json", raw)
        return raw

    def signed(self, role: Targets | Snapshot | Timestamp, signer: CryptoSigner | None = None) -> bytes:
        found = Metadata(role)
        found.sign(signer or self.online)
        return found.to_bytes()

    def expires(self, role: str) -> datetime:
        return (self.now + self.lifetimes[role]).replace(microsecond=0)

    @property
    def root(self) -> bytes:
        return (self.folder / "metadata/root.json").read_bytes()

    def put(self, path: str, raw: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)

    def file(self, target: str) -> Path:
        """Where a target lies now."""
        targets = json.loads((self.folder / f"metadata/{self.version}.targets.json").read_bytes())
        digest = targets["signed"]["targets"][target]["hashes"]["sha256"]
        return self.folder / "targets" / names.file_of(target, digest)

    def paths(self) -> list[str]:
        """Every file that stands there, sorted."""
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file())


def slug_of(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def reference(record: ExchangeRecord) -> Reference:
    return Reference(record.id, record.slug, record.name)


def _meta(version: int, raw: bytes) -> MetaFile:
    return MetaFile(version, len(raw), {"sha256": hashlib.sha256(raw).hexdigest()})
