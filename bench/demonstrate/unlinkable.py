"""Every byte the hub saw, and a classifier that tries to link two requests of one person.

It learns from half of the pairs, position by position, how often the characters of two requests of
one person agree and how often those of two persons do, and judges the other half by it; besides
the bytes it is given what a converter can compute with its secrets. By chance it is right half
the time. Asker, holder and all else that was asked are the same throughout: traffic is not what
is tried here. In the control A's blinding is switched off, and the same classifier must find it.
"""

import math
import random
import statistics
from base64 import b64encode
from collections.abc import Callable, Sequence
from operator import eq

from bench.demonstrate.scene import CONTEXT, LOG, A, B, Scene, body
from bench.demonstrate.verdict import Verdict
from renkei import identity
from renkei.identity.group import SUITE, Element, Scalar
from renkei.identity.proofs import EqualityProof
from renkei.identity.question import BlindedRequest, proven

SIGMAS = 5
"""So far from one half chance brings it once in a million runs."""

Blind = Callable[[identity.Directory, identity.Nym], identity.Question]


def demonstrate(size: int) -> Verdict:
    """Let the classifier judge the real requests, and those of a town that does not blind."""
    verdict = Verdict()
    half = math.sqrt(0.25 / (size // 2))
    low, high = 0.5 - SIGMAS * half, 0.5 + SIGMAS * half
    found = accuracy(size, blinded)
    verdict.add(
        f"変換機関が見た全バイト({size}件)からの突合: 正答率 {found:.3f}"
        f"(偶然 0.5、{low:.3f}〜{high:.3f})",
        f"linking by every byte the hub saw in {size} requests: right in {found:.3f} of all cases"
        f" (chance 0.5, {low:.3f} to {high:.3f})",
        holds=low <= found <= high,
    )
    seen = accuracy(size, unblinded)
    verdict.add(
        f"秘匿を外した対照: 正答率 {seen:.3f}",
        f"the control without blinding: right in {seen:.3f}",
        holds=seen > high,
    )
    return verdict


def accuracy(size: int, blind: Blind) -> float:
    """Return how often the classifier is right about pairs it has not learned from.

    Of every person there are two requests; a pair is of one person or of two neighbours.
    """
    scene = Scene.draw()
    directory = scene.directory
    persons = scene.issued([identity.Pid.random() for _ in range(size // 2)], A)
    first, second = (
        [seen_by_hub(scene, directory, blind(directory, nym)) for nym in persons] for _ in range(2)
    )
    pairs = [(one, other, True) for one, other in zip(first, second, strict=True)]
    pairs += [
        (one, other, False) for one, other in zip(first, [*second[1:], second[0]], strict=True)
    ]
    random.shuffle(pairs)
    learned, judged = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]
    weights = learn([(agreement(one, other), same) for one, other, same in learned])
    threshold = middle([(score(weights, agreement(a, b)), same) for a, b, same in learned])
    right = sum(
        (score(weights, agreement(one, other)) > threshold) == same for one, other, same in judged
    )
    return right / len(judged)


def seen_by_hub(scene: Scene, directory: identity.Directory, question: identity.Question) -> str:
    """Return all that both operators see of one request, and what their secrets make of it."""
    seen = []
    for keys in scene.hub:
        seen.append(body(question))
        derived = computed(keys, question)
        seen.append(b64encode(b"".join(one.encoded for one in derived)))
        question = identity.convert(question, keys, directory, asker=A, provider=B, context=CONTEXT)
    return (b"".join(seen) + body(question)).decode()


def computed(keys: identity.ConverterKeys, question: identity.Question) -> list[Element]:
    """Return what a converter can take out of a request with its own secrets."""
    request = question.request
    elements = (request.c1, request.c_provider, request.c_log)
    factors = [keys.scalar(each, 1) for each in (A, B, LOG)]
    return [
        request.c_provider - request.c_log,
        request.c_provider - request.c1,
        *(factor.inverse() * element for factor in factors for element in elements),
    ]


def blinded(directory: identity.Directory, nym: identity.Nym) -> identity.Question:
    """Blind as every node does."""
    return identity.blind(nym, B, directory, context=CONTEXT)


ONE = Scalar((1).to_bytes(32, "little"))


def unblinded(directory: identity.Directory, nym: identity.Nym) -> identity.Question:
    """Send what a town sends that always draws the same randomness, its proof made as usual."""
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
