"""Mixtures of two persons' codes: converted blindly, known to nobody, refused."""

from bench.demonstrate.scene import LOG, A, Scene
from bench.demonstrate.verdict import Verdict
from renkei import identity
from renkei.identity.group import Scalar


def demonstrate(size: int) -> Verdict:
    """Ask about n1 + t * n2 for small and random t, beside honest questions about the same."""
    scene, verdict = Scene.draw(), Verdict()
    pids = [identity.Pid.random() for _ in range(size + 1)]
    nyms = scene.issued(pids, A)
    handles = {nym.handle for nym in scene.issued(pids, LOG)}
    honest = scene.admitted(nyms, handles)
    verdict.add(
        f"一人の符号: {len(nyms)} 件中 {honest} 件受け付け(対照)",
        f"codes of one person: {honest} of {len(nyms)} admitted (control)",
        holds=honest == len(nyms),
    )
    small = [Scalar(number.to_bytes(32, "little")) for number in range(1, size + 1)]
    drawn = [Scalar.random() for _ in range(size)]
    for ja, en, factors in (("小さい", "small", small), ("任意の", "random", drawn)):
        mixed = [
            identity.Nym(A, 1, one.element + factor * other.element)
            for one, other, factor in zip(nyms, nyms[1:], factors, strict=False)
        ]
        known = scene.admitted(mixed, handles)
        verdict.add(
            f"{ja}係数で二人を混ぜた符号: {len(mixed)} 件中 {known} 件受け付け",
            f"mixtures of two with {en} factors: {known} of {len(mixed)} admitted",
            holds=known == 0,
        )
    return verdict
