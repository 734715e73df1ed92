"""What the app room raises."""

from renkei.kit import NodeError


class SettingsMissing(NodeError):
    """The settings file {file} cannot be read: {reason}. Give its path with --settings."""


class SettingsDefective(NodeError):
    """The settings file {file} is defective: {defect}. See docs/settings.md for every setting."""


class KeysMissing(NodeError):
    """The key file {file} is missing. Make the site's keys with `renkei init`."""


class KeysExposed(NodeError):
    """The key file {file} can be read by others. Give it mode 0600 and renew the key."""


class KeyNotSealed(NodeError):
    """The key file {file} is not sealed, though its folder is locked. It was not used.

    Run `renkei keys lock` again if a lock was interrupted; if not, find out who put it there.
    """


class LockKeyMissing(NodeError):
    """The key that opens this site's keys is not at {file}. Bring the medium, or the credential."""

    status = 503


class KeysLocked(NodeError):
    """The keys are locked by {by} already. Run `renkei keys unlock` first, to lock them anew."""

    status = 409


class LockBeside(NodeError):
    """{file} lies in the folder of the keys it would seal. Name a place that is kept elsewhere."""

    status = 400


class NatsNotSet(NodeError):
    """Letters shall travel over NATS, and the settings name no server. Add the table `nats`."""

    status = 400


class RoleWrong(NodeError):
    """This settings file is for the role {role}; start it with `renkei {command}`."""


class RegistrarWanted(NodeError):
    """This command works at the registrar, and the settings file is for the role {role}.

    Name the registrar's settings with --settings.
    """


class NumbersDrawnElsewhere(NodeError):
    """This registrar draws no personal numbers; they are drawn elsewhere, and one of ours could be
    somebody's already.

    Take in what was issued (`renkei registrar load`), or set `registrar.numbers` to "here".
    """


class CorporateFileWrong(NodeError):
    """Line {line} of {file} cannot be taken in: {reason}

    Put it right and load the file again: what is in already is not taken in twice.
    """

    status = 400


class SyntheticRefused(NodeError):
    """The file {file} says that it is made up, and this site is in production: not loaded."""

    status = 409


class VisitorsTooMany(NodeError):
    """This address asks more than {rate} times a second. Ask again in {seconds} s."""

    status = 429


class VerifierMissing(NodeError):
    """This node is no recognised verifier (署名検証者): it cannot tell whose a certificate is.

    Check by the four basic items, or set `verifier` to what the recognised verifier was given.
    """

    status = 409


class ChallengeWrong(NodeError):
    """What was signed is not what this node asked this unit to have signed, or it is too late.

    Ask for a new challenge; nobody was proven.
    """

    status = 400


class TokenRefused(NodeError):
    """The token does not belong to {who}. Give the token of the settings in the header {header}."""

    status = 401

    def __init__(self, *, who: str, header: str, is_shown: bool = True) -> None:
        """Keep whether a token was shown at all: who shows none has not shown a wrong one."""
        self.is_shown = is_shown
        super().__init__(who=who, header=header)


class RepresentationElsewhere(NodeError):
    """Another house ({holder}) is asked for who is logged in, and not for anybody else.

    Whether somebody may act for the person that house alone can look into: ask at its own portal.
    """

    status = 403


class UnitNoPortal(NodeError):
    """The unit {unit} is no portal: it may not ask who looked at a person's data.

    Name it in the settings under `usage.units`.
    """

    status = 403


class PersonWithoutCode(NodeError):
    """No linkage code was issued here for this person: what was entered cannot be found by person.

    Have the code issued (`renkei codes`), then ask again.
    """

    status = 409


class QuestionsTooMany(NodeError):
    """More questions came than {key} may have, {rate} a second. Try again in {seconds} s."""

    status = 429


class NodeBusy(NodeError):
    """This node is busy, and too much of this client waits already. Try again in {seconds} s."""

    status = 429


class NodeDraining(NodeError):
    """This node is about to stop and takes nothing new. Send it again in {seconds} s."""

    status = 503


