"""What the federation room raises. A fact names an organisation, never a person."""

from renkei.kit import NodeError


class PeerUnknown(NodeError):
    """No organisation is registered here under the code {peer}.

    Check the code, and that the members list in force is loaded.
    """

    status = 401


class PeerUnreachable(NodeError):
    """{peer} cannot be reached; nothing was asked.

    Ask again later; other peers are not affected.
    """

    status = 502


class PeerSilent(PeerUnreachable):
    """{peer} did not answer within {seconds} seconds; it may have received the question.

    Ask again with a new id.
    """

    status = 504


class PeerBrokeOff(PeerUnreachable):
    """{peer} closed the connection before its answer was complete.

    It may have received the question; ask again with a new id. If this happens every time, its
    members list may lack this node's certificate.
    """


class PeerPaused(PeerUnreachable):
    """{peer} could not be reached several times; it is left alone for {seconds} more seconds.

    Nothing was sent. Ask again after that; other peers are not affected.
    """

    status = 503


class PeerBusy(PeerUnreachable):
    """{peer} takes no questions at the moment ({code}); nothing was told. Ask again later."""

    status = 503


class PeerCertificateWrong(NodeError):
    """The server at the address of {peer} does not hold the certificate in the members list.

    Nothing was sent. Compare the fingerprint with {peer} by telephone before anything else.
    """

    status = 502


class AnswerTooLarge(NodeError):
    """The answer of {peer} is longer than {limit} bytes. Ask for less, or raise the limit."""

    status = 502


class AnswerRedirected(NodeError):
    """{peer} answered with a redirect, which is never followed.

    Correct its URL in the members list.
    """

    status = 502


class AnswerUntrusted(NodeError):
    """The answer of {peer} was dropped: {reason}. Tell {peer}; its record shows what it sent."""

    status = 502


class AnswerNotBound(NodeError):
    """The answer of {peer} is signed, but not as an answer to this question. It was dropped."""

    status = 502


class CertificateMissing(NodeError):
    """The connection shows no client certificate. Connect with the one in the members list."""

    status = 401


class CertificateUnknown(NodeError):
    """The certificate with the fingerprint {fingerprint} belongs to no member here.

    It was never listed, or it was withdrawn. Compare the members lists in force on both sides.
    """

    status = 401


class CallerUnclear(NodeError):
    """The connection is that of {certificate}, but the {part} names another organisation.

    Certificate, signing key and X-Road-Client must belong to one organisation.
    """

    status = 401


class NotForUs(NodeError):
    """The message is meant for {meant}, and this is {here}. Check the URL in the members list."""

    status = 421


class MembersUnsigned(NodeError):
    """The members list does not carry the authority's signature over what it says.

    Fetch it again from the authority; the list in force stays in force.
    """


class MembersMalformed(NodeError):
    """The members list is not in its form: {defect}. Fetch it again from the authority."""


class MembersRepeated(NodeError):
    """The {part} of the member {member} stands in the members list twice.

    Every member has its own; correct the list and sign it again.
    """


class MembersOlder(NodeError):
    """The members list has the version {version}, and version {least} was in force here before.

    Fetch the list in force from the authority.
    """


class MembersForked(NodeError):
    """There are two different members lists of the version {version}; the first stays in force.

    Tell the authority at once: it signed both.
    """


class MembersExpired(NodeError):
    """The members list of version {version} was valid until {until}, and no newer one came.

    Nothing is sent and nobody is answered. Look why the directory cannot be read.
    """

    status = 503


class DirectoryExpired(NodeError):
    """The list of the directory {directory} was valid until {until}, and no newer one came.

    Its members are sent nothing and are not answered; all others are. Look why it cannot be read.
    """

    status = 503


class DirectoryOutside(NodeError):
    """The list of the directory {directory} is of the instance {theirs}; named for it is {named}.

    Nothing of it is used. Ask the authority of our own list whether its anchor is right.
    """


class DirectoryOverreaches(NodeError):
    """The list of the directory {directory} gives {member} the {part} of somebody else.

    Nothing of it is used. Tell the authority of our own list.
    """


