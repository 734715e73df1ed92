"""Making people and letting them settle: names, births, families, and since when they live here."""

from renkei.standard.synthetic.addresses import Place, Remote
from renkei.standard.synthetic.days import Calendar
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.names import Names, outside
from renkei.standard.synthetic.people import Family, Household, Part, Person

PROTECTED = 1 / 500
NATIVE = 0.25  # of Japanese who live alone
RELOCATED = 0.3
NO_DOMICILE = "国籍・地域　"  # a foreign resident has no 本籍: the nationality stands there
NO_REGISTER = "該当なし"  # and no 筆頭者
# How many children a family has at home, as often as it stands here.
CHILDREN = (1,) * 8 + (2,) * 9 + (3,) * 3


class Households:
    """Makes the people of households, one after the other, from one stream of draws."""

    def __init__(
        self,
        dice: Dice,
        names: Names,
        remotes: tuple[Remote, ...],
        calendar: Calendar,
    ) -> None:
        """Take the draws, the names, where people may come from, and the days."""
        self.dice = dice
        self.names = names
        self.remotes = remotes
        self.calendar = calendar

    def settle(self, people: list[Person], place: Place) -> Household:
        """Let people come to a place some day after all adults among them were grown up."""
        random, today = self.dice.random, self.calendar.today
        head = people[0]
        is_foreign = head.family.nation is not None
        household = Household(people, place, today)
        household.protected = random() < PROTECTED
        household.days_to_notify = int(random() * 14)
        alone = len(people) == 1
        if alone and not is_foreign and random() < NATIVE:
            household.since, household.native = head.birth, True
        else:
            youngest = head.age if alone else min([p.age for p in people if p.part != "child"])
            since_grown = (youngest - 18) * 365 if youngest > 18 else 0
            household.since = today - int(random() * (since_grown + 180))
            household.from_abroad = random() < (0.8 if is_foreign else 0.02)
            if not household.from_abroad:
                remote = self.remotes[int(random() * len(self.remotes))]
                household.previous_address = remote.address
                household.previous_municipality = remote.municipality
        if random() < RELOCATED:
            household.relocated = household.since + int(random() * (today - household.since))
        return household

    def family(self) -> Family:
        """Return a Japanese family: surname and 本籍 somewhere in the country."""
        dice = self.dice
        remote = self.remotes[int(dice.random() * len(self.remotes))]
        return Family(self.names.surname(dice), remote.address)

    def foreign_family(self) -> Family:
        """Return a foreign family of one nationality."""
        nation = self.names.nation(self.dice)
        surname = self.dice.pick(nation.surnames)
        return Family(surname, NO_DOMICILE + nation.name, NO_REGISTER, nation)

    def other(self, family: Family) -> Family:
        """Return another family, of the same nationality."""
        return self.family() if family.nation is None else self.foreign_family_of(family)

    def foreign_family_of(self, family: Family) -> Family:
        """Return a family of the same nationality with a surname of its own."""
        surname = self.dice.pick(family.nation.surnames) if family.nation else family.surname
        return Family(surname, family.domicile, family.register_head, family.nation)

    def branch(self, family: Family) -> Family:
        """Return the same surname with a family register of its own."""
        if family.nation is not None:
            return family
        return Family(family.surname, family.domicile)

    def person(
        self, relationship: str, age: int, family: Family, unit: int, part: Part, *, male: bool
    ) -> Person:
        """Return a person; the first of a family is the head of its register."""
        dice = self.dice
        first, span = self.calendar.births[age]
        birth = first + int(dice.random() * span)
        surname = family.surname
        if family.nation is not None:
            given = dice.pick(family.nation.men if male else family.nation.women)
            name = f"{surname.written} {given.written}"
        else:
            given = self.names.given_name(dice, age, male=male)
            name = f"{surname.written}　{given.written}"
            family.register_head = family.register_head or name
        return Person(
            name,
            f"{surname.kana}　{given.kana}",
            male,
            birth,
            age,
            relationship,
            unit,
            part,
            family,
            outside=surname.outside or given.outside,
        )

    def couple(self, family: Family, age: int, unit: int, words: tuple[str, str]) -> list[Person]:
        """Return husband and wife under the words for them; she may keep her 旧氏."""
        dice = self.dice
        her_age = max(18, min(100, age - 6 + int(dice.random() * 9)))
        hers = family if family.nation is None else self.foreign_family_of(family)
        husband = self.person(words[0], age, family, unit, "parent", male=True)
        wife = self.person(words[1], her_age, hers, unit, "parent", male=False)
        if family.nation is None and dice.random() < 0.04:
            wife.former_surname = self.names.surname(dice).written
            wife.outside = wife.outside or outside(wife.former_surname)
        return [husband, wife]

    def head_and_spouse(self, family: Family, age: int) -> list[Person]:
        """Return the couple that leads a household; in a few the wife is the head."""
        if self.dice.random() < 0.04:
            return self.couple(family, age, 0, ("夫", "世帯主"))[::-1]
        return self.couple(family, age, 0, ("世帯主", "妻"))

    def children(
        self, family: Family, mother_age: int, unit: int, word: str, oldest: int = 24
    ) -> list[Person]:
        """Return one to three children, the oldest first, born when she was 22 to 39."""
        dice = self.dice
        count = CHILDREN[int(dice.random() * len(CHILDREN))]
        age = dice.between(max(0, mother_age - 39), min(oldest, mother_age - 22))
        found = []
        while count and age >= 0:
            male = dice.random() < 0.512
            found.append(self.person(word, age, family, unit, "child", male=male))
            age -= 2 + int(dice.random() * 3)
            count -= 1
        return found


def mother_of(people: list[Person]) -> Person:
    """Return the woman of the couple, or the parent alone, that a household begins with."""
    return people[1] if people[0].male else people[0]