class LogKeeperStopped(NodeError):
    """The keeper of the log has stopped; entries are kept, but get no place. Restart the node."""

    status = 503


class LogBehind(NodeError):
    """The log was not kept for {seconds} seconds; entries wait for their place.

    Look at the database, and at the free space below the setting `state`.
    """

    status = 503


class TaskUnknown(NodeError):
    """There is no task {number} of this client. Use the number the node answered with."""

    status = 404


class TaskExpired(NodeError):
    """The task {number} could not be answered before it expired. Nothing was told; ask anew."""

    status = 410


class InstanceUnknown(NodeError):
    """No member of that instance is known here; our own instance is {ours}."""

    status = 404


class HeaderBlockWrong(NodeError):
    """The header block {name} of the X-Road message protocol 4.0 is missing or wrong."""

    status = 400


class WrapperDiffers(NodeError):
    """The element in the body is not called as the service the header block names.

    Its name begins with the service's code; a right to one service is none to another.
    """

    status = 400


class EnvelopeDiffers(NodeError):
    """The block {name} of the envelope is not what the message around it says.

    A system that is asked in SOAP believes the envelope: it must name the client that asks.
    """

    status = 400


class PasswordWouldTravel(NodeError):
    """The password in the envelope would travel to the system behind the other node.

    Prove the unit in the header Authorization, or by a UsernameToken with a digest.
    """

    status = 401


class OperationUnknown(NodeError):
    """This unit has no such operation. Its WSDL, at this address with ?wsdl, names them all."""

    status = 404


class SchemaBroken(NodeError):
    """The element {name} does not fit the schema of the unit (line {line}).

    Check the message against the WSDL; nothing was asked.
    """

    status = 400


class MembersMissing(NodeError):
    """The members list cannot be had from {file} ({reason}).

    One that is in force stays so until its end. Check the setting `directory` or `members`, and
    whether the directory answers.
    """


class ListNotTaken(NodeError):
    """A newer members list could not be put in force here ({reason}). It is tried again.

    Look at the log, the database and the free space of this site.
    """


class KeysNotNext(NodeError):
    """No new keys wait in {folder}. Make them with `renkei keys rotate` first."""


class KeysNotListed(NodeError):
    """The members list in force (version {version}) does not name the new keys.

    Hand the public row to the authority; once its list is in force here, finish.
    """


class PathUnknown(NodeError):
    """There is no {path} at this door. The paths are in docs/protocol."""

    status = 404


class NothingEntered(NodeError):
    """No open entry of a person is known here under the inquiry {inquiry}."""

    status = 404


class ExchangeUnknown(NodeError):
    """Nothing that may be shown is entered here under the request {request}. What was entered just
    now waits a moment for its place in the log.
    """

    status = 404


class FileExists(NodeError):
    """{file} exists already and was left as it is. Choose another folder, or remove it first."""


class ScenarioUnreadable(NodeError):
    """The scenario {file} cannot be read at: {line}

    A file begins with `title:`, then `model:` and `play:`; see docs/processes/models.md.
    """


class DiagramThere(NodeError):
    """The model {file} has a diagram already. With --again it is made anew, and that one is lost.

    Nothing was written.
    """


class FileUnreadable(NodeError):
    """{file} cannot be used: {reason}"""


class SiteNotStarted(NodeError):
    """The site {site} did not do what it was started for. It said: {said}"""


class DoorTaken(NodeError):
    """The site cannot listen at {address}: {reason}.

    Stop the program that uses the port, or change the setting `doors`.
    """


class BackupNotPlanned(NodeError):
    """No backup is planned: the settings have no `backup`. See docs/settings.md."""


class ArchiveDatabaseMissing(NodeError):
    """The database {name} of the separate archive does not exist and cannot be made: {reason}.

    Let its operator create it, owned by this login.
    """


class RetentionNotConfirmed(NodeError):
    """Most rules of retention are proposals. Look at `renkei retention show`, then add --yes.

    Nothing was moved or removed.
    """


