"""Each security check of the list is missed by the tests beside it when it is taken out."""

import json
import os
import subprocess
import sys

import pytest
from tests.house.mutant import MUTANT, PROFILE
from tests.house.mutations import MUTATIONS, Mutation
from tests.house.source import ROOT

FAILED, PASSED = 1, 0  # exit statuses of pytest
WORDS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "tests.house.mutant")
PROFILE_WORD = f"--hypothesis-profile={PROFILE}"


def run(mutation: Mutation, server_dsn: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a mutation in a process of its own, on the server of this run."""
    told = json.dumps([mutation.module, mutation.before, mutation.after])
    return subprocess.run(
        [sys.executable, "-m", "pytest", *WORDS, PROFILE_WORD, mutation.tests],
        cwd=ROOT,
        env=os.environ | {MUTANT: told, "RENKEI_TEST_DSN": server_dsn},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "mutation", MUTATIONS, ids=lambda one: f"{one.module}: {one.before[:60]}".replace(" ", "-")
)
def test_without_a_check_a_test_fails(mutation: Mutation, server_dsn: str) -> None:
    done = run(mutation, server_dsn)
    assert done.returncode == FAILED, done.stdout[-2000:] + done.stderr[-2000:]
    assert "not once in" not in done.stdout


def test_the_tests_pass_where_nothing_is_taken_out(server_dsn: str) -> None:
    """So that it is the missing check that fails them, not the way they are run here."""
    first = MUTATIONS[0]
    done = run(first._replace(after=first.before), server_dsn)
    assert done.returncode == PASSED, done.stdout[-2000:] + done.stderr[-2000:]
