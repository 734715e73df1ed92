"""Synthetic towns for benchmarks, written once a machine and size, kept as temporary files."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from renkei.kit import Tenant, tenant
from renkei.standard import catalogue
from renkei.standard.synthetic import write_town

SEED = 1


@dataclass(frozen=True, slots=True)
class Town:
    """A town's files: the organisation, how many residents the file lists, where it stands."""

    code: Tenant
    rows: int
    resident: Path

    @property
    def bare(self) -> Path:
        """Return the resident file without its comment lines, as `psql` needs it."""
        path = self.resident.with_suffix(".bare")
        if not path.exists():
            fresh = path.with_suffix(".new")
            with self.resident.open("rb") as source, fresh.open("wb") as target:
                target.writelines(line for line in source if not line.startswith(b"#"))
            fresh.rename(path)
        return path


def town(people: int, code: str = "131016") -> Town:
    """Return the town of that many people; the first call on a machine writes it."""
    name = f"{code}-{people}-{SEED}-{catalogue().version[:12]}"
    folder = Path(tempfile.gettempdir()) / "renkei-bench-towns" / name
    if not folder.exists():
        print(f"writing a town of {people} people …", flush=True)
        fresh = folder.with_name(f"{name}.new")
        write_town(code, people=people, seed=SEED, out=fresh)
        fresh.rename(folder)
    resident = folder / "resident.csv"
    with resident.open("rb") as lines:
        rows = sum(1 for line in lines if not line.startswith(b"#")) - 1
    return Town(tenant(code), rows, resident)
