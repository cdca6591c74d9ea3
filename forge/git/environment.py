"""The environment, the configuration and the limits under which git runs here. No process is started in this module.

git gets an empty environment plus what is listed below, so that nothing of the machine (user configuration,
credentials, proxies, hooks, templates) and nothing that the origin chooses reaches it.
"""

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forge.security.safe_http import CheckedRemote

USER_AGENT = "git/2 (forge-catalogue mirror)"
SLOW_BYTES, SLOW_SECONDS = 1000, 300.0  # fewer bytes a second than this, for that long

# https://git-scm.com/docs/git-fsck: oddities of real, old repositories that cannot harm a bare mirror.
TOLERATED = (
    "hasDotgit zeroPaddedFilemode badFilemode duplicateEntries badTimezone missingSpaceBeforeDate badDate "
    "badDateOverflow missingTaggerEntry badTagName badEmail missingEmail nulInCommit missingNameBeforeEmail"
)

_ALWAYS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.bigFileThreshold": "4m",
    "core.fsync": "objects,derived-metadata,reference",
    "core.askPass": "",
    "credential.helper": "",
    "gc.auto": "0",
    "gc.pruneExpire": "never",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "pack.windowMemory": "64m",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "safe.directory": "*",
    "transfer.bundleURI": "false",
    "transfer.credentialsInUrl": "die",
}


@dataclass(frozen=True)
class Limits:
    """What one git process, or each of its children, may use. None: no limit of ours."""

    wall_seconds: float = 20.0
    cpu_seconds: int = 600
    data_bytes: int = 512 << 20  # not the address space: mapped packs count there
    file_bytes: int | None = None
    output_bytes: int = 64 << 20
    niceness: int = 0


def environment(config: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """All variables that git sees. `config` takes precedence over the repository's file, `extra` over the rest."""
    settings = _ALWAYS | dict(config or {})
    variables = {
        "PATH": f"{os.path.dirname(_git())}:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOC_LIMIT": "256m",
        "GIT_FLUSH": "0",  # lists of ids in blocks and not line by line, each with a switch to the reader
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for index, (key, value) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{index}"] = key
        variables[f"GIT_CONFIG_VALUE_{index}"] = value
    return variables | dict(extra or {})


def contact_settings(
    vetted: CheckedRemote, ca_file: Path | None, slow_seconds: float = SLOW_SECONDS
) -> tuple[dict[str, str], dict[str, str]]:
    """Configuration and variables with which git may contact this one remote, at its vetted addresses only."""
    pinned = ",".join(f"[{address}]" if ":" in address else address for address in vetted.addresses)
    config = {
        "http.followRedirects": "false",
        "http.curloptResolve": f"{vetted.host}:{vetted.port}:{pinned}",
        "http.proxy": "",
        "http.lowSpeedLimit": str(SLOW_BYTES),
        "http.lowSpeedTime": str(max(1, round(slow_seconds))),
        "http.userAgent": USER_AGENT,
        "http.sslVerify": "true",
        f"protocol.{vetted.scheme}.allow": "always",
        "transfer.fsckObjects": "true",
        "fetch.unpackLimit": "1",
        "fetch.recurseSubmodules": "false",
        "fetch.writeCommitGraph": "false",
    }
    if ca_file is not None:
        config["http.sslCAInfo"] = str(ca_file)
    config |= {f"fetch.fsck.{name}": "warn" for name in TOLERATED.split()}
    return config, {"GIT_ALLOW_PROTOCOL": vetted.scheme}


def command(arguments: Sequence[str | bytes], variables: Mapping[str, str], limits: Limits) -> list[str]:
    """The argument list that runs git with these variables *only*, whatever environment it is started with, and these
    limits: GitPython adds our own environment.

    A shell sets the limits before git exists, since doing it in Python between fork and exec is unsafe with threads.
    The shell's script is fixed; git's arguments are data. Of the limits `niceness` is left to `make_nice`: each program
    on the way to git takes a millisecond or two to start.
    """
    script = f"ulimit -c 0; ulimit -t {limits.cpu_seconds}; ulimit -d {limits.data_bytes >> 10}; "
    if limits.file_bytes is not None:
        script += f"ulimit -f {max(1, limits.file_bytes >> 9)}; "
    settings = [f"{name}={value}" for name, value in variables.items()]
    shell = ["/bin/sh", "-c", f'{script}exec "$@"', "git", "/usr/bin/env", "-i"]
    return [*shell, *settings, _git(), *map(os.fsdecode, arguments)]


def make_nice(pid: int, limits: Limits) -> None:
    """Lower the priority of a process that was started just now, as `nice` would; what it starts inherits that."""
    if limits.niceness:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, pid, min(19, os.getpriority(os.PRIO_PROCESS, 0) + limits.niceness))


@lru_cache(maxsize=1)
def _git() -> str:
    return shutil.which("git", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/local/bin") or "/usr/bin/git"
