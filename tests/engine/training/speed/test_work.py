"""Operations a sample needs, against counts from outside."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.speed.work import Sample, Work, work


def of(catalog: Catalog, model: str, sample: Sample) -> Work:
    shape = catalog.models[model].shape
    assert shape is not None
    return work(shape, sample)


def test_llama_3_8b_as_nemo_counts_it(catalog: Catalog) -> None:
    """NeMo 24.07: 12,036 tokens and 697 TFLOP a second and GPU, all pairs counted; since 25.09 half: 29,994 and 1,544."""
    found = of(catalog, "llama-3-8b", Sample(8192))
    assert 3 * (found.linear + found.pairs) / 8192 == pytest.approx(697e12 / 12036, rel=0.005)
    assert found.model_flops() / 8192 == pytest.approx(1544e12 / 29994, rel=0.005)


def test_gpt_3_175b_as_published(catalog: Catalog) -> None:
    """Narayanan et al., arXiv 2104.04473: 96·B·s·l·h²·(1 + s/6h + V/16lh) with recompute, three quarters without."""
    found = of(catalog, "gpt-3-175b", Sample(2048))
    s, layers, h, vocab = 2048, 96, 12288, 50257
    with_recompute = 96 * s * layers * h**2 * (1 + s / (6 * h) + vocab / (16 * layers * h))
    assert 3 * (found.linear + found.pairs) == pytest.approx(0.75 * with_recompute, rel=0.005)


def test_experts_count_as_far_as_they_are_active(catalog: Catalog) -> None:
    """DeepSeek-V3: 37 billion active parameters (arXiv 2412.19437); six operations each, embedding aside, and attention."""
    found = of(catalog, "deepseek-v3", Sample(4096))
    assert found.linear / (2 * 4096) == pytest.approx(37e9 - 129280 * 7168, rel=0.03)


def test_convolutions_of_resnet_50(catalog: Catalog) -> None:
    """He et al.: 4.1 billion multiply-adds for 224 × 224 pixels."""
    assert of(catalog, "resnet-50", Sample()).linear == pytest.approx(2 * 4.09e9, rel=0.01)


def test_denoiser_of_stable_diffusion(catalog: Catalog) -> None:
    """About 0.40 T multiply-adds for 64 × 64 latents."""
    found = of(catalog, "stable-diffusion-2.1", Sample(side=64, context_tokens=77))
    assert found.linear + found.attention == pytest.approx(2 * 0.40e12, rel=0.05)


def test_windows_and_causal_masks_see_fewer_pairs(catalog: Catalog) -> None:
    full = of(catalog, "llama-3-8b", Sample(8192))
    assert full.attention == pytest.approx(full.pairs / 2)
    windowed = of(catalog, "gpt-oss-120b", Sample(8192))
    assert windowed.attention < 0.3 * windowed.pairs
