"""Every byte the hub heard, and a classifier that tries to link two requests of one person.

The requests are those that real nodes sent to the doors of both converters, head and body, and
beside them what a converter can compute with its secrets. It learns from half of the pairs, place
by place, how often the characters of two requests of one person agree and how often those of two
persons do, and judges the other half by it. By chance it is right half the time. Who asked whom for
what is the same throughout, and the order was drawn by lot: traffic is not what is tried here. In
the controls one thing is left in that must not be there, and the same classifier must find it: the
reference of the consent, as it once travelled, or a code that was not blinded.
"""

import math
import random
import statistics
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import eq
from pathlib import Path

from bench.demonstrate.hub_ear import CONVERTERS, Heard, by_person, heard
from bench.demonstrate.scene import CONTEXT, B, Scene
from bench.demonstrate.scene import A as FROM
from bench.demonstrate.verdict import Verdict
from renkei import identity
from renkei.app.demo.demonstration import Narrator, Stage, set_stage
from renkei.app.demo.ecosystem import A, L
from renkei.app.demo.ecosystem import B as HOLDER
from renkei.app.membership.keys import Keys
from renkei.identity.group import SUITE, Element, Scalar
from renkei.identity.proofs import EqualityProof
from renkei.identity.question import BlindedRequest, proven

SIGMAS = 5
"""So far from one half chance brings it once in a million runs."""
PEOPLE = 2_000
"""Of each town."""

Fields = dict[str, str]
Persons = Sequence[Sequence[Fields]]


