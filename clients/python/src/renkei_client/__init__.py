"""Asks a Renkei node what other organisations hold, as a business system of the own house.

Words: *question*, *reply* (how it ended lawfully), *fault* (it did not happen), *task* (a question
nobody waits for). Promise: nothing is sent twice that could have an effect twice.
"""

from renkei_client.client import Client
from renkei_client.errors import ClientError, NodeFault, NodeUnreachable, ReplyLost, ReplyMalformed
from renkei_client.messages import Question, Task
from renkei_client.metadata import Change, Changes, Method, Participant
from renkei_client.record import Record, Value
from renkei_client.replies import (
    Answer,
    CodeNotIssued,
    Loss,
    NotHeld,
    Proof,
    Refused,
    Reply,
    SubjectUnknown,
)

__all__ = [
    "Answer",
    "Change",
    "Changes",
    "Client",
    "ClientError",
    "CodeNotIssued",
    "Loss",
    "Method",
    "NodeFault",
    "NodeUnreachable",
    "NotHeld",
    "Participant",
    "Proof",
    "Question",
    "Record",
    "Refused",
    "Reply",
    "ReplyLost",
    "ReplyMalformed",
    "SubjectUnknown",
    "Task",
    "Value",
]
