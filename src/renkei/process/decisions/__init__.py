"""Decisions by tables and expressions (DMN 1.5): read, checked, made as of a day, explained.

Words: *model* (a DMN file), *decision*, *table*, *rule*, *hit policy*, *input*, *amount* (a dated
value of a book), *book* (models and amounts that follow each other in time), *edition* (a
model with its days), *outcome*, *reason* (why it came out so), *problem* (why a value is null),
*finding*.
Promise: the same model, inputs and amounts give the same value, whoever asks and whenever; every
outcome names the content hash of its model and the rule and article it rests on; nothing in a model
reaches beyond its inputs; whatever goes wrong is a null with its place and its reason.
"""

from renkei.process.decisions.asking import Outcome, evaluate, value_of
from renkei.process.decisions.book_tables import Amount, Period
from renkei.process.decisions.books import Answer, Book, Edition, InForce, open_book
from renkei.process.decisions.checking import check
from renkei.process.decisions.conformance import Miss, Tally, play
from renkei.process.decisions.conformance_report import figures, report
from renkei.process.decisions.errors import (
    BookMalformed,
    DecisionUnknown,
    InputFixed,
    InputsMalformed,
    InputUnfit,
    InputUnknown,
    ModelDeclares,
    ModelForeign,
    ModelImportCircle,
    ModelImportMissing,
    ModelNamedTwice,
    ModelNameless,
    ModelNotXml,
    ModelTooDeep,
    ModelTooLarge,
    ModelUnreadable,
    NothingInForce,
)
from renkei.process.decisions.findings import Finding, Problem
from renkei.process.decisions.inputs import inputs_of, read_inputs
from renkei.process.decisions.models import Model
from renkei.process.decisions.opening import open_file, open_model
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Inputs
from renkei.process.decisions.shipped import shipped_book, shipped_books
from renkei.process.decisions.showing import plain, show
from renkei.process.decisions.trace import DecisionReason, Hit, TableReason
from renkei.process.decisions.wording import circumstances, sentences, why_data

__all__ = [
    "Amount",
    "Answer",
    "Book",
    "BookMalformed",
    "DecisionReason",
    "DecisionUnknown",
    "Edition",
    "Finding",
    "Hit",
    "InForce",
    "InputFixed",
    "InputUnfit",
    "InputUnknown",
    "Inputs",
    "InputsMalformed",
    "Miss",
    "Model",
    "ModelDeclares",
    "ModelForeign",
    "ModelImportCircle",
    "ModelImportMissing",
    "ModelNamedTwice",
    "ModelNameless",
    "ModelNotXml",
    "ModelTooDeep",
    "ModelTooLarge",
    "ModelUnreadable",
    "NothingInForce",
    "Outcome",
    "Period",
    "Place",
    "Problem",
    "TableReason",
    "Tally",
    "check",
    "circumstances",
    "evaluate",
    "figures",
    "inputs_of",
    "open_book",
    "open_file",
    "open_model",
    "plain",
    "play",
    "read_inputs",
    "report",
    "sentences",
    "shipped_book",
    "shipped_books",
    "show",
    "value_of",
    "why_data",
]
