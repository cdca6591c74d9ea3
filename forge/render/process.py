"""Starts the limited child process in which texts and pictures of strangers are rendered, and spreadsheets read.

A process is started for each text: Python-Markdown takes 9 s for 8 kB of `[` (Python-Markdown#798) and a thread cannot
be stopped. Starting costs about 0.2 s, which is why results are kept.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RENDERER_VERSION = 1  # raised when the same text would come out otherwise; part of the key under which HTML is kept
KINDS = ("markdown", "rst", "code")
MAX_INPUT_BYTES = 256 * 1024
MEMORY_BYTES = 256 * 1024 * 1024
MAX_OUTPUT_BYTES = 2 * 1024 * 1024  # many small links grow eightfold; a page of more is none
TIMEOUT_SECONDS = 2.0  # of the processor
WALL_TIME_FACTOR = 5  # times as long by the clock: on a busy machine the child waits for the processor
MAX_CHILDREN = 2

_slots = threading.BoundedSemaphore(MAX_CHILDREN)
_home = Path(__file__).resolve().parents[2]  # where `forge` is imported from, installed or not
_log = logging.getLogger(__name__)


def render(
    kind: str,
    data: bytes,
    options: Mapping[str, Any],
    timeout_seconds: float = TIMEOUT_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> str | None:
    """Safe HTML of `data`, or None: show the plain text. Waits while MAX_CHILDREN others render in this process.

    `kind` is "markdown" or "rst" (options: those of `links.LinkBase`, and `top`, the heading level that h1 becomes) or
    "code" (options: `filename`). None means too much input, time or memory, or text on which the renderer fails. The
    time is the processor's, to the next whole second; by the clock it is WALL_TIME_FACTOR times as long.
    Raises ValueError for an unknown kind, OSError when no process can be started.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no renderer for {kind!r}; there are {', '.join(KINDS)}.")
    if len(data) > MAX_INPUT_BYTES:
        return None
    result = run_child(kind, data, options, timeout_seconds, memory_bytes)
    return None if result is None else result.decode("utf-8")


def run_child(
    kind: str,
    data: bytes,
    options: Mapping[str, Any],
    timeout_seconds: float,
    memory_bytes: int,
    output_bytes: int = MAX_OUTPUT_BYTES,
) -> bytes | None:
    """The child's output for `data`, whatever its kind; None where it was stopped or failed.

    Raises OSError when no process can be started.
    """
    limits = {"memory_bytes": memory_bytes, "cpu_seconds": int(timeout_seconds) + 1}
    head = {"kind": kind, "options": dict(options), "limits": limits, "output_bytes": output_bytes}
    request = json.dumps(head).encode() + b"\n" + data
    with _slots:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-s", "-B", "-m", "forge.render.child"],
                input=request,
                capture_output=True,
                timeout=WALL_TIME_FACTOR * timeout_seconds,
                env={"PYTHONPATH": str(_home), "LC_ALL": "C.UTF-8", "PATH": os.defpath},
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired:
            _log.info("rendering %s stopped after %s s", kind, WALL_TIME_FACTOR * timeout_seconds)
            return None
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        _log.info("rendering %s ended with %s: %r", kind, done.returncode, reason)
        return None
    return done.stdout
