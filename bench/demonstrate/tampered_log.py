"""Rows of a log deleted, altered, reordered, forked: citizen and witness each find what they must.

What is done, and by whom it is found, is the program of `python -m bench tampered_log`; before it
touches a log, the citizen's command has accepted that very log: that is the control.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import tampered_log
from bench.demonstrate.verdict import Verdict
from bench.measure import server

JA = {
    "delete": "削除",
    "alter": "改変",
    "reorder": "並べ替え",
    "fork": "分岐(一人にだけ別のログを見せる)",
    "hide": "本人の索引を作り直して最後の記録を隠す",
    "rows in PostgreSQL": "データベースの行",
    "files on disk": "公開ファイル",
    "whole log made anew": "署名鍵でログ全体を作り直す",
    "a second log for one citizen": "",
    "a second map of one log": "",
}


def demonstrate(size: int) -> Verdict:
    """Do everything to logs of that size."""
    with (
        tempfile.TemporaryDirectory(prefix="renkei-tampered-") as made,
        server(["renkei.audit"]) as running,
    ):
        return judged(tampered_log.demonstrate(running.dsn, Path(made), size))


def judged(found: Sequence[tampered_log.Found]) -> Verdict:
    """Return a finding for each manipulation: who found it, and by what."""
    verdict = Verdict()
    for one in found:
        what, _, where = one.manipulation.partition(": ")
        ja = f"{JA[what]} {JA[where]}".strip()
        citizen, witness = one.by_citizen, one.by_witness
        beside = ("、立会人: " + (witness or "見逃し")) if one.is_witness_wanted else ""
        said = f"; witness: {witness or 'NOT FOUND'}" if one.is_witness_wanted else ""
        verdict.add(
            f"{ja} → 市民のコマンド: {citizen or '見逃し'}{beside}",
            f"{one.manipulation} → citizen's command: {citizen or 'NOT FOUND'}{said}",
            holds=not one.missed,
        )
    return verdict
