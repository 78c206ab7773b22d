"""How well the library answers: the judged set over the demonstration, beside plain Wagtail search.

Loads the network with its demonstration into a database of its own: some minutes, so this is no
test of the suite. The floors are those of the library's issue.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.bench import BASE_DIR, Measurement, portal


def _manage(environment: dict[str, str], *arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env={**environment, "DJANGO_SETTINGS_MODULE": "portal.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(process.stderr[-3000:])
    return process.stdout


def run() -> Iterator[Measurement]:
    """Yield the figures; what falls short of a floor is a promise not kept."""
    with portal() as one:
        path = one.data_dir / "quality.sqlite3"
        environment = {**one.environment, "DATABASE_URL": f"sqlite:///{path}", "DEMO": "on"}
        _manage(environment, "migrate", "--verbosity", "0")
        _manage(environment, "load_network", "--demo")
        code = "from tests.bench.quality_work import main; main()"
        out = _manage(environment, "shell", "--verbosity", "0", "-c", code)
    line = next(line for line in out.splitlines() if line.startswith("FIGURES "))
    figures = json.loads(line.removeprefix("FIGURES "))
    for what, (value, unit) in figures.items():
        yield Measurement(what, value, unit)
    gain = figures["gain in nDCG@10 over the better plain one"][0]
    yield Measurement("nDCG@10 short of plain + 10", max(0.0, 10 - gain), "", 0)
    places, asked = figures["library: places at rank 1"][0], 40
    yield Measurement("spellings of places not at rank 1", asked - places, "", 0)
    pairs = figures["library: pairs agree"][0]
    yield Measurement("pairs that disagree", 60 - pairs, "", 6)
