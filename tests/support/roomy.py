"""What tests write and throw away lies in memory, where there is enough of it: a new file on a disk can take longer.

A database is some six hundred files, and hundreds of databases come and go in a run. `TMPDIR` says where instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile

_MEMORY = "/dev/shm"
_ROOM = 4 * 2**30
"""Bytes that have to be free: some servers side by side, each with a write-ahead log of its own."""


def be_roomy() -> None:
    """Let this process and those it begins make their temporary files in memory, unless somebody said where."""
    if "TMPDIR" in os.environ or not _is_fit(_MEMORY):
        return
    os.environ["TMPDIR"] = _MEMORY
    tempfile.tempdir = None


def _is_fit(folder: str) -> bool:
    """Tell whether there is room, and whether programs may lie there: environments of Python are among what is made."""
    if not os.path.ismount(folder) or not os.access(folder, os.W_OK):
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC and shutil.disk_usage(folder).free >= _ROOM
