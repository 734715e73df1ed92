"""Linkage codes (符号連携): what one person is to each organisation, and the way between two.

Words: *linkage code* (符号; its secret form is the *nym*, its display form the code), *acquisition
number* (取得番号), *registrar* (付番機関: knows numbers, hands out persons without them),
*converter* (変換機関: one of two hub operators, each with half of every factor), *log operator*
(記録機関: knows *handles*, and opens the audit leg of every question), *leg* (one encrypted nym),
*chain* (what the labels of a person's entries follow from) and *history* (all chains of a person),
*order* and *step* (what is done with a number, once), *succession* (one pid in another's place).

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

from renkei.identity import corporations, numbers
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
from renkei.identity.chains import Chain, History, chains_for, history_of, history_of_code
from renkei.identity.codes import (
    Rotated,
    SharedCode,
    code_of,
    codes_of,
    follow_codes,
    forget_codes,
    keep_codes,
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
    HandlesRefused,
    HandleUnknown,
    ItemRepeated,
    KeyReused,
    KeyVersionRetired,
    KeyVersionUnknown,
    KnowledgeProofWrong,
    LegMissing,
    LengthWrong,
    LinkageCodeMalformed,
    MessageMalformed,
    ModeWrong,
    NeutralReached,
    NumberMalformed,
    NumberNotDrawn,
    NumberNotInUse,
    NumbersNotInUse,
    NumbersOfOnePerson,
    NumberUnknown,
    NymForeign,
    OrderDiffers,
    PartyDiffers,
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
from renkei.identity.handles import Admitted, admit, admit_batch, close_handles, enrol, known
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
from renkei.identity.registrar import RegistrarSecrets, pids_of, register
from renkei.identity.rotation import Quotient, hand_over, rotated, take_over
from renkei.identity.seal import Seal
from renkei.identity.successions import ENDING, Succession, successions
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
    "HandlesRefused",
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
    "MessageMalformed",
    "ModeWrong",
    "NeutralReached",
    "NumberMalformed",
    "NumberNotDrawn",
    "NumberNotInUse",
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
    "admit_batch",
    "blind",
    "blind_batch",
    "chains_for",
    "checked_code",
    "close_handles",
    "code_of",
    "codes_of",
    "convert",
    "convert_batch",
    "convert_issuance",
    "converter_keys",
    "corporations",
    "decryption_key",
    "encrypt_persons",
    "enrol",
    "follow_codes",
    "forget_codes",
    "hand_over",
    "history_of",
    "history_of_code",
    "keep_codes",
    "known",
    "numbers",
    "open_batch",
    "open_issuance",
    "opened",
    "parse",
    "people_with_codes",
    "person_of",
    "pids_of",
    "register",
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