class QuestionUnknown(NodeError):
    """There is no {message} here, or not any more. Go back to the overview."""

    status = 404


class SignInRefused(NodeError):
    """The staff number or the password is wrong. Check both, and that Caps Lock is off."""

    status = 401


class SignInsTooMany(NodeError):
    """Too many failed sign-ins. Wait {minutes} minutes, then try again."""

    status = 429


class TrustedKeyMissing(NodeError):
    """There is no key to verify by. Give --key, or --members with --authority, or a --policy.

    The policy must name the log. Get the key from elsewhere than the file that is verified.
    """


class EditionTaken(NodeError):
    """{file}: another release is called {edition} already, with another table of provisions.

    Raise `edition` in its standard.yaml and release it anew: nobody would decide by its rows.
    """


class FormStale(NodeError):
    """This form is no longer valid, and nothing was done. Open the page again and repeat it."""

    status = 403


class StaffRoleMissing(NodeError):
    """This page is for the role {roles}. Ask whoever keeps the settings for it, or go back."""

    status = 403


class StaffRightMissing(NodeError):
    """This was not done: {said} Whoever keeps the settings gives roles, units and office hours."""

    status = 403


class HouseWithoutOverlay(NodeError):
    """This draft is one of the house, but no overlay was named. Name the house's own (overlays)."""


class AmendmentUnreadable(NodeError):
    """{file} is no signed record of an approved draft ({reason}). Export it again."""


class AmendmentElsewhere(NodeError):
    """These files would make the table {found}, but the table {approved} was approved.

    They have changed since: have the draft saved over the table of today, and approved again.
    Nothing was written.
    """


class AmendmentStranger(NodeError):
    """This record is of a draft of {organisation}, not of {tenant}. Apply it at its own site."""


class SourceMissing(NodeError):
    """This draft changes the standard. Name the folder of the standard to change (--source)."""


class PasswordShort(NodeError):
    """The password is too short. Choose one of at least {least} characters."""


class OversightNotAlone(NodeError):
    """Whoever oversees has no other role. Give {name} the role oversight alone, or none of it."""


class FileChanged(NodeError):
    """{file} was changed while it was read, and was not taken in. Deliver it anew."""

    status = 409


class ConsumerMoved(NodeError):
    """Another process served the subscription {name} at the same time. Nothing was told twice.

    If it happens often, two nodes run on one database.
    """

    status = 409


class FolderEmpty(NodeError):
    """{folder} holds no file that is named after an entity, e.g. resident.csv. Check the folder."""

    status = 404


class DeliveryUnknown(NodeError):
    """No delivery is known here under the number {delivery}. Go back to the list."""

    status = 404


class DeliveriesBusy(NodeError):
    """{most} deliveries are coming in already. Deliver it again in a moment."""

    status = 503


class DeliveryDigestMissing(NodeError):
    """The delivery announces no digest. Send the header Content-Digest: sha-256=:…:."""

    status = 400


class UrlUnusable(NodeError):
    """Nothing can be delivered to {url}. Give http:// or https:// with a host, and no password."""

    status = 400


class DeliveryDigestDiffers(NodeError):
    """The {size} bytes that came are not those the header Content-Digest announces. Send anew."""

    status = 400


class DeliveryTermsMalformed(NodeError):
    """The parameter {term} is missing or not in its form. Give on=YYYY-MM-DD, and difference=1."""

    status = 400


class NoticeNotYours(NodeError):
    """Records of {unit} are told by that unit to its own node. Nothing was taken."""

    status = 403


class NoticeBlocked(NodeError):
    """The notice was not taken: {errors} errors, the first is {first}. Correct it, send it again.

    All findings stand in the book of deliveries.
    """

    status = 422


class SpoolFull(NodeError):
    """The delivery could not be put down: {reason}. Free space below the setting `state`."""

    status = 507


class ParameterMalformed(NodeError):
    """The parameter {name} is malformed. Give {wanted}."""

    status = 400


