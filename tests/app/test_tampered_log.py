"""Whatever is done to a log, by whomever, is found by those who must find it, in small."""

from dataclasses import replace

import pytest
from bench.demonstrate.tampered_log import judged
from bench.tampered_log import demonstrate


@pytest.mark.clause("RK-39.2", "RK-39.4")
def test_every_manipulation_is_found_by_citizen_and_witness(fresh_dsn, template, run, tmp_path):
    def command(*words):
        said = run(*words)
        return "" if said.code == 0 else (said.err or said.out).strip().splitlines()[-1]

    with fresh_dsn(template(["renkei.audit"])) as dsn:
        found = demonstrate(dsn, tmp_path, 60, command)
    assert len(found) == 11
    assert judged(found).holds, judged(found).text()
    assert not judged([replace(found[-1], by_witness="")]).holds
    assert {one.by_witness for one in found if one.is_witness_wanted} == {"witness-saw-fork"}
