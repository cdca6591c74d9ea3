"""Follows a catalogue's exchange, by docs/exchange.md alone: python-tuf for the signatures, jsonschema for the records.

    pip install tuf jsonschema
    python reader.py https://catalogue.example.org/exchange/ state        # shows the fingerprint to compare
    python reader.py https://catalogue.example.org/exchange/ state --fingerprint "3f2a 90bb ..."
    python reader.py https://catalogue.example.org/exchange/ state        # and again, whenever you like

What was read is in state/records.json: kind, then id, then the record. It is an example to start from, and a test of
the specification; it knows nothing of the program that publishes.
"""

import argparse
import gzip
import hashlib
import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from jsonschema import Draft202012Validator
from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig

KB, MB = 1024, 1024 * 1024
KINDS = {"projects": "project", "organizations": "organization"}
# Section "Limits": bytes packed, bytes unpacked, entries, values.
LIMITS = {
    "instance": (64 * KB, 64 * KB, 1, 8_000),
    **dict.fromkeys((*KINDS, "withdrawn"), (4 * MB, 4 * MB, 20_000, 500_000)),
}
RECORD_BYTES, DEPTH = 2 * MB, 16
CONFIG = UpdaterConfig(
    max_root_rotations=32,
    max_delegations=0,
    root_max_length=32 * KB,
    timestamp_max_length=4 * KB,
    snapshot_max_length=4 * KB,
    targets_max_length=2 * MB,
)
SCHEMAS = Path(__file__).parent / "schemas"
SHARD = re.compile(r"(projects|organizations|withdrawn)/([0-9a-f]{1,3})\.json\.gz")


class Refused(Exception):
    """The catalogue cannot be read; what was read before stays."""


