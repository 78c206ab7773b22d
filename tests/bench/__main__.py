"""`python -m tests.bench [NAME [SIZE] …]`: run benchmarks, print a table, write JSON."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from tests.bench import BASE_DIR, Measurement

OUTPUT = BASE_DIR / "var" / "bench"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks (all without a name); 1 if a promise is not kept, 2 for usage.

    A number after a name is the size of what it works on, where it has one.
    """
    here = Path(__file__).parent
    names = [argument for argument in arguments if not argument.isdigit()]
    sizes = {name: [int(size)] for name, size in pairwise(arguments) if size.isdigit()}
    known = sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    if unknown := [name for name in names if name not in known]:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")  # noqa: T201
        return 2
    OUTPUT.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    kept = True
    for name in names or known:
        found: list[Measurement] = list(_run(name, sizes.get(name, [])))
        for one in found:
            promise = "" if one.limit is None else f"  at most {one.limit:g}"
            mark = "" if one.is_kept else "  NOT KEPT"
            print(f"{name:<10} {one.name:<44} {one.value:>10.1f} {one.unit}{promise}{mark}")  # noqa: T201
            kept = kept and one.is_kept
        taken = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        record = {
            "taken": taken,
            "machine": {**machine, "load": os.getloadavg()},
            "figures": [asdict(one) for one in found],
        }
        (OUTPUT / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    return 0 if kept else 1


def _run(name: str, size: list[int]) -> Iterator[Measurement]:
    measurements: Iterator[Measurement] = importlib.import_module(f"tests.bench.bench_{name}").run(
        *size
    )
    return measurements


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
