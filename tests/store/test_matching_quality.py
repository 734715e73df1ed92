"""On a simulated town the program merges only one person, and shows people nearly all the rest."""

from pathlib import Path

import pytest
from tests.store.rows import DAY, NOW, TOWN, hour

from renkei import store
from renkei.kit import Connection
from renkei.standard import catalogue
from renkei.standard.synthetic import Rates, write_doubles, write_town
from renkei.store import people
from renkei.store.people import State

PEOPLE = 2_000
# More wrong numbers than any office makes: what protects is tried hard.
WRONG_NUMBERS = Rates(
    number_missing=0.2,
    number_mistyped=0.1,
    number_of_relative=0.1,
    number_of_stranger=0.1,
    twins=0.05,
)


@pytest.fixture(scope="module", params=[Rates(), WRONG_NUMBERS], ids=["usual", "wrong numbers"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_town(TOWN, people=PEOPLE, seed=3, out=folder)
    write_doubles(folder, folder / "second", code=TOWN, seed=3, rates=request.param)
    return folder


def test_mergers_are_right_and_the_queue_holds_the_rest(conn: Connection, files: Path) -> None:
    for name, folder in (("resident", files), ("unregistered_person", files / "second")):
        entity = catalogue().entity(name)
        report = store.load(conn, TOWN, entity, folder / f"{name}.csv", on=DAY, at=NOW)
        assert report.outcome is store.Outcome.loaded, report.findings.kept
    people.match(conn, TOWN, on=DAY, at=hour(1))
    lines = (files / "second" / "truth.csv").read_text(encoding="utf-8").splitlines()[1:]
    truth = dict(line.split(",") for line in lines)
    merged = people.queue(conn, TOWN, limit=10 * PEOPLE, states=[State.same])
    assert [pair for pair in merged if truth[pair.one] != truth[pair.other]] == []
    waiting = people.queue(conn, TOWN, limit=10 * PEOPLE)
    shown = sum(truth[pair.one] == truth[pair.other] for pair in waiting)
    left = true_pairs(truth) - len(merged)
    assert len(merged) > PEOPLE // 4
    assert shown / left > 0.98
    assert len(waiting) < 1.6 * left


def true_pairs(truth: dict[str, str]) -> int:
    groups: dict[str, int] = {}
    for person in truth.values():
        groups[person] = groups.get(person, 0) + 1
    return sum(size * (size - 1) // 2 for size in groups.values())
