"""Incomes, levies and benefits follow from each other, and from the people they are about."""

from renkei.standard.synthetic import taxes

from .conftest import A, Read

INCOMES = (
    *("salary_income", "pension_income", "business_income"),
    *("property_income", "other_income"),
)
DEDUCTIONS = (
    *("social_insurance_deduction", "life_insurance_deduction", "medical_deduction"),
    *("disability_deduction", "single_parent_deduction", "spouse_deduction"),
    *("dependant_deduction", "basic_deduction"),
)


def yen(row: dict[str, str], *names: str) -> int:
    return sum(int(row[name] or 0) for name in names)


def test_incomes_deductions_and_levies_add_up(read: Read) -> None:
    for row in read(A, "income"):
        total = yen(row, "total_income")
        assert total == yen(row, "gross_income") == yen(row, *INCOMES)
        if row["salary_receipts"]:
            salary = taxes.salary_income(yen(row, "salary_receipts"), 2025)
            assert salary == yen(row, "salary_income")
        levies = (yen(row, "municipal_income_levy"), yen(row, "prefectural_income_levy"))
        assert levies == taxes.income_levies(yen(row, "tax_base"))
        if row["taxation"] == "3":
            base = total - yen(row, *DEDUCTIONS)
            assert yen(row, "tax_base") == base // 1000 * 1000


def test_the_taxation_class_is_what_the_levies_say(read: Read) -> None:
    seen = set()
    for row in read(A, "income"):
        by_income, per_capita = yen(row, "municipal_income_levy"), "municipal_per_capita_levy"
        assert (yen(row, per_capita), yen(row, "prefectural_per_capita_levy")) in {
            (0, 0),
            (3000, 1000),
        }
        expected = {
            (False, False): {"1", "4"},
            (False, True): {"2"},
            (True, True): {"3"},
        }[by_income > 0, yen(row, per_capita) > 0]
        assert row["taxation"] in expected
        assert (row["taxation"] == "4") == (row["filing"] == "9")
        assert (row["collection"] == "9") == (yen(row, per_capita) == 0)
        seen.add(row["taxation"])
    assert seen == {"1", "2", "3", "4"}


def test_incomes_are_of_residents_of_15_who_lived_here_on_1_january(read: Read) -> None:
    residents = {row["register_number"]: row for row in read(A, "resident")}
    for row in read(A, "income"):
        resident = residents[row["register_number"]]
        assert row["tax_year"] == "2025"
        assert row["assessment_municipality"] == A
        if resident["birth_date"][0] != "0" and resident["resident_since"][0] != "0":
            assert resident["birth_date"][:4] <= "2010"
            assert resident["resident_since"][:10] <= "2025-01-01"


def test_dependants_are_people_of_the_household(read: Read) -> None:
    sizes: dict[str, int] = {}
    household = {}
    for row in read(A, "resident"):
        number = household[row["register_number"]] = row["household_number"]
        sizes[number] = sizes.get(number, 0) + 1
    for row in read(A, "income"):
        assert yen(row, "dependants") < sizes[household[row["register_number"]]]
        assert yen(row, "dependants_under_16") <= yen(row, "dependants")


def test_child_allowance_is_paid_for_children_to_a_parent_at_home(read: Read) -> None:
    residents = {row["register_number"]: row for row in read(A, "resident")}
    rows = read(A, "child_allowance")
    for row in rows:
        child, parent = residents[row["child_number"]], residents[row["register_number"]]
        assert child["household_number"] == parent["household_number"]
        assert child["birth_date"] >= "2008-04-02"
        assert row["monthly_amount"] in {"10000", "15000", "30000"}
        assert (row["monthly_amount"] == "30000") == (row["allowance_class"] == "2")
        assert bool(row["paid_until"]) == (child["resident_status"] != "1")
        assert child["birth_date"] <= row["claimed_on"] <= "2026-04-01"
    assert {row["allowance_class"] for row in rows} == {"1", "2"}


def test_child_medical_is_for_the_small_and_rests_on_the_guardians_income(read: Read) -> None:
    residents = {row["register_number"]: row for row in read(A, "resident")}
    incomes = {row["register_number"]: row for row in read(A, "income")}
    rows = read(A, "child_medical")
    assert len({row["recipient_number"] for row in rows}) == len(rows)
    for row in rows:
        assert residents[row["child_number"]]["birth_date"] > "2020-04-01"
        income = incomes.get(row["guardian_number"])
        if income is not None and income["filing"] != "9":
            assert row["assessed_income"] == income["total_income"]
            assert row["dependants"] == income["dependants"]
