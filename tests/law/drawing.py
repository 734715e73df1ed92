"""Tables and requests of few words, so that they meet often; their days may be any."""

from datetime import date
from itertools import permutations

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


NUMBERS = st.integers(0, 10**9)
UNITS = st.sampled_from(["15", "17"])
PROCEDURES = st.sampled_from(["p1", "p2"])
HOLDERS = st.sampled_from(["municipality", OWN])
YEARS = st.sampled_from(["", "0-1", "0-0/07", "1-3/10"])
SOME_CONDITIONS = st.lists(st.sampled_from(CONDITIONS), unique=True)
SOME_RELATIONS = st.lists(st.sampled_from(RELATIONS), unique=True)
TERMS = {
    some: st.lists(
        st.builds(ItemTerm, item=st.sampled_from(some), since=UNTIL, until=UNTIL),
        max_size=2,
        unique_by=lambda term: term.item,
    )
    for length in (1, 2, 3)
    for some in permutations(ITEMS, length)
}


@st.composite
def rows(draw: st.DrawFn) -> Provision:
    """Draw a row; the parts are drawn from above, as to make them anew for each row is dear."""
    items = draw(SOME_ITEMS)
    return Provision(
        row=f"R-{draw(NUMBERS)}",
        law="法",
        citation="条",
        asker_kind="municipality",
        asker_unit=draw(UNITS),
        procedure=draw(PROCEDURES),
        holder_kind=draw(HOLDERS),
        information="t",
        items=items,
        since=draw(DAYS),
        until=draw(UNTIL),
        conditions=tuple(draw(SOME_CONDITIONS)),
        years=draw(YEARS),
        persons=tuple(draw(SOME_RELATIONS)),
        item_terms=tuple(draw(TERMS[items])),
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
