"""What meaning adds to words: the judged set with SEARCH_VECTORS off and on.

On SQLite; on Elasticsearch too where ELASTICSEARCH_URL names it, where the nearest come from its
`dense_vector`, beside the same with the matrix. The demonstration is loaded into a database of its
own. Needs `make vectors`; making some 600 vectors takes a minute or two of one core.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tests.bench import Measurement, by_elasticsearch, figures_of, load_demonstration, portal

#: How the names of indexes begin.
OWN = "bench_meaning"
_CODE = "from tests.bench.meaning_work import main; main()"


def run() -> Iterator[Measurement]:
    """Yield both scores, what a query costs in each, and the rate of making vectors."""
    elasticsearch = os.environ.get("ELASTICSEARCH_URL", "")
    with portal() as one:
        path = one.data_dir / "meaning.sqlite3"
        environment = {
            **one.environment,
            "DATABASE_URL": f"sqlite:///{path}",
            "DEMO": "on",
            "SEARCH_VECTORS": "on",
            "OMP_NUM_THREADS": "1",
        }
        environment.pop("ELASTICSEARCH_URL", None)
        load_demonstration(environment)
        yield from _figures("sqlite", environment)
        if elasticsearch:
            served = by_elasticsearch(environment, elasticsearch, OWN)
            yield from _figures("elasticsearch", served)


def _figures(engine: str, environment: dict[str, str]) -> Iterator[Measurement]:
    for what, (value, unit) in figures_of(environment, _CODE).items():
        yield Measurement(f"{engine}: {what}", value, unit)
