"""What was read, asked, refused or provided: the provable access record, one log an organisation.

Words: *entry* (one deed), *core* (what its writer knew), *leaf* (the core at its place in a
person's chain), *chain* and *label* (the entries about one person in one year), *checkpoint* (the
signed root of all entries so far), *receipt* (a signed promise), *bundle* (a provable extract).
Promise: what was read, asked, refused or provided cannot be removed or changed without a stranger
noticing; a citizen can prove that their list is complete. Complete means: the chain runs from 1 to
k without a gap, and the *map* (of each label how many entries it has) says k, as of a signed
*epoch*. Whoever holds the entries makes the map again. That everyone is shown the same checkpoint
is proven only with a policy that wants witnesses, and the statement in every bundle says so.
Trust: the holder of the log's key, together with the owner of the database, could show different
logs to different people, or forget a promise before it is sequenced; a checkpoint or receipt kept
by anyone else convicts them. The application can add entries and can neither change nor remove
them. Tiles and checkpoints tell nothing about a person; entries and bundles do.
"""

from renkei.audit.bundles import Verdict
from renkei.audit.closing import close_shards
from renkei.audit.cosignatures import (
    Algorithm,
    Cosignature,
    Cosigner,
    WitnessKey,
    cosignatures,
    log_key,
)
from renkei.audit.cosigned import (
    NEVER_COSIGNED,
    LastCosigned,
    keep_beside,
    keep_cosignature,
    last_cosigned,
    publish_cosigned,
    published_cosigned,
    published_witnessed,
)
from renkei.audit.counting import DayCount, PersonCount, count_days, count_persons
from renkei.audit.directory import (
    LARGEST_ENTRIES,
    OUTPUT_FOLDER,
    minimum_index,
    published_entries,
    published_epoch,
    published_tree,
    verify_directory,
)
from renkei.audit.entries import Entry, Kind, Leaf, Mode
from renkei.audit.epochs import (
    Epoch,
    make_epoch,
    newest_epoch,
    output_verifier,
    remake_map,
)
from renkei.audit.errors import (
    BundleMalformed,
    BundleTooLarge,
    CheckpointInconsistent,
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
    OriginUnknown,
    PolicyMalformed,
    PruningRightMissing,
    QuorumMissed,
    ReceiptInvalid,
    ShardHeld,
    ShardOpen,
    ShardUnknown,
    SubmissionMalformed,
    VerifierMalformed,
    WitnessedOther,
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
    signed_size,
)
from renkei.audit.notes import Checkpoint, NoteKey, Signer, Verifier, check_fork, open_note
from renkei.audit.places import Proven, places
from renkei.audit.policies import Cosigned, Policy, PolicyWitness
from renkei.audit.pruning import (
    Contents,
    Word,
    contents,
    hold,
    lift_hold,
    prune,
    remove_pruned,
)
from renkei.audit.publication import mend, publish
from renkei.audit.receipts import Receipt
from renkei.audit.reconciliations import (
    Reconciliation,
    keep_reconciliation,
    reconciliations,
)
from renkei.audit.releases import release
from renkei.audit.search import Place, Search, first_at, search, search_all
from renkei.audit.sequencing import sequence
from renkei.audit.sharded_bundles import bundle
from renkei.audit.sharded_reading import parts_of, verify_bundle
from renkei.audit.shards import (
    FIRST,
    OUTPUT_NAME,
    Shard,
    published_years,
    shard_folder,
    shard_name,
    shard_signer,
    shard_verifier,
    shard_year,
    shards,
)
from renkei.audit.signed_tree import LOG, OUTPUT, SignedTree
from renkei.audit.verification import verify
from renkei.audit.witness_evidence import Witnessed
from renkei.audit.witnessing import LARGEST_SUBMISSION, Known, Submission, judge

__all__ = [
    "FIRST",
    "LARGEST_ENTRIES",
    "LARGEST_SUBMISSION",
    "LOG",
    "NEVER_COSIGNED",
    "OUTPUT",
    "OUTPUT_FOLDER",
    "OUTPUT_NAME",
    "Algorithm",
    "BundleMalformed",
    "BundleTooLarge",
    "Checkpoint",
    "CheckpointInconsistent",
    "Contents",
    "Cosignature",
    "Cosigned",
    "Cosigner",
    "DayCount",
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
    "Known",
    "LastCosigned",
    "Leaf",
    "LogAltered",
    "LogForked",
    "LogUnsigned",
    "Logged",
    "MapAltered",
    "Mode",
    "NoteForged",
    "NoteKey",
    "NoteMalformed",
    "OriginChanged",
    "OriginUnknown",
    "PersonCount",
    "Place",
    "Policy",
    "PolicyMalformed",
    "PolicyWitness",
    "Promise",
    "Proven",
    "PruningRightMissing",
    "QuorumMissed",
    "Receipt",
    "ReceiptInvalid",
    "Reconciliation",
    "Search",
    "Shard",
    "ShardHeld",
    "ShardOpen",
    "ShardUnknown",
    "SignedTree",
    "Signer",
    "Submission",
    "SubmissionMalformed",
    "Verdict",
    "Verifier",
    "VerifierMalformed",
    "WitnessKey",
    "Witnessed",
    "WitnessedOther",
    "Word",
    "alone",
    "append",
    "append_many",
    "bundle",
    "check_fork",
    "close_shards",
    "consistency",
    "contents",
    "cosignatures",
    "count_days",
    "count_persons",
    "entries_for_request",
    "entries_of",
    "first_at",
    "hold",
    "is_promised",
    "judge",
    "keep_beside",
    "keep_cosignature",
    "keep_reconciliation",
    "last_cosigned",
    "lift_hold",
    "log_key",
    "make_epoch",
    "mend",
    "minimum_index",
    "newest",
    "newest_epoch",
    "open_note",
    "output_verifier",
    "parts_of",
    "pending",
    "places",
    "prune",
    "publish",
    "publish_cosigned",
    "published_cosigned",
    "published_entries",
    "published_epoch",
    "published_tree",
    "published_witnessed",
    "published_years",
    "reconciliations",
    "release",
    "remake_map",
    "remove_pruned",
    "search",
    "search_all",
    "sequence",
    "shard_folder",
    "shard_name",
    "shard_signer",
    "shard_verifier",
    "shard_year",
    "shards",
    "signed_size",
    "verify",
    "verify_bundle",
    "verify_directory",
]
