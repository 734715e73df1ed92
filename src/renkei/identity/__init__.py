"""Linkage codes (符号連携): what one person is to each organisation, and the way between two.

Words: *linkage code* (符号; its secret form is the *nym*, its display form the code), *acquisition
number* (取得番号), *registrar* (付番機関: knows numbers, hands out persons without them),
*converter* (変換機関: one of two hub operators, each with half of every factor), *log operator*
(記録機関: knows *handles*, and opens the audit leg of every question), *leg* (one encrypted nym),
*chain* (what the labels of a person's entries follow from) and *history* (all chains of a person),
*order* and *step* (what is done with a number, once), *succession* (one pid in another's place),
*closing* (what the log operator must hear of it), *heir* (who succeeds an organisation).

The protocol is PFC1 in ristretto255. Issuance: `encrypt_persons`, then `convert_issuance` by each
converter, then `verify_issuance` and `open_issuance`. A question: `blind` by A, then `convert` by
each converter, then `verify` and `admit` by the log operator, `verify` and `opened` by B. Many
persons go the same way in one batch (`blind_batch` and on). Codes become those of a new
version by `hand_over`, `take_over`, `rotate_codes`; `close_handles` ends questions about a person.

At the registrar `numbers` is the life of a personal number, `corporations` the public register of
corporate numbers; a check digit that fits is nobody, here and anywhere.

Promise: nobody joins two organisations' data about a person without a permit and an entry; the hub
learns neither number, code nor person, nor whether two questions are about one person.

Trust: one converter alone links nothing, even with an organisation's stolen table; both converters
and two organisations together link those two. The registrar knows number and pid, the log operator
handles: keep registrar, log operator and converters apart. A proof names the converter that cheats.
Who may speak for an organisation, and whether the law permits the question, is decided above: the
parties passed in must be those that signed and were permitted, and `context`, which every proof is
bound to, the hash of that request.

Standard parts (RFC 9380, 9496, 9497; ElGamal; sigma proofs), but the combination as a whole has
been reviewed by NO cryptographer, and it is NOT post-quantum: a recorded message can be opened by
a future quantum computer. Carry messages in hybrid TLS, and keep none longer than a dispute lasts.
Pure, but for the verbs that take a connection; randomness is libsodium's and the system's.
"""

from renkei.identity import corporations, issued, numbers
from renkei.identity.batch import (
    Batch,
    BlindedBatch,
    OrderedStep,
    ShuffledStep,
    VerifiedBatch,
    blind_batch,
    convert_batch,
    open_batch,
    verify_batch,
)
from renkei.identity.certificates import CertificateVerifier, Proven, Unproven
from renkei.identity.chains import (
    Chain,
    History,
    chains_for,
    chains_of_codes,
    history_of,
    history_of_code,
)
from renkei.identity.closings import Closing, closings, closings_waiting, drop_closings
from renkei.identity.codes import (
    Rotated,
    SharedCode,
    are_codes_kept,
    code_of,
    codes_of,
    display_codes,
    follow_codes,
    followed_up,
    forget_codes,
    keep_codes,
    note_follow_up,
    people_of,
    people_with_codes,
    person_of,
    rotate_codes,
)
from renkei.identity.conversion import BATCH
from renkei.identity.directory import Directory
from renkei.identity.errors import (
    AlreadyNumbered,
    BatchSizeWrong,
    ConversionIncomplete,
    ConversionProofWrong,
    ConverterOutOfTurn,
    CorporateDayWrong,
    CorporateNumberMalformed,
    CorporateNumberTaken,
    CorporationMalformed,
    CorporationNotOpen,
    CorporationOpen,
    CorporationUnknown,
    EqualityProofWrong,
    HandleUnknown,
    ItemRepeated,
    KeyReused,
    KeyVersionRetired,
    KeyVersionUnknown,
    KnowledgeProofWrong,
    LegMissing,
    LengthWrong,
    LinkageCodeMalformed,
    LinkageCodeMistyped,
    MessageMalformed,
    ModeWrong,
    NeutralReached,
    NumberMalformed,
    NumberNotDrawn,
    NumberNotInUse,
    NumbersNotInUse,
    NumbersOfOnePerson,
    NumberTaken,
    NumberUnknown,
    NymForeign,
    OrderDiffers,
    PartyDiffers,
    PersonsRepeated,
    PointRefused,
    QuotientWrong,
    RotationUnfinished,
    ScalarRefused,
    SealBroken,
    SearchEmpty,
    SodiumMissing,
    VerifierFilesWrong,
    VersionsMixed,
)
from renkei.identity.group import SUITE
from renkei.identity.handles import (
    Admitted,
    admit,
    admit_each,
    close_handles,
    enrol,
    known,
)
from renkei.identity.issuance import (
    AcquisitionNumber,
    Issuance,
    Pid,
    VerifiedIssuance,
    convert_issuance,
    encrypt_persons,
    open_issuance,
    verify_issuance,
)
from renkei.identity.keys import (
    Address,
    Announcement,
    ConverterKeys,
    DecryptionKey,
    Origin,
    PublicKeys,
    ReceiverKey,
    converter_keys,
    decryption_key,
    secret_text,
)
from renkei.identity.nym import Nym, checked_code
from renkei.identity.orders import Order, StepKind
from renkei.identity.question import (
    BlindedRequest,
    Converted,
    Question,
    VerifiedQuestion,
    blind,
    convert,
    opened,
    verify,
)
from renkei.identity.registrar import RegistrarSecrets, are_unknown, pids_for, pids_of
from renkei.identity.rotation import Quotient, hand_over, rotated, take_over
from renkei.identity.seal import Seal
from renkei.identity.successions import ENDING, Succession, note_heirs, successions
from renkei.identity.wire import parse, render

