"""A file on its way into a table: judged in a second thread, a block ahead of the database."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from psycopg.sql import Composed

from renkei.kit import Connection
from renkei.store.reading import Progress, Reading
from renkei.store.snapshot import Verdict

BLOCKS_AHEAD = 2  # judged while the database takes one; they are all that is held in memory


def stream(
    conn: Connection,
    statement: Composed,
    reading: Reading,
    progress: Callable[[Progress], object],
    *,
    stop_when_blocked: bool = False,
) -> bool:
    """Judge the file and send it to a table; tell whether all of it is there."""
    whole = True
    blocks = reading.blocks()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="judging") as judging,
        conn.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        ahead = deque(judging.submit(next, blocks, None) for _ in range(BLOCKS_AHEAD))
        while (judged := ahead.popleft().result()) is not None:
            ahead.append(judging.submit(next, blocks, None))
            text, verdict, so_far = judged
            whole = whole and verdict is Verdict.whole
            if stop_when_blocked and reading.must_block:
                return False
            if whole:
                copy.write(text)
            progress(so_far)
    whole = whole and reading.sha256 is not None
    return whole and not (stop_when_blocked and reading.must_block)
