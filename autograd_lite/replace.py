"""A file that is replaced whole or not at all, whenever the process or the machine stops.

It is written under another name beside the file, pushed to the disk, and renamed, which file
systems do in one piece; then the folder is pushed to the disk, which holds the name.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Locks end with the process that has them, however it ends. Windows has none of this kind and needs
# none: there, a file that somebody has open cannot be removed.
if sys.platform == "win32":
    fcntl = None
else:
    import fcntl


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to in the body, which becomes `path` when the body ends without an error.

    After an error `path` is as it was, and nothing else is left. A process that is killed may leave
    a partial file, `.NAME.*.partial`. Whoever writes `path` next removes it, unless its writer
    lives: that one has a lock on it.

    Args:
        path: the file. A symbolic link is followed, and the permissions of a file are kept.

    Raises:
        OSError: when it cannot be written.
    """
    target = Path(os.path.realpath(path))
    mode = _mode(target)
    remove_abandoned(target.parent, glob.escape(target.name))
    partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}.partial")
    try:
        with _created(partial) as file:
            if mode is not None:
                partial.chmod(mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:
                file.close()
            partial.replace(target)  # with the lock: else it could be taken for abandoned
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Push the names in a folder to the disk, on systems and file systems that can do so."""
    if fcntl is None:
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder to write to, and not to list
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


def _mode(target: Path) -> int | None:
    """The permissions of the file that is there, if one is."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "that is a folder", str(target))
    if not stat.S_ISREG(mode):  # a rename would put a file in the place of /dev/null
        raise OSError(errno.EINVAL, "that is no regular file", str(target))
    return stat.S_IMODE(mode)


def _created(partial: Path) -> IO[bytes]:
    """A new file, locked; made again if it was taken for abandoned before it was locked."""
    while True:
        file = partial.open("xb")
        try:
            if fcntl is not None:
                with suppress(OSError):  # where there are no locks, nobody takes it for abandoned
                    fcntl.flock(file, fcntl.LOCK_EX)
            if partial.exists():
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove the partial files in a folder that no living process writes.

    Args:
        folder: the folder.
        pattern: the names of the files that were to be written, as for `glob`.
    """
    for partial in folder.glob(f".{pattern}.{'[0-9a-f]' * 16}.partial"):
        with suppress(OSError), partial.open("rb") as file:  # an error: somebody has it
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                partial.unlink()
        if fcntl is None:
            with suppress(OSError):
                partial.unlink()
