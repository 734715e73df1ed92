"""What an extract raises. A lawful no is a refusal and returned; see `permits`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renkei.kit import Language, NodeError, say


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong in a query: its code, where it stands, what it is about."""

    code: str
    place: str
    facts: Mapping[str, str]

    def says(self, language: Language) -> str:
        """Return the sentence, led by the place."""
        part, _, numbers = self.place.partition(" ")
        where = f"{say(f'extract-place-{part}', language)} {numbers.replace(' ', '-')}".strip()
        return f"{where}: {say(f'extract-{self.code}', language, **self.facts)}"


class QueryUnreadable(NodeError):
    """The query is not written as docs/extracts.md says: {reason}. Correct it and try again."""

    status = 400


class QueryDefective(NodeError):
    """The query cannot be run. {defects}"""

    status = 422

    def __init__(self, found: Sequence[Defect]) -> None:
        """Take everything that is wrong with it."""
        self.found = tuple(found)
        super().__init__(defects=" ".join(one.says("en") for one in self.found))

    def text(self, language: Language = "en") -> str:
        """Name each defect in the reader's language."""
        said = " ".join(one.says(language) for one in self.found)
        if language == "en":
            return self.template().format_map({"defects": said})
        return say(self.code(), language, defects=said)


class ExtractUnknown(NodeError):
    """No extract is saved under the name {name} in version {version}.

    `renkei extract list` shows those that are.
    """

    status = 404


class ExtractNameMalformed(NodeError):
    """{name} cannot name an extract. Use up to 100 letters, digits, spaces, - and _."""

    status = 400


class ApproverSame(NodeError):
    """{name} version {version} was saved by {by}, who cannot approve it too. Ask a colleague."""

    status = 409


class ExtractNotApproved(NodeError):
    """{name} version {version} is not approved. Somebody other than {by} approves it first."""

    status = 409


class ExtractTooManyRows(NodeError):
    """The extract has more than {limit} rows, the most {form} may have here. No file was made.

    Narrow the conditions, choose another format, or raise the limit.
    """

    status = 413


class ExtractTooLarge(NodeError):
    """The file grew beyond {limit} bytes. No file was made.

    Narrow the conditions or take fewer columns.
    """

    status = 413


class ExtractTooSlow(NodeError):
    """The query ran longer than {seconds} seconds and was stopped. No file was made.

    Narrow the conditions, take fewer entities, or run it at night with more time.
    """

    status = 503


class ExtractOvertaken(NodeError):
    """While the extract ran, a person in it came under protection. No file was made; run it again.

    The new run leaves that person out.
    """

    status = 409


class FolderUnwritable(NodeError):
    """The folder {folder} cannot be written: {reason}. Choose another one; no file was made."""

    status = 400


class TargetExists(NodeError):
    """{file} exists already and was left as it is. Choose another name, or remove it first."""

    status = 409


class FormUnknown(NodeError):
    """{suffix} names no format of extracts. Use csv, csv-windows-31j, xlsx, parquet or pdf."""

    status = 400
