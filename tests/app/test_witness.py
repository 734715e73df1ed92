"""A witness never cosigns two histories: whoever asks at once, whenever it is killed."""

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest
from tests.app.witnessing import Grown, WitnessProcess, witness_running

from renkei import audit
from renkei.app.errors import WitnessStateBusy
from renkei.app.witness.plan import found_witness, read_plan
from renkei.app.witness.state import WitnessState


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def grown() -> Grown:
    return Grown()


@pytest.fixture
def cosigners() -> list[audit.Cosigner]:
    return [audit.Cosigner("w.example", one, bytes(32)) for one in audit.Algorithm]


@pytest.fixture
def state(tmp_path) -> WitnessState:
    return WitnessState(tmp_path / "witness.db")


def size(state: WitnessState) -> int:
    return next((one.size for one in state.standing()), 0)


@pytest.mark.clause("RK-39.3")
def test_what_is_cosigned_is_remembered_with_its_lines(state, grown, cosigners):
    lines = state.cosign(grown.submission(0, 5), grown.keys, cosigners, clock)
    assert state.note(grown.name) == grown.note(5) + lines
    found = list(audit.cosignatures(grown.note(5) + lines, [one.key for one in cosigners]))
    assert [one.key for one in found] == [one.key for one in cosigners]
    with pytest.raises(audit.WitnessedOther):
        state.cosign(grown.submission(0, 7), grown.keys, cosigners, clock)
    state.cosign(grown.submission(5, 7), grown.keys, cosigners, clock)
    assert size(state) == 7


@pytest.mark.clause("RK-39.3")
def test_of_many_at_once_one_is_cosigned_and_the_log_never_goes_back(state, grown, cosigners):
    """Threads with files of their own: the lock is the file's, as between processes."""
    state.cosign(grown.submission(0, 1), grown.keys, cosigners, clock)
    begin = threading.Barrier(8)

    def grow(number: int) -> list[int]:
        done = []
        mine = WitnessState(state._file)
        begin.wait()
        for _ in range(6):
            old = size(mine)
            new = old + 1 + number % 3
            if new >= grown.size:
                break
            try:
                mine.cosign(grown.submission(old, new), grown.keys, cosigners, clock)
            except audit.WitnessedOther:
                continue
            done.append(new)
        return done

    with ThreadPoolExecutor(8) as threads:
        sizes = [one for done in threads.map(grow, range(8)) for one in done]
    assert len(sizes) == len(set(sizes)) > 1
    assert size(state) == max(sizes)


def killed_at(step: int, run) -> bool:
    """Run in a process that ends at its n-th step inside SQLite; tell whether it got so far."""
    child = os.fork()
    if child == 0:
        seen = 0

        def look(frame, event, called) -> None:
            nonlocal seen
            owner = getattr(called, "__self__", None)
            if event.startswith("c_") and isinstance(owner, sqlite3.Connection):
                seen += 1
                if seen > step:
                    os._exit(9)

        sys.setprofile(look)
        run()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


@pytest.mark.clause("RK-39.3")
def test_killed_between_any_two_steps_it_stands_before_or_after(tmp_path, grown, cosigners):
    steps, stood = 0, set()
    while True:
        file = tmp_path / f"{steps}.db"
        state = WitnessState(file)
        state.cosign(grown.submission(0, 3), grown.keys, cosigners, clock)

        def cosign(state: WitnessState = state) -> None:
            state.cosign(grown.submission(3, 8), grown.keys, cosigners, clock)

        was_killed = killed_at(steps, cosign)
        found = size(state)
        stood.add((was_killed, found))
        note = state.note(grown.name)
        assert note is not None
        assert audit.Checkpoint.parse(note).size == found
        # The log, not answered, asks again; another history is refused in either case.
        other = Grown(fork=2)
        with pytest.raises(audit.CheckpointInconsistent):
            state.cosign(other.submission(found, 9), grown.keys, cosigners, clock)
        state.cosign(grown.submission(found, 9), grown.keys, cosigners, clock)
        steps += 1
        if not was_killed:
            break
    assert steps > 8
    assert stood == {(True, 3), (True, 8), (False, 8)}


