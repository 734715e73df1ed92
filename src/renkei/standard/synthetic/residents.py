"""The rows of the resident register: each person of a household, with the change that came last."""

from renkei.standard.synthetic.days import Calendar, uncertain
from renkei.standard.synthetic.numbers import personal_number, register_number, resident_record_code
from renkei.standard.synthetic.people import Household, Person
from renkei.standard.synthetic.sheets import Sheet, code_values

PEOPLE_PER_UNCERTAIN_BIRTH = 2_000  # five in ten thousand
UNCERTAIN_FROM_AGE = 50


class Residents:
    """Writes households into `resident.csv` and counts what the report tells."""

    def __init__(self, sheet: Sheet, calendar: Calendar) -> None:
        """Read the codes once."""
        self.sheet = sheet
        self.calendar = calendar
        self.protected = 0
        self.outside = 0
        self.uncertain = 0
        self.foreign = 0
        self._since_uncertain = 0
        reasons, status = code_values("change_reason"), code_values("resident_status")
        self._born, self._moved = reasons["出生"], reasons["転居"]
        self._came, self._came_from_abroad = reasons["国内転入"], reasons["国外転入等"]
        self._left, self._died = reasons["国内転出"], reasons["死亡"]
        self._lives, self._gone, self._dead = status["住民"], status["転出"], status["死亡"]
        sex = code_values("sex")
        self._sex = {True: sex["男"], False: sex["女"]}
        self._approved = code_values("approval_state")["本登録"]
        kind = code_values("resident_kind")
        self._foreign, self._japanese = kind["外国人"], kind["日本人"]

    def number(self, household: Household, sequence: int, index: int, number: int) -> None:
        """Give a household its 世帯番号, and its people numbers from a sequence and an index."""
        household.number = register_number(number)
        household.register_numbers = [
            register_number(sequence + n) for n in range(len(household.people))
        ]
        for n, person in enumerate(household.people):
            person.personal_number = personal_number(index + n)
            person.record_code = resident_record_code(index + n)

    def blur(self, household: Household) -> None:
        """Make a birth date uncertain now and then, each form in its turn, of the elderly only."""
        self._since_uncertain += len(household.people)
        if self._since_uncertain < PEOPLE_PER_UNCERTAIN_BIRTH:
            return
        for person in household.people:
            if person.age >= UNCERTAIN_FROM_AGE and person.part != "child":
                text = uncertain(self.calendar.iso[person.birth], self.uncertain)
                person.uncertain_birth = text
                self._since_uncertain = 0
                self.uncertain += 1
                return

    def write(self, household: Household) -> None:
        """Write one household, the head first."""
        people = household.people
        for order, person in enumerate(people):
            self._write(household, person, order)
            self.outside += person.outside
        count = len(people)
        if household.protected:
            self.protected += count
        if household.is_foreign:
            self.foreign += count

    def _write(self, household: Household, person: Person, order: int) -> None:
        iso = self.calendar.iso
        place = household.place
        family = person.family
        birth = person.uncertain_birth or iso[person.birth]
        previous_address = previous_municipality = ""
        status, history = self._lives, "1"
        # 1. since when a resident, 2. since when at this address, 3. gone since
        if person.birth >= household.since or (household.native and order == 0):
            changed, since, reason = person.birth, birth, self._born
        else:
            changed = household.since
            since = iso[changed]
            reason = self._came_from_abroad if household.from_abroad else self._came
            previous_address = household.previous_address
            previous_municipality = household.previous_municipality
        changed_on = address_since = since
        if household.relocated > changed:
            changed, reason, history = household.relocated, self._moved, "2"
            changed_on = address_since = iso[changed]
        if household.left:
            changed, history = household.left, "3" if history == "2" else "2"
            changed_on = iso[changed]
            reason = self._died if household.dead else self._left
            status = self._dead if household.dead else self._gone
        notified = iso[min(changed + household.days_to_notify, self.calendar.today)]
        self.sheet.write(
            {
                "register_number": household.register_numbers[order],
                "history_number": history,
                "household_number": household.number,
                "name": person.name,
                "kana": person.kana,
                "former_surname": person.former_surname,
                "birth_date": birth,
                "sex": self._sex[person.male],
                "relationship": person.relationship,
                "order_in_household": str(order + 1),
                "household_head": household.people[0].name,
                "registered_domicile": family.domicile,
                "family_register_head": family.register_head,
                "resident_since": since,
                "postal_code": place.postal_code,
                "address_code": place.address_code,
                "address": place.address,
                "building": place.building,
                "address_since": address_since,
                "notified_on": notified,
                "previous_address": previous_address,
                "previous_municipality": previous_municipality,
                "personal_number": person.personal_number,
                "resident_record_code": person.record_code,
                "resident_status": status,
                "resident_kind": self._foreign if family.nation else self._japanese,
                "change_reason": reason,
                "changed_on": changed_on,
                "processed_on": notified,
                "protected": "1" if household.protected else "0",
                "approval_state": self._approved,
                "kana_confirmed": "1",
                "household_head_number": household.register_numbers[0],
            }
        )
