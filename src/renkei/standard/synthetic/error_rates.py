"""How often offices err who write a person down a second time: our estimates, all settable."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Rates:
    """How often what happens to a record that is written down a second time."""

    twice: float = 0.03  # the same person stands twice in the second register
    twins: float = 0.005  # somebody with all of a resident but the given name, for each resident
    namesakes: float = 0.01  # somebody with a resident's name and year of birth, living elsewhere
    firms: float = 0.02  # firms for each resident
    firms_twice: float = 0.5  # of the firms

    number_missing: float = 0.5  # 個人番号 or 法人番号 was not asked for
    number_mistyped: float = 0.004  # two digits are wrong and the check digit fits
    number_of_relative: float = 0.002  # the number of somebody in the same household
    number_of_stranger: float = 0.0005

    moved: float = 0.35  # another address than the register's
    moved_from: float = 0.35  # of these: the register's address before
    address_form: float = 0.5  # 1-2-3 in place of 1丁目2番3号, without the prefecture
    building_missing: float = 0.3
    postal_code_missing: float = 0.05

    married: float = 0.03  # another surname
    former_known: float = 0.3  # of these: the register knows it as 旧氏
    variant: float = 0.05  # 異体字, where the name has one
    kana_for_kanji: float = 0.005
    no_space: float = 0.05
    small_kana: float = 0.05
    long_vowel: float = 0.05
    voicing: float = 0.03
    other_reading: float = 0.01  # of the given name
    kana_mistyped: float = 0.01

    day_and_month_swapped: float = 0.01
    birth_mistyped: float = 0.01
    birth_unknown: float = 0.01  # 日付不詳
    sex_unknown: float = 0.02
    sex_wrong: float = 0.001

    def described(self) -> str:
        """Return the rates on one line, for the heading of the file."""
        return " ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))