def test_a_second_history_is_kept_as_evidence_and_never_without_bound(state, grown, cosigners):
    state.cosign(grown.submission(0, 5), grown.keys, cosigners, clock)
    other = Grown(fork=2)
    for _ in range(2):
        with pytest.raises(audit.CheckpointInconsistent):
            state.cosign(other.submission(5, 7), grown.keys, cosigners, clock)
    (kept,) = state.conflicts()
    assert (kept.origin, kept.known) == (grown.name, 5)
    sent = audit.Submission.parse(kept.sent)
    assert audit.Checkpoint.open(sent.note, grown.keys).size == 7
    assert size(state) == 5


def test_a_state_file_that_cannot_be_had_is_said(state, tmp_path):
    with pytest.raises(WitnessStateBusy):
        WitnessState(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[WitnessProcess]:
    with witness_running(tmp_path_factory.mktemp("witness"), [Grown()]) as found:
        yield found


@pytest.mark.clause("RK-39.4")
def test_the_door_answers_as_the_specification_says(running):
    grown = Grown()
    assert running.add(grown.submission(5, 7).render())[:2] == (409, b"0\n")
    assert running.shown(grown.name)[0] == 404
    status, lines, kind = running.add(grown.submission(0, 5).render())
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    keys = [audit.WitnessKey.parse(text) for text in running.keys]
    assert [one.key for one in audit.cosignatures(grown.note(5) + lines.decode(), keys)] == keys
    conflict = running.add(grown.submission(0, 7).render())
    assert conflict == (409, b"5\n", "text/x.tlog.size")
    assert running.shown(grown.name) == (200, (grown.note(5) + lines.decode()).encode())
    other = Grown(fork=2)
    assert running.add(other.submission(5, 7).render())[0] == 422
    stranger = Grown(seed=bytes(31) + b"\1")
    assert running.add(stranger.submission(5, 7).render())[0] == 403
    unknown = Grown(name="other.example/log")
    assert running.add(unknown.submission(0, 7).render())[0] == 404
    assert running.shown(unknown.name)[0] == 404
    assert running.add(grown.submission(7, 7).render().replace(b"\n7\n", b"\n5\n"))[0] == 403
    assert running.add(audit.Submission(9, (), grown.note(7)).render())[0] == 400
    assert running.add(b"old 0\n")[0] == 400
    assert running.add(b"x" * (audit.LARGEST_SUBMISSION + 1))[0] == 413
    assert running.add(grown.submission(5, 7).render())[0] == 200


def test_a_witness_says_who_it_is_and_how_each_log_stands(running):
    said = running.health()
    assert said["keys"] == list(running.keys)
    assert set(said["logs"]) == {Grown().name, f"{Grown().name}/output"}


def test_keys_are_made_once_and_not_for_others_to_read(tmp_path):
    file = found_witness(tmp_path / "w", "w.example/one", "127.0.0.1:8600")
    plan = read_plan(file)
    assert [one.key.algorithm for one in plan.cosigners()] == [
        audit.Algorithm.ML_DSA_44,
        audit.Algorithm.ED25519,
    ]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "w/keys").iterdir()} == {0o600}


def test_a_witness_starts_again_where_it_stood(tmp_path):
    grown = Grown()
    with witness_running(tmp_path, [grown]) as running:
        assert running.add(grown.submission(0, 5).render())[0] == 200
        running.process.kill()
        running.process.wait()
    with witness_running(tmp_path, [grown]) as again:
        assert again.add(grown.submission(0, 7).render())[:2] == (409, b"5\n")
        assert again.keys == running.keys


def test_half_a_request_is_given_up(running):
    connection = HTTPConnection(running.host, running.port, timeout=30)
    connection.putrequest("POST", "/add-checkpoint")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"old 0\n")
    with closing(connection), connection.getresponse() as answer:
        assert answer.status == 408


@pytest.mark.clause("RK-42.14")
def test_a_witness_takes_the_years_of_a_log_as_logs_of_their_own_and_nothing_else(
    tmp_path, grown
) -> None:
    with witness_running(tmp_path, [grown]) as witness:
        for name in (grown.name, f"{grown.name}/2027", f"{grown.name}/2027/output"):
            status, _, _ = witness.add(Grown(name).submission(0, 5).render())
            assert status == 200
            assert witness.shown(name)[0] == 200
        for rest in ("/27", "/2027/2028", "/2027/other", "2027", "/output/2027"):
            status, _, _ = witness.add(Grown(grown.name + rest).submission(0, 5).render())
            assert status == 404
        stranger = Grown(f"{grown.name}/2028", seed=bytes([7]) * 32)
        assert witness.add(stranger.submission(0, 5).render())[0] == 403
        assert f"{grown.name}/2027" in str(witness.health()["logs"])
