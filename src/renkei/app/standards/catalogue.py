"""Opening, checking and comparing catalogues for the command line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renkei import kit, standard
from renkei.app.errors import FileUnreadable
from renkei.standard.differences import Change, Effect, differences
from renkei.standard.releases import unverified


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and the size of what was checked."""

    findings: tuple[standard.Finding, ...]
    catalogue: standard.Catalogue | None

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return findings as sentences, and counts where there is no finding."""
        facts: dict[str, object] = {}
        if self.catalogue is not None:
            facts |= counts(self.catalogue)
        facts["findings"] = [finding.text(language) for finding in self.findings]
        return facts


def checked(folder: Path | None, overlays: Sequence[Path]) -> Checked:
    """Check a catalogue folder and its overlays; the shipped one when none is given."""
    source = folder or standard.shipped_folder()
    try:
        compiled = standard.compile_catalogue(source, overlays)
    except standard.CatalogueFaulty as error:
        return Checked(error.findings, None)
    return Checked((), standard.read_compiled(compiled))


def counts(known: standard.Catalogue) -> dict[str, object]:
    """Return how many definitions of each kind there are, and the share that is verified."""
    content, stated = known.content, known.provenances
    verified = stated.count(standard.Provenance.verified)
    return {
        "edition": f"{known.edition.id} {known.edition.edition}",
        "version": known.version,
        "units": len(known.units),
        "functions": sum(len(unit.functions) for unit in known.units),
        "entities": len(known.entities),
        "items": sum(len(entity.items) for entity in known.entities),
        "code lists": len(known.code_lists),
        "code values": sum(len(codes.values) for codes in known.code_lists),
        "rules": len(content.rules),
        "flows": len(content.flows),
        "interfaces": len(known.interfaces),
        "procedures": len(known.procedures),
        "provisions": len(known.provisions),
        "verified": f"{verified} ({verified / len(stated):.0%})",
        "proposed": f"{len(stated) - verified} ({1 - verified / len(stated):.0%})",
    }


def opened(source: Path | None, overlays: Sequence[Path] = ()) -> standard.Catalogue:
    """Return a catalogue: the shipped one, or that of a folder or of a file."""
    if source is None and not overlays:
        return standard.catalogue()
    if source is not None and source.is_file():
        return unverified(source.read_bytes())
    if source is not None and not source.is_dir():
        raise FileUnreadable(file=str(source), reason="no such file or folder")
    folder = source or standard.shipped_folder()
    return standard.read_compiled(standard.compile_catalogue(folder, overlays))


def difference_facts(old: Path, new: Path | None, language: kit.Language) -> dict[str, object]:
    """Return what changed between two catalogues, by effect, and the sum for each consumer."""
    changes = differences(opened(old), opened(new))
    facts: dict[str, object] = {
        effect.value: [_line(change, language) for change in changes if change.effect is effect]
        for effect in reversed(Effect)
    }
    concerned = Counter(
        (unit, change.effect.value)
        for change in changes
        if change.effect is not Effect.compatible
        for unit in change.concerns
    )
    per_unit: dict[str, str] = {}
    for (unit, effect), count in sorted(concerned.items()):
        per_unit[unit] = f"{per_unit.get(unit, '')} {effect} {count}".strip()
    facts["consumers"] = per_unit
    return facts


def _line(change: Change, language: kit.Language) -> str:
    concerns = f" [{' '.join(change.concerns)}]" if change.concerns else ""
    return change.text(language) + concerns


def write_skeleton(old: Path, new: Path | None, out: Path, language: kit.Language) -> list[Path]:
    """Write the skeleton of a migration from the old to the new standard."""
    from renkei.standard.skeleton import skeleton

    before, after = opened(old), opened(new)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in skeleton(differences(before, after), before, after, language).items():
        (out / name).write_text(text, encoding="utf-8")
        written.append(out / name)
    return written
