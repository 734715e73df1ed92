"""Running a pattern's program over a text, with no way tried twice and every step paid."""

from collections.abc import Iterator
from typing import Final

from renkei.process.feel.patterns.letters import variants
from renkei.process.feel.patterns.program import Pattern
from renkei.process.feel.running import Run

Match = tuple[int | None, ...]  # the places saved: start and end of the whole, then of each group

PRICE_OF_REFERRING: Final = 8  # a state with all that was matched before it is larger


def find(run: Run, pattern: Pattern, text: str, start: int = 0) -> Match | None:
    """Return the first match from a place on, the one a reader would expect: leftmost, greedy."""
    seen: set[object] = set()
    for at in range(start, len(text) + 1):
        found = _at(run, pattern, text, at, seen)
        if found is not None:
            return found
    return None


def find_all(run: Run, pattern: Pattern, text: str) -> Iterator[Match]:
    """Return the matches one after the other; none of them may be empty."""
    at = 0
    while at <= len(text):
        found = find(run, pattern, text, at)
        if found is None:
            return
        yield found
        at = max(found[1] or 0, (found[0] or 0) + 1)


def _at(run: Run, pattern: Pattern, text: str, start: int, seen: set[object]) -> Match | None:
    """Return the match that begins at a place, depth first.

    A state that failed at a place fails there whatever came before; where the pattern refers back,
    what came before is part of the state, and a state costs more.
    """
    steps, width, alone = pattern.steps, len(pattern.steps), not pattern.refers_back
    price = 1 if alone else PRICE_OF_REFERRING
    before = len(seen)
    most = before + run.steps // price
    found: Match | None = None
    waiting: list[tuple[int, int, Match]] = [(0, start, (None,) * (2 * pattern.groups + 2))]
    while waiting and found is None:
        pc, at, saved = waiting.pop()
        while True:
            state = at * width + pc if alone else (pc, at, saved)
            if state in seen or len(seen) > most:
                break
            seen.add(state)
            step = steps[pc]
            match step.kind:
                case "letter":
                    if at == len(text) or not step.letters(text[at]):  # type: ignore[misc]  # it has them
                        break
                    at += 1
                    pc += 1
                case "either":
                    waiting.append((step.second, at, saved))
                    pc = step.first
                case "save":
                    saved = (*saved[: step.first], at, *saved[step.first + 1 :])
                    pc += 1
                case "jump":
                    pc = step.first
                case "start" | "end" | "back":
                    end = _zero(pattern, step.kind, step.first, text, at, saved)
                    if end is None:
                        break
                    at = end
                    pc += 1
                case "match":
                    found = saved
                    break
    run.spend((len(seen) - before) * price)
    return found


def _zero(pattern: Pattern, kind: str, number: int, text: str, at: int, saved: Match) -> int | None:
    """Return where matching goes on after ^, $ or a reference back; None if it does not."""
    if kind == "start":
        line = pattern.lines and 0 < at < len(text) and text[at - 1] == "\n"
        return at if at == 0 or line else None
    if kind == "end":
        line = pattern.lines and at < len(text) and text[at] == "\n"
        return at if at == len(text) or line else None
    first, last = saved[2 * number], saved[2 * number + 1]
    if first is None or last is None:
        return at  # a group that took no part matches nothing
    end = at + last - first
    if end > len(text):
        return None
    pairs = zip(text[first:last], text[at:end], strict=True)
    same = all(
        a == b or (pattern.caseless and not variants(a).isdisjoint(variants(b))) for a, b in pairs
    )
    return end if same else None
