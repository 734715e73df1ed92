"""What this room raises. A defect in a delivered file is a finding, not an error."""

from renkei.kit import NodeError


class ItemNotInEntity(NodeError):
    """The entity {entity} has no item {item}. Check the name against the standard."""

    status = 404


class RecordKeyIncomplete(NodeError):
    """A record of {entity} is named by exactly these items: {key}. Give each of them a value."""

    status = 400


class SnapshotOlder(NodeError):
    """The snapshot of {entity} states {on}, but the one of {last} is already loaded.

    Snapshots go in by their day; load a newer one, or correct {last} with a new file for that day.
    """

    status = 409


class LoadNotLater(NodeError):
    """A load of {entity} is recorded at {last}, which is not before {at}.

    What was known when is told apart by these times: check the clock, then load again.
    """

    status = 409


class DifferenceRepeated(NodeError):
    """Difference {number} of {entity} came after difference {last} was loaded. Nothing changed.

    Differences go in by their numbers, each once. If its content was corrected, deliver the
    correction as the next difference or as a snapshot.
    """

    status = 409


class DifferenceMissing(NodeError):
    """Difference {number} of {entity} came, but {wanted} is the next one. Nothing changed.

    Load what is missing first, in its order; if it is lost, load a snapshot.
    """

    status = 409


class LoadInterrupted(NodeError):
    """The load of {entity} stopped in the database: {reason}. Nothing of it was kept.

    Check the database's disk and log, then load the same file again.
    """

    status = 503


class NoRoomAside(NodeError):
    """What a load sets aside could not be written to the folder of temporary files: {reason}.

    Make room there, or name another folder by TMPDIR, then load the file again.
    """

    status = 507


class LookupsFull(NodeError):
    """{limit} look-ups are waiting already. Ask again in a moment."""

    status = 503


class LookupsStopped(NodeError):
    """This node is stopping and answers no more look-ups. Ask again once it has started."""

    status = 503


class PermitElsewhere(NodeError):
    """The permit is for records of {holder}, and these are of {tenant}. Nothing was read."""

    status = 403


class ColumnTypeDiffers(NodeError):
    """The column {column} of {table} is of type {found}, but the standard says {wanted}.

    Write the values anew by the skeleton that `renkei standard diff` makes; nothing was changed.
    """


class PositionBackwards(NodeError):
    """The consumer {name} has read beyond the load {load} and cannot go back.

    Read again under another name, or end the consumer and begin it anew.
    """

    status = 409


class SubscriptionExists(NodeError):
    """There is a subscription {name} already. Remove it first, or leave it as it is."""

    status = 409


class SubscriptionUnknown(NodeError):
    """There is no subscription {name}. See `renkei subscriptions list`."""

    status = 404


class ItemNotListed(NodeError):
    """Records of {entity} are not found by {item}, but by their key and by: {listed}."""

    status = 400


class DigestsMalformed(NodeError):
    """This is no file of digests: {reason}. Make it anew with `renkei digest`."""

    status = 400


class SelectionUnfit(NodeError):
    """Records of {entity} are not selected by {item} like this; its way is {way}.

    `whole` wants the whole value, `beginning` the value or how it begins, `span` the value or a
    first and a last day. None of them may be empty.
    """

    status = 400


class TooManyFound(NodeError):
    """More than {most} records of {entity} have this {item}. Ask for them as a list, in pages."""

    status = 400


class SelectionNotPermitted(NodeError):
    """The permit does not name {item}, so records of {entity} are not looked for by it."""

    status = 403


class CursorStrange(NodeError):
    """{after}… is not a place in this list. Give `after` as the page before gave it, unchanged."""

    status = 400


class DigestsElsewhere(NodeError):
    """The digests are of {theirs} or of other items than {entity} has here.

    Make them anew with `renkei digest` for this organisation, by the edition of the standard that
    is in force here.
    """

    status = 409


class RetentionRuleDefective(NodeError):
    """The retention rules in {file}, line {line}, are defective: {defect}. Nothing was removed."""


class RetentionRightMissing(NodeError):
    """This login may not remove records past their time: it is no member of `renkei_retention`.

    Let its operator run GRANT renkei_retention TO the login, or run this with another one.
    """

    status = 403


class OrderIncomplete(NodeError):
    """An order to erase names its document number, its basis and who carries it out."""

    status = 400
