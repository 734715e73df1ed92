"""What the exchange room raises. No fact repeats a value a sender wrote, only its name."""

from renkei.kit import NodeError


class AddressIncomplete(NodeError):
    """The address has {parts} parts and needs {wanted}.

    Write /r1/instance/class/member/subsystem/service, and a client as
    instance/class/member or instance/class/member/subsystem.
    """

    status = 400


class AddressMalformed(NodeError):
    """The part {part} of the address is empty, too long or holds a character not allowed there.

    Encode each part once as UTF-8 in percent form. Controls, spaces, percent signs, colons,
    semicolons, slashes and backslashes are not allowed in it.
    """

    status = 400


class AddressUnsafe(NodeError):
    """The part {part} of the address holds dot segments, an empty segment or a second encoding.

    Write the path as it is meant; it is not resolved.
    """

    status = 400


class MemberClassUnknown(NodeError):
    """The member class in {part} is none of {known}. Write one of them."""

    status = 400


class MemberCodeWrong(NodeError):
    """The member code after the class {member_class} is not a number of that class.

    MUN and PREF take the 6-digit organisation code, GOV and COM the 13-digit corporate number;
    check the digits and the check digit.
    """

    status = 400


class HeaderMissing(NodeError):
    """The header {name} is missing. Send it with every message."""

    status = 400


class HeaderTwice(NodeError):
    """The header {name} stands there more than once. Send it once."""

    status = 400


class HeaderUnknown(NodeError):
    """The header {name} is not known here.

    Check its spelling: the headers that begin with PF- are a closed list.
    """

    status = 400


class HeaderMalformed(NodeError):
    """The header {name} does not have the form it needs. See the list of headers in the manual."""

    status = 400


class PersonalNumberInHeader(NodeError):
    """The header {name} looks like a personal number, which never travels.

    Send your own number for the person (宛名番号).
    """

    status = 400


class HeadersTooLarge(NodeError):
    """The headers exceed {count} fields or {limit} bytes. Send fewer or shorter headers."""

    status = 431


class BodyTooLarge(NodeError):
    """The body is longer than {limit} bytes. Send it in parts, or ask for a higher limit."""

    status = 413


class BodyLate(NodeError):
    """The body did not arrive within {seconds} seconds. Send it again without pauses."""

    status = 408


class BodyBroken(NodeError):
    """The sender closed the connection before the end of the body.

    Nothing was done; send it again.
    """

    status = 400


class BodyWithoutRoom(NodeError):
    """The body could not be kept while it waits: {reason}. It was passed on to nobody.

    Make room on the disk of the setting `state`.
    """

    status = 507


class SignatureMissing(NodeError):
    """The message carries no signature. Sign it as RFC 9421 says, with the label renkei."""

    status = 401


class SignatureMalformed(NodeError):
    """The header {name} is not a signature in the form used here.

    Exactly one signature with the label renkei, algorithm ecdsa-p256-sha256, and the parameters
    created, keyid, tag and, for requests, nonce.
    """

    status = 401


class SignatureIncomplete(NodeError):
    """The signature does not cover {component}. Cover every component the protocol names."""

    status = 401


class SignatureKeyUnknown(NodeError):
    """The message is signed with a key that nobody registered here.

    Ask the authority for the members list in force.
    """

    status = 401


class SignatureExpired(NodeError):
    """The signature was made more than {seconds} seconds away from this node's time.

    Set both clocks by a time server and sign anew.
    """

    status = 401


class SignatureWrong(NodeError):
    """The signature does not fit the message: a covered part was changed, or the key is another."""

    status = 401


class DigestWrong(NodeError):
    """The body does not have the digest its header Content-Digest states. Send it unchanged."""

    status = 401


class Replayed(NodeError):
    """This very message was received before. Nothing was done a second time; sign a new one."""

    status = 409


class RequestIdReused(NodeError):
    """The X-Road-Id of this request was used by this client before.

    Give each request an id of its own.
    """

    status = 409


class FileIdReused(NodeError):
    """Another file of this client was accepted under the name {id}. Give each file its own name."""

    status = 409


class FileUnknown(NodeError):
    """No file {id} is kept here any more."""

    status = 404


class FileMessagesReused(NodeError):
    """{count} questions have message ids this client used for other ones: {lines} of the file.

    Give each question an id of its own, or leave it empty.
    """

    status = 409


class SoapTypeWrong(NodeError):
    """A SOAP 1.1 message is wanted: Content-Type text/xml, in UTF-8 or UTF-16."""

    status = 415


class SoapMalformed(NodeError):
    """The message is no SOAP 1.1 envelope this node takes: {defect}. Nothing of it was used."""

    status = 400


class SoapVersionDiffers(NodeError):
    """The envelope is of another version of SOAP. Send SOAP 1.1."""

    status = 400


class SoapHeaderUnknown(NodeError):
    """A header block must be understood and is not known here. Send those of the WSDL."""

    status = 400


class PackageMalformed(NodeError):
    """The package around the envelope is none this node takes: {defect}. Nothing of it was used.

    Send multipart/related with the envelope as its first part, lines ended by CR and LF.
    """

    status = 400


class UsernameTokenMalformed(NodeError):
    """The part {part} of the WS-Security UsernameToken is missing, twice, too long or malformed."""

    status = 401


class UsernameTokenExpired(NodeError):
    """The UsernameToken was made more than {seconds} seconds away from this node's time.

    Set both clocks by a time server and make a new token.
    """

    status = 401


