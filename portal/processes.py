"""Minds child processes: starts, restarts and ends them, as one process in the foreground.

Children are forked, not started anew: what the parent has imported costs them nothing, which is
what lets a second start answer in seconds. So the parent imports and nothing else: it opens no
database connection, starts no thread, and whatever works with data runs in a child.
This module knows nothing of Django.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


def end_with_parent(expected_parent: int | None = None) -> None:
    """Ask the kernel for SIGTERM when the parent process dies (Linux; elsewhere nothing).

    `expected_parent` is who the parent was: if it is gone already, this process ends at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if expected_parent is not None and os.getppid() != expected_parent:
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Child:
    """One child process: what it runs, and when it may be started again."""

    name: str
    target: Callable[[], object]
    pid: int = 0
    started: float = 0.0
    delay: float = 0.0
    start_at: float = 0.0


@dataclass
class Supervisor:
    """Runs children until SIGINT or SIGTERM; seconds throughout.

    `ready` is asked until it says yes; then `on_ready` is called once. Children that are
    `essential` must not die before that: such a start has failed and ends with exit code 1.
    """

    children: list[Child]
    say: Say
    ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    essential: frozenset[str] = frozenset()
    grace: float = 25.0
    first_delay: float = 1.0
    longest_delay: float = 60.0
    others_wait: float = 20.0
    _ending: bool = field(default=False, init=False)
    _signals: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_end)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only to be woken

    def _on_end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True
        self._signals += 1

    def _sleep(self, seconds: float) -> None:
        """Sleep until a signal comes, at most `seconds`."""
        select.select([self._wake], [], [], max(seconds, 0))
        try:
            while self._wake.recv(512):
                pass
        except BlockingIOError:
            pass

    def fork(self, target: Callable[[], object]) -> int:
        """Run `target` in a child of its own process group; returns the child's id.

        A terminal's Ctrl-C reaches the parent alone, which then ends the children in order.
        """
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            end_with_parent(parent)
            self._wake.close()
            self._waker.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            target()
            code = 0
        except SystemExit as error:
            code = _exit_code(error)
        except KeyboardInterrupt:
            code = 130
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def run_once(self, target: Callable[[], object]) -> int | None:
        """Run `target` in a child to its end; returns its exit code, or None if told to end."""
        pid = self.fork(target)
        while True:
            reaped, status = os.waitpid(pid, os.WNOHANG)
            if reaped:
                return os.waitstatus_to_exitcode(status)
            if self._ending:
                self._end_all({pid})
                return None
            self._sleep(1)

    def run(self) -> int:
        """Mind the children until told to end; returns the exit code of the whole."""
        gc.collect()
        gc.freeze()  # what is here stays shared between the processes
        begun = time.monotonic()
        is_ready = False
        while not self._ending:
            now = time.monotonic()
            may_start = is_ready or now - begun > self.others_wait
            for child in self.children:
                due = not child.pid and now >= child.start_at
                if due and (may_start or child.name in self.essential):
                    self._start(child)
            if not is_ready and self.ready():
                is_ready = True
                self.on_ready()
                continue
            for child, code in self._reap():
                if not is_ready and child.name in self.essential:
                    self.say(f"{child.name} ended with {code} before it answered")
                    self._end_all(self._pids())
                    return 1
                self._put_off(child, code)
            self._sleep(self._pause(is_ready))
        self._end_all(self._pids())
        return 0

    def _pids(self) -> set[int]:
        return {child.pid for child in self.children if child.pid}

    def _pause(self, is_ready: bool) -> float:
        """Return how long nothing is to be done if no signal comes."""
        if not is_ready:
            return 0.05
        due = [child.start_at for child in self.children if not child.pid]
        return min([30.0, *(at - time.monotonic() for at in due)])

    def _start(self, child: Child) -> None:
        child.pid = self.fork(child.target)
        child.started = time.monotonic()

    def _put_off(self, child: Child, code: int) -> None:
        """Plan the next start of a child that died: later each time, unless it had lived long."""
        lived = time.monotonic() - child.started
        if lived > self.longest_delay:
            child.delay = 0.0
        child.delay = min(child.delay * 2 or self.first_delay, self.longest_delay)
        child.start_at = time.monotonic() + child.delay
        self.say(f"{child.name} ended with {code}; starting it again in {child.delay:g} s")

    def _reap(self) -> list[tuple[Child, int]]:
        """Collect the children that ended, and end what they may have left behind."""
        ended = []
        for child in self.children:
            if not child.pid:
                continue
            reaped, status = os.waitpid(child.pid, os.WNOHANG)
            if reaped:
                _signal_group(child.pid, signal.SIGTERM)
                child.pid = 0
                ended.append((child, os.waitstatus_to_exitcode(status)))
        return ended

    def _end_all(self, pids: set[int]) -> None:
        """SIGTERM to each; SIGKILL after the grace, or when told to end a second time."""
        signals = self._signals
        for pid in pids:
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        waiting = set(pids)
        while waiting:
            waiting = {pid for pid in waiting if os.waitpid(pid, os.WNOHANG)[0] == 0}
            if waiting and (time.monotonic() > deadline or self._signals > signals):
                for pid in waiting:
                    _signal_group(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                break
            if waiting:
                self._sleep(0.2)
        for pid in pids:
            _signal_group(pid, signal.SIGKILL)  # what a dead child left behind, if anything
        for child in self.children:
            child.pid = 0


def _exit_code(error: SystemExit) -> int:
    """Return what the interpreter would exit with, printing a message as it would."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    print(error.code, file=sys.stderr)  # noqa: T201
    return 1


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
