"""Tasks for the tests of the worker; in a module of their own, since the worker imports them."""

from __future__ import annotations

import time
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django_tasks import task

from portal.tasks import GiveUp, retrying_task

#: What ran in this process.
ran: list[str] = []


def _note(path: str, line: str) -> int:
    with Path(path).open("a") as file:
        file.write(line + "\n")
    return Path(path).read_text().count(line)


@retrying_task(max_attempts=3, backoff=10)
def fails(name: str) -> None:
    """Fail each time."""
    ran.append(name)
    raise RuntimeError(f"{name} does not work")


@retrying_task(max_attempts=3, backoff=10)
def gives_up() -> None:
    """Fail in a way that no further attempt mends."""
    ran.append("gives up")
    raise GiveUp("there is no such place")


@retrying_task(max_attempts=3, obsolete_on=(ObjectDoesNotExist,))
def looks_up() -> None:
    """Work on something that was deleted meanwhile."""
    raise ObjectDoesNotExist("gone")


@task()
def works(name: str) -> str:
    """Work at once."""
    ran.append(name)
    return name


@task()
def speaks_hebrew() -> None:
    """Switch the language, as a task that renders a mail may."""
    translation.activate("he")


@task()
def fails_once() -> None:
    """Fail, without a word on retries."""
    raise RuntimeError("no")


@retrying_task(max_attempts=5)
def hangs_the_first_time(path: str) -> None:
    """Note the begin in a file; the first time stay for a minute, then note the end."""
    if _note(path, "begun") == 1:
        time.sleep(60)
    _note(path, "done")


@retrying_task(max_attempts=5)
def stays(path: str, seconds: float) -> None:
    """Note begin and end, with `seconds` in between."""
    _note(path, "begun")
    time.sleep(seconds)
    _note(path, "done")
