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
from renkei.store.disclosure import Occasion, Release, disclose, disclose_each, enter_refusal
from renkei.store.errors import (
    ColumnTypeDiffers,
    CursorStrange,
    DifferenceMissing,
    DifferenceRepeated,
    ItemNotInEntity,
    ItemNotListed,
    LoadInterrupted,
    LoadNotLater,
    LookupsFull,
    LookupsStopped,
    NoRoomAside,
    PermitElsewhere,
    PositionBackwards,
    RecordKeyIncomplete,
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
from renkei.store.release import Plain, held, plain_value
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
    "Ask",
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
    "DifferenceMissing",
    "DifferenceRepeated",
    "Event",
    "FeedPage",
    "Finding",
    "Findings",
    "Format",
    "Is",
    "ItemNotInEntity",
    "ItemNotListed",
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
    "Release",
    "Selection",
    "SelectionNotPermitted",
    "SelectionUnfit",
    "Severity",
    "Shown",
    "SnapshotOlder",
    "Subscription",
    "SubscriptionExists",
    "SubscriptionUnknown",
    "TooManyFound",
    "Value",
    "Viewing",
    "Withheld",
    "advance",
    "align",
    "all_consumers",
    "all_subscriptions",
    "begin",
    "changed_records",
    "changes_since",
    "disclose",
    "disclose_each",
    "enter_refusal",
    "find",
    "find_person",
    "findings_csv",
    "findings_json",
    "held",
    "index_lists",
    "keep_refusal",
    "latest_events",
    "list_records",
    "load",
    "newest_position",
    "overlaps",
    "persons",
    "plain_value",
    "position_of",
    "protected",
    "read",
    "read_many",
    "release_withheld",
    "subscribe",
    "subscription_name",
    "unlist",
    "unsubscribe",
    "view_by",
    "view_each",
    "view_list",
    "withheld",
    "withhold",
]