class JobsMalformed(NodeError):
    """This is no request about jobs: {problem}. See /openapi.json."""

    status = 400


class JobNotOurs(NodeError):
    """The job {name} is not for unit {unit}. Its name begins with the number of its unit."""

    status = 403


class ReviewRefused(NodeError):
    """The two records are not shown: {reason}. Have the table of provisions looked at."""

    status = 403


class ExtractsBusy(NodeError):
    """{limit} extracts are running here already. Try again when one of them has ended."""

    status = 503


class ExtractStopped(NodeError):
    """The process that wrote the extract ended with code {code}. No file was made.

    Look into the node's log and at the free memory and disk of the machine, then run it again.
    """

    status = 503


class ServiceReserved(NodeError):
    """The service {service} of the settings has a name of the standard or of a metaservice.

    What is about a person is asked under the law and answered from the store. Give the service
    another name.
    """


class DescriptionDefective(NodeError):
    """The description of {service} cannot be used: {defect}.

    It must be OpenAPI 3 in JSON or YAML, or WSDL 1.1, at most 4 MiB, where the settings say.
    """

    status = 502


class TokenMethodWrong(NodeError):
    """Tokens are fetched with POST. Send the form as the body of a POST."""

    status = 405


class FormMalformed(NodeError):
    """The token request is no form. Send application/x-www-form-urlencoded, nothing in the query.

    UTF-8, at most {limit} parameters, each with its name.
    """

    status = 400


class ParameterTwice(NodeError):
    """The parameter {name} stands there more than once. Send it once."""

    status = 400


class ClientProofNotAlone(NodeError):
    """The client proves itself in another way too. Send the client assertion alone.

    No Authorization header, no client_secret, and as client_id none but that of the assertion.
    """

    status = 400


class ClientUnproven(NodeError):
    """No client assertion of the type jwt-bearer came with the token request. Send one.

    The parameters are client_assertion_type and client_assertion.
    """

    status = 401


class GrantTypeUnsupported(NodeError):
    """This endpoint issues tokens for the grant type {grant} only."""

    status = 400


class ScopeUnknown(NodeError):
    """The scope is none this client may have. Leave it out, or choose from: {scope}."""

    status = 400


class FileManifestMalformed(NodeError):
    """The manifest cannot be read: {defect}. Its members are in docs/protocol/files.md."""

    status = 400


class FileNameRefused(NodeError):
    """The name {name} is not taken here. Wanted is: {wanted}"""

    status = 400


class FileMissing(NodeError):
    """The file {file} did not come within {minutes} minutes of its manifest. Write it first."""

    status = 404


class FileNotPlain(NodeError):
    """{file} is a link, a folder or the like. Put a plain file there."""

    status = 400


class FileTooLarge(NodeError):
    """The file is larger than {limit}, bytes or questions. Divide it."""

    status = 413


class FileDiffers(NodeError):
    """The file is not the one of its manifest: {part} is {found}, not {stated}. Write both anew."""

    status = 400


class FileMisplaced(NodeError):
    """The manifest says {stated} as {part}, and its folder is that of {wanted}."""

    status = 403


class FileEncodingWrong(NodeError):
    """Line {line} is no text in {charset}. Write the file in UTF-8 or Windows-31J throughout."""

    status = 400


class FileHeaderWrong(NodeError):
    """The header is not that of the interface. Wanted is: {wanted}"""

    status = 400


class FileLineBroken(NodeError):
    """The line does not hold {wanted} values, each on one line and without control characters."""

    status = 400


class FileMessageTwice(NodeError):
    """The message id of this line stands before it. Give each question its own, or none."""

    status = 400


class PlaceUnreachable(NodeError):
    """The place {place} does not take or give files: {reason}. Check it and its credentials."""

    status = 503


class SandboxDiffers(NodeError):
    """The sandbox in {folder} was founded with other people: --people {people} --seed {seed}.

    Give the same ones, or another --folder.
    """


