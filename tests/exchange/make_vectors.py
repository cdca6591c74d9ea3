"""Makes the test vectors of the exchange, in `vectors/`, and the schemas in docs/exchange/schemas.

    python tests/exchange/make_vectors.py        (in the folder of the repository)

Each vector is a folder of files that stand in the place of those of `good/`, and a line of vectors.json: what a reader
that knows `good/` by heart must make of it. Keys and times are fixed, so that the same script writes the same bytes.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from catalog.exchange import names, schemas
from catalog.exchange.records import (
    ExchangeAdoption,
    ExchangeRecord,
    Reference,
)
from catalog.exchange.statements import (
    CardLicense,
    InstanceCard,
    RootStatement,
    Withdrawal,
)
from catalog.exchange.writing import (
    as_json,
    canonical,
    card_bytes,
    packed,
    root_member,
    withdrawn_bytes,
)

HERE = Path(__file__).parent / "vectors"
SCHEMAS = Path(__file__).parents[2] / "docs/exchange/schemas"
AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ONLINE_ROLES = (Timestamp.type, Snapshot.type, Targets.type)
INSTANCE = UUID("6f4c1f0e-93a7-4c1b-9d0f-2f6f3b1f7a10")
OTHER_INSTANCE = UUID("0b9b7c52-1a53-4d57-8e0e-6a2d5b8f9c31")
COOP = Reference(UUID("21000000-0000-4000-8000-000000000002"), "coop", "La coop")
GALETTE = UUID("31000000-0000-4000-8000-000000000003")
PAHEKO = UUID("41000000-0000-4000-8000-000000000004")
USED = {"verification": "domain-confirmed", "stage": "in-production", "since": "2019"}
USE = UUID("51000000-0000-5000-8000-000000000005")
OTHERS = tuple(UUID(f"61000000-0000-4000-8000-00000000000{digit}") for digit in "678")


def signer(name: str) -> CryptoSigner:
    """A key that anybody can make again, and nobody may use."""
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


ROOT, ONLINE, OTHER = map(signer, ("root", "online", "another"))


def project(key: UUID, slug: str, adoptions: tuple[ExchangeAdoption, ...] = (), **body: Any) -> ExchangeRecord:
    said = {"summary": {"fr": "Tenir le registre des membres"}, **body}
    head = (key, slug, slug.capitalize(), f"/projects/{slug}", "curated", AT)
    return ExchangeRecord(*head, body=said, adoptions=adoptions)


@dataclass(frozen=True)
class State:
    """All that a repository says; what is to be wrong is written wrong. `raw`: bytes of a target as they are signed;
    `after`: changes files that were signed."""

    version: int = 2
    at: datetime = AT
    # Each: root key, online key, who signs, whose it says that it is, roles that the root key has too.
    roots: tuple[Any, ...] = ()
    projects: tuple[Any, ...] = (
        project(
            GALETTE,
            "galette",
            license="GPL-3.0-or-later",
            adoptions=(ExchangeAdoption(USE, COOP, "declared", body=USED),),
        ),
        project(PAHEKO, "paheko"),
        *(project(key, f"other-{key.hex[-1]}") for key in OTHERS),
    )
    withdrawn: tuple[Any, ...] = ()
    instance: UUID = INSTANCE
    online: CryptoSigner = ONLINE
    raw: Mapping[str, bytes] = field(default_factory=dict)
    after: Callable[[dict[str, bytes]], None] = lambda files: None
    spec: str | None = None
    unknown: bool = False


FIRST = (ROOT, ONLINE, (ROOT,), INSTANCE)


def records(values: Any) -> bytes:
    given = [value if isinstance(value, dict) else as_json(value) for value in values]
    return packed(canonical({"records": given}))


def targets_of(state: State) -> dict[str, bytes]:
    license = CardLicense("CC0-1.0", "CC-BY-4.0")
    card = InstanceCard(state.instance, {"fr": "Le répertoire"}, "https://catalogue.example", ("fr",), license)
    head = (COOP.id, "coop", "La coop", "/organizations/coop", "declared", AT)
    organization = ExchangeRecord(*head, body={"country": "FR"}, record_kind=names.ORGANIZATION)
    found = {
        names.INSTANCE: card_bytes(card),
        names.shard_target(names.ORGANIZATIONS, names.shard_of(COOP.id, 4)): records([organization]),
    }
    shards: dict[str, list[Any]] = {}
    for value in state.projects:
        key = UUID(value["id"]) if isinstance(value, dict) else value.id
        shards.setdefault(names.shard_of(key, 4), []).append(value)
    for gone in state.withdrawn:
        target = names.shard_target(names.WITHDRAWN, names.shard_of(gone.id, 4))
        found[target] = withdrawn_bytes([canonical(as_json(gone))])
    found |= {names.shard_target(names.PROJECTS, shard): records(values) for shard, values in shards.items()}
    return {**found, **state.raw}


def files_of(state: State) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    named: dict[str, TargetFile] = {}
    for target, raw in targets_of(state).items():
        made = TargetFile.from_data(target, raw, ["sha256"])
        if target == names.INSTANCE:
            made.unrecognized_fields["custom"] = {"bits": {"projects": 4, "organizations": 4}}
        named[target] = made
        found[f"targets/{names.file_of(target, made.hashes['sha256'])}"] = raw
    day = timedelta(days=1)
    targets = Targets(state.version, expires=state.at + 365 * day, targets=named)
    raw = signed(targets, state.online, state)
    found[f"metadata/{state.version}.targets.json"] = raw
    snapshot = Snapshot(
        state.version,
        expires=state.at + 365 * day,
        meta={"targets.json": MetaFile.from_data(state.version, raw, ["sha256"])},
    )
    raw = signed(snapshot, state.online, state)
    found[f"metadata/{state.version}.snapshot.json"] = raw
    meta = MetaFile.from_data(state.version, raw, ["sha256"])
    stamp = Timestamp(state.version, expires=state.at + 30 * day, snapshot_meta=meta)
    found["metadata/timestamp.json"] = signed(stamp, state.online, state)
    for number, (root_key, online, signers, whose, *also) in enumerate(state.roots or (FIRST,), 1):
        root = Root(number, expires=AT + 5 * 365 * day, consistent_snapshot=True)
        root.unrecognized_fields["x-catalogue"] = root_member(RootStatement(whose, ("https://catalogue.example",)))
        root.add_key(root_key.public_key, Root.type)
        for role in ONLINE_ROLES:
            root.add_key(online.public_key, role)
        for role in also:
            root.add_key(root_key.public_key, role)
        metadata = Metadata(root)
        for key in signers:
            metadata.sign(key, append=True)
        found[f"metadata/{number}.root.json"] = found["metadata/root.json"] = metadata.to_bytes()
    state.after(found)
    return found


def signed(payload: Any, key: CryptoSigner, state: State) -> bytes:
    if state.unknown:
        payload.unrecognized_fields["x-later"] = {"more": [1]}
    if state.spec:
        payload.spec_version = state.spec
    metadata: Metadata[Any] = Metadata(payload)
    metadata.sign(key)
    return metadata.to_bytes()


def flip(start: str) -> Callable[[dict[str, bytes]], None]:
    """A byte is another one, in files whose path begins so."""

    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith(start)]:
            raw = files[path]
            files[path] = raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :]

    return change


def without(start: str) -> Callable[[dict[str, bytes]], None]:
    """Files whose path begins so are not there."""

    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith(start)]:
            del files[path]

    return change


def project_file(state: State, key: UUID) -> str:
    target = names.shard_target(names.PROJECTS, names.shard_of(key, 4))
    return f"targets/{names.file_of(target, hashlib.sha256(targets_of(state)[target]).hexdigest())}"


# What a reader makes of it, after it read `good`: it takes all; it refuses the visit, and all stays as it was; or it
# takes the rest, and what is named stays as it was (`files`), is left out (`entries`), or waits for a person (`asked`).
TAKEN, REFUSED, PARTLY = "taken", "refused", "partly"


def broken(**changes: Any) -> tuple[Any, ...]:
    """Galette breaks a rule; Paheko has another sentence."""
    return (
        {**as_json(State().projects[0]), **changes},
        project(PAHEKO, "paheko", summary={"fr": "Tenir les comptes"}),
        *State().projects[2:],
    )


def nested(times: int) -> Any:
    """Lists within each other, so many."""
    found: list[Any] = []
    for _ in range(times - 1):
        found = [found]
    return found


NEXT = State(version=3, at=AT + timedelta(hours=1), projects=broken())
TAKEN_BACK = (Withdrawal(1, "adoption", USE, AT, "withdrawn"),)
WITHOUT_USE = (replace(State().projects[0], adoptions=()), *State().projects[1:])
WITHDRAWN_5 = names.shard_target(names.WITHDRAWN, names.shard_of(USE, 4))
SHARD_3 = names.shard_target(names.PROJECTS, names.shard_of(GALETTE, 4))


def shard(raw: bytes) -> State:
    """The shard of Galette holds this; something is withdrawn in the same version."""
    return replace(NEXT, raw={SHARD_3: raw}, withdrawn=TAKEN_BACK)


OTHER_SENTENCE = replace(NEXT, projects=broken(summary={"fr": "Autre"}), withdrawn=TAKEN_BACK)
LARGE = {**as_json(State().projects[0]), "notes": {"fr": "x" * (2 * 1024 * 1024 + 1)}}
GOOD_ROOT_2 = (ROOT, OTHER, (ROOT,), INSTANCE)
ROOT_2_OF_OTHERS = (ROOT, ONLINE, (ROOT,), OTHER_INSTANCE)
BAD_USE = {**as_json(State().projects[0].adoptions[0]), "organization": "coop"}
ODD_USE = {**as_json(State().projects[0].adoptions[0]), "since": 2019}
VECTORS: tuple[tuple[str, str, State, str, dict[str, Any]], ...] = (
    ("next", "One project has another sentence", replace(NEXT, projects=broken(summary={"fr": "Autre"})), TAKEN, {}),
    ("withdrawn", "A use is withdrawn", replace(NEXT, projects=WITHOUT_USE, withdrawn=TAKEN_BACK), TAKEN,
     {"withdrawn": [str(USE)]}),
    ("rotated", "Root 2 names another online key: a use that is withdrawn goes at once, the rest comes after a day",
     replace(NEXT, roots=(FIRST, GOOD_ROOT_2), online=OTHER, withdrawn=TAKEN_BACK), PARTLY,
     {"withdrawn": [str(USE)], "third": "rotated", "third_now": "2026-11-30T14:00:01Z"}),
    ("rotated-twice", "Roots 2 and 3 at once, each under its number: the rest comes after a day",
     replace(NEXT, roots=(FIRST, GOOD_ROOT_2, GOOD_ROOT_2), online=OTHER), TAKEN,
     {"unchanged": True, "third": "rotated-twice", "third_now": "2026-11-30T14:00:01Z"}),
    ("root-roles", "Root 2 gives the root key a role of the online key too: the rest comes after a day",
     replace(NEXT, roots=(FIRST, (*FIRST, Targets.type)), withdrawn=TAKEN_BACK), PARTLY,
     {"withdrawn": [str(USE)], "third": "root-roles", "third_now": "2026-11-30T14:00:01Z"}),
    ("root-renewed", "Root 2 names the same keys", replace(NEXT, roots=(FIRST, FIRST)), TAKEN, {}),
    ("root-missing", "A copy has root 3 and not root 2: the chain ends before, and the key of root 3 is not believed",
     replace(NEXT, roots=(FIRST, GOOD_ROOT_2, GOOD_ROOT_2), online=OTHER, after=without("metadata/2.root")), REFUSED,
     {}),
    ("root-of-others", "A later root, rightly signed, says another instance, and so does the card",
     replace(NEXT, roots=(FIRST, ROOT_2_OF_OTHERS), instance=OTHER_INSTANCE), REFUSED, {}),
    ("unknown-members", "Members of a later version, in records and metadata",
     replace(NEXT, unknown=True, projects=broken(later={"x": [1.5, -7, 1e300]}, status="a-word-of-theirs")), TAKEN, {}),
    ("later-minor-version", "Specification 1.9", replace(NEXT, spec="1.9.0"), TAKEN, {}),
    ("later-major-version", "Specification 2.0", replace(NEXT, spec="2.0.0"), REFUSED, {}),
    ("root-by-another", "Root 2 is not signed by the root key of root 1",
     replace(NEXT, roots=(FIRST, (OTHER, OTHER, (OTHER,), INSTANCE)), online=OTHER), REFUSED, {}),
    ("other-online-key", "Signed with a key that no root names", replace(NEXT, online=OTHER), REFUSED, {}),
    ("timestamp-changed", "A byte of timestamp.json", replace(NEXT, after=flip("metadata/timestamp")), REFUSED, {}),
    ("snapshot-changed", "A byte of the snapshot", replace(NEXT, after=flip("metadata/3.snapshot")), REFUSED, {}),
    ("targets-changed", "A byte of the targets", replace(NEXT, after=flip("metadata/3.targets")), REFUSED, {}),
    ("older", "An earlier version", replace(NEXT, version=1), REFUSED, {}),
    ("same-version", "Something else under the version that is known", replace(NEXT, version=2, projects=WITHOUT_USE),
     TAKEN, {"unchanged": True}),
    ("expired", "Nothing was signed for 31 days; a use was withdrawn in the last version",
     replace(NEXT, projects=WITHOUT_USE, withdrawn=TAKEN_BACK), PARTLY,
     {"now": "2026-12-31T12:00:00Z", "withdrawn": [str(USE)], "files": ["*"]}),
    ("other-instance", "The card is another instance's than the root's; what is withdrawn counts",
     replace(NEXT, instance=OTHER_INSTANCE, withdrawn=TAKEN_BACK), REFUSED, {"withdrawn": [str(USE)]}),
    ("shard-changed", "A byte of a shard; the withdrawal in the same version counts",
     replace(OTHER_SENTENCE, after=flip(project_file(OTHER_SENTENCE, GALETTE))), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3], "third": "shard-right"}),
    ("shard-right", "The same, as it was signed: at a third visit the shard is asked for again, though nothing else"
     " changed", OTHER_SENTENCE, TAKEN, {"withdrawn": [str(USE)]}),
    ("shard-not-packed", "A shard is no gzip", shard(b"x" * 100), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3]}),
    ("shard-too-large", "A shard unpacks to more than it may", shard(packed(b"\0" * (4 * 1024 * 1024 + 1))), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3]}),
    ("shard-many-values", "A shard of 4 MB has more than 500,000 values",
     shard(packed(b'{"records":[' + b"[]," * 600_000 + b"[]]}")), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3]}),
    ("shard-deep", "A shard is 200,000 lists deep", shard(packed(b"[" * 200_000)), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3]}),
    ("shard-no-text", "A shard is no UTF-8", shard(packed(b'{"records":"\xff"}')), PARTLY,
     {"withdrawn": [str(USE)], "files": [SHARD_3]}),
    ("record-broken", "A record has a number for its name", replace(NEXT, projects=broken(name=3)), PARTLY,
     {"entries": [str(GALETTE)]}),
    ("record-fraction", "A record has a fraction where a whole number stands",
     replace(NEXT, projects=broken(languages=[{"term": "fr", "percent": 60.5}])), PARTLY, {"entries": [str(GALETTE)]}),
    ("record-large", "A record has more than 2 MB", replace(NEXT, projects=(LARGE, *broken()[1:])), PARTLY,
     {"entries": [str(GALETTE)]}),
    ("record-large-in-bytes", "A record has fewer than 2 million characters, and more than 2 MB in UTF-8",
     replace(NEXT, projects=broken(later="é" * (1024 * 1024))), PARTLY, {"entries": [str(GALETTE)]}),
    ("record-16-deep", "Values of a record are 16 deep, itself the first",
     replace(NEXT, projects=broken(later=nested(15))), TAKEN, {}),
    ("record-17-deep", "Values of a record are 17 deep", replace(NEXT, projects=broken(later=nested(16))), PARTLY,
     {"entries": [str(GALETTE)]}),
    ("record-long-list", "A list is longer than its schema lets it be",
     replace(NEXT, projects=broken(replaces=["x"] * 501)), PARTLY, {"entries": [str(GALETTE)]}),
    ("record-other-word", "A word of a closed list is another one", replace(NEXT, projects=broken(origin="imported")),
     PARTLY, {"entries": [str(GALETTE)]}),
    ("adoption-broken", "One adoption breaks a rule: its project is left out with it",
     replace(NEXT, projects=broken(adoptions=[BAD_USE])), PARTLY, {"entries": [str(GALETTE)]}),
    ("value-odd", "A page that is none, a number for a date, a word that nobody knows: each costs itself alone",
     replace(NEXT, projects=broken(homepage="javascript:alert(1)", made_for=["a-word"], adoptions=[ODD_USE])), TAKEN,
     {}),
    ("record-elsewhere", "A record is in the shard of others",
     replace(NEXT, raw={SHARD_3: records([State().projects[0], replace(State().projects[0], id=PAHEKO)])}), PARTLY,
     {"entries": [str(PAHEKO)]}),
    ("withdrawal-broken", "One withdrawal breaks a rule, the other counts",
     replace(NEXT, projects=WITHOUT_USE, raw={WITHDRAWN_5: packed(canonical(
         {"withdrawn": [{"n": 0, "kind": "project", "id": str(PAHEKO), "at": "x", "ground": "withdrawn"},
                        as_json(TAKEN_BACK[0])]}))}), PARTLY, {"withdrawn": [str(USE)], "entries": [str(PAHEKO)]}),
    ("fifth-gone", "Of five projects that the reader has, four are left: exactly four fifths",
     replace(NEXT, projects=(State().projects[0], *State().projects[2:])), TAKEN, {}),
    ("more-than-a-fifth-gone", "Of five projects, three are left",
     replace(NEXT, projects=(State().projects[0], *State().projects[3:])), PARTLY, {"asked": ["projects"]}),
    ("vanished", "All projects are gone without a withdrawal", replace(NEXT, projects=()), PARTLY,
     {"asked": ["projects"]}),
)  # fmt: skip


def write(folder: Path, files: Mapping[str, bytes], but: Mapping[str, bytes] | None = None) -> None:
    for path, raw in files.items():
        if but is None or but.get(path) != raw:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)


def made() -> dict[str, Any]:
    """The lines of vectors.json."""
    stamp = Metadata[Timestamp].from_bytes(files_of(State())["metadata/timestamp.json"])
    return {
        "good": {"version": 2, "now": "2026-11-29T13:00:00Z", "projects": 5, "organizations": 1},
        "signed_bytes": {"metadata/timestamp.json": stamp.signed_bytes.decode()},
        "vectors": [
            {"name": name, "says": says, "now": "2026-11-29T14:00:00Z", "outcome": outcome, **more}
            for name, says, _, outcome, more in VECTORS
        ],
    }  # fmt: skip


def main(vectors: Path = HERE, described: Path = SCHEMAS) -> None:
    for folder in (vectors, described):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    good = files_of(State())
    write(vectors / "good", good)
    for name, _, state, _, _ in VECTORS:
        write(vectors / name, files_of(state), good)
    (vectors / "vectors.json").write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n")
    for name, schema in schemas.schemas().items():
        (described / f"{name}.json").write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
