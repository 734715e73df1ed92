"""A player that watches the core: after every command, everything it promises is looked at."""

from renkei.process import bpmn
from renkei.process.bpmn import Case, Command, Kind, Outcome
from renkei.process.cases import encoding
from renkei.process.scenarios import Player


class WatchedPlayer(Player):
    """Plays as the other does, and believes nothing."""

    def take(self, command: Command) -> None:
        before = encoding.packed(self.case)
        case = encoding.unpacked(before)
        assert case == self.case, "a case that was kept is another one"
        try:
            outcome = bpmn.advance(self.definition, self.case, command)
        except bpmn.CommandUnfit:
            assert encoding.packed(self.case) == before, "a refused command changed the case"
            raise
        assert encoding.packed(self.case) == before, "a command changed the case it was given"
        look_at(outcome, self.case)
        assert bpmn.advance(self.definition, case, command) == outcome, "not the same for the same"
        super().take(command)


def look_at(outcome: Outcome, before: Case) -> None:
    """Look whether the books of a case balance."""
    case = outcome.case
    if case.status is not bpmn.Status.RUNNING:
        assert not case.places
        assert not case.waits
    for place in case.places.values():
        inside = [one for one in case.places.values() if one.parent == place.key]
        arrived = sum(sum(flows.values()) for flows in place.arrived.values())
        choices = sum(case.waits[key].kind is Kind.CHOICE for key in place.waits)
        assert place.tokens == len(inside) + arrived + choices, (place, inside)
        assert not place.parent or place.parent in case.places
        assert all(case.waits[key].place == place.key for key in place.waits)
    for wait in case.waits.values():
        assert wait.key in case.places[wait.place].waits
    _look_at_effects(outcome, before)


def _look_at_effects(outcome: Outcome, before: Case) -> None:
    """Whoever only hears of effects knows what is waited for outside of the case."""
    known = {key for key, wait in before.waits.items() if wait.kind is not Kind.CONDITION}
    for effect in outcome.effects:
        match effect:
            case bpmn.Opened(wait):
                assert wait.key not in known
                known.add(wait.key)
            case bpmn.Closed(wait):
                known.remove(wait.key)
    waits = outcome.case.waits
    open_now = {key for key, wait in waits.items() if wait.kind is not Kind.CONDITION}
    assert open_now <= known
    assert len(known - open_now) <= 1, "more than what was brought is closed without a word"