class SandboxFolderTaken(NodeError):
    """The folder {folder} holds something that is no sandbox: it has no {note}.

    Give an empty one or none that exists with --folder. Nothing was changed.
    """


class PortTaken(NodeError):
    """Port {port} is taken; perhaps this sandbox runs already. Stop it, or give another --port."""


class TrialPageUnknown(NodeError):
    """There is no such page here. The services that can be tried stand on /try/."""

    status = 404


class ProviderMalformed(NodeError):
    """{given} names no system. Write UNIT/SERVICE=ADDRESS, e.g. 31/a=http://127.0.0.1:9000."""


class BodyNotSealed(NodeError):
    """The {kind} falls under the policy {policy} and could not be kept: {reason}.

    What must be kept is not passed on. Make room in the folder of `bodies`, then send it again.
    """

    status = 503


class SealedBodyDamaged(NodeError):
    """The sealed body cannot be opened: {reason}. It was altered, cut off or belongs elsewhere."""


class CustodianKeyDiffers(NodeError):
    """The body is sealed to the key {found}, not to yours, {given}. Take the key of that time."""


class BodyDiffers(NodeError):
    """The {kind} opened to another body than the entry {index} says. Do not rely on it."""


class EvidenceBroken(NodeError):
    """The evidence does not hold: {defect}. Nothing was opened; see `verify.py` for all of it."""


class BodiesMissing(NodeError):
    """No sealed body of {request} is here: none was kept, or its time has passed."""


class ReleaseIncomplete(NodeError):
    """Sealed bodies leave only with a word on it: say {missing}. Nothing was written."""


class SignInStale(NodeError):
    """This sign-in was not begun in this browser, or too long ago, or is over. Begin it anew."""

    status = 400


class SignInIssuerMixed(NodeError):
    """The answer came from another issuer than {issuer}, where the sign-in was begun.

    Nothing was taken from it. Tell whoever keeps the settings.
    """

    status = 400


class SignInDeclined(NodeError):
    """{issuer} did not vouch for you: {reason}. Try again, or ask whoever runs it."""

    status = 401


class SignInWithoutRole(NodeError):
    """{issuer} vouched for you, but you have no role here. Ask whoever keeps the settings."""

    status = 403


class SignInNotOurs(NodeError):
    """Another issuer vouched for you here, and that is not passed on. Sign in where you belong."""

    status = 403


class IssuerUnreachable(NodeError):
    """{issuer} cannot be reached ({reason}). Try again later, or sign in by password."""

    status = 502


class IssuerAnswerWrong(NodeError):
    """{issuer} answered what cannot be used: {part}. Whoever keeps the settings must look at it."""

    status = 502


class SignInClientUnknown(NodeError):
    """This site does not vouch for its staff to {client}. Whoever keeps its settings can say so."""

    status = 400


class SignInRedirectUnknown(NodeError):
    """{client} asked to be answered at an address that is not its own. Nothing was sent there."""

    status = 400


class SignInCodeWrong(NodeError):
    """The code is unknown, used, past, or of another client, address or verifier. Begin anew."""

    status = 400


class FactorInUse(NodeError):
    """No factor of {organisation} has ended here; nothing was destroyed.

    Wait for its end, or name the version: its codes die at once.
    """

    status = 409


class NothingToRotate(NodeError):
    """The list names one version of our codes: {versions}. Nothing was changed.

    Ask both converters for a new one, and wait until the list in force names it.
    """

    status = 409


class WitnessStateBusy(NodeError):
    """The witness cannot use its state file: {reason}. Look at the disk, then try again."""

    status = 503


class NothingWitnessed(NodeError):
    """This witness has cosigned no checkpoint of the log whose origin has the hash {origin}."""

    status = 404


class WitnessSilent(NodeError):
    """The witness {witness} gives no answer: {reason}. It is asked again; nothing waits for it."""

    status = 503


class WitnessRefused(NodeError):
    """The witness {witness} does not cosign our log: HTTP {status}, {said}.

    Give its operator our log's verifier key (the `log_key` of our row), and look at its address.
    """

    status = 502


