"""Conversions of linkage codes against the bare scalar multiplications they need.

A conversion carries one leg: three multiplications and one of the generator, and two additions,
which libsodium does not give away (each decodes both points). *Single* carries leg by leg as a
question does, *batched* a whole column; the smaller of the two ratios counts, in processor time.
Told besides: what a converter spends on a question and on a batch with all it verifies and proves,
beside the multiplications of that (counted in this run), and what 125 million persons take.
"""

import argparse
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.measure import Ratio, Result
from renkei import identity
from renkei.identity.group import Element, Scalar
from renkei.identity.legs import carry, encrypt
from renkei.identity.packed import Legs
from renkei.identity.sodium import Sodium, sodium
from renkei.kit import tenant

RATIO = Ratio(floor=0.8, baseline="the same scalar multiplications alone, in libsodium")
PERSONS = 125_000_000
A, B = tenant("131016"), tenant("131024")
FIRST, SECOND = tenant("8000070001201"), tenant("7000070001202")
REGISTRAR, LOG = tenant("6000070001203"), tenant("5000070001204")
CONTEXT = bytes(32)


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--size", type=int, help="items of a batch; default 10000, quick 500")
    parser.add_argument("--rounds", type=int, help="default 7; quick 5")


def run(args: argparse.Namespace) -> Result:
    """Measure in turn; the median of the rounds' ratios counts."""
    size = args.size or (500 if args.quick else 10_000)
    rounds = args.rounds or (5 if args.quick else 7)
    hub = Hub()
    receiver = hub.receiver
    legs = [encrypt(Element.base(Scalar.random()), receiver) for _ in range(size)]
    factor = Scalar.random()
    few = max(20, size // 20)
    questions, batch = hub.questions(few), hub.batch(size)
    with counted() as one:
        hub.convert(questions[0])
    with counted() as many:
        hub.convert_batch(batch)
    sides: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(3 * size, size),
        "single": lambda: [carry(leg, factor, receiver) for leg in legs],
        "batched": lambda: Legs.of([carry(leg, factor, receiver)[0] for leg in legs]),
        "question_bare": lambda: bare(one["multiply"] * few, one["multiply_base"] * few),
        "question": lambda: [hub.convert(question) for question in questions],
        "batch_bare": lambda: bare(many["multiply"], many["multiply_base"]),
        "batch": lambda: hub.convert_batch(batch),
    }
    took: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, work in sides.items():
            begun = time.process_time()
            work()
            took[name].append(time.process_time() - begun)
        told = " ".join(f"{name} {times[-1]:.3f}" for name, times in took.items())
        print(f"round {number}, cpu s: {told}", flush=True)

    def ratio(bare_side: str, side: str) -> float:
        pairs = zip(took[bare_side], took[side], strict=True)
        return statistics.median(least / whole for least, whole in pairs)

    per_person = statistics.median(took["batch"]) / size
    hours = PERSONS * per_person / 3600
    return Result(
        min(ratio("bare", "single"), ratio("bare", "batched")),
        {
            "size": size,
            "single": round(ratio("bare", "single"), 3),
            "batched": round(ratio("bare", "batched"), 3),
            "legs_per_cpu_second": round(size / statistics.median(took["batched"])),
            "proven_question": round(ratio("question_bare", "question"), 3),
            "proven_questions_per_cpu_second": round(few / statistics.median(took["question"])),
            "proven_batch": round(ratio("batch_bare", "batch"), 3),
            "proven_items_per_cpu_second": round(1 / per_person),
            "hours_of_125M_persons_on_one_core": round(hours, 1),
            "cores_for_one_night_of_8_hours": -int(-hours // 8),
        },
    )


def bare(multiplications: int, of_the_generator: int) -> None:
    """Multiply so many times, one call after another, and keep what comes out for a moment."""
    multiply, multiply_base = sodium().multiply, sodium().multiply_base
    scalar, point = Scalar.random().encoded, Element.base(Scalar.random()).encoded
    for _ in range(multiplications):
        point = multiply(scalar, point)
    for _ in range(of_the_generator):
        multiply_base(scalar)


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the scalar multiplications of what runs inside."""
    calls: Counter[str] = Counter()
    kept = {name: getattr(Sodium, name) for name in ("multiply", "multiply_base")}

    def counting(name: str) -> Callable[..., bytes]:
        def call(*arguments: object) -> bytes:
            calls[name] += 1
            return bytes(kept[name](*arguments))

        return call

    for name in kept:
        setattr(Sodium, name, counting(name))
    try:
        yield calls
    finally:
        for name, method in kept.items():
            setattr(Sodium, name, method)


class Hub:
    """Two towns and a first converter, with keys of their own."""

    def __init__(self) -> None:
        """Draw every key and publish it."""
        organisations = (A, B, LOG)
        self.keys, second = (
            identity.ConverterKeys.draw(each, organisations) for each in (FIRST, SECOND)
        )
        published = [
            identity.PublicKeys(
                identity.SUITE,
                each,
                {FIRST: self.keys.public(each), SECOND: second.public(each)},
                {1: identity.DecryptionKey.draw(each).public()},
            )
            for each in organisations
        ]
        self.directory = identity.Directory.checked(
            published, converters=(FIRST, SECOND), registrar=REGISTRAR, log_operator=LOG
        )

    @property
    def receiver(self) -> Element:
        """Return the key that B's legs are encrypted to."""
        return self.directory.receiver(self.directory.address(B))

    def nyms(self, count: int) -> list[identity.Nym]:
        """Return codes of A, of nobody."""
        return [identity.Nym(A, 1, Element.base(Scalar.random())) for _ in range(count)]

    def questions(self, count: int) -> list[identity.Question]:
        """Return questions as A sends them."""
        return [identity.blind(nym, B, self.directory, context=CONTEXT) for nym in self.nyms(count)]

    def batch(self, size: int) -> identity.Batch:
        """Return a batch as A sends it."""
        persons = [(secrets.token_bytes(16), nym) for nym in self.nyms(size)]
        return identity.blind_batch(persons, B, self.directory, mode="ordered", context=CONTEXT)

    def convert(self, question: identity.Question) -> identity.Question:
        """Convert a question, first in turn."""
        return identity.convert(
            question, self.keys, self.directory, asker=A, provider=B, context=CONTEXT
        )

    def convert_batch(self, batch: identity.Batch) -> identity.Batch:
        """Convert a batch, first in turn."""
        return identity.convert_batch(
            batch, self.keys, self.directory, asker=A, provider=B, context=CONTEXT
        )
