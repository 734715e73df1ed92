"""The drafts of a site for the command line: listed, shown, exported, made law."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from renkei import audit, kit, standard
from renkei.app.errors import AmendmentStranger, FileExists, SourceMissing
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings, read_settings
from renkei.app.site import now, running_database
from renkei.app.standards.amendments import exported, fold_in, key_name
from renkei.app.standards.drafts import step_entry
from renkei.law import drafting
from renkei.law.drafting import Draft

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """The drafts in one site's database."""

    settings: Settings
    database: kit.Database

    def listed(self, language: kit.Language) -> list[Facts]:
        """Return every draft in short, the newest first."""
        with self.database.transaction(self.settings.tenant) as conn:
            found = drafting.drafts(conn, self.settings.tenant)
        return [_head(one, language) for one in found]

    def shown(self, number: int, language: kit.Language) -> Facts:
        """Return a draft with its rows and its history."""
        one = self._draft(number)
        content = one.content
        return {
            **_head(one, language),
            "reason": content.reason,
            "retroactive": content.retroactive,
            "digest": one.digest,
            "base": content.base,
            "rows": content.rows.splitlines(),
            "steps": [_step(step, language) for step in one.steps],
        }

    def export(self, number: int, out: Path) -> Facts:
        """Write an approved draft as a signed record; one of another content is not overwritten."""
        draft, tenant = self._draft(number), self.settings.tenant
        signer = Keys(self.settings.keys, tenant).signer()
        data = exported(draft, tenant, signer).encode()
        if out.exists() and out.read_bytes() != data:
            raise FileExists(file=str(out))
        out.write_bytes(data)
        key = signer.named(key_name(tenant)).verifier
        return {"file": str(out), "draft": number, "digest": draft.digest, "key": str(key)}

    def apply(
        self, organisation: str, draft: Draft, folder: Path | None, over: Sequence[Path], *, by: str
    ) -> Facts:
        """Fold a record in, if the draft here is still approved so; then note and enter it.

        Files first: a stop between leaves a table without a note, and the next run makes it.
        """
        tenant = self.settings.tenant
        if organisation != tenant:
            raise AmendmentStranger(organisation=organisation, tenant=tenant)
        approved = draft.newest("approve")
        result = approved.result if approved else ""
        drafting.check_approved(self._draft(draft.number), digest=draft.digest, result=result)
        facts = apply_record(draft, folder, over or self.settings.overlays)
        at = now()
        with self.database.transaction(tenant) as conn:
            told = {"digest": draft.digest, "result": result}
            if drafting.enact(conn, tenant, draft.number, **told, by=by, at=at):
                kept = drafting.draft_of(conn, tenant, draft.number)
                audit.append(conn, tenant, step_entry(tenant, self.settings.mode, kept, at=at))
        return facts | {"state": "enacted"}

    def _draft(self, number: int) -> Draft:
        with self.database.transaction(self.settings.tenant) as conn:
            return drafting.draft_of(conn, self.settings.tenant, number)


@contextmanager
def draft_desk(settings: Path) -> Iterator[DraftDesk]:
    """Open the database of a site."""
    plan = read_settings(settings)
    with running_database(plan) as dsn, kit.Database(dsn, size=1) as database:
        yield DraftDesk(plan, database)


def apply_record(draft: Draft, folder: Path | None, overlays: Sequence[Path]) -> Facts:
    """Fold a record into the folder it is for: the standard's, or the house's uppermost overlay."""
    if draft.content.scope == "standard" and folder is None:
        raise SourceMissing
    return fold_in(draft, folder or Path(str(standard.shipped_folder())), overlays)


def _head(one: Draft, language: kit.Language) -> Facts:
    content = one.content
    return {
        "draft": one.number,
        "title": content.title,
        "state": kit.say(f"law-state-{one.state}", language),
        "scope": kit.say(f"law-scope-{content.scope}", language),
        "in_force_from": content.since.isoformat(),
        "author": one.steps[0].by,
        "saved_at": one.save.at.isoformat(timespec="seconds"),
    }


def _step(step: drafting.Step, language: kit.Language) -> str:
    at = step.at.isoformat(timespec="seconds")
    said = kit.say(f"law-act-{step.act}", language)
    return " ".join(filter(None, (str(step.number), at, step.by, said, step.remarks)))
