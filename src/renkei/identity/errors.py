"""What this room raises. A fact names an organisation, a leg or a version; never a person."""

from renkei.kit import NodeError


class SodiumMissing(NodeError):
    """No libsodium with ristretto255 can be loaded: {reason}.

    Install the system's libsodium (1.0.18 or newer), or the package `rbcl` that carries one.
    """


class PointRefused(NodeError):
    """A group element is not a canonical ristretto255 encoding, or is the neutral element.

    The sender must build the message again; nothing of it was used.
    """

    status = 400


class ScalarRefused(NodeError):
    """A scalar is not reduced modulo the group order.

    The sender must build the message again; nothing of it was used.
    """

    status = 400


class LengthWrong(NodeError):
    """The value {what} has the length {length} where {wanted} is needed. Check what was passed."""

    status = 400


class NeutralReached(NodeError):
    """A group operation gave the neutral element, which stands for nobody.

    An honest message cannot lead here; treat its sender's keys and messages as suspect.
    """

    status = 400


class MessageMalformed(NodeError):
    """The text is not a well-formed {kind}: {reason}.

    The sender must build it again; nothing of it was used.
    """

    status = 400


class BatchSizeWrong(NodeError):
    """A batch holds {size} items where 1 to {limit} are allowed. Split it, or leave it out."""

    status = 413


class ItemRepeated(NodeError):
    """A batch holds one {what} {times} times. Send each item once; nothing was converted."""

    status = 422


class VersionsMixed(NodeError):
    """A batch of {organisation} mixes codes of two key versions. Send one batch for each."""

    status = 422


class ModeWrong(NodeError):
    """The converter {converter} did not convert in the mode {mode} that the batch asks for.

    Nothing was opened. Ask again; if it happens again, report the converter to the overseer.
    """

    status = 422


class KeyVersionUnknown(NodeError):
    """The organisation {organisation} has no {version} here.

    Fetch its newest public keys; if they do not hold that version, it was withdrawn.
    """

    status = 409


class KeyVersionRetired(NodeError):
    """The codes of {organisation} under {version} ended on {until}.

    Its new codes are in force: rotate those kept here, or fetch its newest public keys.
    """

    status = 409


class QuotientWrong(NodeError):
    """What the converter {converter} handed over does not lead from the old codes to the new ones.

    No code was changed. Ask again; if it happens again, report the converter to the overseer.
    """

    status = 422


class RotationUnfinished(NodeError):
    """{left} persons have a code under the old version {version} and none under the new one.

    Run the rotation to its end; nothing was deleted.
    """

    status = 409


class KeyReused(NodeError):
    """The organisation {organisation} publishes a key that {other} has published already.

    One of the two must draw a new key; until then neither is used.
    """

    status = 409


class KnowledgeProofWrong(NodeError):
    """The proof that {organisation} knows the secret of its key {version} is wrong.

    Do not encrypt to this key; ask the organisation to publish it again.
    """

    status = 422


class EqualityProofWrong(NodeError):
    """The proof of {asker} that both legs hold one person is wrong for this request.

    Nothing was converted. The asking node must build a new request; a copied or altered one fails.
    """

    status = 422


class ConversionProofWrong(NodeError):
    """The converter {converter} did not prove its conversion of the leg to {leg}.

    Nothing was opened. Ask again; if it happens again, report the converter to the overseer.
    """

    status = 422


class ConverterOutOfTurn(NodeError):
    """The converter {converter} stands where {expected} must convert.

    Send the message to the converters in the order of the directory.
    """

    status = 422


class ConversionIncomplete(NodeError):
    """{done} of {wanted} converters have converted this message. Send it on to the next one."""

    status = 422


class PartyDiffers(NodeError):
    """The message names {named} where {permitted} signed or was permitted. Nothing was converted.

    Check who built the message; it does not belong to this request.
    """

    status = 422


