"""One process killed somewhere in the middle of work, and started again: what crash runs share."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from renkei.app.demo.ecosystem import Ecosystem, Part


@dataclass(frozen=True, slots=True)
class Strike:
    """Whom it hits: a site, or its database server, which the site starts again itself."""

    victim: Part
    database: bool

    @classmethod
    def drawn(cls, chance: random.Random, parts: Sequence[Part]) -> "Strike":
        """Draw one of the parts."""
        return cls(chance.choice(parts), chance.random() < 0.5)

    @property
    def name(self) -> str:
        """Return what the line of a round calls it."""
        return f"{self.victim.name}{' database' if self.database else ''}"

    @contextmanager
    def during(self, eco: Ecosystem, delay: float, parts: Sequence[Part]) -> Iterator[None]:
        """Strike after so many seconds of the block; at its end all the parts are well again."""

        def strike() -> None:
            time.sleep(delay)
            eco.kill(self.victim, database=self.database)
            if not self.database:
                eco.start(self.victim)

        striker = threading.Thread(target=strike)
        striker.start()
        yield
        striker.join()
        eco.await_health(*parts)
