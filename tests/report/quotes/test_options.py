"""What stands beside an offer: chosen GPUs, other scenarios, optional lines; all at the terms of the quote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.site.build import site_of
from gpuplanner.report.compose import offered
from gpuplanner.report.names import gpu_name
from gpuplanner.report.options import MOST, TOTAL, Picked, Variant, alike, others
from gpuplanner.report.pricing import lines
from gpuplanner.report.quotes.make import draft
from gpuplanner.report.totals import totals
from gpuplanner.report.wording import words
from gpuplanner.scenario.document import Workload
from tests.report.quotes.offer import AT, META, SCENARIO


@pytest.fixture(scope="module")
def answer(catalog):
    return estimate(SCENARIO, catalog)


@pytest.fixture(scope="module")
def plans(answer, catalog):
    return others(answer, offered(answer, catalog))


def made(answer, catalog, quoted=None, **picked):
    return draft(SCENARIO, answer, catalog, META, AT, quoted, Picked(**picked)).content


def test_the_chosen_gpus_and_no_others(answer, plans, catalog):
    wanted = (plans[0].gpu_id, plans[4].gpu_id)
    found = made(answer, catalog, gpus=wanted).options
    assert [option.gpu_name for option in found[1:]] == [gpu_name(gpu, catalog) for gpu in wanted]
    assert found[0].offered
    assert made(answer, catalog, gpus=()).options == ()
    assert len(made(answer, catalog).options) == 4  # the offer and the usual three


def test_no_more_than_a_page_holds(answer, plans, catalog):
    assert len(made(answer, catalog, gpus=tuple(plan.gpu_id for plan in plans)).options) == 1 + MOST


def test_totals_are_those_of_the_terms(answer, plans, catalog):
    plain = made(answer, catalog).lines
    quoted = tuple(replace(line, discount=0.1, tax=0.13) for line in plain)
    content = made(answer, catalog, quoted, gpus=(plans[0].gpu_id,))
    place = content.option_keys.index(TOTAL)
    own, other = (option.figures[place] for option in content.options)
    assert own.value == totals(quoted).gross
    listed = lines(SCENARIO, plans[0], catalog, site_of(SCENARIO, catalog, answer, plans[0]))
    at_terms = [replace(line, discount=0.1, tax=0.13) for line in listed]
    assert other.value == totals(at_terms).gross
    if other.at_least == own.at_least:
        assert content.options[1].difference == pytest.approx(other.value - own.value)
    else:
        assert content.options[1].difference is None


def test_an_agreed_price_holds_for_the_same_thing(answer, catalog):
    plain = made(answer, catalog).lines
    agreed = (replace(plain[0], unit_price=5.0, at_least=False), *plain[1:])
    assert alike(plain, agreed)[0].unit_price == 5.0
    other = replace(plain[0], catalog_price=(plain[0].catalog_price or 0) + 1)
    assert alike((other,), agreed)[0].unit_price == other.unit_price


def test_a_variant_stands_under_its_name(answer, catalog):
    larger = SCENARIO.model_copy(update={"name": "双倍 =1+1", "workload": Workload(load=120)})
    content = made(answer, catalog, gpus=(), variants=(Variant(larger.name, larger, estimate(larger, catalog)),))
    table = words(content, "zh").options
    assert [row[0].text for row in table.rows][1] == "双倍 =1+1"
    assert content.options[1].difference is None or content.options[1].difference >= 0


def test_a_variant_in_other_money_is_not_subtracted(answer, catalog):
    abroad = SCENARIO.model_copy(update={"name": "abroad", "money": SCENARIO.money.model_copy(update={"currency": "USD"})})
    content = made(answer, catalog, gpus=(), variants=(Variant("abroad", abroad, estimate(abroad, catalog)),))
    assert content.options[1].difference is None
    assert content.options[1].figures[content.option_keys.index(TOTAL)].value is None


def test_an_optional_line_is_shown_and_not_summed(answer, catalog):
    plain = made(answer, catalog).lines
    optional = (replace(plain[0], optional=True), *plain[1:])
    assert totals(made(answer, catalog, optional).lines) == totals(plain[1:])
    shown = words(made(answer, catalog, optional), "en").configuration.rows
    assert len(shown) == len(plain)