class LegMissing(NodeError):
    """The message has no leg for the key {version} of {organisation}.

    Open it with the key that the message names.
    """

    status = 409


class HandleUnknown(NodeError):
    """The log operator knows no person under the handle of this request.

    It was not made from one issued linkage code. Check the asking node; the attempt is on record.
    """

    status = 422


class PersonsRepeated(NodeError):
    """{times} of the {size} items of this batch are about a person who stands in it already.

    Nothing was told. Ask about each person once.
    """

    status = 422


class NymForeign(NodeError):
    """A linkage code of {owner} was used as one of {organisation}. Codes never cross over."""


class NumberMalformed(NodeError):
    """A personal number has a wrong length or check digit.

    Check where it came from; none of this batch was registered.
    """

    status = 400


class LinkageCodeMalformed(NodeError):
    """A linkage code is 33 characters: 32 of A-Z and 2-7, then a check character.

    What was given has another length or other characters. Compare it with its source.
    """

    status = 400


class LinkageCodeMistyped(NodeError):
    """The check character of this linkage code does not fit: one character is wrong, or two stand
    in each other's place. Compare it with its source; nobody was looked for.
    """

    status = 400


class SealBroken(NodeError):
    """A sealed value in {table} does not open under the key given.

    Check that the sealing key is the one it was written with; if so, the row was altered.
    """


class NumberUnknown(NodeError):
    """This registrar never issued or registered that personal number.

    Check the number with whoever gave it; a check digit that is right says nothing about a person.
    """

    status = 404


class NumberTaken(NodeError):
    """That personal number is or was somebody's here. Nothing was changed.

    Where two numbers are one person's, correct that (`renkei registrar merge`).
    """

    status = 409


class NumberNotInUse(NodeError):
    """That personal number is closed ({state}) and is never used again.

    Ask for the person's present number; nothing was changed.
    """

    status = 409


class NumbersOfOnePerson(NodeError):
    """The number to keep and the number to drop are the same one. Nothing was changed."""

    status = 400


class AlreadyNumbered(NodeError):
    """The person with this basis was issued a number before; a second one is never issued.

    For a new number order a change of the one there is.
    """

    status = 409


class NumberNotDrawn(NodeError):
    """In {draws} draws every personal number was taken; nothing was issued.

    Something is wrong with the source of chance: look at it before ordering again.
    """


class OrderDiffers(NodeError):
    """The order {request} was carried out before, with another content. Nothing was changed.

    Give an order of its own a name of its own; the same name is for asking again.
    """

    status = 409


class NumbersNotInUse(NodeError):
    """None of the personal numbers of this acquisition is in use at the registrar.

    Ask for the persons' present numbers.
    """

    status = 409


class CorporateNumberMalformed(NodeError):
    """A corporate number is not 13 digits with a right check digit, or a company number not 12."""

    status = 400


class CorporateNumberTaken(NodeError):
    """The corporate number {number} is assigned already. Look it up; nothing was changed."""

    status = 409


class CorporationUnknown(NodeError):
    """No corporation has the number {number} in this register."""

    status = 404


class CorporationNotOpen(NodeError):
    """The corporation {number} is closed. Reopen it first if that was wrong."""

    status = 409


class CorporationOpen(NodeError):
    """The corporation {number} is not closed; there is nothing to reopen."""

    status = 409


class CorporateDayWrong(NodeError):
    """Something happened to {number} on {day} already; nothing can happen before that day."""

    status = 409


class CorporationMalformed(NodeError):
    """The part {part} of a corporation is missing, longer than {longest}, or not printable."""

    status = 400


class SearchEmpty(NodeError):
    """Nothing is left of the name to search by: give more than a legal form such as 株式会社."""

    status = 400


class VerifierFilesWrong(NodeError):
    """A file of the recognised verifier cannot be read: {reason}

    Check the settings `verifier.roots` and `verifier.revoked`; until then nobody is proven.
    """
