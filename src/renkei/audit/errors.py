"""What this room raises: the log, a note, a receipt or a bundle cannot be believed or read."""

from renkei.kit import NodeError


class EntryMalformed(NodeError):
    """An entry cannot be kept: its part `{part}` is missing, too long or of the wrong form."""

    status = 400


class LogForked(NodeError):
    """The log {origin} shows two histories: the one of size {size} does not continue the other.

    Keep both checkpoints, stop publishing, and tell the oversight body.
    """

    status = 409


class LogAltered(NodeError):
    """The stored tree of the log {origin} no longer gives the root signed at size {size}.

    Nothing was signed. Run the verification, restore the rows it names, then sequence again.
    """


class MapAltered(NodeError):
    """The stored map of the log {origin} no longer gives the root signed last.

    Nothing was signed. Run `renkei log mend`, which derives it anew from the entries; where that
    fails too, run the verification, and restore the rows it names.
    """


class EpochMalformed(NodeError):
    """An epoch of the map cannot be read. Fetch it again from the log that issued it."""

    status = 400


class LogUnsigned(NodeError):
    """The log has no signed checkpoint yet. Run the sequencer once, then ask again."""

    status = 409


class OriginChanged(NodeError):
    """The log is signed as {origin}; the key given is named {name}. Use the key of this log."""


class NoteMalformed(NodeError):
    """The signed note is malformed at its {part}. Fetch it again from the log that issued it."""

    status = 400


class VerifierMalformed(NodeError):
    """The verifier key {key} is malformed. It reads `name+8 hex digits+base64`."""

    status = 400


class KeyUnknown(NodeError):
    """No key trusted here signed {name}. Get the key from its owner; add it if you trust it."""

    status = 403


class NoteForged(NodeError):
    """The signature of {name} does not fit the text. Reject it, and keep it as evidence."""

    status = 403


class ReceiptInvalid(NodeError):
    """The receipt is not valid: its part `{part}` is malformed or not what was expected."""

    status = 403


class EntryWithheld(NodeError):
    """The bundle would open the entry {index}, which is withheld by law (番号法 23条2項).

    Bundles for the oversight body say `withheld`; a citizen's bundle names open chains only.
    """

    status = 403


class EntryNotWithheld(NodeError):
    """The entry {index} is not withheld from this person. There is nothing to release."""

    status = 409


class EntryReleased(NodeError):
    """The entry {index} has been released already. The person's next list shows it."""

    status = 409


class ShardUnknown(NodeError):
    """The log has no shard of the year {year}. `renkei log shards` lists those there are."""

    status = 404


class ShardOpen(NodeError):
    """The shard of the year {year} is not closed yet. Only a closed one can be pruned."""

    status = 409


class ShardHeld(NodeError):
    """The shard of the year {year} is kept by the document {document}. Lift the hold first."""

    status = 409


class PruningRightMissing(NodeError):
    """This login may not remove entries of the log: it is no member of `renkei_pruner`.

    Let its operator run GRANT renkei_pruner TO the login, or run this with another one.
    """

    status = 403


class BundleMalformed(NodeError):
    """The bundle is malformed at `{where}`. Use the file exactly as it was downloaded."""

    status = 400


class BundleTooLarge(NodeError):
    """The bundle is larger than {limit} bytes. Ask for a shorter period or a single request."""

    status = 413


class PolicyMalformed(NodeError):
    """The policy is malformed at line {line}. It is written as in C2SP tlog-policy."""

    status = 400


class QuorumMissed(NodeError):
    """Too few witnesses have cosigned {log} at {size}: {found}, where the policy wants {quorum}.

    Get a newer cosigned checkpoint. If there is none, ask the log's owner, then the witnesses.
    """

    status = 403


class SubmissionMalformed(NodeError):
    """What was sent to the witness is malformed at its {part}. See C2SP tlog-witness."""

    status = 400


class OriginUnknown(NodeError):
    """This witness does not witness the log {origin}. Its operator adds logs by their keys."""

    status = 404


class WitnessedOther(NodeError):
    """This witness has cosigned the log up to {size}. Send the proof from that size on."""

    status = 409


class CheckpointInconsistent(NodeError):
    """The checkpoint of {origin} does not continue what was cosigned at size {old}.

    Nothing was cosigned. If the log cannot prove it, two histories exist: tell the oversight body.
    """

    status = 422
