"""What the sandbox says once it is open: addresses, tokens, people to ask about, ready-made lines.

Vendors of both languages read it on one terminal, so it is said in both.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typer

from renkei import kit
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import MODE, A, B
from renkei.app.sandbox.sites import token_file
from renkei.app.sandbox.systems import Systems
from renkei.app.sandbox.trials import Trial, trials
from renkei.standard.synthetic import tax_year_in_force

BOTH: tuple[kit.Language, ...] = ("ja", "en")


def facts(stage: Stage, units: Sequence[str], systems: Systems, *, on: date) -> dict[str, object]:
    """Return everything a program needs to begin."""
    eco = stage.ecosystem
    town = stage.members.address(A.tenant).render()
    return {
        "synthetic": True,
        "mode": MODE,
        "node": eco.staff(A),
        "try": f"{eco.staff(A)}/try/",
        "partner": stage.members.address(B.tenant).render(),
        "year": stage.year,
        "units": {
            unit: {
                "client": f"{town}/{unit}",
                "token_file": str(token_file(eco, unit).resolve()),
            }
            for unit in units
        },
        "trials": [_facts(one, stage) for one in trials(stage, units, on=on)],
        "systems": systems.curls(eco, stage.members, units),
    }


def _facts(one: Trial, stage: Stage) -> dict[str, object]:
    return {
        "kind": one.kind,
        "says": kit.say(f"trial-{one.kind}", "en"),
        "unit": one.unit,
        "service": one.service,
        "subject": one.subject,
        "method": one.method,
        "target": one.target,
        "headers": dict(one.fields),
        "body": dict(one.body),
        "outcome": one.outcome,
        "reason": one.reason,
        "curl": one.curl(stage),
    }


def tell(stage: Stage, units: Sequence[str], systems: Systems, *, on: date) -> None:
    """Say what to do next, in Japanese and in English."""
    eco, found = stage.ecosystem, trials(stage, units, on=on)
    town = stage.members.address(A.tenant).render()
    typer.echo("")
    for reader in BOTH:
        _say(reader, "open")
        if tax_year_in_force(on) != stage.year:
            _say(reader, "old", day=stage.day)
        _say(reader, "node", url=eco.staff(A))
        _say(reader, "try", url=f"{eco.staff(A)}/try/?lang={reader}")
        _say(reader, "partner", address=stage.members.address(B.tenant).render())
        for unit in units:
            _say(reader, "unit", client=f"{town}/{unit}", file=token_file(eco, unit))
        _say(reader, "trials")
        for one in found:
            said = kit.say(f"trial-{one.kind}", reader)
            typer.echo(f"    {one.unit} → {one.service:16} {one.subject}  {said}")
        typer.echo("")
    first = next((one for one in found if one.kind == "answered"), found[0])
    for reader in BOTH:
        _say(reader, "curl", unit=first.unit, service=first.service, subject=first.subject)
    typer.echo("\n" + first.curl(stage) + "\n")
    for service, line in systems.curls(eco, stage.members, units).items():
        for reader in BOTH:
            _say(reader, "system", service=service)
        typer.echo("\n" + line + "\n")
    for reader in BOTH:
        _say(reader, "more", file=curl_file(stage))
        _say(reader, "stop")


def _say(reader: kit.Language, code: str, **more: object) -> None:
    typer.echo(kit.say(f"demo-sandbox-{code}", reader, **more))


def curl_file(stage: Stage) -> Path:
    """Return the file that holds every trial as a command line."""
    return stage.ecosystem.folder / "curl.sh"


def write_curl(stage: Stage, units: Sequence[str], *, on: date) -> None:
    """Write every trial as a line for curl; what is in the file is for reading, and runs."""
    lines = ["# 合成の人物だけです。 / Synthetic people only."]
    for one in trials(stage, units, on=on):
        said = " / ".join(kit.say(f"trial-{one.kind}", reader) for reader in BOTH)
        lines += ["", f"# {one.unit} → {one.service}: {said}", one.curl(stage) + " -w '\\n'"]
    curl_file(stage).write_text("\n".join(lines) + "\n", encoding="utf-8")
