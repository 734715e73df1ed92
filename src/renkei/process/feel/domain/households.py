"""世帯の集計: who of a household meets a condition, how many, and what they have together.

Whether somebody meets it must be known of each: a condition that is null for one person makes the
whole result null, since leaving somebody out unsaid would be deciding.
"""

from decimal import Decimal
from typing import Final

from renkei.process.feel.calling import invoke
from renkei.process.feel.functions.callbacks import ask
from renkei.process.feel.functions.signature import function
from renkei.process.feel.functions.sums import total
from renkei.process.feel.running import NOWHERE, Refused, Run
from renkei.process.feel.types import coerced
from renkei.process.feel.values import Function, Value

Members = list[Value]


def meeting(run: Run, members: Members, condition: Function) -> Members | Refused:
    """Return the members who meet a condition."""
    if len(condition.parameters) != 1:
        return Refused("feel-argument-count", wanted=1, given=len(condition.parameters))
    found = []
    for number, member in enumerate(members, 1):
        run.spend(1)
        meets = ask(run, condition, [member])
        if meets is None:
            return Refused("feel-member-unknown", number=number)
        if meets:
            found.append(member)
    return found


def count(run: Run, members: Members, condition: Function) -> Value | Refused:
    """Return how many members meet a condition."""
    found = meeting(run, members, condition)
    return found if isinstance(found, Refused) else Decimal(len(found))


def sum_of(run: Run, members: Members, condition: Function, value: Function) -> Value | Refused:
    """Return the sum of what the members who meet a condition have; of nobody, 0."""
    found = meeting(run, members, condition)
    if isinstance(found, Refused):
        return found
    if len(value.parameters) != 1:
        return Refused("feel-argument-count", wanted=1, given=len(value.parameters))
    amounts: list[Decimal] = []
    for member in found:
        fits, handed = coerced(member, value.parameters[0].type)
        amount = invoke(run, value, [handed], NOWHERE) if fits else None
        if type(amount) is not Decimal:
            return Refused("feel-member-unknown", number=members.index(member) + 1)
        amounts.append(amount)
    return total(amounts)


HOUSEHOLDS: Final = [
    function("該当者", ("世帯員: list, 条件: function", meeting)),
    function("該当者数", ("世帯員: list, 条件: function", count)),
    function("該当者の合計", ("世帯員: list, 条件: function, 値: function", sum_of)),
]
