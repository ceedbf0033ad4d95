"""The colours of the product, one palette a theme; window, charts, tables and documents read them here. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours as ``#rrggbb``.

    Texts reach 4.5:1 on window, panel and field, graphic parts 3:1. ``on_*`` is the text colour upon that fill.
    """

    name: str
    window: str
    panel: str
    line: str
    field: str
    field_line: str
    hover: str
    text: str
    quiet: str
    faint: str  # disabled
    accent: str
    accent_ground: str
    on_accent: str
    good: str
    good_ground: str
    caution: str
    caution_ground: str
    bad: str
    bad_ground: str
    weights: str
    kv_cache: str
    activations: str
    gradients: str
    optimizer: str
    engine: str
    communication: str
    free: str
    on_weights: str
    on_kv_cache: str
    on_activations: str
    on_gradients: str
    on_optimizer: str
    on_engine: str
    on_communication: str
    chart_own: str
    chart_cloud: str
    chart_api: str

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return self.name == "dark"

    def memory(self, part: str) -> str:
        """The fill of a memory part ("weights", "kv_cache", …, "free")."""
        return str(getattr(self, part))

    def on_memory(self, part: str) -> str:
        """The text colour upon a memory part's fill."""
        return self.quiet if part == "free" else str(getattr(self, f"on_{part}"))


LIGHT: Final = Theme(
    name="light",
    window="#f6f7f9",
    panel="#ffffff",
    line="#e1e5eb",
    field="#f6f7f9",
    field_line="#d5dae2",
    hover="#eef1f5",
    text="#1b2430",
    quiet="#5e6b7c",
    faint="#9aa5b3",
    accent="#2563eb",
    accent_ground="#eaf1fe",
    on_accent="#ffffff",
    good="#15803d",
    good_ground="#ecf8f0",
    caution="#b45309",
    caution_ground="#fdf3e3",
    bad="#b91c1c",
    bad_ground="#fdecec",
    weights="#3b74d9",
    kv_cache="#12958f",
    activations="#d98e1f",
    gradients="#c2557a",
    optimizer="#9a5b34",
    engine="#7c8797",
    communication="#8a6bd1",
    free="#e9edf2",
    on_weights="#000000",
    on_kv_cache="#000000",
    on_activations="#000000",
    on_gradients="#000000",
    on_optimizer="#ffffff",
    on_engine="#000000",
    on_communication="#000000",
    chart_own="#2563eb",
    chart_cloud="#b7791f",
    chart_api="#8a6bd1",
)

DARK: Final = Theme(
    name="dark",
    window="#14181f",
    panel="#1b212a",
    line="#2c3542",
    field="#14181f",
    field_line="#364152",
    hover="#232b36",
    text="#e6ebf2",
    quiet="#97a3b4",
    faint="#5f6b7b",
    accent="#6ea0ff",
    accent_ground="#20304d",
    on_accent="#0f1726",
    good="#5ccb86",
    good_ground="#1a2f24",
    caution="#f0b35a",
    caution_ground="#35291a",
    bad="#f58b8b",
    bad_ground="#3a2226",
    weights="#5b8deb",
    kv_cache="#2cb5ae",
    activations="#e0a33f",
    gradients="#db7c9b",
    optimizer="#bd8158",
    engine="#8893a4",
    communication="#a58be6",
    free="#29313c",
    on_weights="#0f151d",
    on_kv_cache="#0f151d",
    on_activations="#0f151d",
    on_gradients="#0f151d",
    on_optimizer="#0f151d",
    on_engine="#0f151d",
    on_communication="#0f151d",
    chart_own="#6ea0ff",
    chart_cloud="#e0a33f",
    chart_api="#a58be6",
)

THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK)}


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