class HolderAbroad(NodeError):
    """{holder} stands in another directory, and linkage codes do not reach there.

    Nothing was asked. Agree on a service that is passed on, or on a common directory.
    """

    status = 400


class CredentialsUnreadable(NodeError):
    """The credentials cannot be read from {file}.

    Check the setting `keys`, the file and its rights.
    """


class CredentialsThere(NodeError):
    """{file} exists already, and credentials are never overwritten. Move it away first."""


class InquiryMalformed(NodeError):
    """The inquiry is not in its form: {defect}. Compare it with docs/protocol."""

    status = 400


class InquiryIncomplete(NodeError):
    """The question lacks or misspells {name}. Add it; nothing was asked."""

    status = 400


class ServiceUnknown(NodeError):
    """The standard has no service {service}. Compare with the list of interfaces."""

    status = 404


class ModeDiffers(NodeError):
    """The message is meant for {theirs}, this node runs in {ours}: drill never looks like real."""

    status = 409


class CallerNotEntitled(NodeError):
    """The member {caller} may not ask this here, or not in the name of that organisation."""

    status = 403


class ReceiptLate(NodeError):
    """The log operator's receipt is older than {minutes} minutes. Ask the question anew."""

    status = 400


class SuccessorUnknown(NodeError):
    """The members list does not name {successor} as successor of {predecessor}, who must send this.

    No code was carried over. Ask the governing body to put the succession into the list.
    """

    status = 403


class PeerRefusedCall(NodeError):
    """{peer} could not take the question ({code}). It says: {reason}."""

    status = 502


class ReplyUnexpected(NodeError):
    """{peer} answered something else than was asked. Tell {peer}; nothing was taken from it."""

    status = 502


class SealedUnreadable(NodeError):
    """What was sealed opens with none of the keys it may be sealed to, or not for this passage.

    It was altered on the way, or sealed to a key that is no longer ours. Compare the members lists
    in force on both sides; ask again.
    """

    status = 400


class SealedMalformed(NodeError):
    """What was sealed is no message: its {part} is not in its form. Compare it with docs/protocol.

    Nothing was done.
    """

    status = 400


class RelayNotListed(NodeError):
    """The members list does not name {relay} as the relay of {holder}.

    Compare the members lists in force on both sides.
    """

    status = 403


class RelayTooLarge(NodeError):
    """Sealed, the message is longer than the {limit} bytes a relay takes.

    Send less at once, or agree on a line without a relay.
    """

    status = 413


class RelayRefused(NodeError):
    """The relay {relay} did not bring the question to {peer} ({code}). It says: {reason}."""

    status = 502


class ReleaseUnknown(NodeError):
    """The release {release} of the standard cannot be used here on {on} (those that can: {known}).

    Name one of these in PF-Release, or put the file of the release into the folder `releases` of
    the site and start it again.
    """

    status = 400


class ReleaseNotShared(NodeError):
    """{peer} accepts the releases {theirs} of the standard, of which this site has none ({ours}).

    Get the file of one of them from its issuer, put it into the folder `releases` and start the
    site again. Nothing was sent.
    """

    status = 400


class ReleaseDiffers(NodeError):
    """{peer} answered in the release {theirs} of the standard; it was asked in {ours}.

    Nothing was taken from its answer. Tell {peer}.
    """

    status = 502


class BulkDiffers(NodeError):
    """The batch is {order} and holds {persons} persons; the inquiry says {said}.

    Nothing was converted and nothing read. Somebody changed one of the two, or mixed two inquiries.
    """

    status = 422


class BulkReceiptsDiffer(NodeError):
    """There are {found} receipts for {persons} persons. Nothing was read.

    Each place of a batch has its receipt, or an empty text where the log operator gave none.
    """

    status = 422


class BulkAnswerDiffers(NodeError):
    """{peer} answered about {found} persons; {wanted} were asked about. Nothing of it is used.

    Tell {peer}: its answer is signed.
    """

    status = 502
