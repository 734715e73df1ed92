"""The integrated database (統合DB): what each organisation holds about a person on any day.

Purpose: units deliver their records as snapshots or differences, in the standard's CSV layout, JSON
lines, XML or Parquet; the store keeps every version and answers for any day. Words: *snapshot* (all
records of one entity as a unit states them for a day), *difference* (those that changed, numbered),
*delivery* (a file that came), *load*, *record*, *finding*, *in force* (on a day), *known* (at a
time), *event* (what a load did to a record), *listing* (what lists go by), *view* (what a unit of
the house is shown), *protected* (支援措置).
More doors: `people` (who is one person, 名寄せ), `extracts` (saved queries, EUC).
Promise: the value in force of each item on any day, as known on any day; a million-row snapshot
merges in seconds. A file goes in whole or not at all, or by policy without its wrong rows, and the
same file a second time changes nothing. What changed is told once, in the order of the commits.
A view leaves against a permit and with an entry, and a protected person is to all who may not see
them as if never there.
Trust: the units, for what they state; the database, for keeping it. Whoever runs the database can
read and change records here; what was asked and answered is kept provable by `audit`, not here.
"""

from renkei.store import people
from renkei.store.alignment import align
from renkei.store.archived import ArchivedRecord, read_archived
from renkei.store.balances import Balance, balances
from renkei.store.coalesce import Coalescer
from renkei.store.consumers import (
    Consumer,
    advance,
    all_consumers,
    begin,
    newest_position,
    position_of,
)
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
    PositionBackwards,
    RecordKeyIncomplete,
    RetentionRightMissing,
    RetentionRuleDefective,
    SelectionNotPermitted,
    SelectionUnfit,
    SnapshotOlder,
    SubscriptionExists,
    SubscriptionUnknown,
    TooManyFound,
)
from renkei.store.feed import (
    FEED_PAGE,
    START,
    Became,
    Changed,
    Event,
    FeedPage,
    Position,
    changed_records,
    changes_since,
    latest_events,
)
from renkei.store.findings import Finding, Findings, Place, Policy, Severity
from renkei.store.formats import Format
from renkei.store.listing import Listing, findings_csv, findings_json
from renkei.store.listings import index_lists, unlist
from renkei.store.lists import Cursor, Listed, Page, find, list_records
from renkei.store.loading import load
from renkei.store.lookup import (
    PERSONS,
    Person,
    Record,
    Value,
    find_person,
    persons,
    read,
    read_many,
)
from renkei.store.merging import Changes, overlaps
from renkei.store.plan import LoadReport, Outcome
from renkei.store.protection import all_protected, protected
from renkei.store.reading import Progress
from renkei.store.reconciliation import (
    Drift,
    Reconciliation,
    drift,
    held_digests,
    last_reconciliations,
    reconcile,
)
from renkei.store.release import Plain, held, plain_value
from renkei.store.retention import (
    Removed,
    due,
    expire,
    move,
    remove_rows,
    settle,
    targets,
)
from renkei.store.retention_rules import Rule, RuleKind, Then, retention_rules
from renkei.store.selections import LISTED, Begins, Between, Is, Selection
from renkei.store.snapshot import Limits
from renkei.store.subscriptions import (
    Subscription,
    Withheld,
    all_subscriptions,
    keep_refusal,
    release_withheld,
    subscribe,
    subscription_name,
    unsubscribe,
    withheld,
    withhold,
)
from renkei.store.viewing import Ask, Shown, Viewing, view_by, view_each, view_list

__all__ = [
    "FEED_PAGE",
    "LISTED",
    "PERSONS",
    "START",
    "ArchivedRecord",
    "Ask",
    "Balance",
    "Became",
    "Begins",
    "Between",
    "Changed",
    "Changes",
    "Coalescer",
    "ColumnTypeDiffers",
    "Consumer",
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
    "Event",
    "FeedPage",
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
    "Position",
    "PositionBackwards",
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
    "Subscription",
    "SubscriptionExists",
    "SubscriptionUnknown",
    "Then",
    "TooManyFound",
    "Value",
    "Viewing",
    "Withheld",
    "advance",
    "align",
    "all_consumers",
    "all_protected",
    "all_subscriptions",
    "as_of",
    "balances",
    "begin",
    "changed_records",
    "changes_since",
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
    "keep_refusal",
    "last_deliveries",
    "last_loads",
    "last_reconciliations",
    "latest_events",
    "list_records",
    "load",
    "move",
    "newest_position",
    "not_delivered",
    "overlaps",
    "people",
    "persons",
    "plain_value",
    "position_of",
    "protected",
    "read",
    "read_archived",
    "read_delivery",
    "read_digests",
    "read_many",
    "reconcile",
    "release_withheld",
    "remove_rows",
    "retention_rules",
    "returned",
    "rows_of",
    "settle",
    "subscribe",
    "subscription_name",
    "targets",
    "unlist",
    "unsubscribe",
    "view_by",
    "view_each",
    "view_list",
    "withheld",
    "withhold",
]
