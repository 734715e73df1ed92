"""The journal tells each step of a question once, in order, and keeps no more than it must."""

import asyncio

from renkei.app.units import journal
from renkei.app.units.journal import Journal
from renkei.federation import Step

ONE, TWO, THREE = (Step(name, "131016", ms) for name, ms in (("a", 0.0), ("b", 1.0), ("c", 2.0)))


def test_what_is_known_is_not_told_again():
    async def story():
        kept = Journal()
        kept.tell("m", ONE)
        kept.tell("m", TWO)
        return await kept.after("m", 0), await kept.after("m", 1)

    assert asyncio.run(story()) == (([ONE, TWO], False), ([TWO], False))


def test_the_end_is_told_with_the_last_step():
    async def story():
        kept = Journal()
        kept.tell("m", ONE)
        kept.end("m")
        return await kept.after("m", 0), await kept.after("m", 1), await kept.after("m", 9)

    assert asyncio.run(story()) == (([ONE], True), ([], True), ([], True))


def test_a_watcher_waits_for_the_next_step():
    async def story():
        kept = Journal()
        kept.tell("m", ONE)
        watching = [asyncio.create_task(kept.after("m", 1)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in watching)
        kept.tell("m", TWO)
        return await asyncio.gather(*watching)

    assert asyncio.run(story()) == [([TWO], False)] * 3


def test_a_watcher_may_be_a_little_earlier_than_the_question():
    async def story():
        kept = Journal()
        watching = asyncio.create_task(kept.after("m", 0))
        await asyncio.sleep(0.05)
        kept.tell("m", ONE)
        return await watching

    assert asyncio.run(story()) == ([ONE], False)


def test_a_question_nobody_asked_has_ended_and_leaves_nothing():
    async def story():
        kept = Journal()
        found = await kept.after("never", 0)
        return found, kept._stories

    assert asyncio.run(story()) == (([], True), {})


def test_the_oldest_story_makes_room():
    async def story():
        kept = Journal()
        for number in range(journal.KEPT + 1):
            kept.tell(str(number), ONE)
        return len(kept._stories), "0" in kept._stories, await kept.after("1", 0)

    assert asyncio.run(story()) == (journal.KEPT, False, ([ONE], False))