class KeyMalformed(NodeError):
    """This is no P-256 key in the form used here.

    A private key is PEM (PKCS#8, unencrypted), a public key base64url of its DER form.
    """


class DestinationUnknown(NodeError):
    """No destination {destination} is registered for letters. Register it first."""


class EndpointMalformed(NodeError):
    """{endpoint} names no endpoint and no client.

    Write an endpoint as `GET /path/*` (`*` for any method, `**` at the end for all below), and a
    client as an organisation's or a unit's address, or `*`.
    """


class MethodNotPassed(NodeError):
    """The method {method} is not one of those that are passed on: {known}."""

    status = 405


class SubjectNotPassed(NodeError):
    """A message that is passed on is about nobody: leave out PF-Subject.

    Questions about a person go to the services of the standard, which the law decides.
    """


class ClientKeyMalformed(NodeError):
    """This is no key a client may sign its assertions with by {algorithm}. Give {wanted}."""

    status = 400


class IdTokenWrong(NodeError):
    """The ID token does not hold: {part}. Nothing it says was used.

    Whoever runs the provider and whoever keeps the settings must compare what they agreed on.
    """

    status = 401


class ProviderUnreachable(NodeError):
    """The system that answers {service} cannot be reached. Whoever runs it must start it."""

    status = 502


class ProviderSilent(NodeError):
    """The system that answers {service} did not answer within {seconds} seconds."""

    status = 504


class ProviderBrokeOff(NodeError):
    """The system that answers {service} broke off its answer, or sent what is no HTTP."""

    status = 502


class ProviderAnswerTooLarge(NodeError):
    """The system that answers {service} sent more than {limit} bytes."""

    status = 502


class ProviderStatusWrong(NodeError):
    """The system that answers {service} answered with the HTTP status {status} and no SOAP."""

    status = 502


class ProviderNotSoap(NodeError):
    """The system that answers {service} answered with what is no SOAP message: {reason}."""

    status = 502


class HeadersInconsistent(NodeError):
    """The answer of {service} does not repeat the header block {name} of the question.

    Whoever runs the system must let it repeat the blocks of the question with their values.
    """

    status = 502


class ClientAssertionMalformed(NodeError):
    """The client assertion is no signed JWT with iss, sub, aud, exp and jti.

    Send one of at most {limit} characters, its jti of at most 255, with no crit in its header.
    """

    status = 401


class ClientAssertionWrong(NodeError):
    """The client assertion is not signed with the key and algorithm registered for its client.

    Check the client id in iss and sub, alg, and the key.
    """

    status = 401


class ClientAssertionAudienceWrong(NodeError):
    """The client assertion is not meant for this node alone. Write {audience} into aud."""

    status = 401


class ClientAssertionTimeWrong(NodeError):
    """The time {claim} of the client assertion is past, to come, or more than {seconds} s away.

    Set the clock by a time server and sign a new assertion.
    """

    status = 401


class AccessTokenWrong(NodeError):
    """The access token was not issued here to this unit and for this mode. Fetch one at /token."""

    status = 401


class AccessTokenExpired(NodeError):
    """The access token has expired. Fetch a new one at /token and send the message again."""

    status = 401


class ScopeInsufficient(NodeError):
    """The access token does not hold for {wanted}. Fetch one whose scope names it."""

    status = 403


class NatsNotInstalled(NodeError):
    """The settings name a NATS server, and the Python package nats-py is not installed here.

    Install it beside Renkei (`pip install nats-py`), or take the table `nats` out of the settings.
    """


class NatsUnreachable(NodeError):
    """No NATS server answers at {servers}: {reason}.

    Start one with JetStream (Debian: the package nats-server, then `nats-server -js`), or correct
    `nats.servers`. Letters wait meanwhile.
    """


class NatsInClear(NodeError):
    """The NATS server at {servers} offers no TLS; nothing was said to it.

    Letters hold personal data. Give the server a `tls` block, and see whether it is the right one.
    """


class NatsNotTrusted(NodeError):
    """The NATS server at {servers} and this node do not trust each other: {reason}.

    Compare `nats.ca` with what issued the server's certificate, and `nats.certificate` with what
    the server accepts.
    """


class NatsNotLetIn(NodeError):
    """The NATS server at {servers} does not let this node in, or not do that: {reason}.

    Compare `nats.user`, the password file and the certificate with the server's users and their
    permissions (docs/nats.md).
    """


class NatsWithoutJetStream(NodeError):
    """The NATS server at {servers} keeps nothing: JetStream is off, there or for this account.

    Start it with `-js`, or with a `jetstream` block in its configuration.
    """


class NatsStreamMissing(NodeError):
    """There is no stream {stream} at the NATS server yet. The node makes it for its first letter.

    If the node may not, make it with the subjects {subjects} and file storage (docs/nats.md).
    """


class NatsStreamUnfit(NodeError):
    """The stream {stream} at the NATS server is not fit: {defect}. Nothing is published to it.

    It must take exactly {subjects}, keep them in files, and know ids again for {seconds} s.
    """


class NatsFileUnreadable(NodeError):
    """A file the settings name for NATS, {file}, cannot be used: {reason}. Correct `nats`."""


class SubjectUnusable(NodeError):
    """The letters of {destination} have no name NATS could take. Let them be posted by HTTP."""

    status = 400
