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

from renkei.audit.bundles import Verdict, bundle, verify_bundle
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
from renkei.audit.directory import (
    OUTPUT_FOLDER,
    published_entries,
    published_epoch,
    published_tree,
    verify_directory,
)
from renkei.audit.entries import Entry, Kind, Leaf, Mode
from renkei.audit.epochs import (
    OUTPUT_NAME,
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
    QuorumMissed,
    ReceiptInvalid,
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
    sequence,
)
from renkei.audit.notes import Checkpoint, NoteKey, Signer, Verifier, check_fork, open_note
from renkei.audit.policies import Cosigned, Policy, PolicyWitness
from renkei.audit.publication import mend, publish
from renkei.audit.receipts import Receipt
from renkei.audit.reconciliations import (
    Reconciliation,
    keep_reconciliation,
    reconciliations,
)
from renkei.audit.releases import release
from renkei.audit.search import Place, Search, first_at, search, search_all
from renkei.audit.signed_tree import LOG, OUTPUT, SignedTree
from renkei.audit.verification import verify
from renkei.audit.witness_evidence import Witnessed
from renkei.audit.witnessing import LARGEST_SUBMISSION, Known, Submission, judge

__all__ = [
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
    "Cosignature",
    "Cosigned",
    "Cosigner",
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
    "Place",
    "Policy",
    "PolicyMalformed",
    "PolicyWitness",
    "Promise",
    "QuorumMissed",
    "Receipt",
    "ReceiptInvalid",
    "Reconciliation",
    "Search",
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
    "alone",
    "append",
    "append_many",
    "bundle",
    "check_fork",
    "consistency",
    "cosignatures",
    "entries_for_request",
    "entries_of",
    "first_at",
    "is_promised",
    "judge",
    "keep_beside",
    "keep_cosignature",
    "keep_reconciliation",
    "last_cosigned",
    "log_key",
    "make_epoch",
    "mend",
    "newest",
    "newest_epoch",
    "open_note",
    "output_verifier",
    "pending",
    "publish",
    "publish_cosigned",
    "published_cosigned",
    "published_entries",
    "published_epoch",
    "published_tree",
    "published_witnessed",
    "reconciliations",
    "release",
    "remake_map",
    "search",
    "search_all",
    "sequence",
    "verify",
    "verify_bundle",
    "verify_directory",
]
