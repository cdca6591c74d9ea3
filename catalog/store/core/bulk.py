"""Ways to handle many records at once at less cost."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collected_later() -> Iterator[None]:
    """While a batch of records is read or built. Python looks for cycles whenever many objects were made, among all
    that there are. A batch makes some hundred thousand, none in a cycle and all gone soon: looking for some took a
    third of the time of a load, and as much of an export."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
