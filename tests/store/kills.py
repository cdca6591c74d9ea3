"""Processes that are killed while they write, as a machine that loses its power."""

import os
import signal
from collections.abc import Callable

from sqlalchemy import event

from catalog.store.store import Store


def killed_at(url: str, step: int, verb: Callable[[Store], object], *, statements: bool = True) -> bool:
    """Whether a process that was to run a verb was killed at its `step`-th writing statement or commit; False: it ended
    first. Not `statements`: commits alone are counted."""
    child = os.fork()
    if child == 0:
        try:
            own, passed = Store(url), 0

            def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
                nonlocal passed
                passed += statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
                if passed == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            if statements:
                event.listen(own.engine, "before_cursor_execute", before)
            event.listen(own.engine, "commit", lambda _: before(None, None, "UPDATE"))
            verb(own)
            os._exit(0)
        except BaseException:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
