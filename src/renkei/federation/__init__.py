"""Asking and answering other organisations: peers, the line to them, and what they signed.

Words: *member* (an organisation, converter, registrar or log operator in the signed list), *peer*
(a member we ask), *caller* (a member that asks us), *channel*, *door*,
*inquiry* (照会: what is asked, without the person), *desk* (what a member works with),
*membership* (desk and credentials in force now), *line* (to one node of a peer), *anchor* (another
directory that ours names), *fact* (how an inquiry ended), *passage* (of a
sealed question through a *relay*), *way* (of a record between two releases), *loss* (on it).
Promise: peers know each other by certificate; what one organisation says, it signed; a peer that
is down delays only its own answers. No answer without an entry at asker, log operator and holder.
Trust: the members list is believed because its operator signed it; a certificate because the list
names it, and no authority besides; an answer because it is signed for the very question; a
permit of somebody else not at all: every party decides again. A relay is believed nothing but that
it brought what it could not read.
"""

from renkei.federation.anchors import Anchor
from renkei.federation.anchors import check as check_anchors
from renkei.federation.answering import NodeKeys, answer
from renkei.federation.asking import ANSWER, CONVERT, RECEIPT, Counter, Step
from renkei.federation.breaker import FIRST_PAUSE
from renkei.federation.channel import Channel, Reply, body_of
from renkei.federation.desk import Desk
from renkei.federation.door import Caller, door, fault, sign
from renkei.federation.door import receive as received
from renkei.federation.errors import (
    CallerNotEntitled,
    DirectoryExpired,
    InquiryIncomplete,
    InquiryMalformed,
    MembersExpired,
    ModeDiffers,
    NotForUs,
    PeerBrokeOff,
    PeerPaused,
    PeerSilent,
    PeerUnknown,
    PeerUnreachable,
    RelayNotListed,
    RelayTooLarge,
    ReplyUnexpected,
    SealedUnreadable,
    ServiceUnknown,
)
from renkei.federation.following import (
    FOLLOWING,
    CodeFollowed,
    Following,
    FollowingAsked,
    fetch_following,
    follow,
    open_following,
    parse_following_asked,
    take_following,
    tell_following,
)
from renkei.federation.hub import LogKeys, convert, receipt
from renkei.federation.inquiry import (
    KINDS,
    Carried,
    Done,
    Fact,
    Inquiry,
    Outcome,
    Provided,
    Receipted,
    Refused,
    Response,
    parse_carried,
    render,
)
from renkei.federation.issuing import (
    CLOSE,
    CONVERT_ISSUANCE,
    ENROL,
    ISSUE,
    ISSUE_LIMITS,
    ISSUE_SECONDS,
    Acquisition,
    Issued,
    acquire,
    close,
    close_at_log,
    convert_issued,
    enrol,
    issue,
    parse_acquisition,
    parse_issued,
    register,
)
from renkei.federation.lines import LineState
from renkei.federation.listener import server_config
from renkei.federation.member import Member, MemberClass, Node, Service, fingerprint
from renkei.federation.member import check as check_member
from renkei.federation.members import (
    LARGEST_LIST,
    VALID_FOR,
    Members,
    read_members,
    sign_members,
)
from renkei.federation.membership import Membership
from renkei.federation.passage import MOST_SEALED, RELAY, RELAYED, SEALED, Passage
from renkei.federation.passing import (
    Message,
    body_facts,
    depart,
    message_facts,
    number_of,
    travel,
)
from renkei.federation.question import Asked, check_question
from renkei.federation.releases import Releases
from renkei.federation.rotating import (
    QUOTIENT,
    QuotientAsked,
    forget,
    hand_over,
    parse_quotient_asked,
    rotate,
)
from renkei.federation.sealing import SealingKey, seal
from renkei.federation.state import STATE, State, parse_state, state
from renkei.federation.tls import Credentials, caller_fingerprint, new_tls
from renkei.federation.transfer import (
    CONVERT_TRANSFER,
    KEEP_TRANSFER,
    RECEIPT_TRANSFER,
    TransferHeader,
    TransferKept,
    Transferred,
    convert_transfer,
    keep_transfer,
    parse_transferred,
    receipt_transfer,
    transfer,
)

__all__ = [
    "ANSWER",
    "CLOSE",
    "CONVERT",
    "CONVERT_ISSUANCE",
    "CONVERT_TRANSFER",
    "ENROL",
    "FIRST_PAUSE",
    "FOLLOWING",
    "ISSUE",
    "ISSUE_LIMITS",
    "ISSUE_SECONDS",
    "KEEP_TRANSFER",
    "KINDS",
    "LARGEST_LIST",
    "MOST_SEALED",
    "QUOTIENT",
    "RECEIPT",
    "RECEIPT_TRANSFER",
    "RELAY",
    "RELAYED",
    "SEALED",
    "STATE",
    "VALID_FOR",
    "Acquisition",
    "Anchor",
    "Asked",
    "Caller",
    "CallerNotEntitled",
    "Carried",
    "Channel",
    "CodeFollowed",
    "Counter",
    "Credentials",
    "Desk",
    "DirectoryExpired",
    "Done",
    "Fact",
    "Following",
    "FollowingAsked",
    "Inquiry",
    "InquiryIncomplete",
    "InquiryMalformed",
    "Issued",
    "LineState",
    "LogKeys",
    "Member",
    "MemberClass",
    "Members",
    "MembersExpired",
    "Membership",
    "Message",
    "ModeDiffers",
    "Node",
    "NodeKeys",
    "NotForUs",
    "Outcome",
    "Passage",
    "PeerBrokeOff",
    "PeerPaused",
    "PeerSilent",
    "PeerUnknown",
    "PeerUnreachable",
    "Provided",
    "QuotientAsked",
    "Receipted",
    "Refused",
    "RelayNotListed",
    "RelayTooLarge",
    "Releases",
    "Reply",
    "ReplyUnexpected",
    "Response",
    "SealedUnreadable",
    "SealingKey",
    "Service",
    "ServiceUnknown",
    "State",
    "Step",
    "TransferHeader",
    "TransferKept",
    "Transferred",
    "acquire",
    "answer",
    "body_facts",
    "body_of",
    "caller_fingerprint",
    "check_anchors",
    "check_member",
    "check_question",
    "close",
    "close_at_log",
    "convert",
    "convert_issued",
    "convert_transfer",
    "depart",
    "door",
    "enrol",
    "fault",
    "fetch_following",
    "fingerprint",
    "follow",
    "forget",
    "hand_over",
    "issue",
    "keep_transfer",
    "message_facts",
    "new_tls",
    "number_of",
    "open_following",
    "parse_acquisition",
    "parse_carried",
    "parse_following_asked",
    "parse_issued",
    "parse_quotient_asked",
    "parse_state",
    "parse_transferred",
    "read_members",
    "receipt",
    "receipt_transfer",
    "received",
    "register",
    "render",
    "rotate",
    "seal",
    "server_config",
    "sign",
    "sign_members",
    "state",
    "take_following",
    "tell_following",
    "transfer",
    "travel",
]
