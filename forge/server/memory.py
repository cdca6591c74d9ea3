"""Bounds on what the C library keeps of memory that a process gave back."""

import ctypes

# Of glibc's mallopt(3): two heaps for all threads, and large pieces go back to the system as soon as they are free.
# Without these bounds the web process kept all that 24 readers had needed at once (407 MB instead of 150 MB).
MALLOC_BOUNDS = {-8: 2, -3: 256 << 10}  # M_ARENA_MAX, M_MMAP_THRESHOLD


def bound_memory() -> bool:
    """Let this process give memory back that it no longer needs; return whether its C library can (glibc can)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(option, value) for option, value in MALLOC_BOUNDS.items())
