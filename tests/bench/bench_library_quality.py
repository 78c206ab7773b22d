"""How well the library answers: the judged sets over the demonstration, beside plain search.

On SQLite; on PostgreSQL and Elasticsearch too where DATABASE_URL and ELASTICSEARCH_URL name them.
Loads the network with its demonstration into databases of its own: some minutes, so this is no
test of the suite. The floors are those of the library's issue, on every engine; the held-out set
has none, since nothing is tuned on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tests.bench import (
    Measurement,
    by_elasticsearch,
    empty_database,
    figures_of,
    load_demonstration,
    portal,
)

#: The database on PostgreSQL, which goes at the end, and how the names of indexes begin.
OWN = "bench_quality"


def run() -> Iterator[Measurement]:
    """Yield the figures of each engine; what falls short of a floor is a promise not kept."""
    elasticsearch = os.environ.get("ELASTICSEARCH_URL", "")
    server = os.environ.get("DATABASE_URL", "")
    with portal() as one:
        path = one.data_dir / "quality.sqlite3"
        environment = {**one.environment, "DATABASE_URL": f"sqlite:///{path}", "DEMO": "on"}
        environment.pop("ELASTICSEARCH_URL", None)
        load_demonstration(environment)
        yield from _figures("sqlite", environment)
        if elasticsearch:
            served = by_elasticsearch(environment, elasticsearch, OWN)
            yield from _figures("elasticsearch", served)
    if server.startswith("postgres"):
        with portal() as one, empty_database(server, OWN) as url:
            environment = {**one.environment, "DATABASE_URL": url, "DEMO": "on"}
            load_demonstration(environment)
            yield from _figures("postgresql", environment)


def _figures(engine: str, environment: dict[str, str]) -> Iterator[Measurement]:
    code = "from tests.bench.quality_work import main; main()"
    figures = figures_of(environment, code)
    for what, (value, unit) in figures.items():
        yield Measurement(f"{engine}: {what}", value, unit)
    gain = figures["gain in nDCG@10 over the better plain one"][0]
    yield Measurement(f"{engine}: nDCG@10 short of plain + 10", max(0.0, 10 - gain), "", 0)
    places, asked = figures["library: places at rank 1"][0], 40
    yield Measurement(f"{engine}: spellings of places not at rank 1", asked - places, "", 0)
    pairs = figures["library: pairs agree"][0]
    yield Measurement(f"{engine}: pairs that disagree", 60 - pairs, "", 6)
