"""Processor time of work is bounded: by itself, together, and inside of a regular expression."""

import re
import threading
import time

import pytest

from forge.mirroring.cpu_limit import CpuBudget
from forge.observe.observation import TooSlow


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
