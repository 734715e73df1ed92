"""A site that cannot take its port says so, and ends."""

import os
import socket

import pytest
from tests.app.conftest import AT

from renkei.app.demo.ecosystem import L, ecosystem


@pytest.mark.parametrize(("language", "words"), [("en", "listen at"), ("ja", "待ち受けられません")])
def test_a_port_that_is_taken_is_named(folder, run, language, words):
    binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
    with ecosystem(folder / language, at=AT, binaries=binaries) as sites:
        door = sites.settings[L.name].staff_door
        with socket.create_server((door.host, door.port)):
            said = run("hub", "--settings", sites.file(L), language=language)
    assert said.code == 1
    assert said.err.startswith("door-taken: ")
    assert words in said.err
    assert f"{door.host}:{door.port}" in said.err
