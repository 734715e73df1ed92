"""Splink's side of `store_matching`, run by a Python that has it: `python splink_side.py IN OUT`.

IN is a Parquet file of persons as our own side compares them (texts already folded), OUT gets the
pairs Splink predicts with their match weight. The keys of the blocks are ours, the comparisons
those a user of Splink would write for such columns; u is learnt from random pairs, m by
expectation maximisation in two sessions, as its documentation advises.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

LOWEST = -30.0  # match weight: nothing is cut that a queue of any length could hold
BLOCKS = [
    ["personal"],
    ["record_code"],
    ["year", "md", "given_read"],
    ["year", "md", "given"],
    ["year", "md", "surname_read"],
    ["year", "md", "place"],
    ["surname_read", "given_read", "year"],
    ["surname_read", "given_read", "md"],
    ["surname_read", "given_read", "area"],
    ["surname", "given", "year"],
    ["given_read", "place"],
]


def name(cl: Any, cll: Any, of: str, former: str = "") -> Any:
    """Return the comparison of a surname or a given name, written and read."""
    read = f"{of}_read"
    levels = [
        cll.NullLevel(of),
        cll.CustomLevel(f"{of}_l = {of}_r AND {read}_l = {read}_r", "same"),
        cll.CustomLevel(f"{of}_l = {of}_r", "written"),
        cll.CustomLevel(f"{read}_l = {read}_r", "read"),
    ]
    if former:
        was = f"{of}_l = {former}_r OR {of}_r = {former}_l"
        levels.append(cll.CustomLevel(was, "former"))
    levels += [cll.DamerauLevenshteinLevel(read, 1), cll.ElseLevel()]
    for level in levels[1:3]:
        level.configure(tf_adjustment_column=of)
    levels[3].configure(tf_adjustment_column=read)
    return cl.CustomComparison(output_column_name=of, comparison_levels=levels)


def comparisons(cl: Any, cll: Any) -> list[Any]:
    """Return the comparisons of all parts."""
    birth = [
        cll.NullLevel("year"),
        cll.CustomLevel("year_l = year_r AND month_l = month_r AND day_l = day_r", "same"),
        cll.CustomLevel("year_l = year_r AND month_l = day_r AND day_l = month_r", "swapped"),
        cll.CustomLevel(
            "year_l = year_r AND coalesce(month_l = month_r, true)"
            " AND coalesce(day_l = day_r, true)",
            "partly",
        ),
        cll.CustomLevel(
            "(year_l = year_r)::int + (month_l = month_r)::int + (day_l = day_r)::int = 2", "near"
        ),
        cll.ElseLevel(),
    ]
    address = [
        cll.NullLevel("place"),
        cll.ExactMatchLevel("place"),
        cll.CustomLevel("place_l = before_r OR before_l = place_r", "before"),
        cll.ExactMatchLevel("area"),
        cll.ElseLevel(),
    ]
    number = [
        cll.NullLevel("personal"),
        cll.ExactMatchLevel("personal"),
        cll.DamerauLevenshteinLevel("personal", 2),
        cll.ElseLevel(),
    ]
    return [
        name(cl, cll, "surname", "former"),
        name(cl, cll, "given"),
        cl.CustomComparison(output_column_name="birth", comparison_levels=birth),
        cl.ExactMatch("sex"),
        cl.CustomComparison(output_column_name="address", comparison_levels=address),
        cl.CustomComparison(output_column_name="number", comparison_levels=number),
    ]


def peak() -> int:
    """Return the most memory this process held, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:", 1)[1].split(maxsplit=1)[0]) // 1024


def main(source: str, target: str) -> None:
    """Train, predict, write; the last line tells seconds and memory."""
    splink = importlib.import_module("splink")
    cl = importlib.import_module("splink.comparison_library")
    cll = importlib.import_module("splink.comparison_level_library")
    duckdb = importlib.import_module("duckdb")
    started = time.perf_counter()
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE persons AS SELECT * FROM read_parquet('{source}')")  # noqa: S608
    api = splink.DuckDBAPI(connection)
    blocks = [splink.block_on(*columns) for columns in BLOCKS]
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=comparisons(cl, cll),
        blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = splink.Linker(api.register("persons"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match([blocks[0]], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    # Each session learns what its own block leaves open: all but the number, then the number.
    for block in (blocks[0], blocks[8]):
        training.estimate_parameters_using_expectation_maximisation(block)
    trained = time.perf_counter() - started
    found = linker.inference.predict(threshold_match_weight=LOWEST)
    pairs = f"SELECT row_l, row_r, match_weight FROM {found.physical_name}"  # noqa: S608
    connection.execute(f"COPY ({pairs}) TO '{target}' (FORMAT parquet)")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "training_seconds": trained,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "megabytes": peak(),
                "version": splink.__version__,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
