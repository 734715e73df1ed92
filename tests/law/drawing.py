"""Tables and requests of few words, so that they meet often; their days may be any."""

from datetime import date

from hypothesis import strategies as st

from renkei.kit import tenant
from renkei.law import Request
from renkei.standard import (
    OWN,
    Condition,
    ItemTerm,
    OwnUse,
    Provenance,
    Provision,
    SubjectRelation,
)

DAYS = st.dates(date(2016, 1, 1), date(2020, 12, 31))
UNTIL = st.one_of(st.none(), DAYS)
ITEMS = ("i1", "i2", "i3")
RELATIONS: list[SubjectRelation] = ["applicant", "household", "guardian", "minor"]
CONDITIONS: list[Condition] = ["consent", "guardian-consent", "own-use"]
SOME_ITEMS = st.lists(st.sampled_from(ITEMS), min_size=1, unique=True).map(tuple)


@st.composite
def rows(draw: st.DrawFn) -> Provision:
    """Draw a row."""
    items = draw(SOME_ITEMS)
    terms = st.builds(ItemTerm, item=st.sampled_from(items), since=UNTIL, until=UNTIL)
    return Provision(
        row=f"R-{draw(st.integers(0, 10**9))}",
        law="法",
        citation="条",
        asker_kind="municipality",
        asker_unit=draw(st.sampled_from(["15", "17"])),
        procedure=draw(st.sampled_from(["p1", "p2"])),
        holder_kind=draw(st.sampled_from(["municipality", OWN])),
        information="t",
        items=items,
        since=draw(DAYS),
        until=draw(UNTIL),
        conditions=tuple(draw(st.lists(st.sampled_from(CONDITIONS), unique=True))),
        years=draw(st.sampled_from(["", "0-1", "0-0/07", "1-3/10"])),
        persons=tuple(draw(st.lists(st.sampled_from(RELATIONS), unique=True))),
        item_terms=tuple(draw(st.lists(terms, max_size=2, unique_by=lambda term: term.item))),
        provenance=Provenance.proposed,
        source="試験",
    )


USES = st.builds(
    OwnUse,
    organisation=st.sampled_from(["131016", "131024"]),
    procedure=st.sampled_from(["p1", "p2"]),
    ordinance=st.just("条例"),
    notice=st.just("届出"),
    notified=DAYS,
    since=DAYS,
    until=UNTIL,
    provenance=st.just(Provenance.proposed),
    source=st.just("試験"),
)
REQUESTS = st.builds(
    Request,
    asker=st.sampled_from([tenant("131016"), tenant("131024")]),
    asker_kind=st.sampled_from(["municipality", "municipality", "firm"]),
    asker_unit=st.sampled_from(["15", "17"]),
    procedure=st.sampled_from(["p1", "p2", "p3"]),
    holder=st.just(tenant("131024")),
    holder_kind=st.sampled_from(["municipality", OWN]),
    information=st.just("t"),
    items=st.lists(st.sampled_from(ITEMS), unique=True).map(tuple),
    year=st.one_of(st.none(), st.integers(2014, 2021)),
    consent=st.sampled_from(["", "c"]),
    relation=st.sampled_from(RELATIONS),
)
