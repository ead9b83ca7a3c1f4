"""What makes a short training process start, end and allocate faster; no result changes.

Each function is for the start of a process that trains and then ends, before torch is imported.
"""

import ctypes
import os
import sys

# From glibc's malloc.h: the parameters that mallopt takes.
M_TRIM_THRESHOLD = -1
M_TOP_PAD = -2
M_MMAP_THRESHOLD = -3

MIB = 1 << 20


def tune_allocator() -> bool:
    """Keep freed memory for the next training step instead of giving it back to the system.

    Blocks up to 1 GiB then come from the heap, and the heap is not trimmed: a step finds the pages
    of the step before, where it would otherwise fault each of them in anew. True where the C
    library is glibc on Linux and took all settings; elsewhere nothing happens.
    """
    if not on_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # Older glibc refuses a threshold above 32 MiB.
    large = any(mallopt(M_MMAP_THRESHOLD, size) == 1 for size in (1024 * MIB, 32 * MIB))
    untrimmed = mallopt(M_TRIM_THRESHOLD, 2047 * MIB) == 1
    padded = mallopt(M_TOP_PAD, 64 * MIB) == 1
    return large and untrimmed and padded


def on_glibc() -> bool:
    """Whether the C library of this process is glibc on Linux."""
    key = "CS_GNU_LIBC_VERSION"
    if sys.platform != "linux" or key not in os.confstr_names:
        return False
    return (os.confstr(key) or "").startswith("glibc")
