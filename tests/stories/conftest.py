"""Fixtures of the tests of stories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.site_tree import build_site, kept_for_module
from tests.stories.asking import Network, make_network


@pytest.fixture(scope="module")
def built_network(django_db_setup: None, django_db_blocker: Any) -> Iterator[Network]:
    """Make the site and the Partnerships of the tests of questions, once a module."""
    with kept_for_module(django_db_blocker):
        build_site()
        yield make_network()


@pytest.fixture
def network(built_network: Network, db: None) -> Network:
    """Read those rows anew, so that no test sees what another did to them."""
    return built_network.reread()
