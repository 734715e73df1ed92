"""A model as it was read: frozen values that keep the order and the places of its file."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from renkei.process.decisions.places import Place

HitPolicy = Literal["U", "A", "P", "F", "R", "O", "C"]
Aggregator = Literal["", "+", "<", ">", "#"]


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its declared type; an empty type is any."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class LiteralBox:
    """A FEEL text."""

    place: Place
    text: str
    type_ref: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """An entry of a context; the result has no variable."""

    variable: Named | None
    value: "Box"


@dataclass(frozen=True, slots=True)
class ContextBox:
    """Entries, each of which sees those before it."""

    place: Place
    entries: tuple[ContextEntry, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class ListBox:
    """A list of boxes."""

    place: Place
    items: "tuple[Box, ...]"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class RelationBox:
    """Rows under named columns: a list of contexts."""

    place: Place
    columns: tuple[Named, ...]
    rows: "tuple[tuple[Box, ...], ...]"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class InvocationBox:
    """A call of what a box gives, with arguments by name."""

    place: Place
    called: "Box"
    bindings: "tuple[tuple[Named, Box], ...]"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class FunctionBox:
    """A function; of the kinds only FEEL can be called."""

    place: Place
    parameters: tuple[Named, ...]
    body: "Box | None"
    type_ref: str = ""
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True)
class ConditionalBox:
    """If, then, else."""

    place: Place
    condition: "Box"
    then: "Box"
    otherwise: "Box"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class FilterBox:
    """The items of a list that match."""

    place: Place
    source: "Box"
    match: "Box"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class IteratorBox:
    """For, some, every: `body` is what is returned or must be satisfied."""

    place: Place
    kind: Literal["for", "some", "every"]
    variable: Named
    source: "Box"
    body: "Box"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class InputClause:
    """A column of conditions."""

    place: Place
    label: str
    expression: LiteralBox
    values: LiteralBox | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A column of results."""

    place: Place
    name: str
    label: str
    type_ref: str = ""
    values: LiteralBox | None = None
    default: LiteralBox | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: cells of conditions, cells of results, and its annotations by their columns' names."""

    place: Place
    number: int
    id: str
    conditions: tuple[LiteralBox, ...]
    results: tuple[LiteralBox, ...]
    annotations: tuple[tuple[str, str], ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableBox:
    """A decision table."""

    place: Place
    policy: HitPolicy
    aggregator: Aggregator
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    type_ref: str = ""
    label: str = ""


Box: TypeAlias = (
    LiteralBox
    | ContextBox
    | ListBox
    | RelationBox
    | InvocationBox
    | FunctionBox
    | ConditionalBox
    | FilterBox
    | IteratorBox
    | TableBox
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type of the model's own."""

    place: Place
    name: str
    type_ref: str = ""
    is_collection: bool = False
    allowed: LiteralBox | None = None
    constraint: LiteralBox | None = None
    components: "tuple[ItemDefinition, ...]" = ()
    function: tuple[tuple[Named, ...], str] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Another model, by namespace, under the name it has here."""

    place: Place
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class InputData:
    """What a decision is given from outside."""

    place: Place
    id: str
    variable: Named


@dataclass(frozen=True, slots=True)
class Requirements:
    """What an element needs: references `namespace#id`, as they stand in the file."""

    decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its logic, and what it needs."""

    place: Place
    id: str
    variable: Named
    needs: Requirements
    logic: Box | None
    question: str = ""
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """Logic with parameters, called by others."""

    place: Place
    id: str
    variable: Named
    needs: Requirements
    logic: FunctionBox | None
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Decisions behind one door: what goes in, what comes out."""

    place: Place
    id: str
    variable: Named
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A knowledge source: where the rules of a decision come from, such as an article of a law."""

    place: Place
    id: str
    name: str
    location: str = ""

    @property
    def citation(self) -> str:
        """Return what it is called, and where it is to be found."""
        return f"{self.name} ({self.location})" if self.location else self.name


Node: TypeAlias = InputData | Decision | KnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Definitions:
    """A model file as read; `hash` is the SHA-256 of its bytes, in hexadecimal."""

    place: Place
    name: str
    namespace: str
    version: str
    hash: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    nodes: dict[str, Node] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Tell whether the model declares no inputs: some tools leave them out."""
        return not any(isinstance(node, InputData) for node in self.nodes.values())
