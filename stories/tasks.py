"""Work of the stories beside the web process."""

from __future__ import annotations

from portal.tasks import enqueue_once, retrying_task
from stories.services.challenge_news import announce_new_practices


@retrying_task(max_attempts=5, backoff=60)
def announce_practices() -> int:
    """Tell the owners of open challenges of new practices that answer them."""
    return announce_new_practices()


def announce_soon() -> None:
    """Let the worker announce new practices once the caller's transaction has committed."""
    enqueue_once(announce_practices)
