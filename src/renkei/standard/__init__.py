"""The standard as data: units, entities, items, code lists, interfaces, procedures.

Purpose: what an organisation's records are called, how they are written, who gives them to whom and
under which provision stands in YAML and TSV files under `catalogue/`; everything else is generated
from there. Words: *unit*, *entity*, *item*, *code list*, *rule*, *flow*, *interface*, *procedure*,
*provision*, *edition*, *overlay*, *finding*.
More doors: `rules` (how a value is written), `row_rules` and `judgement` (what holds between values
and records), `generate` (what is made from a catalogue), `site` (its documentation), `synthetic` (a
town of invented people), `characters` (what letters a system can hold), `releases`, `differences`,
`mediation`, `skeleton` (editions).
Promise: a catalogue is used only when nothing in it is in doubt; one folder compiles to one
version on every machine; every output is a pure function of the catalogue.
Trust: this is a reference model of our own, never the official text. Each definition says whether
its name and meaning were read in the source it names (`verified`) or are ours (`proposed`); types
and digits are ours wherever the source states none. Codes of ours begin with 99 after JM, JT, TM.
"""

from renkei.standard import rules
from renkei.standard.compiled import (
    catalogue,
    check_catalogue,
    compile_catalogue,
    read_compiled,
    shipped_folder,
)
from renkei.standard.content import Catalogue, Content, Edition, grouped
from renkei.standard.dates import NOTIFIED_DAY
from renkei.standard.deliveries import CHANGE, DeliveryChange, difference_of
from renkei.standard.errors import (
    CatalogueFaulty,
    CompiledDamaged,
    DefinitionUnknown,
    NoticeMalformed,
)
from renkei.standard.findings import Finding, Place
from renkei.standard.linkage import (
    ALL,
    OWN,
    Channel,
    Condition,
    Document,
    Fault,
    Flow,
    Information,
    Interface,
    ItemTerm,
    OwnUse,
    Parameter,
    Party,
    Procedure,
    Provision,
    SubjectRelation,
    Timing,
    YearRule,
)
from renkei.standard.model import (
    Care,
    CodeList,
    CodeMapping,
    CodePair,
    CodeValue,
    Entity,
    Function,
    Handling,
    Item,
    ItemType,
    Provenance,
    Relation,
    Standardised,
    Subunit,
    Term,
    Unit,
)
from renkei.standard.public_processes import PublicProcess, public_processes
from renkei.standard.row_rules import BeWithheldFrom, LeaveOnlyIf, Level, Rule, Use, When

__all__ = [
    "ALL",
    "CHANGE",
    "NOTIFIED_DAY",
    "OWN",
    "BeWithheldFrom",
    "Care",
    "Catalogue",
    "CatalogueFaulty",
    "Channel",
    "CodeList",
    "CodeMapping",
    "CodePair",
    "CodeValue",
    "CompiledDamaged",
    "Condition",
    "Content",
    "DefinitionUnknown",
    "DeliveryChange",
    "Document",
    "Edition",
    "Entity",
    "Fault",
    "Finding",
    "Flow",
    "Function",
    "Handling",
    "Information",
    "Interface",
    "Item",
    "ItemTerm",
    "ItemType",
    "LeaveOnlyIf",
    "Level",
    "NoticeMalformed",
    "OwnUse",
    "Parameter",
    "Party",
    "Place",
    "Procedure",
    "Provenance",
    "Provision",
    "PublicProcess",
    "Relation",
    "Rule",
    "Standardised",
    "SubjectRelation",
    "Subunit",
    "Term",
    "Timing",
    "Unit",
    "Use",
    "When",
    "YearRule",
    "catalogue",
    "check_catalogue",
    "compile_catalogue",
    "difference_of",
    "grouped",
    "public_processes",
    "read_compiled",
    "rules",
    "shipped_folder",
]
