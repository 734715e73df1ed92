"""A stolen table of one town's codes: alive before a rotation, dead after it."""

from bench.demonstrate.scene import LOG, A, B, Scene
from bench.demonstrate.verdict import Verdict
from renkei import identity


def demonstrate(size: int) -> Verdict:
    """Steal A's table, rotate, and try every stolen code in every way its thief has."""
    scene, verdict = Scene.draw(), Verdict()
    pids = [identity.Pid.random() for _ in range(size)]
    stolen = scene.issued(pids, A)
    handles = {nym.handle for nym in scene.issued(pids, LOG)}
    # 1. The control: before the rotation whoever has the table and speaks as A can use it.
    alive = scene.admitted(stolen, handles)
    verdict.add(
        f"更新前、盗まれた符号は {size} 件中 {alive} 件使える(対照)",
        f"before the rotation {alive} of {size} stolen codes can be used (control)",
        holds=alive == size,
    )
    # 2. The rotation, as A does it.
    window = scene.rotating()
    quotients = [identity.hand_over(keys, A, 1, 2, window.directory) for keys in window.hub]
    factor = identity.take_over(quotients, 1, 2, window.directory, window.keys[A])
    fresh = [identity.rotated(nym, factor, 2) for nym in stolen]
    after = window.rotated()
    # 3. The new codes live, and they are what the registrar would issue now.
    living = after.admitted(fresh, handles)
    same = fresh == after.issued(pids, A)
    verdict.add(
        f"更新後、新しい符号は {size} 件中 {living} 件使え、改めて付番しても同じ",
        f"after it {living} of {size} new codes can be used, and issuance gives the same ones",
        holds=living == size and same,
    )
    # 4. The thief says what the codes are: the old version. Nobody converts it any more.
    try:
        dead = after.admitted(stolen, handles)
    except identity.KeyVersionUnknown:
        dead = 0
    verdict.add(
        f"盗まれた符号を旧い版として使う: {dead} 件",
        f"stolen codes used as the old version: {dead}",
        holds=dead == 0,
    )
    # 5. The thief says they are new ones. They convert, to nobody.
    posing = [identity.Nym(A, 2, nym.element) for nym in stolen]
    known = after.admitted(posing, handles)
    held = {nym.code for nym in after.issued(pids, B)}
    found = sum(nym.code in held for nym in identity.open_batch(after.batch(posing), after.keys[B]))
    verdict.add(
        f"盗まれた符号を新しい版と偽る: 記録機関が知る人 {known} 人、B に見つかる人 {found} 人",
        f"stolen codes posing as new ones: {known} known to the log, {found} found at B",
        holds=(known, found) == (0, 0),
    )
    # 6. What is shown of a code is another one, too.
    shown = {nym.code for nym in stolen} & {nym.code for nym in fresh}
    verdict.add(
        f"表示用符号の一致: {len(shown)} 件",
        f"display codes that stayed the same: {len(shown)}",
        holds=not shown,
    )
    return verdict
