"""What `run` does before it serves, and how it knows that it was done."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal import preparation
from portal.management.commands.run import running_mark


@pytest.fixture(autouse=True)
def own_directories(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_ROOT = tmp_path / "var" / "media"
    settings.NETWORK_DATA_DIR = tmp_path / "data"
    settings.WHITENOISE_USE_FINDERS = True
    settings.NETWORK_DATA_DIR.mkdir()
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.NETWORK_DATA_DIR / "partnerships.json").write_text("[]")


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that `prepare` calls, instead of calling them."""
    names: list[str] = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **options: names.append(name))
    return names


def silent(message: str) -> None:
    """Say nothing."""


def prepare(demo: bool = True) -> None:
    preparation.prepare(silent, demo=demo)


def test_the_first_start_migrates_and_loads_the_second_does_nothing(db, called) -> None:
    prepare()
    assert called == ["migrate", "load_network", "recompute_evidence"]
    prepare()
    assert called == ["migrate", "load_network", "recompute_evidence"]


def test_changed_data_are_loaded_again_without_migrating(db, called, settings) -> None:
    prepare()
    called.clear()
    (settings.NETWORK_DATA_DIR / "partnerships.json").write_text("[1]")
    prepare()
    assert called == ["load_network"]


def test_another_database_is_prepared_whatever_the_stamp_says(db, called, monkeypatch) -> None:
    prepare()
    called.clear()
    monkeypatch.setattr(preparation, "_applied_migrations", lambda: [])
    prepare()
    assert called == ["migrate", "load_network", "recompute_evidence"]


def test_without_the_demo_nothing_is_loaded_and_a_later_demo_start_need_not_load_again(
    db, called
) -> None:
    prepare()
    called.clear()
    prepare(demo=False)
    prepare()
    assert called == []


def test_a_failed_preparation_is_done_again(db, monkeypatch) -> None:
    def refuses(name: str, **options: object) -> None:
        raise CommandError("partnerships.json: no list")

    monkeypatch.setattr(preparation, "call_command", refuses)
    with pytest.raises(CommandError):
        prepare()
    assert preparation.read_stamp() == {}


def test_static_files_are_collected_where_the_web_process_does_not_find_them(
    db, called, settings, tmp_path: Path
) -> None:
    settings.WHITENOISE_USE_FINDERS = False
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS[0].mkdir()
    prepare(demo=False)
    assert called == ["migrate", "collectstatic", "recompute_evidence"]
    called.clear()
    (settings.STATICFILES_DIRS[0] / "site.css").write_text("a { }")
    prepare(demo=False)
    assert called == ["collectstatic"]


def test_a_broken_stamp_counts_as_none(db, called, settings) -> None:
    prepare()
    called.clear()
    (settings.VAR_DIR / "prepared.json").write_text("{")
    prepare()
    assert called == ["migrate", "load_network", "recompute_evidence"]


class TestDemoReset:
    @pytest.fixture(autouse=True)
    def no_real_database(self, db, called, settings, monkeypatch) -> None:
        from portal.management.commands.demo_reset import Command

        self.emptied: list[bool] = []
        monkeypatch.setattr(Command, "_empty_database", lambda command: self.emptied.append(True))
        settings.DEMO = True

    def test_empties_what_make_run_filled(self, settings) -> None:
        prepare()
        picture = settings.MEDIA_ROOT / "picture.webp"
        picture.touch()
        call_command("demo_reset")
        assert self.emptied
        assert not picture.exists()
        assert preparation.read_stamp() == {}

    def test_refuses_in_production(self, settings) -> None:
        prepare()
        settings.DEMO = False
        with pytest.raises(CommandError, match="not the demo's settings"):
            call_command("demo_reset")
        assert not self.emptied

    def test_refuses_a_database_that_make_run_did_not_fill(self) -> None:
        prepare(demo=False)
        with pytest.raises(CommandError, match="did not fill"):
            call_command("demo_reset")
        assert not self.emptied

    def test_refuses_while_the_portal_runs(self) -> None:
        prepare()
        with running_mark().open("w") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH)
            with pytest.raises(CommandError, match="end it first"):
                call_command("demo_reset")
        assert not self.emptied


def test_changed_full_text_structures_are_made_by_migrating(
    db, called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare()
    called.clear()
    changed = tmp_path / "sqlite.py"
    changed.write_text("# another trigger")
    found = preparation._files_of_apps
    monkeypatch.setattr(
        preparation,
        "_files_of_apps",
        lambda folder, pattern: [changed] if folder == "engines" else found(folder, pattern),
    )
    prepare()
    assert called == ["migrate", "recompute_evidence"]
