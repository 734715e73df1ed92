"""Checking a model without deciding anything: what cannot work, and what its tables leave open."""

from renkei.process.decisions.findings import Finding
from renkei.process.decisions.models import Model
from renkei.process.decisions.table_checks import check_table
from renkei.process.decisions.walking import tables_in


def check(model: Model) -> tuple[Finding, ...]:
    """Return all findings of a model, in the order of its file."""
    found = list(model.findings())
    named = model.named_shapes()
    for table in tables_in(model.definitions):
        found += check_table(table, model.shapes, named)
    return tuple(sorted(found, key=lambda finding: finding.place))
