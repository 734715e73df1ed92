"""The world of these tests, drawn once, and one person in it."""

import pytest
from tests.identity.world import A, World

from renkei.identity import Nym, Pid


@pytest.fixture(scope="session")
def world() -> World:
    return World.draw()


@pytest.fixture(scope="session")
def pid() -> Pid:
    return Pid.random()


@pytest.fixture(scope="session")
def nym(world: World, pid: Pid) -> Nym:
    """Give the person's linkage code in A."""
    return world.nyms([pid], A)[0]
