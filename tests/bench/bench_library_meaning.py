"""What meaning adds to words: the judged set with SEARCH_VECTORS off and on.

The demonstration is loaded into a database of its own. Needs `make vectors`; making some 600
vectors takes a minute or two of one core.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import Measurement, figures_of, manage, portal


def run() -> Iterator[Measurement]:
    """Yield both scores, what a query costs in each, and the rate of making vectors."""
    with portal() as one:
        path = one.data_dir / "meaning.sqlite3"
        environment = {
            **one.environment,
            "DATABASE_URL": f"sqlite:///{path}",
            "DEMO": "on",
            "SEARCH_VECTORS": "on",
            "OMP_NUM_THREADS": "1",
        }
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "load_network", "--demo")
        code = "from tests.bench.meaning_work import main; main()"
        for what, (value, unit) in figures_of(environment, code).items():
            yield Measurement(what, value, unit)
