"""One hub operator and one town together: they link nothing; all four together link everybody."""

from collections.abc import Iterable

from bench.demonstrate.scene import A, B, Scene
from bench.demonstrate.verdict import Verdict
from renkei import identity
from renkei.identity.group import Element, Scalar


def demonstrate(size: int) -> Verdict:
    """Let coalitions carry A's table towards B's by every factor they can make of their secrets."""
    scene, verdict = Scene.draw(), Verdict()
    pids = [identity.Pid.random() for _ in range(size)]
    table = [nym.element for nym in scene.issued(pids, A)]
    held = {nym.element for nym in scene.issued(pids, B)}
    first, second = ({each: keys.scalar(each, 1) for each in (A, B)} for keys in scene.hub)
    linked = links(table, held, [second[B] * second[A].inverse() * first[B] * first[A].inverse()])
    verdict.add(
        f"両変換機関と両団体が組む: {size} 人中 {linked} 人を突合(対照)",
        f"both operators and both towns together: {linked} of {size} linked (control)",
        holds=linked == size,
    )
    for name, secrets in (("1", first), ("2", second)):
        own = [*secrets.values(), scene.keys[A].secret]
        linked = links(table, held, made_of(own))
        verdict.add(
            f"変換機関{name}とA市が組む: {size} 人中 {linked} 人を突合",
            f"operator {name} and town A together: {linked} of {size} linked",
            holds=linked == 0,
        )
    return verdict


def made_of(secrets: list[Scalar]) -> list[Scalar]:
    """Return the factors that secrets, their inverses and their products give."""
    single = [*secrets, *(one.inverse() for one in secrets)]
    return [*single, *(one * other for one in single for other in single)]


def links(table: Iterable[Element], held: set[Element], factors: list[Scalar]) -> int:
    """Return how many of A's persons are found in B's table by one of the factors."""
    return sum(
        any(factor * element in held for factor in factors) or element in held for element in table
    )
