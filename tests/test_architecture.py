"""The house rules that can be read off the files: one-way doors, sizes, names, no addresses."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BASE_DIR

#: Each app may import itself and any app to its right.
ORDER = ("home", "stories", "partnerships", "search", "portal")
LONGEST_FILE = 400
LONGEST_BASE_SETTINGS = 250


def repository_files() -> list[Path]:
    """Return the files that git knows, and the new ones that it would take."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ],
        cwd=BASE_DIR,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (BASE_DIR / name for name in listed.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def app_files(app: str) -> list[Path]:
    return sorted((BASE_DIR / app).rglob("*.py"))


def imported_modules(path: Path, package: str, tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Return every module that the tree imports, wherever the statement stands, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = package.split(".")[: len(package.split(".")) - node.level + 1]
                module = ".".join([*base, *([node.module] if node.module else [])])
            else:
                module = node.module or ""
            yield module, node.lineno
            for alias in node.names:
                yield f"{module}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            if name in {"import_module", "import_string", "__import__"}:
                yield str(node.args[0].value), node.lineno


def wrong_imports(app: str, path: Path, source: str) -> list[str]:
    """Return the imports of an app that is to the left of `app` in ORDER."""
    forbidden = ORDER[: ORDER.index(app)]
    package = ".".join(path.relative_to(BASE_DIR).parent.parts)
    return [
        f"{path.relative_to(BASE_DIR)}:{line} imports {module}"
        for module, line in imported_modules(path, package, ast.parse(source))
        if module.split(".")[0] in forbidden
    ]


@pytest.mark.parametrize("app", ORDER)
def test_imports_go_one_way_also_inside_functions(app: str) -> None:
    assert [
        wrong for path in app_files(app) for wrong in wrong_imports(app, path, path.read_text())
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "import home.models",
        "from stories.models import StoryPage",
        "def later():\n    from stories import services",
        "if TYPE_CHECKING:\n    from partnerships.models import Partnership",
        "import_module('stories.models')",
    ],
)
def test_the_reader_of_imports_sees_them_all(source: str) -> None:
    assert wrong_imports("search", BASE_DIR / "search" / "views.py", source)


@pytest.mark.parametrize(
    "source", ["import search.models", "from portal.models import User", "from . import stories"]
)
def test_the_reader_of_imports_lets_the_right_ones_pass(source: str) -> None:
    assert wrong_imports("search", BASE_DIR / "search" / "views.py", source) == []


def test_settings_and_addresses_name_apps_by_string() -> None:
    files = [
        *(BASE_DIR / "portal" / "settings").glob("*.py"),
        *(BASE_DIR / "portal").glob("*urls.py"),
    ]
    assert len(files) >= 6
    assert [
        wrong for path in files for wrong in wrong_imports("portal", path, path.read_text())
    ] == []


def test_no_bucket_modules() -> None:
    buckets = {"core", "utils", "util", "helpers", "common", "misc"}
    paths = [path for app in ORDER for path in (BASE_DIR / app).rglob("*")]
    assert len(paths) > 50
    assert [path for path in paths if path.stem in buckets] == []


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(BASE_DIR)): lines
        for app in ORDER
        for path in app_files(app)
        if "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_base_settings_stay_thin() -> None:
    lines = (BASE_DIR / "portal" / "settings" / "base.py").read_text().splitlines()
    assert len(lines) <= LONGEST_BASE_SETTINGS


def test_migrations_are_named_by_hand() -> None:
    migrations = [
        path
        for app in ORDER
        for path in (BASE_DIR / app / "migrations").glob("*.py")
        if path.stem != "__init__"
    ]
    assert len(migrations) >= len(ORDER)
    auto = re.compile(r"^\d{4}_(auto_|alter_.+_(options|and_more)$|.*_and_more$)")
    assert [path.name for path in migrations if auto.match(path.stem)] == []
    assert [path.name for path in migrations if not re.match(r"^\d{4}_[a-z]", path.stem)] == []


# What a file may not name is put together here, so that this file does not name it either.
MACHINE_PATHS = re.compile(r"(?<![\w.:/}])/(?:work|root|home/[a-z]+|opt/wheels|tmp/[a-z]+)/")
REGISTRIES = re.compile(
    r"index-url[= ]+['\"]?http|"
    + "|".join(
        re.escape(host)
        for host in (
            "py" + "pi.org",
            "python" + "hosted.org",
            "npm" + "js.org",
            "npm" + "js.com",
            "un" + "pkg.com",
            "js" + "delivr.net",
            "repo.maven." + "apache.org",
            "repo1." + "maven.org",
            "deb." + "debian.org",
            "proxy.golang" + ".org",
        )
    )
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in repository_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE_PATHS.search(line) or REGISTRIES.search(line):
                found.append(f"{path.relative_to(BASE_DIR)}:{number}")
    assert found == []


@pytest.mark.parametrize(
    "line", ["cd /" + "work/main", "open('/" + "root/.x')", 'x = "/' + 'tmp/team/brief.md"']
)
def test_the_reader_of_paths_sees_them(line: str) -> None:
    assert MACHINE_PATHS.search(line)


def test_the_lock_has_a_hash_for_each_package() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (BASE_DIR / name).read_text()
        packages = re.findall(r"^[a-z0-9][\w.-]*==.*$", text, flags=re.MULTILINE)
        assert len(packages) > 30
        assert [line for line in packages if not line.endswith("\\")] == []
        assert "://" not in text


def test_the_readme_names_every_variable_that_settings_read() -> None:
    table = (BASE_DIR / "README.md").read_text()
    names = {
        name
        for path in (BASE_DIR / "portal" / "settings").glob("*.py")
        if path.name != "test.py"
        for name in re.findall(
            r"(?:environ\.get|env\.\w+|environment\.(?!database|cache)\w+|required|choice|flag|url)"
            r"\(\s*\"([A-Z_]+)\"",
            path.read_text(),
        )
    }
    assert {"DATABASE_URL", "BASE_URL", "WEB_WORKERS"} <= names
    names.discard("PYTEST_XDIST_WORKER")  # the suite's own, for its own settings
    assert [name for name in sorted(names) if f"`{name}`" not in table] == []


def test_the_readme_names_every_make_target() -> None:
    readme = (BASE_DIR / "README.md").read_text()
    targets = re.findall(r"^([a-z-]+):.*## ", (BASE_DIR / "Makefile").read_text(), flags=re.M)
    assert len(targets) > 10
    assert [name for name in targets if name != "help" and f"`{name}`" not in readme] == []
