"""The tiers that practitioners sell by: the article's figures beside the engine's."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.tiers import TIERS, Tier, tier
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog()


@pytest.fixture(scope="module", params=TIERS)
def built(request: pytest.FixtureRequest) -> Tier:
    path = next(example.path for example in examples() if example.key == request.param.replace("-", "_"))
    return tier(request.param, load_scenario(path).scenario, CATALOG)


def test_what_doesnt_hold_says_why(built: Tier) -> None:
    assert built.plan is not None
    assert built.claims
    for claim in built.claims:
        assert bool(claim.why) is not claim.holds
        assert all(code_text(code, lang) for code in claim.why for lang in ("en", "zh"))


def held(built: Tier) -> dict[str, bool | None]:
    return {claim.key: claim.holds for claim in built.claims}


def test_the_entry_tier_holds_and_the_others_dont(built: Tier) -> None:
    """E001-1: 70B in half precision is 140 GB, four A5000 have 96; E001-3: 405B is 810 GB, eight A100 have 640;
    E001-7: eight cards at 150,000 are 1.2 million, above the whole server's 1.0 million; E001-8: a day's mean is no peak."""
    found = held(built)
    if built.id == "tier-entry":
        assert all(found.values())
    elif built.id == "tier-enterprise":
        assert (found["size"], found["gpus"], found["latency"]) == (False, False, False)
        assert next(claim for claim in built.claims if claim.key == "size").found.value == pytest.approx(43.2e9)
    else:
        assert (found["size"], found["price"], found["latency"]) == (False, False, False)
        assert next(claim for claim in built.claims if claim.key == "price").found.value == pytest.approx(1.2e6)
