"""Each security check of the list is missed by a test beside it when it is taken out.

The suite takes out every fifth of them; `make mutate` all, some minutes long.
"""

from collections.abc import Iterator

import pytest
from tests.house.mutations import MUTATIONS, Mutation
from tests.house.nursery import Nursery
from tests.sampling import some_of

FAILED, PASSED = 1, 0  # exit statuses of pytest


@pytest.fixture(scope="session")
def nursery(server_dsn: str, run_name: str) -> Iterator[Nursery]:
    with Nursery.opened(server_dsn, run_name) as opened:
        yield opened


@pytest.mark.parametrize(
    "mutation",
    some_of(MUTATIONS, every=5),
    ids=lambda one: f"{one.module}: {one.before[:60]}".replace(" ", "-"),
)
def test_without_a_check_a_test_fails(mutation: Mutation, nursery: Nursery) -> None:
    done = nursery.run(mutation)
    assert done.status == FAILED, done.said[-4000:]
    assert "not once in" not in done.said


def test_the_tests_pass_where_nothing_is_taken_out(nursery: Nursery) -> None:
    """So that it is the missing check that fails them, not the way they are run here."""
    first = MUTATIONS[0]
    done = nursery.run(first._replace(after=first.before))
    assert done.status == PASSED, done.said[-4000:]
