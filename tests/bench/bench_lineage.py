"""Where a practice of a large family travelled: 200 practices, one of them with three parents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.bench import BASE_DIR, Measurement, portal

SIZE = 200
LIMIT_MS = 300
MEASURE = f"""
import json
from django.test import Client
from tests.bench import median_ms
from tests.stories.families import big_family
key = big_family({SIZE})
client = Client(HTTP_HOST="localhost")
told = {{}}
for path in (f"/en/travelled/{{key}}/", f"/he/travelled/{{key}}/", f"/api/v1/lineage/{{key}}"):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    told[path.split("/")[1]] = median_ms(lambda: client.get(path), rounds=10)
print("told " + json.dumps(told))
"""


def run() -> Iterator[Measurement]:
    """Render the page in both languages and the JSON, in one process, without a network."""
    with portal() as one:
        for arguments in (["migrate", "--verbosity", "0"], ["shell", "-c", MEASURE]):
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=BASE_DIR,
                env=one.environment,
                capture_output=True,
                text=True,
                check=True,
            )
    [line] = [line for line in done.stdout.splitlines() if line.startswith("told ")]
    names = {"en": "page in English", "he": "page in Hebrew", "api": "JSON"}
    for key, milliseconds in json.loads(line.removeprefix("told ")).items():
        yield Measurement(f"{SIZE} practices, {names[key]}", milliseconds, "ms", LIMIT_MS)
