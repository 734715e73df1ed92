"""The commands save, approve, show and run extracts, and say no with a reason."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.app.extracts import PROCEDURE, PURPOSE, query, settle
from tests.app.seat import AT

from renkei.app.deliveries.intake import site_database
from renkei.app.demo.ecosystem import A, ecosystem
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings
from renkei.app.site import Site, read_desk, running_database
from renkei.federation import Membership
from renkei.store.extracts import Query, render_query


def settled(settings: Settings) -> None:
    keys, desk = Keys(settings.keys, settings.tenant), read_desk(settings)
    membership = Membership(desk, keys.credentials())
    with site_database(settings) as database:
        settle(Site(settings, keys, membership, keys.signer(), database, database._dsn))


@pytest.fixture(scope="module")
def town(folder) -> Iterator[Path]:
    """Give the settings file of a town whose database runs as beside a node."""
    with ecosystem(folder / "sites", at=AT) as founded:
        settings = founded.settings[A.name]
        with running_database(settings):
            settled(settings)
            yield founded.file(A)


def save(run, town: Path, folder: Path, asked: Query, name: str = "現況"):
    file = folder / "query.json"
    file.write_bytes(render_query(asked))
    return run(
        *("extract", "save", name, file, "--unit", "15", "--procedure", PROCEDURE),
        *("--purpose", PURPOSE, "--by", "1002", "--settings", town, "--json"),
    )


def take(run, town: Path, name: str, out: Path, *words: object, language: str = "en"):
    return run(
        *("extract", "run", name, "--out", out, "--by", "1002", "--settings", town, *words),
        language=language,
    )


def test_an_extract_is_saved_approved_listed_shown_and_run(run, town, tmp_path):
    assert json.loads(save(run, town, tmp_path, query()).out) == {"extract": "現況", "version": 1}
    early = take(run, town, "現況", tmp_path / "a.csv")
    assert (early.code, early.err.partition(":")[0]) == (1, "extract-not-approved")
    said = run("extract", "approve", "現況", "--by", "1003", "--settings", town, "--json")
    assert json.loads(said.out)["approved_by"] == "1003"
    listed = json.loads(run("extract", "list", "--settings", town, "--json").out)["extracts"]
    assert [(one["extract"], one["approved_by"]) for one in listed] == [("現況", "1003")]
    shown = json.loads(run("extract", "show", "現況", "--settings", town, "--json").out)
    assert shown["permits"] == ["IN-01-resident-15", "OWN-15"]
    assert msgspec.convert(shown["query"], Query) == query()
    done = json.loads(take(run, town, "現況", tmp_path / "a.parquet", "--json").out)
    assert (done["rows"], done["persons"]) == (3, 5)
    assert pl.read_parquet(tmp_path / "a.parquet").height == 3
    assert "現況 (1)" in run("extract", "list", "--settings", town).out


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_refusal_ends_with_two_and_names_the_items(run, town, tmp_path, language):
    refused = save(run, town, tmp_path, query("child.name"), "名簿")
    assert refused.code == 2
    assert json.loads(refused.out)["items"] == ["01-1-004 Name"]
    unknown = run("extract", "show", "名簿", "--settings", town, language=language)
    assert (unknown.code, unknown.err.partition(":")[0]) == (1, "extract-unknown")


def test_limits_and_formats_are_errors_by_name(run, town, tmp_path):
    save(run, town, tmp_path, query(), "上限")
    run("extract", "approve", "上限", "--by", "1003", "--settings", town)
    for words, code in (
        (("--most-rows", "1"), "extract-too-many-rows"),
        (("--most-bytes", "1"), "extract-too-large"),
        (("--most-seconds", "0"), "extract-too-slow"),
    ):
        said = take(run, town, "上限", tmp_path / "a.csv", *words)
        assert (said.code, said.err.partition(":")[0]) == (1, code)
    said = take(run, town, "上限", tmp_path / "a.docx")
    assert (said.code, said.err.partition(":")[0]) == (1, "form-unknown")
    assert [path.name for path in tmp_path.iterdir()] == ["query.json"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"{", "query-unreadable"),
        (render_query(query()).replace(b"birth_date", b"nothing"), "query-defective"),
    ],
)
def test_a_query_with_a_defect_is_refused_by_name(run, town, tmp_path, text, code):
    file = tmp_path / "query.json"
    file.write_bytes(text)
    said = run(
        *("extract", "save", "x", file, "--unit", "15", "--procedure", PROCEDURE),
        *("--purpose", PURPOSE, "--by", "1002", "--settings", town),
    )
    assert (said.code, said.err.partition(":")[0]) == (1, code)
