"""What was read, asked, refused or provided: the provable access record, one log an organisation.

Words: *entry* (one deed), *core* (what its writer knew), *leaf* (the core at its place in a
person's chain), *chain* and *label* (the entries about one person in one year), *checkpoint* (the
signed root of all entries so far), *receipt* (a signed promise), *bundle* (a provable extract).
Promise: what was read, asked, refused or provided cannot be removed or changed without a stranger
noticing; a citizen can prove that their list is complete. Complete means: the chain runs from 1 to
k without a gap, and the *map* (of each label how many entries it has) says k, as of a signed
*epoch*. Whoever holds the entries makes the map again. That everyone is shown the same checkpoint
is for witnesses to say.
Trust: the holder of the log's key, together with the owner of the database, could show different
logs to different people, or forget a promise before it is sequenced; a checkpoint or receipt kept
by anyone else convicts them. The application can add entries and can neither change nor remove
them. Tiles and checkpoints tell nothing about a person; entries and bundles do.
"""

from renkei.audit.bundles import Verdict, bundle, verify_bundle
from renkei.audit.directory import published_entries, published_tree, verify_directory
from renkei.audit.entries import Entry, Kind, Leaf, Mode
from renkei.audit.epochs import Epoch, make_epoch, newest_epoch, output_verifier, remake_map
from renkei.audit.errors import (
    BundleMalformed,
    BundleTooLarge,
    EntryMalformed,
    EntryNotWithheld,
    EntryReleased,
    EntryWithheld,
    EpochMalformed,
    KeyUnknown,
    LogAltered,
    LogForked,
    LogUnsigned,
    MapAltered,
    NoteForged,
    NoteMalformed,
    OriginChanged,
    ReceiptInvalid,
    VerifierMalformed,
)
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import (
    Logged,
    Promise,
    alone,
    append,
    append_many,
    consistency,
    entries_for_request,
    entries_of,
    is_promised,
    newest,
    pending,
    sequence,
)
from renkei.audit.notes import Checkpoint, Signer, Verifier, check_fork
from renkei.audit.publication import mend, publish
from renkei.audit.receipts import Receipt
from renkei.audit.releases import release
from renkei.audit.search import Place, Search, first_at, search
from renkei.audit.verification import verify

__all__ = [
    "BundleMalformed",
    "BundleTooLarge",
    "Checkpoint",
    "Defect",
    "Entry",
    "EntryMalformed",
    "EntryNotWithheld",
    "EntryReleased",
    "EntryWithheld",
    "Epoch",
    "EpochMalformed",
    "Finding",
    "KeyUnknown",
    "Kind",
    "Leaf",
    "LogAltered",
    "LogForked",
    "LogUnsigned",
    "Logged",
    "MapAltered",
    "Mode",
    "NoteForged",
    "NoteMalformed",
    "OriginChanged",
    "Place",
    "Promise",
    "Receipt",
    "ReceiptInvalid",
    "Search",
    "Signer",
    "Verdict",
    "Verifier",
    "VerifierMalformed",
    "alone",
    "append",
    "append_many",
    "bundle",
    "check_fork",
    "consistency",
    "entries_for_request",
    "entries_of",
    "first_at",
    "is_promised",
    "make_epoch",
    "mend",
    "newest",
    "newest_epoch",
    "output_verifier",
    "pending",
    "publish",
    "published_entries",
    "published_tree",
    "release",
    "remake_map",
    "search",
    "sequence",
    "verify",
    "verify_bundle",
    "verify_directory",
]