def demonstrate(size: int) -> Verdict:
    """Found two towns and a hub, ask so many questions, and let the classifier judge."""
    with tempfile.TemporaryDirectory(prefix="renkei-unlinkable-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        at, narrator = datetime.now(UTC), Narrator("en", quiet=True)
        with set_stage(folder / "sites", people=PEOPLE, seed=7, at=at, narrator=narrator) as stage:
            return judged(stage, size, folder)


def judged(stage: Stage, size: int, folder: Path) -> Verdict:
    """Ask so many questions of a stage, and let the classifier judge what the hub heard."""
    people = by_person(heard(stage, size, folder))
    spread = SIGMAS * math.sqrt(0.25 / (size // 2))
    low, high = 0.5 - spread, 0.5 + spread
    verdict = Verdict()
    told = [word for one in people for each in one for word in each.ask.words if word in each.raw]
    verdict.add(
        f"照会元が書いた言葉(目的・同意番号・基準日・電文番号・利用者)が届いた数: {len(told)}",
        "words of the asker's own (purpose, consent, day, message, user) that reached the hub: "
        f"{len(told)}",
        holds=not told,
    )
    sides = [Keys(stage.ecosystem.settings[p.name].keys, p.tenant).converter() for p in CONVERTERS]
    real = [[one.fields | derived(sides, one) for one in each] for each in people]
    found = accuracy(real)
    verdict.add(
        f"変換機関が見た全バイト({size}件)からの突合: 正答率 {found:.3f}"
        f"(偶然 0.5、{low:.3f}〜{high:.3f})",
        f"linking by every byte the hub saw in {size} requests: right in {found:.3f} of all cases"
        f" (chance 0.5, {low:.3f} to {high:.3f})",
        holds=low <= found <= high,
    )
    named = accuracy([[one.fields | with_consent(one) for one in each] for each in people])
    verdict.add(
        f"同意番号を送る対照: 正答率 {named:.3f}",
        f"the control in which the reference of the consent travels: right in {named:.3f}",
        holds=named > high,
    )
    seen = accuracy(unblinded_people(people))
    verdict.add(
        f"秘匿を外した対照: 正答率 {seen:.3f}",
        f"the control without blinding: right in {seen:.3f}",
        holds=seen > high,
    )
    return verdict


def with_consent(one: Heard) -> Fields:
    """Return what an inquiry said of the consent before its reference stayed with the asker."""
    return {f"{n} body.inquiry.consent": one.ask.scenario.consent for n in (1, 2)}


def derived(sides: Sequence[identity.ConverterKeys], one: Heard) -> Fields:
    """Return what both converters can take out of a request with their own secrets."""
    question = identity.parse(one.question, identity.Question)
    return {
        f"derived {number}": b64encode(
            b"".join(e.encoded for e in computed(keys, question))
        ).decode()
        for number, keys in enumerate(sides)
    }


def computed(keys: identity.ConverterKeys, question: identity.Question) -> list[Element]:
    """Return what a converter can take out of a request with its own secrets."""
    request = question.request
    elements = (request.c1, request.c_provider, request.c_log)
    newest = (max(keys.factors[each.tenant].items()) for each in (A, HOLDER, L))
    factors = [factor for _, factor in newest]
    return [
        request.c_provider - request.c_log,
        request.c_provider - request.c1,
        *(factor.inverse() * element for factor in factors for element in elements),
    ]


def unblinded_people(people: Sequence[Sequence[Heard]]) -> Persons:
    """Return the same requests with codes of a town that always draws the same randomness."""
    scene = Scene.draw()
    nyms = scene.issued([identity.Pid.random() for _ in people], FROM)
    bare = (unblinded(scene.directory, nym).request.c_provider.encoded for nym in nyms)
    return [
        [
            one.fields | {"1 body.question.request.c_provider": b64encode(code).decode()}
            for one in each
        ]
        for each, code in zip(people, bare, strict=True)
    ]


ONE = Scalar((1).to_bytes(32, "little"))


def unblinded(directory: identity.Directory, nym: identity.Nym) -> identity.Question:
    """Return what a town sends that always draws the same randomness, its proof made as usual."""
    honest = identity.blind(nym, B, directory, context=CONTEXT).request
    y_provider = directory.receiver(honest.provider)
    y_log = directory.receiver(honest.log_operator)
    bare = BlindedRequest(
        SUITE,
        honest.asker,
        honest.provider,
        honest.log_operator,
        Element.base(ONE),
        nym.element + y_provider,
        nym.element + y_log,
        EqualityProof(bytes(64)),
    )
    return identity.Question(proven(bare, ONE, directory, CONTEXT))


def accuracy(people: Persons) -> float:
    """Return how often the classifier is right about pairs it has not learned from.

    A pair is of one person or of two neighbours.
    """
    laid = laid_out(people)
    pairs = []
    for number, mine in enumerate(laid):
        others = laid[(number + 1) % len(laid)]
        for at in range(0, len(mine) - 1, 2):
            pairs.append((mine[at], mine[at + 1], True))
            pairs.append((mine[at], others[(at + 1) % len(others)], False))
    random.shuffle(pairs)
    learned, judged = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]
    weights = learn([(agreement(one, other), same) for one, other, same in learned])
    threshold = middle([(score(weights, agreement(a, b)), same) for a, b, same in learned])
    right = sum(
        (score(weights, agreement(one, other)) > threshold) == same for one, other, same in judged
    )
    return right / len(judged)


def laid_out(people: Persons) -> list[list[str]]:
    """Lay the fields of all requests side by side; places at which all are the same say nothing."""
    every = [one for each in people for one in each]
    widths: dict[str, int] = {}
    for one in every:
        for name, value in one.items():
            widths[name] = max(widths.get(name, 0), len(value))

    def whole(one: Fields) -> str:
        return "".join(one.get(name, "").ljust(width) for name, width in widths.items())

    first = whole(every[0])
    differs = bytearray(len(first))
    for one in every:
        for place, same in enumerate(map(eq, first, whole(one))):
            if not same:
                differs[place] = 1
    places = [place for place, is_one in enumerate(differs) if is_one]
    return [["".join(map(whole(one).__getitem__, places)) for one in each] for each in people]


def agreement(one: str, other: str) -> bytes:
    """Return at which places two requests have the same character: 1, or 0."""
    return bytes(map(eq, one, other))


Weights = Sequence[tuple[float, float]]


def learn(pairs: Sequence[tuple[bytes, bool]]) -> Weights:
    """Return for every place what agreement and disagreement say: naive Bayes, smoothed.

    Where some places tell one person from two beyond doubt, the others are noise and left out.
    """
    length = min(len(agrees) for agrees, _ in pairs)
    counts = {True: [1] * length, False: [1] * length}
    totals = {True: 2, False: 2}
    for agrees, same in pairs:
        totals[same] += 1
        column = counts[same]
        for place in range(length):
            column[place] += agrees[place]
    weights, telling = [], []
    for alike, unlike in zip(counts[True], counts[False], strict=True):
        p, q = alike / totals[True], unlike / totals[False]
        both = (alike + unlike) / (totals[True] + totals[False])
        doubt = math.sqrt(both * (1 - both) * (1 / totals[True] + 1 / totals[False]))
        telling.append(abs(p - q) > SIGMAS * doubt)
        weights.append((math.log(p / q), math.log((1 - p) / (1 - q))))
    if any(telling):
        weights = [w if tells else (0.0, 0.0) for w, tells in zip(weights, telling, strict=True)]
    return weights


def score(weights: Weights, agrees: bytes) -> float:
    """Return how much a pair looks like one person."""
    return sum(yes if agreed else no for (yes, no), agreed in zip(weights, agrees, strict=False))


def middle(scores: Sequence[tuple[float, bool]]) -> float:
    """Return what lies half way between the two kinds of pairs."""
    means = (
        statistics.fmean(one for one, same in scores if same is kind) for kind in (True, False)
    )
    return sum(means) / 2
