"""A person, a household and a family name, while a town is being written."""

from typing import Literal

import msgspec

from renkei.standard.synthetic.addresses import Place
from renkei.standard.synthetic.names import Name, Nation

# What a person is in the small family inside a household: head or spouse of it, child, or neither.
Part = Literal["parent", "child", "other"]


class Family(msgspec.Struct, gc=False):
    """What relatives share: the surname, the 本籍 and the head of the family register."""

    surname: Name
    domicile: str
    register_head: str = ""
    nation: Nation | None = None


class Person(msgspec.Struct, gc=False):
    """One person. `unit` numbers the small families of a household; 0 is the head's."""

    name: str
    kana: str
    male: bool
    birth: int
    age: int
    relationship: str
    unit: int
    part: Part
    family: Family
    former_surname: str = ""
    uncertain_birth: str = ""
    outside: bool = False
    personal_number: str = ""
    record_code: str = ""


class Household(msgspec.Struct, gc=False):
    """People at one place, since when, and until when if they left.

    `native` tells that the head was born here. `left` is 0 for those who live here.
    """

    people: list[Person]
    place: Place
    since: int
    relocated: int = 0
    native: bool = False
    from_abroad: bool = False
    previous_address: str = ""
    previous_municipality: str = ""
    protected: bool = False
    left: int = 0
    dead: bool = False
    days_to_notify: int = 0
    number: str = ""
    register_numbers: list[str] = []

    @property
    def is_foreign(self) -> bool:
        """Tell whether the head is a foreign resident; the others then are, too."""
        return self.people[0].family.nation is not None
