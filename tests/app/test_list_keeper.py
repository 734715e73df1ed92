"""Lists are brought up to date behind the loads, step by step, and an end never waits for long."""

import threading

import pytest
from tests.app.conftest import AT
from tests.store.rows import DAY, RESIDENT, TOWN, file, resident

from renkei import store
from renkei.app.deliveries.list_keeper import index_all
from renkei.kit import Database
from renkei.standard import catalogue


@pytest.fixture
def loaded(database: Database) -> Database:
    with database.transaction(TOWN) as conn:
        store.load(conn, TOWN, RESIDENT, file(RESIDENT, [resident(1)]), on=DAY, at=AT)
    return database


def test_every_step_is_taken_in_its_own_transaction_and_only_once(loaded: Database) -> None:
    ended = threading.Event()
    ended.set()
    assert index_all(loaded, TOWN, catalogue(), ended) == 0
    assert index_all(loaded, TOWN, catalogue(), threading.Event()) == 7
    assert index_all(loaded, TOWN, catalogue(), threading.Event()) == 0
