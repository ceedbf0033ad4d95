"""Colours: what the design fixes, and contrast."""

from __future__ import annotations

import pytest

from gpuplanner.palette import DARK, LIGHT, THEMES, Theme, contrast

PARTS = ("weights", "kv_cache", "activations", "gradients", "optimizer", "engine", "communication")


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("ink", ["text", "quiet", "accent", "good", "caution", "bad"])
def test_texts_reach_four_and_a_half(theme: Theme, ink: str) -> None:
    for ground in (theme.window, theme.panel, theme.field):
        assert contrast(getattr(theme, ink), ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_labels_on_fills_are_legible(theme: Theme) -> None:
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for state in ("good", "caution", "bad", "accent"):
        assert contrast(getattr(theme, state), getattr(theme, f"{state}_ground")) >= 4.5
    assert {part: contrast(theme.on_memory(part), theme.memory(part)) >= 4.5 for part in PARTS} == dict.fromkeys(PARTS, True)


def test_contrast_is_the_published_ratio() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_look_fixes_these() -> None:
    assert (LIGHT.window, LIGHT.panel, LIGHT.line) == ("#f6f7f9", "#ffffff", "#e1e5eb")
    assert (DARK.accent, DARK.kv_cache, DARK.free) == ("#6ea0ff", "#2cb5ae", "#29313c")
