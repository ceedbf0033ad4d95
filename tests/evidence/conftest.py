from __future__ import annotations

from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.predict import Prediction, own_measurements
from gpuplanner.evidence.rows import Measurements, read_measurements
from gpuplanner.evidence.scorecard import Scorecard, compute


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="session")
def own(catalog: Catalog) -> Measurements:
    return read_measurements(own_measurements())


@pytest.fixture(scope="session")
def card(catalog: Catalog) -> Scorecard:
    """All measurements scored, once for all tests."""
    told: list[tuple[int, int]] = []
    made = compute(catalog, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] == len(made.predictions)
    assert len(told) > 8  # often enough to stop soon
    return made


@pytest.fixture(scope="session")
def predictions(card: Scorecard) -> list[Prediction]:
    return list(card.predictions)


SPEED_HEADER = (
    "id,task,model,weight_precision,kv_precision,gpu,gpus,tp,pp,ep,dp,framework,framework_version,isl,osl,"
    "batch_or_concurrency,request_rate,metric,value,date,quality,source_table,source,note"
)
MEMORY_HEADER = (
    "id,kind,model,weight_precision,kv_precision,gpu,gpus,tp,pp,framework,framework_version,measured_value,unit,measured_gib,"
    "scope,metric,extra,source,quote_or_note,date,quality"
)


@pytest.fixture
def csv_file(tmp_path: Path):
    def write(text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write
