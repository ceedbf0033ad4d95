"""What the tests of quotes share."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.report.quotes.quote import Quote
from tests.report.quotes.offer import offered


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


@pytest.fixture(scope="session")
def quote(catalog: Catalog) -> Quote:
    return offered(catalog)
