"""A drop folder for files of questions: everything is opened step by step, no link is followed."""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from renkei.app.deliveries.manifest import MANIFEST
from renkei.app.deliveries.plain_files import names_in, open_plain, opened_folder, write_whole
from renkei.app.files.place import ANSWERS, PAIR, QUESTIONS, SERVICE, Drop

log = logging.getLogger("renkei.app")

MODE = 0o770


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """One folder, under the name the settings give it."""

    name: str
    root: Path

    def prepare(self, units: tuple[str, ...]) -> None:
        """Make the folders of the units; what is below them they make themselves."""
        for unit in units:
            (self.root / unit).mkdir(mode=MODE, parents=True, exist_ok=True)

    def drops(self, units: tuple[str, ...]) -> Iterator[Drop]:
        """Yield the manifests that lie ready, the oldest of a folder first."""
        for unit, pair, service in self._folders(units):
            try:
                with self._opened(f"{unit}/{pair}/{service}", QUESTIONS) as folder:
                    names = [one for one in names_in(folder) if one.endswith(MANIFEST)]
                    times = [(_written_at(folder, name), name) for name in names]
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("%s/%s/%s cannot be read: %s", unit, pair, service, error.strerror)
                continue
            for written_at, name in sorted(times):
                yield Drop(unit, pair, service, name, written_at)

    def read(self, folder: str, part: str, name: str, *, most: int) -> bytes | None:
        """Return a file, or None if it is no plain file."""
        with self._opened(folder, part) as opened:
            stream = open_plain(opened, name)
        if stream is None:
            return None
        with stream:
            return stream.read(most + 1)

    def write(self, folder: str, part: str, name: str, data: bytes) -> None:
        """Write a file that is there whole or not at all; its folder is made."""
        with self._opened(folder, "") as above, suppress(FileExistsError):
            os.mkdir(part, MODE, dir_fd=above)
        with self._opened(folder, part) as opened:
            write_whole(opened, name, data)

    def has(self, folder: str, part: str, name: str) -> bool:
        """Tell whether a file is there."""
        try:
            with self._opened(folder, part) as opened:
                os.stat(name, dir_fd=opened, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def delete(self, folder: str, part: str, *names: str) -> None:
        """Delete files in their order; what is away is away."""
        with self._opened(folder, part) as opened:
            for name in names:
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=opened)
            os.fsync(opened)

    def tidy(self, units: tuple[str, ...], *, before: float) -> int:
        """Delete what the node wrote before a time."""
        deleted = 0
        for unit, pair, service in self._folders(units):
            with (
                suppress(FileNotFoundError),
                self._opened(f"{unit}/{pair}/{service}", ANSWERS) as folder,
            ):
                for name in names_in(folder):
                    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    if stat.S_ISREG(about.st_mode) and about.st_mtime < before:
                        os.unlink(name, dir_fd=folder)
                        deleted += 1
        return deleted

    def _folders(self, units: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
        """Yield the pairs and services that units have folders for."""
        for unit in units:
            for pair in self._below(unit, PAIR.fullmatch):
                for service in self._below(f"{unit}/{pair}", SERVICE.fullmatch):
                    yield unit, pair, service

    def _below(self, folder: str, fits: Callable[[str], object]) -> list[str]:
        try:
            with self._opened(folder, "") as opened:
                return sorted(name for name in names_in(opened) if fits(name))
        except FileNotFoundError:
            return []
        except OSError as error:  # a link, a plain file, not ours to read: none of ours
            log.warning("%s cannot be read: %s", folder, error.strerror)
            return []

    @contextmanager
    def _opened(self, folder: str, part: str) -> Iterator[int]:
        """Open a folder below ours, step by step: none of the steps is a link."""
        with ExitStack() as open_things:
            # The root is the settings' own word and may be a link.
            opened = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            open_things.callback(os.close, opened)
            for step in filter(None, (*folder.split("/"), part)):
                opened = open_things.enter_context(opened_folder(step, below=opened))
            yield opened


def _written_at(folder: int, name: str) -> float:
    """Return when a file was written; one that is gone meanwhile counts as old."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0
