"""Work of the library beside the web process."""

from __future__ import annotations

from portal.liveness import stop_requested
from portal.tasks import enqueue_once, retrying_task
from search.services.refresh import refresh_stale


@retrying_task(max_attempts=5)
def refresh_library() -> int:
    """Build the rows anew that wait for it; return how many. What is left is found again."""
    done = 0
    while not stop_requested() and (count := refresh_stale()):
        done += count
    return done


def refresh_soon() -> None:
    """Let the worker refresh the library once the caller's transaction has committed."""
    enqueue_once(refresh_library)
