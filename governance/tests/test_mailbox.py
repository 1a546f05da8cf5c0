"""Answers from another thread: each reaches who waits for it, many by one wake-up."""

import asyncio
import threading

import pytest

from governance.live.mailbox import Mailbox


def filled_together(fill, count=50):
    """Let another thread fill slots while the loop is busy; return what waiting told and how often it was woken."""

    async def run():
        loop = asyncio.get_running_loop()
        woken, wake = [], loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: (woken.append(1), wake(*given))
        mailbox = Mailbox(loop)
        slots = [mailbox.slot() for _number in range(count)]
        thread = threading.Thread(target=lambda: [fill(number, slot) for number, slot in enumerate(slots)])
        thread.start()
        thread.join()  # the loop does not run meanwhile
        assert all(slot.done() for slot in slots)
        return await asyncio.gather(*(slot.waiter for slot in slots), return_exceptions=True), len(woken)

    return asyncio.run(run())


def test_many_answers_cost_one_wake_up():
    told, woken = filled_together(lambda number, slot: slot.set_result(number))
    assert (told, woken) == (list(range(50)), 1)


def test_an_error_reaches_who_waits():
    def fill(number, slot):
        if number == 1:
            slot.set_exception(ValueError("no"))
        else:
            slot.set_result(number)

    told, _woken = filled_together(fill, 3)
    assert (told[0], told[2]) == (0, 2) and isinstance(told[1], ValueError)


def test_who_goes_away_before_its_turn_is_not_served():
    async def run():
        mailbox = Mailbox(asyncio.get_running_loop())
        waiting, running = mailbox.slot(), mailbox.slot()
        assert running.set_running_or_notify_cancel()
        for slot in (waiting, running):
            slot.waiter.cancel()
        running.set_result(1)  # answered though nobody waits any more
        await asyncio.sleep(0)
        return waiting.set_running_or_notify_cancel(), running.waiter.cancelled()

    assert asyncio.run(run()) == (False, True)


def test_a_loop_that_is_closed_is_left_alone():
    async def run():
        return Mailbox(asyncio.get_running_loop()).slot()

    slot = asyncio.run(run())
    slot.set_result(1)
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
