"""A batch for cases, whole or apart: what fails in one case stops no other."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from renkei import kit

log = logging.getLogger("renkei.app")
T = TypeVar("T", covariant=True)


class Batch(Protocol[T]):
    """What is done in a transaction, whole or each thing apart."""

    def __call__(self, conn: kit.Connection, *, apart: bool) -> T:
        """Do it."""
        ...


def whole_or_apart(
    transaction: Callable[[], AbstractContextManager[kit.Connection]], batch: Batch[T]
) -> T:
    """Do a batch; where it fails in a way nobody foresaw, once more with each thing apart."""
    try:
        with transaction() as conn:
            return batch(conn, apart=False)
    except kit.NodeError:
        raise
    except Exception as error:  # a database's words may hold values: its kind alone is said
        log.warning("a batch of cases failed, and is done apart: %s", type(error).__name__)
    with transaction() as conn:
        return batch(conn, apart=True)
