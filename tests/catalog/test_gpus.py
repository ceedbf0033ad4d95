"""GPU facts against figures from datasheets, and what is derived from them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import DenseTflops, Gpu, Interconnect
from gpuplanner.catalog.schema.link import Link
from gpuplanner.catalog.schema.price import TRUST, Price, best_price

GIB = 2**30


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(tmp_path_factory.mktemp("none"))


# NVIDIA and AMD datasheets, dense: half of what is printed "with sparsity"
@pytest.mark.parametrize(
    ("gpu", "number_format", "tflops"),
    [
        ("nvidia-a100-sxm4-80gb", "bf16", 312),
        ("nvidia-a100-sxm4-80gb", "int8", 624),
        ("nvidia-h100-sxm5-80gb", "bf16", 1979 / 2),
        ("nvidia-h100-sxm5-80gb", "fp8", 3958 / 2),
        ("nvidia-h200-sxm-141gb", "bf16", 1979 / 2),
        ("nvidia-l40s", "fp8", 1466 / 2),
        ("nvidia-l4", "bf16", 242 / 2),
        ("nvidia-t4", "fp16", 65),
        ("nvidia-v100-sxm2-32gb", "fp16", 125),
        ("nvidia-b200-sxm-180gb", "fp4", 18000 / 2),
        ("nvidia-rtx-4090", "fp16", 165.2),
        ("nvidia-rtx-4090", "fp16_fp16acc", 330.3),
        ("amd-mi300x", "fp8", 2614.9),
    ],
)
def test_rates_are_dense(catalog: Catalog, gpu: str, number_format: str, tflops: float) -> None:
    assert catalog.gpus[gpu].dense_tflops.rate(number_format) == pytest.approx(tflops, rel=0.005)


@pytest.mark.parametrize(
    ("gpu", "gb_s"),
    [("nvidia-a100-sxm4-80gb", 2039), ("nvidia-h100-sxm5-80gb", 3350), ("nvidia-h200-sxm-141gb", 4800), ("nvidia-l4", 300)],
)
def test_bandwidths_are_the_datasheets(catalog: Catalog, gpu: str, gb_s: float) -> None:
    assert catalog.gpus[gpu].bandwidth_gb_s == pytest.approx(gb_s, rel=0.01)


# what PyTorch prints as the total of these cards, GiB
@pytest.mark.parametrize(
    ("gpu", "gib"),
    [("nvidia-h100-sxm5-80gb", 79.19), ("nvidia-h200-sxm-141gb", 139.8), ("nvidia-t4", 14.75), ("nvidia-a10g", 22.06)],
)
def test_usable_memory_is_what_an_engine_sees(catalog: Catalog, gpu: str, gib: float) -> None:
    assert catalog.gpus[gpu].usable_bytes / GIB == pytest.approx(gib, abs=0.02)
    assert not catalog.gpus[gpu].usable_is_estimated


# cards of the same board, so that the estimate can be held against a figure read elsewhere, GiB
@pytest.mark.parametrize(
    ("gpu", "gib"),
    [("nvidia-rtx-4080", 15.70), ("nvidia-l2", 22.0), ("nvidia-h800-sxm5-80gb", 79.19), ("nvidia-a800-sxm4-80gb", 79.15)],
)
def test_estimated_memory_is_near(catalog: Catalog, gpu: str, gib: float) -> None:
    assert catalog.gpus[gpu].usable_is_estimated
    assert catalog.gpus[gpu].usable_bytes / GIB == pytest.approx(gib, rel=0.02)


def test_usable_memory_is_never_more_than_the_card_has(catalog: Catalog) -> None:
    for gpu in catalog.gpus.values():
        assert 0.7 * gpu.memory_gb * 1e9 < gpu.usable_bytes <= gpu.memory_gb * GIB


def test_unknown_stays_unknown(catalog: Catalog) -> None:
    assert catalog.gpus["cambricon-mlu590"].dense_tflops.fp16 is None
    assert catalog.gpus["nvidia-rtx-4090"].scale_up_gb_s is None
    assert catalog.gpus["nvidia-h20-141gb"].best_price("CNY") is None
    with pytest.raises(KeyError):
        DenseTflops().rate("fp3")


@pytest.mark.parametrize(
    ("gpu", "family"),
    [
        ("nvidia-v100-sxm2-16gb", "volta"), ("nvidia-t4", "turing"), ("nvidia-a10", "ampere"), ("nvidia-l40s", "ada"),
        ("nvidia-h20-96gb", "hopper"), ("nvidia-gb300-288gb", "blackwell"), ("nvidia-rtx-5090", "rtx-blackwell"),
        ("nvidia-gb10-dgx-spark", "rtx-blackwell"), ("amd-mi325x", "cdna3"), ("amd-mi355x", "cdna4"), ("intel-gaudi3", "gaudi"),
        ("huawei-ascend-910b1", "ascend"), ("metax-c500", "other-cn"), ("google-tpu-v6e", "tpu"), ("apple-m4-max", "apple"),
        ("aws-trainium2", "trainium"),
    ],
)  # fmt: skip
def test_families(catalog: Catalog, gpu: str, family: str) -> None:
    assert catalog.gpus[gpu].family == family


def test_every_gpu_has_a_family(catalog: Catalog) -> None:
    assert not [gpu.id for gpu in catalog.gpus.values() if gpu.family == "other"]


def test_the_fast_link_reaches_as_far_as_its_domain(catalog: Catalog) -> None:
    h100, bridged, plain = (catalog.gpus[key] for key in ("nvidia-h100-sxm5-80gb", "nvidia-a40", "nvidia-l40s"))
    eight = catalog.path_between(h100, 8)
    assert eight is not None
    assert (eight.gb_s, eight.scale_up, eight.link) == (450, True, "nvlink-4")
    assert h100.has_all_to_all
    two, four = catalog.path_between(bridged, 2), catalog.path_between(bridged, 4)
    assert two is not None
    assert four is not None
    assert (two.gb_s, two.scale_up) == (56.25, True)
    assert (four.scale_up, four.link) == (False, "pcie-4-x16")
    assert not bridged.has_all_to_all
    only = catalog.path_between(plain, 2)
    assert only is not None
    assert not only.scale_up
    assert not plain.has_scale_up


def test_an_unknown_fast_link_is_taken_as_pcie_and_says_so(catalog: Catalog) -> None:
    metax = catalog.gpus["metax-c500"]
    assert metax.has_scale_up
    assert metax.scale_up_gb_s is None
    path = catalog.path_between(metax, 4)
    assert path is not None
    assert path.assumed
    assert path.gb_s == 63


def test_fewer_lanes_are_slower_and_no_lanes_are_unknown(catalog: Catalog) -> None:
    narrow = catalog.path_between(catalog.gpus["nvidia-rtx-4060"], 2)
    assert narrow is not None
    assert narrow.gb_s == pytest.approx(15.5)
    assert catalog.path_between(catalog.gpus["apple-m4-max"], 2) is None


def test_grace_to_gpu_is_no_link_between_gpus(catalog: Catalog) -> None:
    assert not catalog.gpus["nvidia-gh200-96gb"].has_scale_up


def test_path_needs_a_known_slot() -> None:
    gpu = Gpu(
        id="x", name="x", vendor="x", architecture="x", form_factor="PCIe", memory_gb=1, interconnect=Interconnect(pcie_gen=4)
    )
    assert Catalog().path_between(gpu, 2) is None
    slot = Link(id="pcie-4-x16", name="PCIe", kind="pcie", unidirectional_gb_s=31)
    assert Catalog(links={slot.id: slot}).path_between(gpu, 2).gb_s == 31  # type: ignore[union-attr]


def _price(kind: str, currency: str, amount: float = 1.0, date: str = "2026") -> Price:
    return Price(kind=kind, currency=currency, amount=amount, date=date)  # type: ignore[arg-type]


def test_a_list_price_in_the_currency_comes_first() -> None:
    prices = (_price("street", "CNY"), _price("list", "USD"), _price("list-approx", "CNY"), _price("blog", "CNY"))
    best = best_price(prices, "CNY")
    assert best == prices[2]
    assert best.is_firm


def test_a_list_price_elsewhere_goes_before_hearsay_here() -> None:
    prices = (_price("blog", "CNY"), _price("list-approx", "USD"))
    assert best_price(prices, "CNY") == prices[1]


def test_the_newest_of_equals_counts() -> None:
    prices = (_price("street", "USD", 1, "2025-01"), _price("street", "USD", 2, "2026-01-10"), _price("street", "USD", 3, "2024"))
    assert best_price(prices, "USD") == prices[1]


def test_ones_own_price_beats_all() -> None:
    prices = (_price("list", "USD"), _price("own", "USD", date="2020"))
    assert best_price(prices, "USD") == prices[1]


def test_hearsay_is_taken_only_alone_and_is_not_firm() -> None:
    only = _price("blog", "CNY")
    assert best_price((only,), "USD") == only
    assert not only.is_firm


@given(st.lists(st.builds(_price, st.sampled_from(sorted(TRUST)), st.sampled_from(["USD", "CNY"])), max_size=8))
def test_a_firm_price_is_never_passed_over(prices: list[Price]) -> None:
    best = best_price(tuple(prices), "CNY")
    assert (best is None) == (not prices)
    if best is not None:
        assert best in prices
        assert best.is_firm == any(price.is_firm for price in prices)


def test_a_users_gpu_gets_what_it_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "gpus").mkdir()
    (tmp_path / "gpus" / "mine.json").write_text(
        '{"id": "my-h100", "name": "Mine", "vendor": "NVIDIA", "architecture": "Hopper", "form_factor": "PCIe", "memory_gb": 80,'
        ' "memory_type": "HBM3", "compute_capability": 9.0}'
    )
    mine = load_catalog(tmp_path).gpus["my-h100"]
    assert mine.family == "hopper"
    assert mine.usable_bytes / GIB == pytest.approx(79.19, rel=0.005)
