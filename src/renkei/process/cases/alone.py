"""Doing one thing of a transaction by itself, so that what fails in it stops nothing else."""

import logging
from collections.abc import Callable
from typing import TypeVar

import psycopg

from renkei import kit
from renkei.kit import Connection
from renkei.process.cases.errors import CaseNotTaken

log = logging.getLogger("renkei.process")
T = TypeVar("T")


def alone(conn: Connection, do: Callable[[], T]) -> T | kit.NodeError:
    """Return what came of it; where it failed, why: then nothing of it is kept.

    A failure nobody foresaw is logged. Of the database's the log has the kind alone, since its
    words may hold values. That the database is away is raised: it is nobody's fault here.
    """
    try:
        with conn.transaction():
            return do()
    except kit.NodeError as error:
        return error
    except psycopg.Error as error:
        if kit.is_away(error):
            raise
        reason = " ".join(filter(None, (type(error).__name__, error.diag.constraint_name)))
        log.error("what a case was given cannot be kept: %s", reason)  # noqa: TRY400
        return CaseNotTaken(reason=reason)
    except Exception as error:
        log.exception("what a case was given cannot be taken")
        return CaseNotTaken(reason=type(error).__name__)
