"""Verifying offline: a bundle file or a folder of a published log, against keys already trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from renkei import audit, federation, kit
from renkei.app.errors import FileUnreadable, TimeStampMissing, TrustedKeyMissing
from renkei.app.keeping.time_stamps import roots, verify_time_stamps


@dataclass(frozen=True, slots=True)
class Checked:
    """What was verified and whether it holds; `broken` names the first defects."""

    path: Path
    entries: int
    statement: dict[kit.Language, str]
    broken: tuple[audit.Finding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every link is there."""
        return not self.broken

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return what to print; what is broken states nothing."""
        return {
            "file": str(self.path),
            "holds": self.holds,
            "entries": self.entries,
            "statement": self.statement[language] if self.holds else "",
            "broken": [finding.text(language) for finding in self.broken],
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose logs are believed: by their keys, or by a members list and who must have signed it."""

    keys: Sequence[str]
    members: Path | None = None
    authority: str = ""

    def verifiers(self, policy: audit.Policy | None) -> list[audit.Verifier]:
        """Return the keys of the logs, those a policy names too."""
        found = [audit.Verifier.parse(key) for key in self.keys]
        if self.members is not None and self.authority:
            authority = audit.Verifier.parse(self.authority)
            listed = federation.read_members(self.members.read_bytes(), authority)
            found += [audit.Verifier.parse(one.log_key) for one in listed.all if one.log_key]
        if policy is not None:
            found += [key for key, _ in policy.logs if isinstance(key, audit.Verifier)]
        if not found:
            raise TrustedKeyMissing
        return found


def verify_path(
    path: Path, trust: Trust, policy_file: Path | None = None, tsa_roots: Path | None = None
) -> Checked:
    """Verify a bundle, or a log folder with `checkpoint` and `tile/`, with no network at all.

    With a policy what it covers must be cosigned: of a log the checkpoints beside the newest ones.
    """
    try:
        policy = None
        if policy_file is not None:
            policy = audit.Policy.parse(policy_file.read_text(encoding="utf-8"))
        trusted = trust.verifiers(policy)
        if path.is_dir():
            checked = _log(path, trusted, policy)
            return checked if tsa_roots is None else _stamped(checked, trusted, tsa_roots)
        return _bundle(path, trusted, policy)
    except OSError as error:
        raise FileUnreadable(
            file=error.filename or str(path), reason=error.strerror or ""
        ) from error


def _bundle(path: Path, trusted: list[audit.Verifier], policy: audit.Policy | None) -> Checked:
    verdict = audit.verify_bundle(path.read_bytes(), trusted, policy)
    broken = () if verdict.broken is None else (verdict.broken,)
    return Checked(path, len(verdict.entries), verdict.statement, broken)


def _log(folder: Path, trusted: list[audit.Verifier], policy: audit.Policy | None) -> Checked:
    """Verify a log against the trusted key that is named like it."""
    note = folder / "checkpoint"
    origin = note.read_bytes().partition(b"\n")[0].decode("utf-8", "replace")
    key = next((one for one in trusted if one.name == origin), trusted[0])
    found = audit.verify_directory(folder, key)
    checked = [
        _shard(
            audit.shard_folder(folder, year),
            audit.shard_verifier(key, year),
            policy and policy.for_shard(year),
            [one for one in found if one.year == year],
        )
        for year in audit.published_years(folder)
    ]
    said: dict[kit.Language, str] = {
        "ja": "\n".join(one.statement["ja"] for one in checked),
        "en": "\n".join(one.statement["en"] for one in checked),
    }
    broken = [finding for one in checked for finding in one.broken]
    return Checked(folder, sum(one.entries for one in checked), said, tuple(broken))


def _shard(
    folder: Path, key: audit.Verifier, policy: audit.Policy | None, broken: list[audit.Finding]
) -> Checked:
    """Say of a shard whose defects are known what holds of it."""
    note = folder / "checkpoint"
    size = audit.Checkpoint.open(note.read_text(encoding="utf-8"), [key]).size
    facts: dict[str, object] = {"size": size, "origin": key.name}
    code = "log-verified"
    if policy is not None:
        accepted = _accepted(folder, policy, key, size)
        cosigned = accepted.checkpoint.size
        facts |= {"cosigned": cosigned, "witnesses": ", ".join(sorted(accepted.witnesses))}
        code = "log-verified-cosigned"
        output = folder / audit.OUTPUT_FOLDER
        if output.exists():
            code = "log-verified-map"
            mapped = _accepted(output, policy.for_output(), audit.output_verifier(key), size)
            number = mapped.checkpoint.size - 1
            epoch = audit.published_epoch(output, number)
            facts |= {"mappers": ", ".join(sorted(mapped.witnesses)), "number": number}
            facts |= {"at": epoch.at, "input": epoch.input_size}
            if epoch.input_size > cosigned:
                broken.append(audit.Finding(number, audit.Defect.EPOCH_BEYOND))
    if audit.minimum_index(folder) == size:
        code = "log-verified-pruned"
    said: dict[kit.Language, str] = {
        "ja": kit.say(code, "ja", **facts),
        "en": kit.say(code, "en", **facts),
    }
    return Checked(folder, size, said, tuple(broken))


def _accepted(folder: Path, policy: audit.Policy, key: audit.Verifier, size: int) -> audit.Cosigned:
    """Return what the policy accepts of a published log; QuorumMissed where nothing lies there."""
    cosigned = audit.published_cosigned(folder)
    if cosigned is None:
        raise audit.QuorumMissed(log=key.name, size=size, quorum=policy.quorum, found="-")
    return policy.accept(cosigned.note, [key])


def _stamped(checked: Checked, trusted: list[audit.Verifier], tsa_roots: Path) -> Checked:
    """Verify the time stamps beside a log too; TimeStampMissing where there is none."""
    note = (checked.path / "checkpoint").read_text(encoding="utf-8")
    key = next(one for one in trusted if one.name == note.partition("\n")[0])
    stamps = verify_time_stamps(checked.path, key, roots(tsa_roots))
    if not stamps:
        raise TimeStampMissing(reason=str(checked.path / "timestamps"))
    last = stamps[-1]
    facts: dict[str, object] = {"count": len(stamps), "size": last.checkpoint.size, "at": last.at}
    said = {
        language: f"{text} {kit.say('time-stamps-verified', language, **facts)}"
        for language, text in checked.statement.items()
    }
    return replace(checked, statement=said)
