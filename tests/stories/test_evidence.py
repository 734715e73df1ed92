"""A stranger verifies a question between two towns from what three parties give away."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.app.parties import unzipped

from renkei.app.demo.ecosystem import A, B, L
from renkei.app.demo.evidence import gather
from renkei.app.demo.scenarios import SCENARIOS

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


def verified(folder: Path, stage, bundles) -> tuple[int, str]:
    """Run the verifier that came in the first bundle, alone."""
    for name, data in bundles.items():
        (folder / f"{name}.zip").write_bytes(data)
    (folder / "verify.py").write_bytes(unzipped(next(iter(bundles.values())))["verify.py"])
    key = stage.ecosystem.settings["a"].authority
    words = ["verify.py", *(f"{name}.zip" for name in bundles), "--authority", key, "--lang", "en"]
    command = [sys.executable, "-I", "-S", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize("name", ["statute", "protected"])
@pytest.mark.clause("RK-9.9", "RK-9.11")
def test_three_parties_give_evidence_that_agrees(stage, unit, tmp_path, name):
    """Through the oversight doors of running sites, answered and refused."""
    told = unit.told(KINDS[name])
    gather(stage.ecosystem, stage.members, told)  # waits until all is sequenced
    parties = {
        part.name: stage.ecosystem.oversight(part, f"evidence/{told.inquiry}") for part in (A, B, L)
    }
    status, said = verified(tmp_path, stage, parties)
    assert status == 0, said
    assert said.count("agree (") == 3
    assert "the entry the receipt names is in the log of" in said.lower()
    assert f"was signed by City B ({B.tenant})" in said


def test_the_command_writes_the_same_file_and_overwrites_none(stage, unit, tmp_path):
    told = unit.told(KINDS["statute"])
    gather(stage.ecosystem, stage.members, told)
    out = tmp_path / "a.zip"
    command = stage.ecosystem.command(A, "evidence", told.inquiry, "--out", str(out))
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert verified(tmp_path, stage, {"other": out.read_bytes()})[0] == 0
    again = subprocess.run(command, check=False, capture_output=True)
    assert again.returncode == 1
    never = stage.ecosystem.command(A, "evidence", "never-asked", "--out", str(tmp_path / "n.zip"))
    assert subprocess.run(never, check=False, capture_output=True).returncode == 1
    assert not (tmp_path / "n.zip").exists()
