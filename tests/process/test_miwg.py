"""The reference models of the BPMN working group are read, written and played."""

import pytest
from lxml import etree
from tests.process.miwg import FOLDER, TRACES, files, processes, traces

from renkei.process import bpmn
from renkei.process.bpmn import Document

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the data of ../shared is not here")

STUCK = {
    # Two ways lead from an inclusive gateway of which one is the default, so that only one is
    # taken (BPMN 2.0.2, 13.4.3); a parallel gateway then waits for both. Drawn, not meant to run.
    "B.2.0 WFP-6-1.txt",
}


def plain(data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), method="c14n2")


def test_every_file_is_there() -> None:
    assert len(files()) == 21


def test_every_file_is_read_and_written_without_loss() -> None:
    for path in files():
        data = path.read_bytes()
        document = Document.parse(data, path.name)
        bpmn.define(document)
        assert plain(document.xml()) == plain(data), path.name
        assert Document.parse(document.xml()).hash == document.hash


def test_nothing_in_a_file_is_unknown() -> None:
    clauses = {
        (path.name, one.clause) for path in files() for one in bpmn.read(path.read_bytes()).findings
    }
    assert {clause for _, clause in clauses} <= {"formula-unread"}


def test_all_processes_but_the_known_ones_are_played_to_their_ends_as_before() -> None:
    told = {name: one for path in files() for name, one in traces(path).items()}
    assert len(told) == 37
    assert {name for name, (is_ended, _) in told.items() if not is_ended} == STUCK
    kept = {path.name: path.read_text(encoding="utf-8") for path in TRACES.glob("*.txt")}
    assert {name: lines for name, (_, lines) in told.items()} == kept


def test_every_executable_process_is_played_to_its_end() -> None:
    found = [
        (path, process)
        for path in files()
        for process in processes(bpmn.read(path.read_bytes(), path.name))
        if process.is_executable
    ]
    assert len(found) == 7
    assert [
        one for path, process in found if (one := f"{path.stem} {process.id}.txt") in STUCK
    ] == []
