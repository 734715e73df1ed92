"""The findings of a delivery as a file for its owner: CSV for a table, JSON for a program."""

import msgspec

from renkei import kit, standard, store


def findings_table(
    delivery: store.Delivery, entity: standard.Entity, language: kit.Language
) -> bytes:
    """Return the findings as CSV, as a spreadsheet reads it."""
    return store.findings_csv([delivery.listing(entity)], language)


class BothTexts(msgspec.Struct, frozen=True):
    """A text in both languages."""

    ja: str
    en: str


class FindingFacts(msgspec.Struct, frozen=True):
    """One defect of a file: where, which rule, what to do; of a value its shape alone."""

    severity: str
    rule: str
    line: int | None
    column: int | None
    item: str | None
    shape: str | None
    says: BothTexts
    remedy: BothTexts


class ChangesFacts(msgspec.Struct, frozen=True):
    """How many records began, changed, ended and stayed."""

    new: int
    changed: int
    gone: int
    same: int


class DeliveryFacts(msgspec.Struct, frozen=True):
    """What became of a delivery, as its owner reads it."""

    delivery: str
    entity: str
    file: str
    states_on: str
    received_at: str
    outcome: str
    error: str
    error_says: dict[str, str]
    sha256: str | None
    bytes: int
    records: int
    changes: ChangesFacts | None
    errors: int
    rules: dict[str, int]
    findings: tuple[FindingFacts, ...]


def delivery_facts(delivery: store.Delivery) -> DeliveryFacts:
    """Return what became of a delivery, with its findings in both languages."""
    changes = delivery.changes
    return DeliveryFacts(
        str(delivery.id),
        delivery.entity,
        delivery.source,
        delivery.states_on.isoformat(),
        delivery.received_at.isoformat(timespec="seconds"),
        delivery.outcome,
        delivery.error,
        dict(delivery.said),
        delivery.sha256.hex() if delivery.sha256 else None,
        delivery.size,
        delivery.records,
        None
        if changes is None
        else ChangesFacts(changes.new, changes.changed, changes.gone, changes.same),
        delivery.errors,
        dict(delivery.rules),
        tuple(_finding(finding) for finding in delivery.findings),
    )


def findings_json(delivery: store.Delivery) -> bytes:
    """Return the same as JSON."""
    return msgspec.json.format(msgspec.json.encode(delivery_facts(delivery)))


def _finding(finding: store.Finding) -> FindingFacts:
    place = finding.place
    return FindingFacts(
        finding.severity.value,
        finding.rule,
        place.line,
        place.column,
        place.item,
        finding.shape,
        BothTexts(finding.says("ja"), finding.says("en")),
        BothTexts(finding.remedy("ja"), finding.remedy("en")),
    )
