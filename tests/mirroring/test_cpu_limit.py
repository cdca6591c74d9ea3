"""Processor time of work is bounded: by itself, together, and inside of a regular expression; and so is memory."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from forge.config import memory_turn
from forge.git.runner import run
from forge.mirroring.cpu_limit import CpuBudget
from forge.mirroring.observer_process import ObserverProcess
from forge.observe.observation import TooSlow
from forge.server.own_interpreter import call_in_own_interpreter


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_work_that_goes_on_for_ever_is_ended_even_where_it_catches_all_errors():
    def stubborn():
        while True:
            try:
                spin(0.01)
            except Exception:
                continue

    with pytest.raises(TooSlow), CpuBudget(0.05, 1)():
        stubborn()


def test_a_regular_expression_that_never_ends_is_ended():
    with pytest.raises(TooSlow), CpuBudget(0.05, 1)():
        re.match(r"(a+)+$", "a" * 60 + "b")


def test_all_work_together_has_a_bound_and_what_comes_after_it_is_not_begun():
    budget, done = CpuBudget(1, 0.05), []
    with pytest.raises(TooSlow), budget():
        spin(1)
    with pytest.raises(TooSlow), budget():
        done.append("begun")
    assert not done


def test_quick_work_is_left_alone_also_afterwards_and_in_other_threads():
    budget = CpuBudget(0.05, 0.2)
    with budget():
        pass
    spin(0.1)
    done = []

    def elsewhere():
        with budget():
            done.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert done


def test_publishing_checking_and_reading_never_need_their_memory_at_the_same_time(monkeypatch):
    monkeypatch.setattr(memory_turn, "TURN_SECONDS", 600.0)
    held = "[__import__('time').monotonic(), __import__('time').sleep(0.3), __import__('time').monotonic()]"
    readers = [ObserverProcess(), ObserverProcess()]  # of visits, and of previews
    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(call_in_own_interpreter, eval, None, held) for _ in range(2)]
            running += [pool.submit(reader.run, threading.Event(), eval, held) for reader in readers]
            spans = sorted((begin, end) for begin, _, end in (future.result() for future in running))
    finally:
        for reader in readers:
            reader.end()
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_git_packs_with_one_thread_and_a_bounded_window():
    asked = [run(["config", "--get", name]).out.decode().strip() for name in ("pack.threads", "pack.windowMemory")]
    assert asked == ["1", "64m"]
