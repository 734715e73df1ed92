"""Check digits of the numbers in play (facts: japan.md 3.6). A check digit is never an identity."""


def _digits(number: str, length: int) -> list[int] | None:
    """Return the digits, or None where the text is not exactly that many ASCII digits."""
    if len(number) != length or not (number.isascii() and number.isdigit()):
        return None
    return [int(digit) for digit in number]


def personal_number_ok(number: str) -> bool:
    """Check a 個人番号: 12 digits, the last one by ordinance 85 of 2014, article 5.

    >>> personal_number_ok("983205673214"), personal_number_ok("983205673215")
    (True, False)
    """
    digits = _digits(number, 12)
    if digits is None:
        return False
    return digits[11] == personal_check_digit(digits[:11])


def personal_number(body: str) -> str:
    """Return the 個人番号 of its 11 leading digits.

    >>> personal_number("98320567321")
    '983205673214'
    """
    return f"{body}{personal_check_digit([int(digit) for digit in body])}"


def personal_check_digit(body: list[int]) -> int:
    """Return the check digit of the 11 leading digits of a 個人番号."""
    weights = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]
    rest = sum(w * d for w, d in zip(weights, reversed(body), strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def corporate_number_ok(number: str) -> bool:
    """Check a 法人番号: 13 digits, the first one is the check digit.

    >>> corporate_number_ok("4000012090001"), corporate_number_ok("5000012090001")
    (True, False)
    """
    digits = _digits(number, 13)
    if digits is None:
        return False
    return digits[0] == corporate_check_digit(number[1:])


def corporate_check_digit(body: str) -> int:
    """Return the check digit that leads the 12 further digits of a 法人番号."""
    total = sum((1, 2)[n % 2] * int(digit) for n, digit in enumerate(reversed(body)))
    return 9 - total % 9


def organisation_code_ok(number: str) -> bool:
    """Check a 団体コード: 6 digits, the last one over weights 6 to 2.

    >>> organisation_code_ok("131016"), organisation_code_ok("131017")
    (True, False)
    """
    digits = _digits(number, 6)
    if digits is None:
        return False
    total = sum(w * d for w, d in zip((6, 5, 4, 3, 2), digits, strict=False))
    return digits[5] == (11 - total % 11) % 10


def register_check_digit(body: str) -> int:
    """Return the check digit of a 宛名番号 or 世帯番号: Modulus 11, weights 2 to 7 from the right.

    Remainder 0 gives digit 0. Remainder 1 is not stated by the standard; we issue 0 as well
    (docs/decisions/0006).
    """
    weights = [2 + n % 6 for n in range(len(body))]
    rest = sum(w * int(d) for w, d in zip(weights, reversed(body), strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def register_number_ok(number: str, length: int = 15) -> bool:
    """Check a 宛名番号 or 世帯番号 of a given length, check digit last.

    >>> register_number_ok("000000000000019"), register_number_ok("000000000000018")
    (True, False)
    """
    if _digits(number, length) is None:
        return False
    return int(number[-1]) == register_check_digit(number[:-1])
