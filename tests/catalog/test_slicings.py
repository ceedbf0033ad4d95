"""Slices of cards: what the vendor's tool lists."""

from __future__ import annotations

from gpuplanner.catalog.load import load_catalog

CATALOG = load_catalog()


def test_every_slice_belongs_to_a_card_of_the_catalogue_and_lies_within_it() -> None:
    seen: set[str] = set()
    for slicing in CATALOG.slicings.values():
        assert slicing.sources
        for gpu_id in slicing.gpus:
            assert gpu_id in CATALOG.gpus
            assert gpu_id not in seen
            seen.add(gpu_id)
            card = CATALOG.gpus[gpu_id]
            for profile in slicing.profiles:
                assert all(start + profile.size <= slicing.slots for start in profile.starts)
                if profile.memory_gib is not None:
                    assert profile.memory_gib * 2**30 <= card.memory_gb * 2**30 * 1.01 * profile.size / slicing.slots
                if profile.sm is not None and slicing.sm is not None:
                    assert profile.sm <= slicing.sm * 4 / 7


def test_an_h100_is_cut_as_its_tool_lists() -> None:
    slicing = CATALOG.slicings["h100-80gb"]
    listed = {profile.name: (profile.memory_gib, profile.sm, len(profile.starts)) for profile in slicing.profiles}
    assert listed == {
        "1g.10gb": (9.75, 16, 7),
        "1g.20gb": (19.62, 26, 4),
        "2g.20gb": (19.62, 32, 3),
        "3g.40gb": (39.5, 60, 2),
        "4g.40gb": (39.5, 64, 1),
    }
