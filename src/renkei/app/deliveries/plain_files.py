"""Plain files below the descriptor of their folder: no link is followed, no half file is seen."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

NOT_PLAIN = (errno.ELOOP, errno.ENXIO, errno.EACCES)  # a link, a socket, not ours to read


@contextmanager
def opened_folder(path: Path | str, *, below: int | None = None) -> Iterator[int]:
    """Open a folder; a link in its place is an error of the operating system."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(path, flags, dir_fd=below)
    try:
        yield folder
    finally:
        os.close(folder)


def names_in(folder: int) -> list[str]:
    """Return the names of what stands in a folder."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def open_plain(folder: int, name: str) -> BinaryIO | None:
    """Open a plain file of a folder for reading; None if it is a link, a pipe or a folder."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        number = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in NOT_PLAIN:
            return None
        raise
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "rb")
    os.close(number)
    return None


def write_whole(folder: int, name: str, data: bytes) -> None:
    """Write a file that is there whole or not at all."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(f"{name}.part", flags, 0o640, dir_fd=folder), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(f"{name}.part", name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
