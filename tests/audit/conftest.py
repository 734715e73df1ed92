"""A fresh organisation for each test, with the key of its log."""

from collections.abc import Iterator
from itertools import count

import pytest
from tests.audit.samples import SEED

from renkei import kit
from renkei.audit import Signer

_numbers: Iterator[int] = count(10000)


@pytest.fixture
def tenant() -> kit.Tenant:
    """Give an organisation no other test writes to."""
    while True:
        body = next(_numbers)
        for check in range(10):
            if kit.organisation_code_ok(f"{body}{check}"):
                return kit.tenant(f"{body}{check}")


@pytest.fixture
def signer(tenant: kit.Tenant) -> Signer:
    """Give the key of that organisation's log."""
    return Signer.from_seed(f"renkei.example/{tenant}/access-log/2026", SEED)
