"""What the cases of the compatibility kit came to: figures, and every miss with its reason."""

from collections.abc import Iterator, Sequence

from renkei.process.decisions.conformance import Miss, Tally

LONGEST = 160
HEAD = (
    "# DMN conformance",
    "",
    "Written by `renkei decisions conformance FOLDER --out docs/decisions-conformance.md` over the",
    "cases of the DMN Technology Compatibility Kit in `../shared/data/dmn-tck` (two thirds of",
    "dmn-tck/tck, DMN 1.5). `tests/process/decisions/test_conformance.py` holds the page.",
    "",
    "An engine that always answers null passes every case that expects null: read both figures.",
    "What would call Java is refused by design: nothing in a model reaches beyond its inputs.",
    "",
)


def figures(tallies: Sequence[Tally]) -> dict[str, dict[str, int]]:
    """Return the counts of each level, which is the first folder, and of all."""
    found: dict[str, dict[str, int]] = {}
    for tally in tallies:
        for level in (tally.folder.split("/")[0], "all"):
            counts = found.setdefault(
                level, {"cases": 0, "passed": 0, "valued": 0, "valued_passed": 0}
            )
            counts["cases"] += tally.cases
            counts["passed"] += tally.passed
            counts["valued"] += tally.valued
            counts["valued_passed"] += tally.valued_passed
    return {level: found[level] for level in sorted(found, key=lambda one: (one == "all", one))}


def report(tallies: Sequence[Tally]) -> str:
    """Return the page of the figures and misses, in Markdown."""
    return "\n".join(_lines(tallies)) + "\n"


def _lines(tallies: Sequence[Tally]) -> Iterator[str]:
    yield from HEAD
    yield "| level | cases passed | of | share | cases that expect a value passed | of | share |"
    yield "|---|---|---|---|---|---|---|"
    for level, counts in figures(tallies).items():
        yield (
            f"| {level} | {counts['passed']} | {counts['cases']} | "
            f"{share(counts['passed'], counts['cases'])} | {counts['valued_passed']} | "
            f"{counts['valued']} | {share(counts['valued_passed'], counts['valued'])} |"
        )
    yield ""
    yield "## Misses"
    yield ""
    missed = [tally for tally in tallies if tally.misses]
    if not missed:
        yield "None."
        return
    yield "| case | result | wanted | found | why |"
    yield "|---|---|---|---|---|"
    for tally in missed:
        yield from map(_row, tally.misses)


def share(part: int, whole: int) -> str:
    """Return a share in per cent.

    >>> share(2, 3), share(0, 0)
    ('66.7 %', '–')
    """
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _row(miss: Miss) -> str:
    folder = miss.folder.rpartition("/")[2]
    cells = (f"{folder} {miss.case}", miss.result, miss.wanted, miss.found, miss.reason)
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}…"
