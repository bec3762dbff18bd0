"""Runs numbered tasks in child processes; one that dies takes only the task with it that it had in hand."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Lost(NamedTuple):
    """The process that had the task ended; `code` is its exit code, negative for a signal."""

    code: int | None


def can_fork() -> bool:
    """Whether a process can be split in two, so that a child needs no start-up; Apple's libraries do not bear it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(count: int, work: Callable[[int], Any], jobs: int) -> Iterator[tuple[int, Any]]:
    """What `work` gives for each of `count` numbers, as it comes: (number, result), or (number, Lost).

    `work` must not raise. Results are pickled on their way.
    """
    from multiprocessing.connection import wait

    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # a child would write again what waits here
    waiting = iter(range(count))
    workers: dict[Any, _Worker] = {}
    try:
        for _ in range(min(jobs, count)):
            _start(workers, work, next(waiting, None))
        while workers:
            for connection in wait(list(workers)):
                worker = workers.pop(connection)
                number = worker.number
                yield number, worker.receive()
                following = next(waiting, None)
                if worker.alive and following is not None:
                    worker.give(following)
                    workers[connection] = worker
                    continue
                worker.end()
                _start(workers, work, following)
    finally:
        for worker in workers.values():
            worker.kill()


def _start(workers: dict[Any, _Worker], work: Callable[[int], Any], number: int | None) -> None:
    if number is not None:
        worker = _Worker(work, list(workers))
        worker.give(number)
        workers[worker.connection] = worker


class _Worker:
    """A child process and the pipe to it. `others` are the parent's pipes, which a child must not hold open."""

    def __init__(self, work: Callable[[int], Any], others: list[Any]) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self.connection, theirs = context.Pipe()
        self.alive = True
        self.number = -1
        self._process = context.Process(target=_serve, args=(theirs, work, [*others, self.connection]), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, number: int) -> None:
        """Hand over a task; of a process that has just died the answer will tell."""
        self.number = number
        with contextlib.suppress(OSError):
            self.connection.send(number)

    def receive(self) -> Any:
        """The result of the task in hand."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.alive = False
            self._process.join()
            return Lost(self._process.exitcode)

    def end(self) -> None:
        """Let the process go."""
        self.connection.close()
        self._process.join()

    def kill(self) -> None:
        """Stop the process whatever it does."""
        self._process.kill()
        self.end()


def _serve(connection: Any, work: Callable[[int], Any], parents: list[Any]) -> None:
    """What a child does until the parent closes the pipe; the parent alone answers to Ctrl-C."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in parents:
        other.close()
    try:
        while True:
            connection.send(work(connection.recv()))
    except (EOFError, OSError):
        return
