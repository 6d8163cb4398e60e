"""Memory-mapped files that keep no descriptor."""

from __future__ import annotations

import mmap
import os
import sys
import weakref
from collections.abc import Callable

import numpy as np

__all__ = ["map_file"]

if sys.version_info >= (3, 13):

    def map_file(descriptor: int, size: int) -> tuple[memoryview, Callable[[], None]]:
        """Map the first ``size`` bytes (at least 1) of a file, read-only, for as long as the view is used.

        Returns:
            The bytes, and a function that releases the memory of the pages that were read.

        Raises:
            OSError: the file cannot be mapped.
        """
        mapped = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ, trackfd=False)
        return memoryview(mapped), lambda: mapped.madvise(mmap.MADV_DONTNEED)

else:
    # Before Python 3.13 ``mmap.mmap`` keeps a duplicate of the descriptor, and an index may have more segments than a
    # process may have descriptors. The system call needs no duplicate.
    import ctypes

    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.mmap.restype = ctypes.c_void_p
    _libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    _libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    _libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    _FAILED = ctypes.c_void_p(-1).value

    def map_file(descriptor: int, size: int) -> tuple[memoryview, Callable[[], None]]:
        """Map the first ``size`` bytes (at least 1) of a file, read-only, for as long as the view is used.

        Returns:
            The bytes, and a function that releases the memory of the pages that were read.

        Raises:
            OSError: the file cannot be mapped.
        """
        address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
        if address == _FAILED:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        owner = (ctypes.c_ubyte * size).from_address(address)
        # At exit other threads may still read.
        weakref.finalize(owner, _libc.munmap, address, size).atexit = False
        content = np.frombuffer(memoryview(owner), np.uint8)
        content.flags.writeable = False
        return content.data, lambda: _forget(owner)

    def _forget(owner: ctypes.Array[ctypes.c_ubyte]) -> None:
        _libc.madvise(ctypes.addressof(owner), len(owner), mmap.MADV_DONTNEED)
