"""How fast a town is written, for the benchmark."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from renkei.standard.synthetic.town import write_town


def people_per_second(*, people: int = 50_000, seed: int = 7) -> float:
    """Return the people written per second of wall time, all five files, with a neighbour."""
    with TemporaryDirectory() as folder:
        began = perf_counter()
        write_town("131016", people=people, seed=seed, out=Path(folder), neighbour="131024")
        return people / (perf_counter() - began)
