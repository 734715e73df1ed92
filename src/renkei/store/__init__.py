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
from renkei.store.coalesce import Coalescer
from renkei.store.consumers import (
    Consumer,
    advance,
    all_consumers,
    begin,
    newest_position,
    position_of,
)
from renkei.store.disclosure import Occasion, disclose
from renkei.store.errors import (
    ColumnTypeDiffers,
    DifferenceMissing,
    DifferenceRepeated,
    ItemNotInEntity,
    LoadInterrupted,
    LoadNotLater,
    LookupsFull,
    LookupsStopped,
    NoRoomAside,
    PermitElsewhere,
    PositionBackwards,
    RecordKeyIncomplete,
    SnapshotOlder,
    SubscriptionExists,
    SubscriptionUnknown,
)
from renkei.store.feed import (
    PAGE,
    START,
    Became,
    Changed,
    Event,
    Page,
    Position,
    changed_records,
    changes_since,
    latest_events,
)
from renkei.store.findings import Finding, Findings, Place, Policy, Severity
from renkei.store.formats import Format
from renkei.store.listing import Listing, findings_csv, findings_json
from renkei.store.loading import LoadReport, Outcome, load
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
from renkei.store.protection import protected
from renkei.store.reading import Progress
from renkei.store.release import Plain, held, plain
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

__all__ = [
    "PAGE",
    "PERSONS",
    "START",
    "Became",
    "Changed",
    "Changes",
    "Coalescer",
    "ColumnTypeDiffers",
    "Consumer",
    "DifferenceMissing",
    "DifferenceRepeated",
    "Event",
    "Finding",
    "Findings",
    "Format",
    "ItemNotInEntity",
    "Limits",
    "Listing",
    "LoadInterrupted",
    "LoadNotLater",
    "LoadReport",
    "LookupsFull",
    "LookupsStopped",
    "NoRoomAside",
    "Occasion",
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
    "Record",
    "RecordKeyIncomplete",
    "Severity",
    "SnapshotOlder",
    "Subscription",
    "SubscriptionExists",
    "SubscriptionUnknown",
    "Value",
    "Withheld",
    "advance",
    "align",
    "all_consumers",
    "all_subscriptions",
    "begin",
    "changed_records",
    "changes_since",
    "disclose",
    "find_person",
    "findings_csv",
    "findings_json",
    "held",
    "keep_refusal",
    "latest_events",
    "load",
    "newest_position",
    "overlaps",
    "persons",
    "plain",
    "position_of",
    "protected",
    "read",
    "read_many",
    "release_withheld",
    "subscribe",
    "subscription_name",
    "unsubscribe",
    "withheld",
    "withhold",
]
