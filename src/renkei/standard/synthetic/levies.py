"""The rows of 個人住民税: what a household's people earned, may deduct and owe in one tax year."""

from datetime import date

from renkei.standard.synthetic.assessments import LIABLE_AGE, Assessment, TaxYear
from renkei.standard.synthetic.days import Calendar, number
from renkei.standard.synthetic.people import Household
from renkei.standard.synthetic.sheets import Sheet, code_values
from renkei.standard.synthetic.taxes import PER_CAPITA_MUNICIPAL, PER_CAPITA_PREFECTURAL

PER_CORRECTED = 97  # one in so many assessments was corrected
COUNTED = (
    *("gross_income", "total_income", "dependants", "dependants_under_16", "tax_base"),
    *("municipal_income_levy", "municipal_per_capita_levy"),
    *("prefectural_income_levy", "prefectural_per_capita_levy"),
)


class Levies:
    """Writes assessments into `income.csv`."""

    def __init__(self, sheet: Sheet, code: str, calendar: Calendar) -> None:
        """Take the municipality that assesses, and read the codes once."""
        self.sheet = sheet
        self.code = code
        self.calendar = calendar
        self._municipal = str(PER_CAPITA_MUNICIPAL)
        self._prefectural = str(PER_CAPITA_PREFECTURAL)
        filing = code_values("filing")
        self._return, self._local_return = filing["所得税確定申告"], filing["住民税申告"]
        self._salary_report = filing["給与支払報告書"]
        self._pension_report = filing["公的年金等支払報告書"]
        self._not_needed, self._not_filed = filing["申告不要"], filing["未申告"]
        collection = code_values("collection")
        self._from_salary, self._by_bill = collection["特別徴収"], collection["普通徴収"]
        self._from_pension, self._nothing = collection["年金特別徴収"], collection["徴収なし"]
        taxation = code_values("taxation")
        self._untaxed, self._per_capita = taxation["非課税"], taxation["均等割のみ"]
        self._taxed, self._unknown = taxation["課税"], taxation["未申告"]

    def write(self, household: Household, assessments: list[Assessment], year: TaxYear) -> None:
        """Write one household's people of 15 and over who lived here on 1 January."""
        for n, own in enumerate(assessments):
            if own.age >= LIABLE_AGE:
                self._write(household.register_numbers[n], own, year)

    def _write(self, register_number: str, own: Assessment, year: TaxYear) -> None:
        if not own.is_filed:
            self._write_unfiled(register_number, year)
            return
        profile = own.profile
        total = str(own.total)  # of the others, zero is no value
        per_capita = own.is_per_capita_due
        self.sheet.write(
            {
                "register_number": register_number,
                "tax_year": str(year.year),
                "assessment_municipality": self.code,
                "filing": self._filing(own),
                "salary_receipts": f"{own.salary or ''}",
                "salary_income": str(own.salary_income) if own.salary else "",
                "pension_receipts": f"{profile.pension or ''}",
                "pension_income": str(own.pension_income) if profile.pension else "",
                "business_income": f"{profile.business or ''}",
                "property_income": f"{profile.property or ''}",
                "other_income": f"{profile.other or ''}",
                "gross_income": total,
                "total_income": total,
                "social_insurance_deduction": f"{own.social_insurance or ''}",
                "life_insurance_deduction": f"{profile.life_insurance or ''}",
                "medical_deduction": f"{own.medical or ''}",
                "disability_deduction": f"{profile.disability or ''}",
                "single_parent_deduction": f"{own.single_parent_deduction or ''}",
                "spouse_deduction": f"{own.spouse_deduction or ''}",
                "dependant_deduction": f"{own.dependant_deduction or ''}",
                "basic_deduction": str(own.basic),
                "dependants": str(own.dependants),
                "dependants_under_16": str(own.dependants_under_16),
                "tax_base": str(own.tax_base),
                "municipal_income_levy": str(own.municipal_levy),
                "municipal_per_capita_levy": self._municipal if per_capita else "0",
                "prefectural_income_levy": str(own.prefectural_levy),
                "prefectural_per_capita_levy": self._prefectural if per_capita else "0",
                "collection": self._collection(own) if per_capita else self._nothing,
                "taxation": self._taxation(own),
                "corrected_on": self._corrected(year) if per_capita else "",
            }
        )

    def _write_unfiled(self, register_number: str, year: TaxYear) -> None:
        """Write what is known of somebody who did not file: nothing but zeros."""
        self.sheet.write(
            dict.fromkeys(self.sheet.names, "")
            | dict.fromkeys(COUNTED, "0")
            | {
                "register_number": register_number,
                "tax_year": str(year.year),
                "assessment_municipality": self.code,
                "filing": self._not_filed,
                "collection": self._nothing,
                "taxation": self._unknown,
            }
        )

    def _taxation(self, own: Assessment) -> str:
        if own.municipal_levy:
            return self._taxed
        return self._per_capita if own.is_per_capita_due else self._untaxed

    def _filing(self, own: Assessment) -> str:
        profile = own.profile
        if profile.business or profile.property or own.medical:
            return self._return
        if own.salary:
            return self._salary_report
        if profile.pension:
            return self._pension_report
        return self._local_return if own.total or not own.is_supported else self._not_needed

    def _collection(self, own: Assessment) -> str:
        if own.salary:
            return self._from_salary
        return self._from_pension if own.profile.pension and own.age >= 65 else self._by_bill

    def _corrected(self, year: TaxYear) -> str:
        """Return a day after June for one assessment in so many."""
        if self.sheet.rows % PER_CORRECTED:
            return ""
        day = number(date(year.year, 7, 1)) + self.sheet.rows // PER_CORRECTED % 240
        return self.calendar.iso[day] if day <= self.calendar.today else ""
