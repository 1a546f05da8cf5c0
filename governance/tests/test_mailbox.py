"""Answers from another thread: each reaches who waits for it, many by one wake-up."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from governance.live.mailbox import Mailbox


def settled_together(settle, count=50):
    """Let another thread settle answers while the loop is busy; return what waiting told and how often it was woken."""

    async def run():
        loop, answers = asyncio.get_running_loop(), [Future() for _number in range(count)]
        woken, wake = [], loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: (woken.append(1), wake(*given))
        mailbox = Mailbox(loop)
        waiters = [mailbox.wait(answer) for answer in answers]
        thread = threading.Thread(target=lambda: [settle(number, answer) for number, answer in enumerate(answers)])
        thread.start()
        thread.join()  # the loop does not run meanwhile
        return await asyncio.gather(*waiters, return_exceptions=True), len(woken)

    return asyncio.run(run())


def test_many_answers_cost_one_wake_up():
    told, woken = settled_together(lambda number, answer: answer.set_result(number))
    assert (told, woken) == (list(range(50)), 1)


def test_an_error_and_a_cancelled_answer_reach_who_waits():
    def settle(number, answer):
        if number == 1:
            answer.set_exception(ValueError("no"))
        elif number == 2:
            answer.cancel()
        else:
            answer.set_result(number)

    told, _woken = settled_together(settle, 4)
    assert told[0] == 0 and told[3] == 3
    assert isinstance(told[1], ValueError) and isinstance(told[2], asyncio.CancelledError)


def test_who_goes_away_takes_the_question_along():
    async def run():
        waiting, running = Future(), Future()
        running.set_running_or_notify_cancel()
        mailbox = Mailbox(asyncio.get_running_loop())
        for answer in (waiting, running):
            mailbox.wait(answer).cancel()
        await asyncio.sleep(0)
        running.set_result(1)  # answered though nobody waits any more
        await asyncio.sleep(0)
        return waiting.cancelled(), running.result()

    assert asyncio.run(run()) == (True, 1)


def test_a_loop_that_is_closed_is_left_alone():
    answer = Future()

    async def run():
        Mailbox(asyncio.get_running_loop()).wait(answer)

    asyncio.run(run())
    answer.set_result(1)
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