class WitnessLineFalse(NodeError):
    """The answer of the witness {witness} holds no cosignature by the key the settings name.

    Get its keys anew from its operator, by another way than this line.
    """

    status = 502


class WitnessWentBack(NodeError):
    """The witness {witness} names the size {size} of {log}; it cosigned {before}. It was set back.

    Ask its operator. What it cosigns from now on proves less: it may cosign another history too.
    """

    status = 502


class WitnessSawMore(NodeError):
    """The witness {witness} has cosigned {log} at {size}; here it has {ours} entries.

    Entries are missing here: was the site restored? Stop it, and tell the oversight body.
    """

    status = 409


class WitnessSawFork(NodeError):
    """The witness {witness} finds that {log} at {size} does not continue what it cosigned.

    Run `renkei verify` on the published log, stop the site, and tell the oversight body.
    """

    status = 409


class TimeStampMissing(NodeError):
    """The time-stamping authority gives none: {reason}. It is asked again; nothing waits for it."""

    status = 503


class TimeStampFalse(NodeError):
    """The time stamp {file} does not hold: {reason}. Compare the certificates it is believed by."""

    status = 502


class ExchangesUnasked(NodeError):
    """It cannot be told which day is meant. Write day=YYYY-MM-DD and, of a page, what it named."""

    status = 400


class FindingsWrong(NodeError):
    """This tells nothing found in a comparison of logs: look at its {part} (RK-48.7)."""

    status = 400


class BulkListWrong(NodeError):
    """Person {person} of the list is wrong: {reason}. Nothing of the list was taken.

    Person 0 stands for the list as a whole, such as its form or its header.
    """

    status = 400


class BulkListEmpty(NodeError):
    """The list names nobody. Nothing was taken."""

    status = 400


class BulkListLarge(NodeError):
    """The list names {found} persons; {limit} are the most of one inquiry. Divide it."""

    status = 413


class BulkPersonTwice(NodeError):
    """Person {second} of the list is person {first} again. Name each one once."""

    status = 400


class BulkSetSmall(NodeError):
    """The list names {found} persons; in a secret order at least {least} hide each other.

    Ask about more, or in order.
    """

    status = 400


class BulkUnanswered(NodeError):
    """Of {persons} persons {answered} are answered; the answer is given when all are. Ask again."""

    status = 409


class BulkNotOfStaff(NodeError):
    """There is no member of staff {number} in the settings. Give --by one who may ask."""

    status = 403


class CaseOfficialUnknown(NodeError):
    """`{number}` is no member of staff of this site. Give `--by`; `renkei staff` makes an entry."""

    status = 403


class LetterAwaited(NodeError):
    """At {element} a letter of another body is awaited, which comes by itself. Ask that body."""

    status = 409


class NothingWaitsThere(NodeError):
    """The case waits for nothing at {element}. It waits at: {waits}."""

    status = 409


class ValueUnreadable(NodeError):
    """`{given}` is no NAME=VALUE. A value is written as in FEEL: 12, true, "text"."""

    status = 400


class DefinitionNotNamed(NodeError):
    """`{given}` is the beginning of {count} definitions here. Give more of the hash."""

    status = 400


class ModelDefective(NodeError):
    """The model {file} has {count} errors, the first in line {line}: {clause}.

    `renkei process lint` says what to do; nothing was put in force.
    """

    status = 400


class TokenNotNamed(NodeError):
    """{count} tokens rest at {element}: {places}. Say which by `--place`."""

    status = 409


class ProposalEmpty(NodeError):
    """Nothing would change. Change a value, or leave the page."""

    status = 400


class StepUnreadable(NodeError):
    """`{step}` is no step. Write `done ELEMENT name=VALUE`, `pass P30D`, `message NAME KEY`."""

    status = 400


class StepsTooMany(NodeError):
    """A trial has at most {most} steps of {longest} characters each. Try fewer."""

    status = 400
