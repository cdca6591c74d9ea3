"""Runs a function in an interpreter of its own, so that the memory it needed is free again when it ends.

A process that lives on keeps much of it: new objects that stay lie between those that are gone. After publishing all
records of the shipped catalogue once the worker held 28 to 35 MB more.
"""

import ctypes
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from forge.config.memory_turn import memory_turn

PR_SET_PDEATHSIG = 1  # of Linux's prctl(2)


P = ParamSpec("P")
T = TypeVar("T")


def call_in_own_interpreter(
    function: Callable[P, T], seconds: float | None = None, /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """What a function of a module returns, or raises, run in a child process that ends with this one.

    Function, arguments and result are pickled. Raises subprocess.TimeoutExpired after so many `seconds`, and
    subprocess.CalledProcessError where the child ended without a result, with its reason on standard error.
    """
    command = [sys.executable, "-c", f"from {__name__} import answer_parent; answer_parent({os.getpid()})"]
    with memory_turn():
        done = subprocess.run(
            command, input=pickle.dumps((function, args, kwargs)), stdout=subprocess.PIPE, check=True, timeout=seconds
        )
    result, error = pickle.loads(done.stdout)
    if error is not None:
        raise error
    returned: T = result
    return returned


def answer_parent(parent: int) -> None:
    """In the child: run what the parent asks for, and give it the result."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before it could be noticed
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # of a terminal, which the parent gets too: no traceback of both
    answer, sys.stdout = sys.stdout.buffer, sys.stderr
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())
    try:
        outcome = pickle.dumps((function(*args, **kwargs), None))
    except Exception as error:  # whatever it is, it is the parent's to judge
        outcome = pickle.dumps((None, error))
        try:
            pickle.loads(outcome)
        except Exception:  # an exception whose __init__ does not take its own arguments
            raise error from None
    answer.write(outcome)
    answer.flush()
