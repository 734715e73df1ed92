"""An approved draft as a signed record, and folding that record into the files law is made from.

The record is the draft's history: whoever folds it in sees for themselves that three persons stood
behind one content. Files are changed only if the table then is the very table that was approved; to
do it again, also after a stop between two files, changes nothing more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from renkei import audit, kit, law, standard
from renkei.app.errors import (
    AmendmentElsewhere,
    AmendmentUnreadable,
    FileUnreadable,
    HouseWithoutOverlay,
)
from renkei.app.membership.kept_list import keep
from renkei.law import drafting
from renkei.law.drafting import Draft, Step
from renkei.standard import amending

FORMAT = "renkei-law-amendment-1"
LARGEST = 200 * 1024
FILES: tuple[tuple[amending.Kind, str], ...] = (
    ("provision", "provisions.tsv"),
    ("own_use", "own_use.tsv"),
)


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed: the steps up to the approval, with the content that was approved."""

    format: str
    organisation: str
    draft: int
    steps: tuple[Step, ...]


def key_name(tenant: kit.Tenant) -> str:
    """Return the name of the key that signs the records of an organisation."""
    return f"renkei.example/{tenant}/law-amendment"


def exported(draft: Draft, tenant: kit.Tenant, signer: audit.Signer) -> str:
    """Return an approved draft as a signed note; the same one each time."""
    approved = draft.newest("approve")
    drafting.check_approved(draft, digest=draft.digest, result=approved.result if approved else "")
    kept = draft.save.number
    steps = tuple(
        replace(step, trial=None, content=step.content if step.number == kept else None)
        for step in draft.steps
        if step.act != "enact"
    )
    record = Record(FORMAT, tenant, draft.number, steps)
    text = kit.canonical(msgspec.to_builtins(record)).decode()
    named = signer.named(key_name(tenant))
    return named.sign_note(f"{named.name}\n{text}\n")


def read_record(file: Path, trust: Iterable[str]) -> tuple[str, Draft]:
    """Return whose draft a record holds, and the draft, if a trusted key signed it."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    if len(data) > LARGEST:
        raise AmendmentUnreadable(file=str(file), reason=f"> {LARGEST} bytes")
    keys = [audit.Verifier.parse(key) for key in trust]
    try:
        text, signed = audit.open_note(data.decode(), keys)
        name, _, rest = text.partition("\n")
        record = kit.read_json(rest.encode(), Record)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise AmendmentUnreadable(file=str(file), reason=type(error).__name__) from error
    draft = Draft(record.draft, record.steps)
    if record.format != FORMAT or name not in {key.name for key in signed}:
        raise AmendmentUnreadable(file=str(file), reason=record.format[:40])
    if not any(step.act == "save" and step.content for step in record.steps):
        raise AmendmentUnreadable(file=str(file), reason="save")
    return record.organisation, draft


def fold_in(draft: Draft, folder: Path, overlays: Sequence[Path]) -> dict[str, object]:
    """Write an approved draft into the files of a catalogue folder, or of the uppermost overlay."""
    content, approved = draft.content, draft.newest("approve")
    if approved is None:
        raise drafting.DraftStateWrong(draft=draft.number, state=draft.state, act="enact")
    digest = drafting.digest_of(content)
    drafting.check_approved(draft, digest=digest, result=approved.result)
    if content.scope == "house" and not overlays:
        raise HouseWithoutOverlay
    layers = overlays if content.scope == "house" else ()
    found = amending.amended(folder, layers, content.rows)
    table = law.compiled(found.provisions, found.own_uses)
    if found.findings:
        raise standard.CatalogueFaulty(found.findings)
    if table.version != approved.result:
        raise AmendmentElsewhere(found=table.version[:12], approved=approved.result[:12])
    place = layers[-1] if layers else folder
    written = [name for kind, name in FILES if _fold_file(place / name, kind, content.rows)]
    return {
        "draft": draft.number,
        "title": content.title,
        "digest": digest,
        "table": table.version,
        "in_force_from": content.since.isoformat(),
        "folder": str(place),
        "written": written,
    }


def _fold_file(file: Path, kind: amending.Kind, rows: str) -> bool:
    """Fold the lines of a kind into a file; tell whether that changed it."""
    before = file.read_bytes().decode("utf-8-sig") if file.exists() else ""
    after = amending.folded(before, kind, rows)
    if after == before:
        return False
    keep(file, after.encode())
    return True
