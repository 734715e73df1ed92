"""The kinds of household: who lives with whom, how old and how related (続柄).

Each kind is one function; it comes as often as it stands in `KINDS`.
"""

from collections.abc import Callable

from renkei.standard.synthetic.addresses import Places
from renkei.standard.synthetic.households import Households, mother_of
from renkei.standard.synthetic.people import Family, Household, Person

OLDEST_PARENT = 105
FOREIGN = 0.03

Kind = Callable[[Households, Family], list[Person]]


def alone(low: int, high: int, share_male: float) -> Kind:
    """Return the kind of household of one person between two ages."""

    def kind(make: Households, family: Family) -> list[Person]:
        dice = make.dice
        male = dice.random() < share_male
        age = dice.between(low, high)
        if family.nation is None and dice.random() < 0.5:  # still in a parent's family register
            parent = make.names.given_name(dice, min(age + 29, OLDEST_PARENT), male=True)
            family.register_head = f"{family.surname.written}　{parent.written}"
        return [make.person("世帯主", age, family, 0, "parent", male=male)]

    return kind


def two(low: int, high: int) -> Kind:
    """Return the kind of household of a couple without children."""

    def kind(make: Households, family: Family) -> list[Person]:
        return make.head_and_spouse(family, make.dice.between(low, high))

    return kind


def with_children(make: Households, family: Family) -> list[Person]:
    """Return a couple with children."""
    people = make.head_and_spouse(family, make.dice.between(27, 54))
    mother = mother_of(people)
    return people + make.children(family, max(mother.age, 23), 0, "子")


def one_parent(make: Households, family: Family) -> list[Person]:
    """Return a mother, or now and then a father, with children."""
    male = make.dice.random() < 0.13
    age = make.dice.between(25, 55)
    head = make.person("世帯主", age, family, 0, "parent", male=male)
    return [head, *make.children(family, age, 0, "子")]


def with_grown_child(make: Households, family: Family) -> list[Person]:
    """Return old parents, or one of them, with a child that never left."""
    age = make.dice.between(60, 88)
    if make.dice.random() < 0.55:
        people = make.head_and_spouse(family, age)
    else:
        people = [make.person("世帯主", age, family, 0, "parent", male=False)]
    child_age = max(20, min(p.age for p in people) - make.dice.between(24, 36))
    male = make.dice.random() < 0.6
    return [*people, make.person("子", child_age, family, 0, "child", male=male)]


def with_old_parent(make: Households, family: Family) -> list[Person]:
    """Return a couple with children and a parent of the husband or of the wife."""
    people = make.head_and_spouse(family, make.dice.between(36, 58))
    mother = mother_of(people)
    people += make.children(family, max(mother.age, 23), 0, "子")
    age = min(98, people[0].age + make.dice.between(24, 34))
    of_head = make.dice.random() < 0.75
    theirs = make.branch(family) if of_head else make.other(family)
    words = ("父", "母") if of_head else SPOUSES_PARENTS[people[1].relationship]
    if make.dice.random() < 0.35:
        return people + make.couple(theirs, age, 2, words)
    return [*people, make.person(words[1], age, theirs, 2, "parent", male=False)]


SPOUSES_PARENTS = {"妻": ("妻の父", "妻の母"), "夫": ("夫の父", "夫の母")}


def three_generations(make: Households, family: Family) -> list[Person]:
    """Return an old head with spouse, a married child and the grandchildren."""
    people = make.head_and_spouse(family, make.dice.between(60, 80))
    child_age = max(24, min(p.age for p in people) - make.dice.between(23, 33))
    young = make.branch(family)
    people += make.couple(young, child_age, 1, ("子", "子の妻"))
    return people + make.children(young, max(people[-1].age, 23), 1, "子の子")


def siblings(make: Households, family: Family) -> list[Person]:
    """Return two siblings."""
    dice = make.dice
    age = dice.between(22, 75)
    other = max(18, min(95, age - 6 + dice.below(13)))
    male = dice.random() < 0.5
    word = ("妹", "弟")[male] if other < age else ("姉", "兄")[male]
    head = make.person("世帯主", age, family, 0, "parent", male=dice.random() < 0.5)
    return [head, make.person(word, other, family, 3, "other", male=male)]


def unregistered_couple(make: Households, family: Family) -> list[Person]:
    """Return a couple that is not married (未届), some with a child."""
    dice = make.dice
    age = dice.between(24, 66)
    male = dice.random() < 0.8
    partner_age = max(20, age - 5 + dice.below(10))
    word = "妻(未届)" if male else "夫(未届)"
    head = make.person("世帯主", age, family, 0, "parent", male=male)
    partner = make.person(word, partner_age, make.other(family), 0, "parent", male=not male)
    mother = partner if male else head
    if mother.age in range(24, 46) and dice.random() < 0.4:
        oldest = min(12, mother.age - 22)
        child = make.person(
            "子", dice.between(0, oldest), mother.family, 0, "child", male=dice.random() < 0.5
        )
        return [head, partner, child]
    return [head, partner]


def housemates(make: Households, family: Family) -> list[Person]:
    """Return people who share a household without being related."""
    dice = make.dice
    male = dice.chance(0.5)
    head = make.person("世帯主", dice.between(20, 60), family, 0, "parent", male=male)
    count = 1 + dice.below(2)
    others = [
        make.person("同居人", dice.between(19, 60), make.other(family), 4 + n, "other", male=male)
        for n in range(count)
    ]
    return [head, *others]


def with_relative(make: Households, family: Family) -> list[Person]:
    """Return a couple with a relative too distant for the grammar of 続柄."""
    dice = make.dice
    people = make.head_and_spouse(family, dice.between(30, 75))
    relative = make.person(
        "縁故者", dice.between(18, 70), make.other(family), 3, "other", male=dice.chance(0.5)
    )
    return [*people, relative]


# Of 211 households; shares after the census of 2020, rounded.
KINDS: tuple[Kind, ...] = (
    *([alone(18, 34, 0.55)] * 24),
    *([alone(35, 64, 0.6)] * 24),
    *([alone(65, 96, 0.35)] * 34),
    *([two(24, 59)] * 15),
    *([two(60, 92)] * 37),
    *([with_children] * 36),
    *([one_parent] * 11),
    *([with_grown_child] * 16),
    *([with_old_parent] * 5),
    *([three_generations] * 3),
    *([siblings] * 1),
    *([unregistered_couple] * 2),
    *([housemates] * 2),
    with_relative,
)
FOREIGN_KINDS: tuple[Kind, ...] = (
    *([alone(19, 45, 0.52)] * 10),
    *([two(22, 60)] * 3),
    *([with_children] * 5),
    housemates,
)


def next_household(make: Households, places: Places) -> Household:
    """Return the next household of a town."""
    dice = make.dice
    if dice.random() < FOREIGN:
        people = dice.pick(FOREIGN_KINDS)(make, make.foreign_family())
    else:
        people = KINDS[int(dice.random() * len(KINDS))](make, make.family())
    return make.settle(people, places.draw(dice))
