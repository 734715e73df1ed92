"""No two persons of any towns get the same number, however large a town is."""

from hypothesis import given
from hypothesis import strategies as st

from renkei.standard.synthetic.numbers import FAMILY, SLOT, WHOLE, resident_index
from renkei.standard.synthetic.request import LARGEST, LARGEST_DESIGNATED

FORMER = 1.05  # with those who left, at most
cities = st.builds("{:02d}{:02d}0".format, st.integers(1, 47), st.integers(10, 79))
towns = st.builds("{:02d}{:03d}".format, st.integers(1, 47), st.integers(100, 799))


@st.composite
def households(draw: st.DrawFn) -> tuple[str, int]:
    """Draw where a household of a town begins: its first person's place among the residents."""
    code = draw(cities | towns)
    people = LARGEST_DESIGNATED if code[4] == "0" else LARGEST
    near_the_border = st.integers(1_499_980, 1_500_020)
    return code, draw(st.integers(0, int(people * FORMER)) | near_the_border)


@given(households(), households())
def test_indexes_of_two_households_never_meet(one: tuple[str, int], other: tuple[str, int]) -> None:
    (town, person), (other_town, other_person) = one, other
    if town == other_town and abs(person - other_person) < FAMILY:
        return  # members of one household
    indexes = range(resident_index(town, person), resident_index(town, person) + FAMILY)
    others = resident_index(other_town, other_person)
    assert 0 <= indexes[0] < indexes[-1] < WHOLE
    assert others not in indexes


@given(households())
def test_a_household_stays_within_one_slot(household: tuple[str, int]) -> None:
    first = resident_index(*household)
    assert first // SLOT == (first + FAMILY - 1) // SLOT
