"""A unit that drops files of questions, in a folder or a bucket, and reads what comes back."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import obstore

from renkei.app.files.place import ANSWERS, QUESTIONS
from renkei.backup import Target
from renkei.standard import catalogue
from renkei.standard.generate import file_layout

PAIR, SERVICE = "MUN-131024-06", "income"
FOLDER = f"15/{PAIR}/{SERVICE}"
INCOME = catalogue().interface("06", "income")
LAYOUT = file_layout(INCOME, catalogue())
Row = tuple[str, ...]


class FolderOfUnit:
    """What a unit does in a drop folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def get(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def names(self, folder: str) -> set[str]:
        found = self.root / folder
        return {path.name for path in found.iterdir()} if found.exists() else set()

    def delete(self, path: str) -> None:
        (self.root / path).unlink()


class BucketOfUnit:
    """The same in a bucket."""

    def __init__(self, target: Target) -> None:
        self.store = target.open()

    def put(self, path: str, data: bytes) -> None:
        obstore.put(self.store, path, data, use_multipart=False)

    def get(self, path: str) -> bytes:
        return bytes(obstore.get(self.store, path).bytes())

    def names(self, folder: str) -> set[str]:
        found = [one for many in obstore.list(self.store, folder) for one in many]
        return {one["path"].rpartition("/")[2] for one in found}

    def delete(self, path: str) -> None:
        obstore.delete(self.store, path)


@dataclass
class Dropper:
    """Unit 15 of A市: what it drops for the income of unit 06 of B市."""

    at: FolderOfUnit | BucketOfUnit
    folder: str = FOLDER
    said: dict[str, object] = field(default_factory=dict)

    def manifest(self, name: str, data: bytes, **said: object) -> bytes:
        manifest = {
            "file": f"{name}.csv",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "count": 1,
            "client": "JP/MUN/131016/15",
            "service": "JP/MUN/131024/06/income",
            "procedure": "JT99000000001501",
            "purpose": "児童扶養手当の認定",
            "mode": "test",
            "items": ["total_income", "dependants"],
        }
        return json.dumps(manifest | self.said | said).encode()

    def drop(self, *rows: Row, name: str = "", charset: str = "utf-8", **said: object) -> str:
        """Drop a file, then its manifest; return the id."""
        name = name or f"q-{uuid4()}"  # of bare digits it could be a personal number
        self.drop_bytes(written(rows, charset), name, **({"count": len(rows)} | said))
        return name

    def drop_bytes(self, data: bytes, name: str, **said: object) -> None:
        self.put(f"{name}.csv", data)
        self.put(f"{name}.manifest.json", self.manifest(name, data, **said))

    def put(self, name: str, data: bytes) -> None:
        self.at.put(f"{self.folder}/{QUESTIONS}/{name}", data)

    def waiting(self) -> set[str]:
        return self.at.names(f"{self.folder}/{QUESTIONS}")

    def answers(self) -> set[str]:
        return self.at.names(f"{self.folder}/{ANSWERS}")

    def get(self, name: str) -> bytes:
        return self.at.get(f"{self.folder}/{ANSWERS}/{name}")

    def told(self, name: str):
        return json.loads(self.get(name))

    def codes(self, name: str) -> list[str]:
        """Return the codes of what is wrong with a file."""
        return [one["code"] for one in self.told(f"{name}.error.json")["errors"]]

    def answer(self, name: str, charset: str = "utf-8") -> list[dict[str, str]]:
        """Return the rows of an answer whose manifest says that it is whole."""
        manifest = self.told(f"{name}.answer.manifest.json")
        data = self.get(manifest["file"])
        assert hashlib.sha256(data).hexdigest() == manifest["sha256"]
        rows = list(csv.DictReader(io.StringIO(data.decode(charset), newline="")))
        assert len(rows) == manifest["count"]
        return rows


def written(rows: tuple[Row, ...], charset: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows((LAYOUT.question, *rows))
    return text.getvalue().encode(charset)
