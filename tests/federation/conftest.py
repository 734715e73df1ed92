"""What several modules here begin with: everybody's keys once a module, and A's records."""

import pytest
from tests.federation.desks import A, as_tenant, fill, make_desks


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_desks(tmp_path_factory.mktemp("desks"))


@pytest.fixture
def desks(conn, keys):
    fill(conn, keys)
    as_tenant(conn, A)
    return keys
