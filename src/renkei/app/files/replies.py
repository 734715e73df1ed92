"""What a unit is told of its file: that it was accepted, or all that is wrong with it."""

from datetime import datetime
from typing import Literal, Self

from msgspec import Struct

from renkei.app.files.place import Drop
from renkei.app.files.question_file import Defects
from renkei.app.files.question_manifest import FileClaim
from renkei.exchange import files


class Acknowledgement(Struct, frozen=True):
    """What is told of a file that was accepted; the same every time."""

    id: str
    outcome: Literal["accepted"]
    client: str
    service: str
    size: int
    sha256: str
    count: int
    accepted_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, claim: FileClaim, state: files.FileState) -> Self:
        """Acknowledge a file by its manifest and how it stands."""
        said = claim.said
        return cls(
            claim.id,
            "accepted",
            said.client,
            said.service,
            said.size,
            said.sha256,
            said.count,
            state.accepted_at,
            state.expires_at,
        )


class Wrong(Struct, frozen=True):
    """One thing that is wrong, in both languages; without a line it is the file."""

    line: int | None
    times: int
    code: str
    message: str
    message_ja: str


class Refusal(Struct, frozen=True):
    """What is told of a file that was not accepted."""

    id: str
    outcome: Literal["refused"]
    at: datetime
    count: int
    errors: tuple[Wrong, ...]

    @classmethod
    def of(cls, drop: Drop, defects: Defects, at: datetime) -> Self:
        """Refuse a file for its defects."""
        wrong = (
            Wrong(one.line, one.times, one.error.code(), one.error.text("en"), one.error.text("ja"))
            for one in defects.kept.values()
        )
        return cls(drop.stem, "refused", at, defects.count, tuple(wrong))
