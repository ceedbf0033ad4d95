from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.evidence.predict import Prediction, figure_of
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.statistics import grouped, rank_correlation, score, spearman


def row(name: str, value: float, task: str = "llm_decode", gpu: str = "A", **more) -> Row:
    return Row(name, "f", 1, "speed", task, "m", gpu, "tokens_per_s_total_output", value, **more)


def prediction(name: str, measured: float, predicted: float | None, gpu: str = "A", **more) -> Prediction:
    reason = None if predicted is not None else NotDone(Reason.GPU, "X")
    return Prediction(row(name, measured, gpu=gpu), predicted, reason=reason, gpu=gpu, model="m", engine="e", **more)


def test_the_figures_of_a_group_by_hand():
    # errors: +10 %, -20 %, 0, +50 %
    items = [
        prediction("1", 100, 110, low=90, high=120),
        prediction("2", 100, 80, low=70, high=95),
        prediction("3", 50, 50),
        prediction("4", 200, 300, low=150, high=320),
        prediction("5", 10, None),
    ]
    found = score(items)
    assert (found.rows, found.done) == (5, 4)
    assert found.mape == pytest.approx(0.2)
    assert found.median == pytest.approx(0.15)
    assert found.p90 == pytest.approx(0.2 + 0.7 * 0.3)  # linear between the third and the fourth of four
    assert found.bias == pytest.approx(0.05)
    assert found.inside == pytest.approx(2 / 3)
    assert found.reasons == {"unknown_gpu": 1}
    assert found.agree is None


def test_yes_or_no_rows_are_counted_not_averaged():
    items = [
        Prediction(Row(str(i), "f", 1, "memory", "fits", "m", "A", "outcome", measured), said, figure="fits", gpu="A")
        for i, (measured, said) in enumerate([(1, 1.0), (0, 1.0), (0, 0.0), (1, 1.0)])
    ]
    found = score(items)
    assert found.agree == pytest.approx(0.75)
    assert found.mape is None


def test_nothing_gives_nothing():
    found = score([])
    assert (found.rows, found.mape, found.rank, found.inside) == (0, None, None, None)


def test_groups_come_in_the_order_of_their_names():
    items = [prediction("1", 1, 1, gpu="B"), prediction("2", 1, 2, gpu="A"), prediction("3", 1, 1, gpu="B")]
    assert [(item.group, item.rows) for item in grouped(items, lambda one: (one.gpu,))] == [(("A",), 1), (("B",), 2)]


def test_rank_correlation_compares_gpus_at_the_same_work_only():
    same = [prediction(gpu, measured, said, gpu) for gpu, measured, said in (("A", 1, 10), ("B", 2, 30), ("C", 3, 20))]
    assert rank_correlation(same) == pytest.approx(0.5)
    assert rank_correlation(same[:2]) is None
    other = [Prediction(row("x", 9, gpu="D", isl=7), 1.0, gpu="D", model="m", engine="e")]
    assert rank_correlation(same + other) == pytest.approx(0.5)


def test_spearman_with_ties_and_constants():
    # scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]) = 0.948683
    assert spearman([1, 2, 2, 4], [1, 3, 2, 4]) == pytest.approx(0.9486832980505139)
    assert spearman([1, 1, 1], [1, 2, 3]) is None


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=30))
def test_spearman_is_a_correlation_and_symmetric(pairs):
    left, right = zip(*pairs, strict=True)
    value = spearman(left, right)
    if value is not None:
        assert -1 - 1e-9 <= value <= 1 + 1e-9
        assert value == pytest.approx(spearman(right, left))


def test_the_figure_a_row_is_about():
    assert figure_of(row("1", 1)) == "decode"
    assert figure_of(row("1", 1, task="llm_offline_throughput")) == "throughput"
    ttft = Row("1", "f", 1, "speed", "llm_serving_at_concurrency", "m", "A", "ttft_ms", 1)
    assert figure_of(ttft) == "ttft"
    assert figure_of(Row("1", "f", 1, "memory", "kv_cache", "m", "A", "log", 1)) == "kv_pool"
