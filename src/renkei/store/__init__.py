"""The integrated database (統合DB): what each organisation holds about a person on any day.

Purpose: units deliver their records as snapshots, in the standard's CSV layout, JSON lines, XML or
Parquet; the store keeps every version and answers for any day. Words: *snapshot* (all records of
one entity as a unit states them for a day), *load*, *record*, *finding*, *in force* (on a day),
*known* (at a time).
Promise: the value in force of each item on any day, as known on any day; a million-row snapshot
merges in seconds. A file goes in whole or not at all, and the same file a second time changes
nothing.
Trust: the units, for what they state; the database, for keeping it. Whoever runs the database can
read and change records here; what was asked and answered is kept provable by `audit`, not here.
"""

from renkei.store.alignment import align
from renkei.store.archived import ArchivedRecord, read_archived
from renkei.store.balances import Balance, balances
from renkei.store.coalesce import Coalescer
from renkei.store.deliveries import (
    Delivery,
    LastLoad,
    delivered,
    delivered_before,
    deliveries,
    is_loaded,
    is_sole_receiver,
    keep_delivery,
    last_deliveries,
    last_loads,
    not_delivered,
    read_delivery,
)
from renkei.store.digests import Digests, digests_of, read_digests, rows_of
from renkei.store.disclosure import Occasion, Release, disclose, disclose_each, enter_refusal
from renkei.store.erasure import (
    Erased,
    Erasure,
    Order,
    Reason,
    as_of,
    erase_load,
    erase_person,
    returned,
)
from renkei.store.errors import (
    ColumnTypeDiffers,
    CursorStrange,
    DifferenceMissing,
    DifferenceRepeated,
    DigestsElsewhere,
    DigestsMalformed,
    ItemNotInEntity,
    ItemNotListed,
    LoadInterrupted,
    LoadNotLater,
    LookupsFull,
    LookupsStopped,
    NoRoomAside,
    OrderIncomplete,
    PermitElsewhere,
    RecordKeyIncomplete,
    RetentionRightMissing,
    RetentionRuleDefective,
    SelectionNotPermitted,
    SelectionUnfit,
    SnapshotOlder,
    TooManyFound,
)
from renkei.store.findings import Finding, Findings, Place, Policy, Severity
from renkei.store.formats import Format
from renkei.store.listing import Listing, findings_csv, findings_json
from renkei.store.listings import index_lists, unlist
from renkei.store.lists import Cursor, Listed, Page, find, list_records
from renkei.store.loading import LoadReport, Outcome, load
from renkei.store.lookup import Person, Record, Value, find_person, persons, read, read_many
from renkei.store.merging import Changes, overlaps
from renkei.store.protection import protected
from renkei.store.reading import Progress
from renkei.store.reconciliation import (
    Drift,
    Reconciliation,
    drift,
    held_digests,
    last_reconciliations,
    reconcile,
)
from renkei.store.release import Plain, held
from renkei.store.retention import Removed, due, expire, move, remove_rows, settle, targets
from renkei.store.retention_rules import Rule, RuleKind, Then, retention_rules
from renkei.store.selections import LISTED, Begins, Between, Is, Selection
from renkei.store.snapshot import Limits
from renkei.store.viewing import Ask, Shown, Viewing, view_by, view_each, view_list

__all__ = [
    "LISTED",
    "ArchivedRecord",
    "Ask",
    "Balance",
    "Begins",
    "Between",
    "Changes",
    "Coalescer",
    "ColumnTypeDiffers",
    "Cursor",
    "CursorStrange",
    "Delivery",
    "DifferenceMissing",
    "DifferenceRepeated",
    "Digests",
    "DigestsElsewhere",
    "DigestsMalformed",
    "Drift",
    "Erased",
    "Erasure",
    "Finding",
    "Findings",
    "Format",
    "Is",
    "ItemNotInEntity",
    "ItemNotListed",
    "LastLoad",
    "Limits",
    "Listed",
    "Listing",
    "LoadInterrupted",
    "LoadNotLater",
    "LoadReport",
    "LookupsFull",
    "LookupsStopped",
    "NoRoomAside",
    "Occasion",
    "Order",
    "OrderIncomplete",
    "Outcome",
    "Page",
    "PermitElsewhere",
    "Person",
    "Place",
    "Plain",
    "Policy",
    "Progress",
    "Reason",
    "Reconciliation",
    "Record",
    "RecordKeyIncomplete",
    "Release",
    "Removed",
    "RetentionRightMissing",
    "RetentionRuleDefective",
    "Rule",
    "RuleKind",
    "Selection",
    "SelectionNotPermitted",
    "SelectionUnfit",
    "Severity",
    "Shown",
    "SnapshotOlder",
    "Then",
    "TooManyFound",
    "Value",
    "Viewing",
    "align",
    "as_of",
    "balances",
    "delivered",
    "delivered_before",
    "deliveries",
    "digests_of",
    "disclose",
    "disclose_each",
    "drift",
    "due",
    "enter_refusal",
    "erase_load",
    "erase_person",
    "expire",
    "find",
    "find_person",
    "findings_csv",
    "findings_json",
    "held",
    "held_digests",
    "index_lists",
    "is_loaded",
    "is_sole_receiver",
    "keep_delivery",
    "last_deliveries",
    "last_loads",
    "last_reconciliations",
    "list_records",
    "load",
    "move",
    "not_delivered",
    "overlaps",
    "persons",
    "protected",
    "read",
    "read_archived",
    "read_delivery",
    "read_digests",
    "read_many",
    "reconcile",
    "remove_rows",
    "retention_rules",
    "returned",
    "rows_of",
    "settle",
    "targets",
    "unlist",
    "view_by",
    "view_each",
    "view_list",
]
