"""ristretto255 in whole numbers and hashlib alone: it shares no line with the program.

Written from RFC 9496 (the group), RFC 9380 (hashing) and docs/protocol; slow, and in no way
constant in time. What it says of our vectors an implementer in any language can say, too.
"""

from hashlib import sha256, sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
SUITE = b"PFC1-V01-CS-ristretto255-SHA512"

Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def negative(x: int) -> bool:
    return x % P % 2 == 1


def root_of_ratio(u: int, v: int) -> tuple[bool, int]:
    """RFC 9496 4.2, SQRT_RATIO_M1."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    correct, flipped = check == u % P, check == -u % P
    flipped_i = check == -u * ROOT % P
    if flipped or flipped_i:
        r = r * ROOT % P
    return correct or flipped, P - r if negative(r) else r


_, INVERSE_ROOT = root_of_ratio(1, (-1 - D) % P)
ROOT_AD_MINUS_ONE = P - root_of_ratio((-D - 1) % P, 1)[1]  # RFC 9496 names the odd one


def decode(data: bytes) -> Point:
    """RFC 9496 4.3.1; a bad encoding and the neutral element raise ValueError."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or negative(s) or s == 0:
        raise ValueError("not canonical")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-(D * u1 * u1) - u2 * u2) % P
    square, inverse = root_of_ratio(1, v * u2 * u2 % P)
    x = 2 * s * inverse * u2 % P
    x = P - x if negative(x) else x
    y = u1 * inverse * u2 * inverse * v % P
    t = x * y % P
    if not square or negative(t) or y == 0:
        raise ValueError("no element")
    return x, y, 1, t


def encode(point: Point) -> bytes:
    """RFC 9496 4.3.2."""
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, inverse = root_of_ratio(1, u1 * u2 * u2 % P)
    d1, d2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = d1 * d2 * t % P
    if negative(t * z_inverse):
        x, y, d = y * ROOT % P, x * ROOT % P, d1 * INVERSE_ROOT % P
    else:
        d = d2
    y = -y % P if negative(x * z_inverse) else y
    s = d * (z - y) % P
    return (P - s if negative(s) else s).to_bytes(32, "little")


def add(p: Point, q: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = p, q
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(k: int, p: Point) -> Point:
    total, k = ZERO, k % L
    while k:
        total, p, k = add(total, p) if k & 1 else total, add(p, p), k >> 1
    return total


def minus(p: Point, q: Point) -> Point:
    x, y, z, t = q
    return add(p, (-x % P, y, z, -t % P))


def sum_of(weights: list[int], points: list[Point]) -> Point:
    total = ZERO
    for weight, point in zip(weights, points, strict=True):
        total = add(total, times(weight, point))
    return total


GENERATOR = decode(
    bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
)


def expand(message: bytes, dst: bytes, length: int = 64) -> bytes:
    """RFC 9380 5.3.1 with SHA-512, one block."""
    suffix = dst + bytes([len(dst)])
    first = sha512(bytes(128) + message + length.to_bytes(2) + b"\0" + suffix).digest()
    return sha512(first + b"\x01" + suffix).digest()[:length]


def elligator(data: bytes) -> Point:
    """RFC 9496 4.3.4, MAP."""
    t = int.from_bytes(data, "little") % 2**255 % P
    r = ROOT * t * t % P
    u = (r + 1) * (1 - D * D) % P
    v = (-1 - r * D) * (r + D) % P
    square, s = root_of_ratio(u, v)
    other = s * t % P
    other = other if negative(other) else -other % P
    s, c = (s, -1) if square else (other, r)
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1 = 2 * s * v % P, n * ROOT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def hash_to_group(message: bytes, dst: bytes) -> Point:
    uniform = expand(message, dst)
    return add(elligator(uniform[:32]), elligator(uniform[32:]))


def scalar(data: bytes) -> int:
    return int.from_bytes(data, "little") % L


def hash_to_scalar(message: bytes, dst: bytes) -> int:
    return scalar(expand(message, dst))


def framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def digest(label: bytes, *parts: bytes) -> bytes:
    return sha256(framed(b"PFC1", label, *parts)).digest()


def weights(seed: bytes, count: int, first: int = 0) -> list[int]:
    """Return the weights of a folding; with `first` the one that stands before them is 1."""
    drawn = [scalar(sha512(seed + n.to_bytes(4)).digest()) for n in range(first, count)]
    return [1] * first + drawn


def equality_holds(b: Point, c: Point, d: Point, context: bytes, proof: bytes) -> bool:
    """RFC 9497 2.2.2, VerifyProof of one pair."""

    def short(*parts: bytes) -> bytes:
        return b"".join(len(part).to_bytes(2) + part for part in parts)

    e, s = scalar(proof[:32]), scalar(proof[32:])
    seed = sha512(short(encode(b), b"Seed-" + context)).digest()
    said = short(seed) + bytes(2) + short(encode(c), encode(d)) + b"Composite"
    weight = hash_to_scalar(said, b"HashToScalar-" + context)
    m, z = times(weight, c), times(weight, d)
    t2, t3 = sum_of([s, e], [GENERATOR, b]), sum_of([s, e], [m, z])
    said = short(*map(encode, (b, m, z, t2, t3))) + b"Challenge"
    return hash_to_scalar(said, b"HashToScalar-" + context) == e