__all__ = [
    "BATCH",
    "ENDING",
    "SUITE",
    "AcquisitionNumber",
    "Address",
    "Admitted",
    "AlreadyNumbered",
    "Announcement",
    "Batch",
    "BatchSizeWrong",
    "BlindedBatch",
    "BlindedRequest",
    "CertificateVerifier",
    "Chain",
    "Closing",
    "ConversionIncomplete",
    "ConversionProofWrong",
    "Converted",
    "ConverterKeys",
    "ConverterOutOfTurn",
    "CorporateDayWrong",
    "CorporateNumberMalformed",
    "CorporateNumberTaken",
    "CorporationMalformed",
    "CorporationNotOpen",
    "CorporationOpen",
    "CorporationUnknown",
    "DecryptionKey",
    "Directory",
    "EqualityProofWrong",
    "HandleUnknown",
    "History",
    "Issuance",
    "ItemRepeated",
    "KeyReused",
    "KeyVersionRetired",
    "KeyVersionUnknown",
    "KnowledgeProofWrong",
    "LegMissing",
    "LengthWrong",
    "LinkageCodeMalformed",
    "LinkageCodeMistyped",
    "MessageMalformed",
    "ModeWrong",
    "NeutralReached",
    "NumberMalformed",
    "NumberNotDrawn",
    "NumberNotInUse",
    "NumberTaken",
    "NumberUnknown",
    "NumbersNotInUse",
    "NumbersOfOnePerson",
    "Nym",
    "NymForeign",
    "Order",
    "OrderDiffers",
    "OrderedStep",
    "Origin",
    "PartyDiffers",
    "PersonsRepeated",
    "Pid",
    "PointRefused",
    "Proven",
    "PublicKeys",
    "Question",
    "Quotient",
    "QuotientWrong",
    "ReceiverKey",
    "RegistrarSecrets",
    "Rotated",
    "RotationUnfinished",
    "ScalarRefused",
    "Seal",
    "SealBroken",
    "SearchEmpty",
    "SharedCode",
    "ShuffledStep",
    "SodiumMissing",
    "StepKind",
    "Succession",
    "Unproven",
    "VerifiedBatch",
    "VerifiedIssuance",
    "VerifiedQuestion",
    "VerifierFilesWrong",
    "VersionsMixed",
    "admit",
    "admit_each",
    "are_codes_kept",
    "are_unknown",
    "blind",
    "blind_batch",
    "chains_for",
    "chains_of_codes",
    "checked_code",
    "close_handles",
    "closings",
    "closings_waiting",
    "code_of",
    "codes_of",
    "convert",
    "convert_batch",
    "convert_issuance",
    "converter_keys",
    "corporations",
    "decryption_key",
    "display_codes",
    "drop_closings",
    "encrypt_persons",
    "enrol",
    "follow_codes",
    "followed_up",
    "forget_codes",
    "hand_over",
    "history_of",
    "history_of_code",
    "issued",
    "keep_codes",
    "known",
    "note_follow_up",
    "note_heirs",
    "numbers",
    "open_batch",
    "open_issuance",
    "opened",
    "parse",
    "people_of",
    "people_with_codes",
    "person_of",
    "pids_for",
    "pids_of",
    "render",
    "rotate_codes",
    "rotated",
    "secret_text",
    "successions",
    "take_over",
    "verify",
    "verify_batch",
    "verify_issuance",
]
