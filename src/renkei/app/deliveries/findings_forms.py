"""The findings of a delivery as a file for its owner: CSV for a table, JSON for a program."""

import msgspec

from renkei import kit, standard, store


def findings_table(
    delivery: store.Delivery, entity: standard.Entity, language: kit.Language
) -> bytes:
    """Return the findings as CSV, as a spreadsheet reads it."""
    return store.findings_csv([delivery.listing(entity)], language)


def delivery_facts(delivery: store.Delivery) -> dict[str, object]:
    """Return what became of a delivery, with its findings in both languages."""
    changes = delivery.changes
    return {
        "delivery": str(delivery.id),
        "entity": delivery.entity,
        "file": delivery.source,
        "states_on": delivery.states_on.isoformat(),
        "received_at": delivery.received_at.isoformat(timespec="seconds"),
        "outcome": delivery.outcome,
        "error": delivery.error,
        "error_says": dict(delivery.said),
        "sha256": delivery.sha256.hex() if delivery.sha256 else None,
        "bytes": delivery.size,
        "records": delivery.records,
        "changes": None
        if changes is None
        else {
            "new": changes.new,
            "changed": changes.changed,
            "gone": changes.gone,
            "same": changes.same,
        },
        "errors": delivery.errors,
        "rules": dict(delivery.rules),
        "findings": [_finding(finding) for finding in delivery.findings],
    }


def findings_json(delivery: store.Delivery) -> bytes:
    """Return the same as JSON."""
    return msgspec.json.format(msgspec.json.encode(delivery_facts(delivery)))


def _finding(finding: store.Finding) -> dict[str, object]:
    place = finding.place
    return {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "line": place.line,
        "column": place.column,
        "item": place.item,
        "shape": finding.shape,
        "says": {"ja": finding.says("ja"), "en": finding.says("en")},
        "remedy": {"ja": finding.remedy("ja"), "en": finding.remedy("en")},
    }
