from __future__ import annotations

import threading

from tidegate.indicators.plan import SyncPlan
from tidegate.service.sync import Answer
from tidegate.tui.job import Job

PLAN = SyncPlan("x", 1, "sync", "sync")


def asking(job: Job) -> tuple[threading.Thread, list[Answer]]:
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(job.ask(PLAN)))
    thread.start()
    while job.plan is None and thread.is_alive():
        thread.join(0.005)
    return thread, answers


def test_it_waits_for_its_answer() -> None:
    for yes in (True, False, None):
        job = Job("sync")
        thread, answers = asking(job)
        assert job.words == "sync: plan ready, 2 shows it"
        if yes is None:
            job.again()
        else:
            job.answer(yes)
        thread.join(5)
        assert answers == [yes]
        assert job.plan is None


def test_one_that_is_to_end_waits_for_nothing_and_answers_no() -> None:
    job = Job("sync")
    thread, answers = asking(job)
    job.cancel()
    thread.join(5)
    assert answers == [False]
    assert job.ask(PLAN) is False
    assert job.stopping
    assert job.words == "sync: ending …"


def test_it_says_how_far_it_is() -> None:
    job = Job("sync acme-c2")
    assert job.words == "sync acme-c2"
    job.tell("acme-c2: 1,200 objects")
    assert job.words == "sync acme-c2: acme-c2: 1,200 objects"
