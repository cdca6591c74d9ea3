"""Names and media types of the files of an exchange, and which shard a record is in.

    metadata/  N.root.json (all of them)  root.json (the newest)  N.targets.json  N.snapshot.json  timestamp.json
    targets/   instance.json
               projects/XX.json.gz  organizations/XX.json.gz  withdrawn/XX.json.gz

On disk a target has the SHA-256 of its bytes before its name: `targets/projects/SHA256.a7.json.gz`. An empty shard has
no file.
"""

import re
from collections.abc import Mapping
from uuid import UUID

METADATA, TARGETS = "metadata", "targets"  # folders
# Media types. `SIGNED` is not packed on its way: its tag is that of the bytes that were signed.
SIGNED, PACKED = "application/vnd.forge.exchange+json", "application/gzip"
ROOT, TIMESTAMP = "root.json", "timestamp.json"
INSTANCE = "instance.json"
PROJECTS, ORGANIZATIONS, WITHDRAWN = "projects", "organizations", "withdrawn"
# Of records, one by one: of withdrawals.
PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
# Of records that have shards of their own; what others name comes first.
FOLDER_OF: Mapping[str, str] = {ORGANIZATION: ORGANIZATIONS, PROJECT: PROJECTS}
KIND_OF: Mapping[str, str] = {folder: kind for kind, folder in FOLDER_OF.items()}
KINDS = tuple(KIND_OF)
FOLDERS = (*KINDS, WITHDRAWN)

USES = "adoptions"  # of the line of a project

BITS = (4, 8, 12)  # of an id, that name its shard: one hexadecimal digit, two or three
MANY = 2_000  # entries of a folder, above which its shards are named by 8 bits at least

SHARD = re.compile(rf"({'|'.join(FOLDERS)})/([0-9a-f]{{1,3}})\.json\.gz", re.ASCII)


def shard_of(record: UUID, bits: int) -> str:
    """The last hexadecimal digits of an id, one to three: at its front, all that is new may be alike (UUIDv7)."""
    return record.hex[-(bits // 4) :]


def shard_target(folder: str, shard: str) -> str:
    return f"{folder}/{shard}.json.gz"


def shard_named(target: str) -> tuple[str, str] | None:
    """Folder and shard of a target; None for another file."""
    match = SHARD.fullmatch(target)
    return (match[1], match[2]) if match else None


def file_of(target: str, sha256: str) -> str:
    """The path of a target below `targets/`: its digest stands before the last part of its name (specification of The
    Update Framework, 6.2, consistent snapshots)."""
    folder, slash, name = target.rpartition("/")
    return f"{folder}{slash}{sha256}.{name}"


def bits_for(entries: int, before: int | None = None) -> int:
    """How many bits of an id name a shard of a folder of so many entries, at least; `before`: as it was, since what
    grew stays divided."""
    return max(BITS[entries > MANY], before or 0)
