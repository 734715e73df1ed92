"""Holding the owners' files, or their digests, against a site's store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from renkei import kit, standard, store
from renkei.app.deliveries.intake import finding_line, node_settings, site_database
from renkei.app.deliveries.town import SUFFIXES
from renkei.app.errors import FileUnreadable
from renkei.app.site import now, site_standard

DIGESTS = ".digests.json"


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one file: a comparison, or the findings that kept it from being one."""

    file: Path
    outcome: store.Reconciliation | None
    findings: store.Findings = field(default_factory=store.Findings)
    drift: store.Drift | None = None

    @property
    def agrees(self) -> bool:
        """Tell whether both sides hold the same records."""
        return self.outcome is not None and self.outcome.agrees

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return what to print."""
        if self.outcome is None:
            return {
                "agrees": False,
                "errors": self.findings.errors,
                "findings": [finding_line(one, language) for one in self.findings.kept],
            }
        facts: dict[str, object] = {
            "entity": self.outcome.entity,
            "on": self.outcome.states_on.isoformat(),
            "agrees": self.outcome.agrees,
            "there": self.outcome.there,
            "here": self.outcome.here,
            "blocks": self.outcome.blocks,
            "drifted": len(self.outcome.drifted),
        }
        if self.drift is not None:
            facts |= {
                "missing_here": [" ".join(key) for key in self.drift.missing_here],
                "missing_there": [" ".join(key) for key in self.drift.missing_there],
                "different": [" ".join(key) for key in self.drift.different],
            }
        return facts


def write_digests(
    file: Path,
    entity: str,
    *,
    tenant: kit.Tenant,
    on: date,
    out: Path | None,
    overlays: Sequence[Path],
) -> tuple[Path, store.Digests | None, store.Findings]:
    """Write the digests of a snapshot beside it; needs no site and no database."""
    from renkei.app.standards.catalogue import opened

    known = opened(None, overlays)
    target = out or file.with_name(file.name.split(".", 1)[0] + DIGESTS)
    findings = store.Findings()
    try:
        made = store.digests_of(
            known.entity(entity), file, tenant=tenant, standard=known, on=on, findings=findings
        )
        if made is not None:
            target.write_bytes(made.written())
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    return target, made, findings


def reconcile_files(
    settings_file: Path, paths: Iterable[Path], *, entity: str, on: date | None, keys: bool
) -> list[Compared]:
    """Compare files, digest files, and all of these in folders; `keys` looks up what differs."""
    settings = node_settings(settings_file)
    known = site_standard(settings)
    files = [file for path in paths for file in (_inside(path) if path.is_dir() else [path])]
    compared = []
    with site_database(settings, known) as database:
        for file in files:
            with database.transaction(settings.tenant) as conn:
                compared.append(
                    reconcile_file(
                        conn,
                        settings.tenant,
                        known,
                        file,
                        entity=entity,
                        on=on or kit.day_of(now()),
                        keys=keys,
                    )
                )
    return compared


def reconcile_file(
    conn: kit.Connection,
    tenant: kit.Tenant,
    known: standard.Catalogue,
    file: Path,
    *,
    entity: str = "",
    on: date,
    keys: bool = False,
) -> Compared:
    """Compare one file, or the digests of one, with the store."""
    findings = store.Findings()
    try:
        if file.name.endswith(DIGESTS):
            theirs: store.Digests | None = store.read_digests(file.read_bytes())
        else:
            kind = known.entity(entity or file.stem)
            theirs = store.digests_of(
                kind, file, tenant=tenant, standard=known, on=on, findings=findings
            )
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    if theirs is None:
        return Compared(file, None, findings)
    kind = known.entity(theirs.entity)
    outcome = store.reconcile(conn, tenant, kind, theirs, source=file.name, at=now())
    if not keys or outcome.agrees or file.name.endswith(DIGESTS):
        return Compared(file, outcome, findings)
    found = store.Findings()
    rows = store.rows_of(kind, file, tenant=tenant, standard=known, on=on, findings=found)
    return Compared(file, outcome, findings, store.drift(conn, tenant, kind, rows, outcome))


def _inside(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and (file.suffix in SUFFIXES or file.name.endswith(DIGESTS))
    )
