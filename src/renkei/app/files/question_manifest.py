"""What a unit says of a file of questions, in the manifest whose arrival says that it is whole."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from urllib.parse import quote

import msgspec

from renkei import exchange, kit
from renkei.app.errors import (
    FileDiffers,
    FileManifestMalformed,
    FileMisplaced,
    FileNameRefused,
    FileTooLarge,
)
from renkei.app.files.place import Drop
from renkei.app.units.task_door import expiry

MOST_BYTES = 64 << 10
MOST_OF_FILE = 8 << 20
MOST_LINES = 10_000
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,79}", re.ASCII)
USUAL_URGENCY = 5  # after those somebody waits for

Text = Annotated[str, msgspec.Meta(max_length=1000)]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manifest as a unit writes it."""

    file: Text
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_LINES)]
    client: Text
    service: Text
    procedure: Text
    mode: Text
    purpose: Text = ""
    items: tuple[Text, ...] = ()
    on: Text = ""
    # Left out where unset: a manifest from before they were there is still the same.
    staff: Text | msgspec.UnsetType = msgspec.UNSET
    second: Text | msgspec.UnsetType = msgspec.UNSET
    expires: Text = ""
    priority: Annotated[int, msgspec.Meta(ge=0, le=7)] = USUAL_URGENCY


@dataclass(frozen=True, slots=True)
class FileClaim:
    """What is claimed of a file and asked of it; `digest` is that of everything said."""

    id: str
    said: Manifest
    digest: bytes

    @classmethod
    def read(cls, drop: Drop, data: bytes | None) -> Self:
        """Parse a manifest; data is None where it is no plain file."""
        if data is None:
            raise FileManifestMalformed(defect="no plain file")
        if len(data) > MOST_BYTES:
            raise FileManifestMalformed(defect=f"> {MOST_BYTES} bytes")
        try:
            said = kit.read_json(data, Manifest)
        except msgspec.DecodeError as error:
            raise FileManifestMalformed(defect=str(error)[:200]) from error
        if not ID.fullmatch(drop.stem):
            raise FileNameRefused(name=drop.name[:100], wanted="A-Z a-z 0-9 _ -, ≤ 80")
        if said.file != f"{drop.stem}.csv":
            raise FileNameRefused(name=said.file[:100], wanted=f"{drop.stem}.csv")
        return cls(drop.stem, said, hashlib.sha256(msgspec.json.encode(said)).digest())

    @property
    def file(self) -> str:
        """Return the name of the file beside the manifest."""
        return self.said.file

    def check_place(self, drop: Drop, asker: exchange.Member) -> exchange.Service:
        """Return the service asked; one that is not that of the folder is refused."""
        wanted = f"{asker.render()}/{quote(drop.unit, safe='')}"
        if self.said.client != wanted:
            raise FileMisplaced(part="client", stated=self.said.client[:100], wanted=wanted)
        wanted = f"{asker.instance}/{drop.address}"
        if self.said.service != wanted:
            raise FileMisplaced(part="service", stated=self.said.service[:100], wanted=wanted)
        return exchange.service(wanted)

    def check_bytes(self, data: bytes) -> None:
        """Refuse a file that is too large, or is shorter, longer or another one than claimed."""
        if len(data) > MOST_OF_FILE:
            raise FileTooLarge(limit=MOST_OF_FILE)
        if len(data) != self.said.size:
            raise FileDiffers(part="size", stated=str(self.said.size), found=str(len(data)))
        found = hashlib.sha256(data).hexdigest()
        if found != self.said.sha256:
            raise FileDiffers(part="sha256", stated=self.said.sha256, found=found)

    def check_count(self, count: int) -> None:
        """Refuse a file that holds more or fewer questions than claimed."""
        if count != self.said.count:
            raise FileDiffers(part="count", stated=str(self.said.count), found=str(count))

    def expires_at(self, at: datetime) -> datetime:
        """Return until when its questions may be asked."""
        return expiry(self.said.expires or None, at, name="expires")

    def fields(self, message: str, subject: str, consent: str) -> exchange.Fields:
        """Return what one question says of itself, as REST says it."""
        said = self.said
        fields = {
            "x-road-client": said.client,
            "x-road-id": message,
            "pf-procedure": said.procedure,
            "pf-purpose": quote(said.purpose, safe=""),
            "pf-subject": subject,
            "pf-consent": consent,
            "pf-mode": said.mode,
            "pf-on": said.on,
            "x-road-userid": said.staff or "",
            "pf-second": said.second or "",
        }
        return tuple((name, value) for name, value in fields.items() if value)
