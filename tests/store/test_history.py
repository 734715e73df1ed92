"""Whatever snapshots came, any day and any time is answered as a naive model answers it."""

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.rows import ALLOWANCE, TOWN, Row, allowance, day, file, hour, register_number

from renkei import store
from renkei.kit import Connection, Database
from renkei.store import Outcome

KEYS = [(1, 11), (1, 12), (2, 13)]
ITEMS = ("monthly_amount", "end_reason")

rows = st.fixed_dictionaries(
    {},
    optional={
        key: st.sampled_from([("10000", ""), ("15000", ""), ("10000", "転出"), ("15000", "転出")])
        for key in KEYS
    },
)
snapshots = st.lists(st.tuples(st.integers(0, 2), rows), min_size=1, max_size=6)


def as_rows(state: dict[tuple[int, int], tuple[str, str]]) -> list[Row]:
    return [
        allowance(*key, monthly_amount=amount, end_reason=reason)
        for key, (amount, reason) in state.items()
    ]


def read(conn: Connection, key: tuple[int, int], on: int, known: int) -> tuple[str, str] | None:
    wanted = {"register_number": register_number(key[0]), "child_number": register_number(key[1])}
    record = store.read(
        conn, TOWN, ALLOWANCE, wanted, ITEMS, on=day(on), known=hour(known) if known >= 0 else None
    )
    if record is None:
        return None
    return str(record.values[ITEMS[0]]), str(record.values[ITEMS[1]] or "")


@settings(max_examples=25)
@given(snapshots=snapshots)
def test_every_day_as_known_at_every_time_equals_the_naive_model(
    database: Database,
    snapshots: list[tuple[int, dict[tuple[int, int], tuple[str, str]]]],
) -> None:
    model: list[tuple[int, int, dict[tuple[int, int], tuple[str, str]]]] = []
    with database.transaction(TOWN) as conn:
        on = 0
        for at, (later, state) in enumerate(snapshots):
            on += later
            source = file(ALLOWANCE, as_rows(state))
            report = store.load(
                conn, TOWN, ALLOWANCE, source, on=day(on), at=hour(at), allow_ending=True
            )
            seen = any(
                day_ == on and list(s.items()) == list(state.items()) for _, day_, s in model
            )
            assert report.outcome is (Outcome.already_loaded if seen else Outcome.loaded)
            if not seen:
                model.append((at, on, state))
        assert store.overlaps(conn, TOWN, ALLOWANCE) == 0
        for asked in range(on + 1):
            for known in range(-1, len(snapshots)):
                holding = [s for t, d, s in model if d <= asked and (known < 0 or t <= known)]
                for key in KEYS:
                    expected = holding[-1].get(key) if holding else None
                    assert read(conn, key, asked, known) == expected
        raise psycopg.Rollback
