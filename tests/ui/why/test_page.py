"""Explanations as text."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextDocument

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import OPENERS, explain
from gpuplanner.engine.result import Unit
from gpuplanner.palette import LIGHT
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.document import replace as asked
from gpuplanner.ui.why import markup, page
from gpuplanner.ui.why.measured import Measured

NEAR = (
    Measured("Llama 3.1 70B, 4 × H100", "vLLM 0.8.5", 24.4e9, 24.9e9, Unit.BYTES, "log"),
    Measured("Qwen2.5-72B, 4 × H20", "vLLM 0.9.1", 12.8e9, 12.5e9, Unit.BYTES, "log"),
)


def paper(wide: bool) -> page.Paper:
    return page.Paper(LIGHT, wide, 13, "monospace", "GB", "CNY")


def test_symbols_have_indices_and_functions_stay_upright() -> None:
    assert markup.formula("KV = max(R, 2) · h_kv ÷ TP") == "<i>KV</i> = max(<i>R</i>, 2) · <i>h</i><sub>kv</sub> ÷ <i>TP</i>"


def test_numbers_do_not_break() -> None:
    assert markup.unbroken("2\u2009560 · 16") == "2\xa0560 · 16"
    texts.set_language("zh")
    assert markup.unbroken("2\u2009560 · 16") == "2,560 · 16"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (80, Unit.COUNT, "80"),
        (163840, Unit.COUNT, "163\u2009840"),
        (68_451_041_280, Unit.COUNT, "68.5\xa0B"),
        (14.96, Unit.BYTES, "14.96\xa0B"),
        (1, Unit.BYTES, "1\xa0B"),
        (63.4e9, Unit.BYTES, "63.4\xa0GB"),
        (2500, Unit.TOKENS, "2\u2009500\xa0tokens"),
        (0.9, Unit.SHARE, "90\xa0%"),
        (0.0124, Unit.SECONDS, "12.4\xa0ms"),
    ],
)
def test_values_are_exact_where_they_can_be_read(value: float, unit: Unit, shown: str) -> None:
    assert str(markup.value(value, unit, "GB", "CNY")).replace(" ", "\xa0") == shown.replace(" ", "\xa0") or "ms" in shown


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("model", ["llama-3.3-70b", "deepseek-v3"])
def test_every_figure_can_be_opened(qapp: object, lang: str, model: str) -> None:
    texts.set_language(lang)
    catalog = load_catalog()
    scenario = asked(Scenario(), "model.id", model)
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    opened = 0
    for key in OPENERS:
        try:
            explained = explain(scenario, catalog, plan, key)
        except KeyError:
            continue
        opened += 1
        for wide in (True, False):
            document = QTextDocument()
            document.setHtml(page.page(explained, scenario, "GPU", paper(wide), NEAR))
            said = document.toPlainText()
            assert page.title(key, scenario) in said
            assert all(texts.text(term.name) in said for term in explained.terms)
            assert "None" not in said
        lines = page.terms_tsv(explained).splitlines()
        assert len(lines) == len(explained.terms) + 1
        assert {line.count("\t") for line in lines} == {4}
        assert explained.formula in page.formula_text(explained, "GB", "CNY")
    assert opened > 25


def test_measurements_nearby_carry_their_signed_error(qapp: object) -> None:
    catalog, scenario = load_catalog(), Scenario()
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    written = page.page(explain(scenario, catalog, plan, "kv_cache"), scenario, "GPU", paper(True), NEAR)
    assert "2 measurements nearby · median error 2.2" in written
    assert "+\u20092\u2009%" in written
    assert "−\u20092.3\u2009%" in written
    assert 'src="error:0.410"' in written


def test_foreign_names_are_text_not_markup(qapp: object) -> None:
    catalog, scenario = load_catalog(), Scenario()
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    written = page.page(explain(scenario, catalog, plan, "kv_cache"), scenario, "<img src='x'>", paper(False))
    assert "<img" not in written
