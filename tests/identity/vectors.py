"""Our own reference vectors: one run of the protocol with all its secrets, from a fixed seed.

`python -m tests.identity.vectors` writes `docs/protocol/codes-vectors.json`. libsodium itself is
given the seeded source of random bytes, by its own interface and in a process of its own; nothing
of the program is changed for it.
"""

import ctypes
import json
import sys
from hashlib import sha512
from pathlib import Path

from tests.identity.world import CONTEXT, FIRST, LOG, REGISTRAR, SECOND, A, B, World

from renkei import identity
from renkei.identity import AcquisitionNumber, Pid
from renkei.identity.sodium import sodium

FILE = Path(__file__).parents[2] / "docs" / "protocol" / "codes-vectors.json"
SEED = b"Renkei PFC1 reference vectors, version 1"
PERSONS = 4

_Text = ctypes.CFUNCTYPE(ctypes.c_char_p)
_Number = ctypes.CFUNCTYPE(ctypes.c_uint32)
_Void = ctypes.CFUNCTYPE(None)
_Uniform = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)
_Fill = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t)
_Close = ctypes.CFUNCTYPE(ctypes.c_int)


class Source(ctypes.Structure):
    """What libsodium calls `randombytes_implementation`."""

    _fields_ = (
        ("implementation_name", _Text),
        ("random", _Number),
        ("stir", _Void),
        ("uniform", _Uniform),
        ("buf", _Fill),
        ("close", _Close),
    )


class Seeded:
    """SHA-512(seed ‖ n as eight bytes), one after the other, as a source of libsodium's."""

    def __init__(self, seed: bytes) -> None:
        self.seed, self.count = seed, 0
        self.source = Source(
            _Text(lambda: b"seeded"),
            _Number(lambda: int.from_bytes(self.bytes(4), "little")),
            _Void(lambda: None),
            _Uniform(lambda most: int.from_bytes(self.bytes(4), "little") % most),
            _Fill(lambda place, size: ctypes.memmove(place, self.bytes(size), size) and None),
            _Close(lambda: 0),
        )

    def bytes(self, size: int) -> bytes:
        drawn = b""
        while len(drawn) < size:
            drawn += sha512(self.seed + self.count.to_bytes(8)).digest()
            self.count += 1
        return drawn[:size]

    def install(self) -> None:
        """Let this process draw from here; it must do nothing else."""
        library = ctypes.CDLL(sodium().path)
        library.randombytes_set_implementation(ctypes.byref(self.source))


def told(message: object) -> object:
    """Return a message as it travels."""
    return json.loads(identity.render(message))  # type: ignore[arg-type] # every message is one


def run() -> dict[str, object]:
    """Run issuance, a question, both kinds of batch and a rotation; return all there is to know."""
    drawn = Seeded(SEED + b", pids and numbers")
    world = World.draw()
    pids = [Pid(drawn.bytes(16)) for _ in range(PERSONS)]
    numbers = [AcquisitionNumber(drawn.bytes(16)) for _ in range(PERSONS)]
    issued, nyms = {}, {}
    for organisation in (A, B, LOG):
        issuance = identity.encrypt_persons(
            list(zip(numbers, pids, strict=True)), organisation, world.directory
        )
        facts = {"organisation": organisation, "context": CONTEXT}
        for keys in (world.first, world.second):
            issuance = identity.convert_issuance(
                issuance, keys, world.directory, organisation=organisation, context=CONTEXT
            )
        verified = identity.verify_issuance(
            issuance, world.directory, organisation=organisation, context=CONTEXT
        )
        opened = identity.open_issuance(verified, world.keys[organisation])
        nyms[organisation] = [nym for _, nym in opened]
        issued[organisation] = {**facts, "context": CONTEXT.hex(), "issuance": told(issuance)}
    persons = [(number.encoded, nym) for number, nym in zip(numbers, nyms[A], strict=True)]
    more = [keys.admit(A, kv=2) for keys in (world.first, world.second)]
    later = identity.Directory.checked(
        [
            identity.PublicKeys(
                identity.SUITE,
                each,
                {FIRST: more[0].public(each), SECOND: more[1].public(each)},
                {1: world.keys[each].public()},
            )
            for each in (A, B, LOG)
        ],
        converters=(FIRST, SECOND),
        registrar=REGISTRAR,
        log_operator=LOG,
    )
    quotients = [identity.hand_over(keys, A, 1, 2, later) for keys in more]
    factor = identity.take_over(quotients, 1, 2, later, world.keys[A])
    return {
        "suite": identity.SUITE,
        "parties": {
            "asker": A,
            "provider": B,
            "converters": [FIRST, SECOND],
            "registrar": REGISTRAR,
            "log_operator": LOG,
        },
        "context": CONTEXT.hex(),
        "secrets": {
            "converters": [told(keys) for keys in more],
            "decryption": {each: told(key) for each, key in world.keys.items()},
            "pids": [pid.encoded.hex() for pid in pids],
        },
        "elements": [pid.element.encoded.hex() for pid in pids],
        "nyms": {
            each: [
                {"element": nym.element.encoded.hex(), "code": nym.code, "handle": nym.handle.hex()}
                for nym in some
            ]
            for each, some in nyms.items()
        },
        "issuances": issued,
        "question": told(world.question(nyms[A][0])),
        "ordered": told(world.batch(persons)),
        "shuffled": told(world.batch(persons, mode="shuffled")),
        "quotients": [told(each) for each in quotients],
        "rotated": [
            {"element": each.element.encoded.hex(), "code": each.code}
            for each in (identity.rotated(nym, factor, 2) for nym in nyms[A])
        ],
    }


def text() -> str:
    """Return the vectors as the file holds them."""
    source = Seeded(SEED)  # libsodium holds no reference to it
    source.install()
    written = json.dumps(run(), ensure_ascii=True, indent=1) + "\n"
    assert source.count
    return written


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(text())
    else:
        FILE.write_text(text(), encoding="ascii")
