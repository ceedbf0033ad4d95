from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The built-in catalogue, without anybody's own entries."""
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))
