"""What one visit tells of a repository: from a snapshot of bytes and dates to values that each carry file and commit.

Pure: nothing is fetched, stored or rendered here, and no clock is read. Nobody is named: people are only counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from forge.observe import activity as activities
from forge.observe import license as license_files
from forge.observe.activity import Activity, Commit, Tag
from forge.observe.license import LicenseFinding, RootLicense
from forge.observe.manifests import Declared, declared
from forge.observe.readme import Readme, readmes

VERSION = 2  # raised when the same snapshot would tell something else, so that stored observations are made anew


@dataclass(frozen=True)
class Snapshot:
    """A repository at the head of its default branch, as far as it was read."""

    head: str  # full commit id
    default_branch: str
    committed_at: datetime
    files: Mapping[str, bytes]  # path -> content, those of `files.wanted`, each up to MAX_FILE_BYTES
    oids: Mapping[str, str] = field(default_factory=dict)  # path -> object id
    commits: Iterable[Commit] = ()  # of the default branch, read once
    tags: tuple[Tag, ...] = ()
    size_bytes: int | None = None


@dataclass(frozen=True)
class Observation:
    """What the snapshot tells. `license` is set only where certain; `license_files` lists all that was seen."""

    head: str
    default_branch: str
    committed_at: datetime
    license: RootLicense | None
    free: bool | None  # of what the license files show; None: nothing sure
    license_files: tuple[LicenseFinding, ...]
    unidentified: tuple[str, ...]  # license files that nobody could name
    declared: tuple[Declared, ...]  # what the manifests state
    readmes: tuple[Readme, ...]
    activity: Activity
    release: Tag | None
    size_bytes: int | None
    oids: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-safe values; each value that came from a file names the file, its id and the commit."""
        return {
            "version": VERSION,
            "commit": self.head,
            "default_branch": self.default_branch,
            "committed_at": _text(self.committed_at),
            "license": self.license and self._license(self.license),
            "free": self.free,
            "license_files": [
                {"value": each.spdx, "confidence": each.confidence, **self._at(each.path)}
                for each in self.license_files
            ],
            "unidentified_license_files": [self._at(path) for path in self.unidentified],
            "declared_licenses": [
                {"value": each.spdx, "stated": each.stated, **self._at(each.path)} for each in self.declared
            ],
            "readmes": [
                {"language": each.language, "format": each.format, **self._at(each.path)} for each in self.readmes
            ],
            "activity": {
                "first_commit_at": _text(self.activity.first_commit_at),
                "last_commit_at": _text(self.activity.last_commit_at),
                "commits": self.activity.commits,
                "people_in_year": self.activity.people_in_year,
                "as_of": _text(self.activity.as_of),
                "commit": self.head,
            },
            "release": self.release
            and {"value": self.release.name, "commit": self.release.oid, "date": _text(self.release.tagged_at)},
            "size_bytes": self.size_bytes,
        }

    def _license(self, found: RootLicense) -> dict[str, Any]:
        return {"value": found.expression, "files": list(found.files), **self._at(found.files[0])}

    def _at(self, path: str) -> dict[str, Any]:
        return {"file": path, "oid": self.oids.get(path), "commit": self.head}


def observe(snapshot: Snapshot, now: datetime) -> Observation:
    """What the snapshot tells, as of `now`."""
    files = snapshot.files
    return Observation(
        head=snapshot.head,
        default_branch=snapshot.default_branch,
        committed_at=snapshot.committed_at,
        license=license_files.root_license(files),
        free=license_files.is_free(files),
        license_files=tuple(license_files.licenses(files, snapshot.oids)),
        unidentified=tuple(license_files.unidentified(files)),
        declared=tuple(found for path in sorted(files) if (found := declared(path, files[path]))),
        readmes=tuple(readmes(files)),
        activity=activities.activity(snapshot.commits, now),
        release=activities.release(snapshot.tags, now),
        size_bytes=snapshot.size_bytes,
        oids={path: oid for path, oid in snapshot.oids.items() if path in files},
    )


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
