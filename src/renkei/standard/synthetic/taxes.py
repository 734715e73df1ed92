"""The arithmetic of 個人住民税 as the law states it for the years since 令和3年度.

Amounts are yen; a tax year N looks at the income of the calendar year N - 1. Left out, since the
layout has no item for them: 調整控除 and other credits, 所得金額調整控除, 配偶者特別控除 and
森林環境税. The income levy is 6 % and 4 % everywhere; a designated city's 8 % and 2 % are left out.
"""

# The widened 給与所得控除 and the higher limit for dependants: income of 令和7年 and later.
WIDENED = 2026

PER_CAPITA_MUNICIPAL = 3_000
PER_CAPITA_PREFECTURAL = 1_000


def salary_income(receipts: int, tax_year: int) -> int:
    """Return 給与所得 of 給与収入 (所得税法28条, 別表第五).

    >>> salary_income(5_000_000, 2025), salary_income(1_625_000, 2025)
    (3560000, 1074000)
    >>> salary_income(1_625_000, 2026)
    975000
    """
    quarter = receipts // 4_000 * 1_000  # the table cuts a quarter to thousands
    if receipts >= 8_500_000:
        return receipts - 1_950_000
    if receipts >= 6_600_000:
        return receipts * 9 // 10 - 1_100_000
    if receipts >= 3_600_000:
        return quarter * 32 // 10 - 440_000
    if receipts >= 1_900_000:
        return quarter * 28 // 10 - 80_000
    if tax_year >= WIDENED:
        return max(0, receipts - 650_000)
    if receipts >= 1_800_000:
        return quarter * 28 // 10 - 80_000
    if receipts >= 1_628_000:
        return quarter * 24 // 10 + 100_000
    if receipts >= 1_619_000:
        return next(income for limit, income in LOW_STEPS if receipts < limit)
    return max(0, receipts - 550_000)


LOW_STEPS = (
    (1_620_000, 1_069_000),
    (1_622_000, 1_070_000),
    (1_624_000, 1_072_000),
    (1_628_000, 1_074_000),
)


def pension_income(receipts: int, *, is_65: bool) -> int:
    """Return 公的年金等に係る雑所得 (other income up to ten million yen).

    >>> pension_income(2_000_000, is_65=True), pension_income(2_000_000, is_65=False)
    (900000, 1225000)
    """
    free = 1_100_000 if is_65 else 600_000
    if receipts < (3_300_000 if is_65 else 1_300_000):
        return max(0, receipts - free)
    if receipts < 4_100_000:
        return receipts * 75 // 100 - 275_000
    if receipts < 7_700_000:
        return receipts * 85 // 100 - 685_000
    if receipts < 10_000_000:
        return receipts * 95 // 100 - 1_455_000
    return receipts - 1_955_000


def dependant_limit(tax_year: int) -> int:
    """Return the total income up to which a person is a dependant."""
    return 580_000 if tax_year >= WIDENED else 480_000


def basic_deduction(total: int) -> int:
    """Return 基礎控除 by 合計所得金額.

    >>> basic_deduction(5_000_000), basic_deduction(25_000_001)
    (430000, 0)
    """
    if total <= 24_000_000:
        return 430_000
    return 290_000 if total <= 24_500_000 else 150_000 if total <= 25_000_000 else 0


def spouse_deduction(total: int, *, is_old: bool) -> int:
    """Return 配偶者控除 by the taxpayer's 合計所得金額; more for a spouse of 70.

    >>> spouse_deduction(5_000_000, is_old=False), spouse_deduction(9_200_000, is_old=True)
    (330000, 260000)
    """
    if total <= 9_000_000:
        return 380_000 if is_old else 330_000
    if total <= 9_500_000:
        return 260_000 if is_old else 220_000
    if total <= 10_000_000:
        return 130_000 if is_old else 110_000
    return 0


def dependant_deduction(age: int, *, is_old_parent: bool) -> int:
    """Return 扶養控除 for one dependant by the age at the end of the income year.

    >>> [dependant_deduction(a, is_old_parent=a == 80) for a in (15, 17, 20, 40, 75, 80)]
    [0, 330000, 450000, 330000, 380000, 450000]
    """
    if age < 16:
        return 0
    if age >= 70:
        return 450_000 if is_old_parent else 380_000
    return 450_000 if 19 <= age <= 22 else 330_000


def per_capita_limit(supported: int) -> int:
    """Return the total income up to which no levy at all is due (級地 1).

    >>> per_capita_limit(0), per_capita_limit(2)
    (450000, 1360000)
    """
    return 350_000 * (1 + supported) + 100_000 + (210_000 if supported else 0)


def income_levy_limit(supported: int) -> int:
    """Return the total income up to which no income levy is due.

    >>> income_levy_limit(0), income_levy_limit(2)
    (450000, 1470000)
    """
    return 350_000 * (1 + supported) + 100_000 + (320_000 if supported else 0)


def income_levies(tax_base: int) -> tuple[int, int]:
    """Return the municipal and the prefectural income levy, cut to hundreds.

    >>> income_levies(1_234_000)
    (74000, 49300)
    """
    return tax_base * 6 // 10_000 * 100, tax_base * 4 // 10_000 * 100
