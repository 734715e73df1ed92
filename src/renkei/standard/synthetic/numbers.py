"""The made-up numbers: unique by construction, with check digits that fit.

Every person of every town has an index below 10^11: the town's slot (from its 5-digit code) and a
place in it. A fixed bijection spreads the indexes, so no two persons share a 個人番号 whatever the
town, the seed or the number of people. Someone who moves keeps the index of the town of origin.
"""

WHOLE = 10**11
SLOT = 2_500_000  # persons per town; 48 prefectures x 800 municipalities x SLOT < WHOLE

# Places in a town's slot: residents from 0 on, then:
MOVERS = 1_500_000
UNREGISTERED = 2_000_000

# Where the 宛名番号 and 世帯番号 sequences of a town begin.
REGISTER_MOVED_IN = 60_000_000
REGISTER_MOVED_OUT = 70_000_000
REGISTER_UNREGISTERED = 90_000_000
FAMILY = 10  # places kept for one family that moves

# Modulus 11 with weights 2 to 7 from the right, three digits at a time.
_LOW = [2 * (n % 10) + 3 * (n // 10 % 10) + 4 * (n // 100) for n in range(1000)]
_HIGH = [5 * (n % 10) + 6 * (n // 10 % 10) + 7 * (n // 100) for n in range(1000)]
_CHECK = [0 if rest <= 1 else 11 - rest for rest in range(11)]


def slot(code: str) -> int:
    """Return the first index of a town's slot.

    >>> slot("131024") - slot("131016") == SLOT
    True
    """
    return (int(code[:2]) * 800 + int(code[2:5])) * SLOT


def resident_index(code: str, person: int) -> int:
    """Return the index of a household's first person, who is that many-th resident of a town.

    A designated city (政令指定都市: its code ends in 0) may be larger than its places: the rest
    goes to the slot of a code below 100 in its prefecture, which no municipality has.

    >>> resident_index("141003", 0) - slot("141003"), resident_index("141003", 3_000_000) % SLOT
    (0, 1500010)
    """
    if person + FAMILY <= MOVERS:
        return slot(code) + person
    spare = int(code[:2]) * 800 + int(code[2:5]) // 10
    return spare * SLOT + person + FAMILY - MOVERS


def personal_number(index: int) -> str:
    """Return the 個人番号 of an index: 11 digits and the check digit.

    >>> personal_number(1)
    '482716906137'
    """
    body = index * 48_271_690_613 % WHOLE
    high, low = divmod(body, 1_000_000)
    total = _LOW[low % 1000] + _HIGH[low // 1000] + _LOW[high % 1000] + _HIGH[high // 1000]
    return f"{body:011d}{_CHECK[total % 11]}"


def resident_record_code(index: int) -> str:
    """Return the 住民票コード of an index: 11 digits (the rule of its last digit is not public)."""
    return f"{index * 61_803_398_873 % WHOLE:011d}"


def register_number(sequence: int) -> str:
    """Return the 宛名番号 or 世帯番号 of a sequence number below 10^9.

    >>> register_number(1)
    '000000000000019'
    """
    total = _LOW[sequence % 1000] + _HIGH[sequence // 1000 % 1000] + _LOW[sequence // 1_000_000]
    return f"{sequence:014d}{_CHECK[total % 11]}"


def organisation_code(jis: str) -> str:
    """Return the 6-digit 団体コード of a 5-digit municipality code.

    >>> organisation_code("13101")
    '131016'
    """
    total = sum(weight * int(digit) for weight, digit in zip((6, 5, 4, 3, 2), jis, strict=True))
    return f"{jis}{(11 - total % 11) % 10}"
