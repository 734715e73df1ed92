"""A kind says itself what it is called, what it means and how it looks."""

from collections.abc import Iterator

import pytest

from renkei.process.bpmn import elements, triggers
from renkei.process.bpmn.model import Container, Element
from renkei.process.bpmn.trigger import Trigger

KINDS: list[type[Element] | type[Trigger]] = [
    *(kind for kinds in elements.KINDS.values() for kind in kinds),
    *triggers.KINDS.values(),
]


def said(kind: type[Element] | type[Trigger]) -> Iterator[str]:
    yield from (*kind.words, *kind.meaning)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_is_called_something_and_means_something_in_both_languages(kind) -> None:
    ja, en, *_ = kind.words
    assert all(said(kind))
    assert any(ord(char) > 0x3000 for char in ja + kind.meaning[0])
    assert en.isascii()


def test_no_two_kinds_are_called_alike() -> None:
    for turn in (0, 1):
        called = [kind.words[turn] for kind in KINDS]
        assert len(called) == len(set(called))


def test_no_two_kinds_look_alike() -> None:
    looks = [
        (
            kind.shape.form,
            kind.shape.border,
            kind.icon,
            kind.is_full,
            getattr(kind, "marker", None),
            issubclass(kind, Container),
        )
        for kind in KINDS
        if issubclass(kind, Element)
    ]
    alike = {one for one in looks if looks.count(one) > 1}
    # events of a position are told apart by their triggers; a boundary one stands at an edge
    assert {look[0] for look in alike} <= {"circle"}  # what holds others is open, or folded
    icons = [kind.icon for kind in triggers.KINDS.values()]
    assert None not in icons
    assert len(icons) == len(set(icons))
