"""A stranger with Python alone verifies a list over several years of the log, pruned ones too."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.app.parties import Parties, codes, exchanged, unzipped, verified, zipped
from tests.audit.years import Years, label, moment
from tests.federation.desks import A, log_signer

from renkei import audit, kit
from renkei.app.proofs import offline_verifier

IN_2026, IN_2027, IN_2034 = (moment(f"{year}-12-01 09:00") for year in (2026, 2027, 2034))
EVE, MORNING = moment("2027-12-31 23:59"), moment("2028-01-01 00:00")


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("years"), database)


@pytest.fixture(scope="module")
def years(parties: Parties) -> Years:
    """Give a log of 2026, 2027 and 2028, and a request on both sides of a New Year."""
    years = Years(parties.database, A, log_signer(A))
    years.deed("first", IN_2026)
    years.turn(IN_2026)
    years.turn(moment("2027-02-01 09:00"))
    for request, at in (("second", IN_2027), ("both", EVE), ("both", MORNING)):
        years.deed(request, at)
        years.turn(at)
    return years


@pytest.fixture(scope="module")
def listed(parties: Parties, years: Years) -> bytes:
    """Give the list of a person in each of the years."""
    return packed(parties, years)


def packed(parties: Parties, years: Years) -> bytes:
    exporter = parties.exporter(A)
    with years.database.transaction(A) as conn:
        return exporter.pack_list(conn, [label(IN_2026), label(IN_2027), label(MORNING)])


def lying(data: bytes, change: Callable[[Any], object]) -> bytes:
    contents = unzipped(data)
    wire = json.loads(contents["bundle.json"])
    change(wire)
    return zipped(contents | {"bundle.json": kit.canonical(wire)})


@pytest.mark.clause("RK-42.7")
def test_a_list_over_several_years_is_proven_complete_in_each(listed: bytes) -> None:
    report = verified(listed)
    assert report.broken == []
    complete = [one.text("en") for one in report.proven if one.code == "list-complete"]
    assert [said.split(" entries")[0][-1] for said in complete] == ["1", "2", "1"]


LIES: dict[str, tuple[Callable[[Any], object], str]] = {
    "another beginning": (
        lambda w: w["shards"][2].update(opening=w["shards"][1]["opening"]),
        "year-broken",
    ),
    "a year between left out": (lambda w: w["shards"].pop(1), "year-broken"),
    "an older state of a closed year": (
        lambda w: w["shards"][0]["closing"].update(entry=w["shards"][1]["opening"]),
        "year-broken",
    ),
    "the statement": (lambda w: w["statement"].update(en="All."), "statement-differs"),
    "an entry of a year": (
        lambda w: w["shards"][1]["part"]["entries"][0]["leaf"]["core"].update(asker="131024"),
        "entry-altered",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_wrong_with_a_year_is_named(listed: bytes, lie: str) -> None:
    change, named = LIES[lie]
    report = verified(lying(listed, change))
    assert named in codes(report.broken)
    assert report.verdict == "broken"


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w["shards"].pop(0),
        lambda w: w["shards"].reverse(),
        lambda w: w["shards"][0].pop("part"),
        lambda w: w["shards"][0].update(name="log.example/another"),
        lambda w: w.update(shards=[]),
        lambda w: w.update(vkey=7),
        lambda w: w["shards"][1]["part"]["chains"].pop(),
    ],
)
def test_a_file_of_years_that_is_none_is_not_read(
    listed: bytes, change: Callable[[Any], object]
) -> None:
    with pytest.raises(offline_verifier.Unreadable):
        verified(lying(listed, change))


def test_a_request_on_both_sides_of_a_new_year_is_evidence_of_one_file(
    parties: Parties, years: Years
) -> None:
    exporter = parties.exporter(A)
    with years.database.transaction(A) as conn:
        data = exporter.pack(conn, "both")
    report = verified(data)
    assert report.broken == []
    assert sum(one.code == "entry" for one in report.proven) == 2


@pytest.mark.clause("RK-42.7")
def test_a_pruned_year_is_named_as_pruned(parties: Parties, years: Years, listed: bytes) -> None:
    years.turn(IN_2034)
    years.prune(audit.FIRST, IN_2034)
    data = packed(parties, years)
    report = verified(data)
    assert report.broken == []
    (said,) = (one.text("en") for one in report.unproven if one.code == "year-pruned")
    assert "were pruned at 2034-12-01" in said
    assert verified(listed).broken == []
    wrong = lying(data, lambda w: w["shards"][0]["pruning"]["entry"].update(index=0))
    assert "year-broken" in codes(verified(wrong).broken)


def test_the_statement_of_a_pruned_year_is_that_of_the_program() -> None:
    facts: dict[str, Any] = {"origin": "o", "size": 9, "at": "t", "rule": "RT-40"}
    languages: tuple[kit.Language, ...] = ("ja", "en")
    for text, language in zip(offline_verifier.TEXTS["statement-pruned"], languages, strict=True):
        assert text.format(**facts) == kit.say("audit-bundle-v4-pruned", language, **facts)