class Follower:
    """What is known of one catalogue, in a folder."""

    def __init__(self, address: str, state: Path):
        self.address, self.state = address.rstrip("/"), state
        self.metadata = state / "metadata"
        self.metadata.mkdir(parents=True, exist_ok=True)
        kept = state / "records.json"
        known = json.loads(kept.read_text()) if kept.is_file() else {}
        self.records = {kind: known.get("records", {}).get(kind, {}) for kind in KINDS}
        self.erased = known.get("erased", {})  # "kind id" -> the highest number under which it was withdrawn
        self.shards = known.get("shards", {})  # target -> SHA-256 of what was taken
        self.signer = known.get("signer")  # the online key that signed it
        self.whose = known.get("whose")  # the identity of the catalogue, which never changes
        self.keys = known.get("keys")  # of its newest root, by role
        self.keys_changed = known.get("keys_changed")  # when another root named others
        self.said: list[str] = []
        self.left_out: set = set()  # the ids of entries of the last file that broke a rule

    def pin(self, fingerprint: str | None) -> None:
        """The first visit: a person compares the fingerprint of root.json."""
        root = self.metadata / "root.json"
        if root.exists():
            return
        raw = self.fetch("metadata/root.json", 32 * KB)
        digits = hashlib.sha256(raw).hexdigest()[:20]
        shown = " ".join(digits[place : place + 4] for place in range(0, 20, 4))
        if fingerprint is None or fingerprint.replace(" ", "").lower() != digits:
            raise Refused(f"Compare this fingerprint with somebody there whom you know: {shown}")
        root.write_bytes(raw)

    def visit(self, now: datetime | None = None) -> None:
        """Section "Order of reading". `now` is for test vectors, which have dates: python-tuf has no other place to say
        it."""
        bootstrap = (self.metadata / "root.json").read_bytes()
        updater = Updater(
            str(self.metadata), f"{self.address}/metadata/", None, f"{self.address}/targets/", None, CONFIG,
            bootstrap=bootstrap,
        )  # fmt: skip
        if now is not None:
            updater._trusted_set.reference_time = now
        try:
            updater.refresh()
        except ExpiredMetadataError as expired:
            self.withdraw_in_spite_of_expiry()
            self.keep()
            raise Refused(f"{expired}: only what was withdrawn was taken.") from expired
        targets = self.verified(Targets, "targets.json").signed.targets
        instance = self.instance(self.verified(Root, "root.json"))
        if self.whose not in (None, instance):
            raise Refused("root.json says another instance than before")
        self.whose = instance
        now = now or datetime.now(UTC)
        roles = self.verified(Root, "root.json").signed.roles.items()
        keys = {name: [role.threshold, *sorted(role.keyids)] for name, role in roles}
        if keys != self.keys:
            self.keys, self.keys_changed = keys, None if self.keys is None else now.isoformat()
        signer = ",".join(sorted(self.verified(Timestamp, "timestamp.json").signatures))
        if signer != self.signer:  # the key that said what was erased is believed no more: all is read anew
            self.signer, self.erased, self.shards = signer, {}, {}
        for name in lists_of_withdrawals(targets):
            self.withdraw(name, self.entries(updater, targets, name, "withdrawn", "withdrawn"))
        if self.keys_changed and now < datetime.fromisoformat(self.keys_changed) + timedelta(days=1):
            self.say("Its keys changed: only what was withdrawn is taken for a day. Ask somebody there whom you know.")
            self.keep()
            return
        card = self.entries(updater, targets, "instance.json", "instance", None)
        if not card or card[0]["instance"] != instance:
            self.keep()
            raise Refused("instance.json is another instance's than root.json: only what was withdrawn was taken")
        bits = targets["instance.json"].custom["bits"]
        self.say(f"{next(iter(card[0]['name'].values()))}, {card[0]['address']}")
        for kind in KINDS:
            self.take(updater, targets, kind, bits[kind])
        self.keep()

    def take(self, updater: Updater, targets: dict, kind: str, bits: int) -> None:
        """Changed shards of a kind. One that fails is fetched again next time; a record that fails costs itself."""
        named = {name: found[2] for name in targets if (found := SHARD.fullmatch(name)) and found[1] == kind}
        wanted = {name for name, shard in named.items() if len(shard) * 4 == bits}
        fresh, failed, taken = dict(self.records[kind]), set(), dict(self.shards)
        for name in sorted(wanted):
            sha = targets[name].hashes["sha256"]
            if taken.get(name) == sha:
                continue
            try:
                read = self.entries(updater, targets, name, kind, "records")
            except (DownloadError, RepositoryError, Refused) as wrong:
                self.say(f"{name}: {wrong}")
                failed.add(named[name])
                continue
            fresh = {
                key: record
                for key, record in fresh.items()
                if not key.endswith(named[name]) or key in self.left_out  # what was taken of it before stays
            }
            for record in read:
                if not record["id"].endswith(named[name]):
                    self.say(f"{record['id']} is in the shard of others")
                elif kept := self.unless_erased(KINDS[kind], record):
                    fresh[record["id"]] = kept
            taken[name] = sha
        present = {named[name] for name in wanted} | failed
        fresh = {key: record for key, record in fresh.items() if any(key.endswith(shard) for shard in present)}
        if len(fresh) < len(self.records[kind]) * 4 / 5:
            self.say(f"{len(self.records[kind]) - len(fresh)} {kind} vanished without a withdrawal: a person must look")
            return
        self.records[kind] = fresh
        self.shards = {name: sha for name, sha in taken.items() if name in targets}

    def withdraw(self, name: str, withdrawals: list) -> None:
        """One file of withdrawals, before anything else."""
        for said in withdrawals:
            if not said["id"].endswith(SHARD.fullmatch(name)[2]):
                self.say(f"{said['id']} is in the list of others")
                continue
            key = f"{said['kind']} {said['id']}"
            self.erased[key] = max(said["n"], self.erased.get(key, 0))
            for kind, name in KINDS.items():
                if said["kind"] == name:
                    self.records[kind].pop(said["id"], None)
        for key, record in list(self.records["projects"].items()):
            self.records["projects"][key] = self.without_erased(record)

    def unless_erased(self, kind: str, record: dict) -> dict | None:
        """A record that was withdrawn comes back only where its home says after which withdrawal."""
        if self.erased.get(f"{kind} {record['id']}", 0) > record.get("returns", 0):
            self.say(f"{kind} {record['id']} came back without a word: a person must look")
            return None
        return self.without_erased(record)

    def without_erased(self, record: dict) -> dict:
        found = dict(record)
        if uses := record.get("adoptions"):
            found["adoptions"] = [
                use for use in uses if self.erased.get(f"adoption {use['id']}", 0) <= use.get("returns", 0)
            ]
        return found

    def entries(self, updater: Updater, targets: dict, name: str, schema: str, member: str | None) -> list:
        """The entries of a target that keep the rules; what it is in bytes was signed."""
        info = updater.get_targetinfo(name)
        packed, *bounds = LIMITS[schema]
        if info is None or info.length > packed:
            raise Refused(f"{name} is missing or too large")
        raw = Path(updater.download_target(info, str(self.state / "download"))).read_bytes()
        return self.checked(name, raw, bounds, schema, member)

    def checked(self, name: str, raw: bytes, bounds: list[int], schema: str, member: str | None) -> list:
        unpacked, most, values = bounds
        if name.endswith(".gz"):
            try:
                raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(unpacked + 1)
            except (OSError, EOFError) as wrong:
                raise Refused(f"{name} is not packed as it should be") from wrong
        if len(raw) > unpacked or sum(raw.count(mark) for mark in (b",", b"[", b"{")) > values:
            raise Refused(f"{name} is too large")
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as wrong:
            raise Refused(f"{name} is no JSON") from wrong
        described = json.loads((SCHEMAS / f"{schema}.json").read_text())
        given = [value] if member is None else value.get(member, []) if isinstance(value, dict) else []
        if not isinstance(given, list) or len(given) > most:
            raise Refused(f"{name} has no list, or a longer one than it may")
        rules = Draft202012Validator(described if member is None else described["properties"][member]["items"])
        kept, self.left_out = [], set()
        for place, entry in enumerate(map(without_nulls, given)):
            if deeper(entry, DEPTH) or size(entry) > RECORD_BYTES or not rules.is_valid(entry):
                self.say(f"{name}, entry {place}: it breaks a rule and is left out")
                self.left_out.add(entry.get("id") if isinstance(entry, dict) else None)
            else:
                kept.append(entry)
        return kept

    def withdraw_in_spite_of_expiry(self) -> None:
        """Where only the dates are wrong, ours or theirs, withdrawals count: each signature, version and hash is
        checked as before. Section "What a follower must do"."""
        root = self.verified(Root, "root.json").signed
        stamp = self.signed_as(root, Timestamp, "timestamp.json", 4 * KB)
        if stamp.version < self.last_version():
            raise Refused("timestamp.json is older than the one before")
        snapshot = self.signed_as(
            root, Snapshot, f"{stamp.snapshot_meta.version}.snapshot.json", 4 * KB, stamp.snapshot_meta
        )
        meta = snapshot.meta["targets.json"]
        targets = self.signed_as(root, Targets, f"{meta.version}.targets.json", 2 * MB, meta).targets
        packed, *bounds = LIMITS["withdrawn"]
        for name in lists_of_withdrawals(targets):
            folder, _, file = name.partition("/")
            raw = self.fetch(f"targets/{folder}/{targets[name].hashes['sha256']}.{file}", packed)
            targets[name].verify_length_and_hashes(raw)
            self.withdraw(name, self.checked(name, raw, bounds, "withdrawn", "withdrawn"))

    def signed_as(self, root: Root, role: type, name: str, most: int, meta=None):
        raw = self.fetch(f"metadata/{name}", most)
        if meta is not None:
            meta.verify_length_and_hashes(raw)
        found = Metadata.from_bytes(raw)
        root.verify_delegate(role.type, found.signed_bytes, found.signatures)
        if meta is not None and found.signed.version != meta.version:
            raise Refused(f"{name} is another version")
        return found.signed

    def verified(self, role: type, name: str) -> Metadata:
        """What the updater checked and kept."""
        return Metadata[role].from_file(str(self.metadata / name))

    def last_version(self) -> int:
        kept = self.metadata / "timestamp.json"
        return self.verified(Timestamp, "timestamp.json").signed.version if kept.is_file() else 0

    def instance(self, root: Metadata) -> str:
        """Whose records these are: the instance of the signed root, never a host."""
        said = root.signed.unrecognized_fields.get("x-catalogue") or {}
        rules = Draft202012Validator(json.loads((SCHEMAS / "x-catalogue.json").read_text()))
        if not rules.is_valid(without_nulls(said)):
            raise Refused("root.json does not say whose it is")
        return said["instance"]

    def fetch(self, path: str, most: int) -> bytes:
        with urlopen(f"{self.address}/{path}", timeout=30) as answer:
            raw = answer.read(most + 1)
        if len(raw) > most:
            raise Refused(f"{path} is too large")
        return raw

    def keep(self) -> None:
        kept = {"records": self.records, "erased": self.erased, "shards": self.shards}
        kept |= {"signer": self.signer, "whose": self.whose, "keys": self.keys, "keys_changed": self.keys_changed}
        draft = self.state / "records.new"
        draft.write_text(json.dumps(kept))
        draft.replace(self.state / "records.json")

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def lists_of_withdrawals(targets: dict) -> list[str]:
    return sorted(name for name in targets if (found := SHARD.fullmatch(name)) and found[1] == "withdrawn")


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


def size(value) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))


def deeper(value, most: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return most == 0 or any(deeper(part, most - 1) for part in (value.values() if isinstance(value, dict) else value))


def main() -> int:
    parser = argparse.ArgumentParser(description="Follow a catalogue's exchange.")
    parser.add_argument("address", help="of the exchange, ending in /exchange/")
    parser.add_argument("state", type=Path, help="a folder for what was read")
    parser.add_argument("--fingerprint", help="of root.json, as somebody there read it aloud")
    given = parser.parse_args()
    follower = Follower(given.address, given.state)
    try:
        follower.pin(given.fingerprint)
        follower.visit()
    except (Refused, RepositoryError, DownloadError, OSError) as no:
        print(*follower.said, no, sep="\n", file=sys.stderr)
        return 1
    print(*follower.said, sep="\n")
    print(", ".join(f"{len(records)} {kind}" for kind, records in follower.records.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
