"""The standard's rules between the records of one entity, in the three forms they have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from renkei.standard import Entity, Rule
from renkei.standard.row_rules import (
    BeEmpty,
    BeFilled,
    BeInOrder,
    BeOneOf,
    BeUnique,
    BeWithheldFrom,
    BeWrittenAs,
    LeaveOnlyIf,
    NotMatch,
    NumberVersions,
    OccurOnce,
    When,
)


@dataclass(frozen=True, slots=True)
class Apart:
    """No two records agree in all these items."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """Exactly one of the records that share `by` meets the conditions."""

    by: tuple[str, ...]
    where: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """The records that share `by` are numbered from 1 without a gap."""

    item: str
    by: tuple[str, ...]


Form: TypeAlias = Apart | Once | Numbered


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A rule between the records of one entity."""

    entity: Entity
    rule: Rule
    form: Form

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items to look at where a record breaks the rule."""
        match self.form:
            case Apart(items=items):
                return items
            case Once(where=where):
                return tuple(condition.item for condition in where)
            case Numbered(item=item):
                return (item,)

    @property
    def group(self) -> tuple[str, ...]:
        """Return the items whose values make records a group."""
        return self.form.items if isinstance(self.form, Apart) else self.form.by

    @property
    def named(self) -> tuple[str, ...]:
        """Return every item the rule reads."""
        about = (condition.item for condition in self.rule.when)
        return tuple(dict.fromkeys([*about, *self.items, *self.group]))


def group_rule(rule: Rule, entity: Entity) -> GroupRule | None:
    """Return a rule in the form it has between records, or None if it is about single ones."""
    match rule.then:
        case BeUnique(items=items) | NotMatch(items=items):
            return GroupRule(entity, rule, Apart(items))
        case OccurOnce(by=by, where=where):
            return GroupRule(entity, rule, Once(by, where))
        case NumberVersions(item=item, by=by):
            newest = rule.then.is_of_newest(entity.key)
            return None if newest else GroupRule(entity, rule, Numbered(item, by))
        case BeFilled() | BeEmpty() | BeOneOf() | BeInOrder() | BeWrittenAs():
            return None  # about single rows: `row_judging`
        case LeaveOnlyIf() | BeWithheldFrom():
            return None  # about giving records away, not about taking them in


def group_rules(rules: Iterable[Rule], entity: Entity) -> tuple[GroupRule, ...]:
    """Return those of some rules that are between records."""
    made = (group_rule(rule, entity) for rule in rules)
    return tuple(one for one in made if one is not None)
