"""Opening figures that are corrected by the user's own measurements: the estimate itself, and the factor with its runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import arrivals
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.own.correction import KINDS, Correction, corrections
from gpuplanner.engine.request import resolve
from gpuplanner.engine.result import Code, Explanation, Plan
from gpuplanner.scenario.document import Scenario

Plain = Callable[[Scenario, Catalog, Plan, str], Explanation]
_MODELLED: Final = "modelled."
_FACTOR: Final = "own."
_ANSWER: Final = "own.answer"
_TIMES: Final = {"ttft": "ttft", "ttft_mean": "ttft", "tpot": "pace", "tpot_mean": "pace"}
_CORRECTED: Final = frozenset((*_TIMES, "e2e", "e2e_mean", "throughput", "token_capacity", "engine"))


def opened(scenario: Scenario, catalog: Catalog, plan: Plan, key: str, plain: Plain) -> Explanation:
    """A figure of a plan whose scenario holds own measurements.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one that runs.
        key: of the figure; "modelled." before it opens what the estimate would be without them.
        plain: opens figures that nothing corrects.

    Raises:
        KeyError: when the plan has no such figure.
    """
    if key.startswith(_MODELLED):
        return _modelled(scenario, catalog, plan, key.removeprefix(_MODELLED), plain)
    correction = dict(corrections(scenario, catalog)).get(plan.gpu_id)
    if correction is None or (key not in _CORRECTED and not key.startswith(_FACTOR)):
        if key.startswith(_FACTOR):
            raise KeyError(key)
        return plain(scenario, catalog, plan, key)
    book = Book(scenario, catalog, plan, resolve(scenario, catalog))
    if key == _ANSWER:
        return _answer(book, correction, plain)
    if key.startswith(_FACTOR):
        return _factor(book, correction, key.removeprefix(_FACTOR))
    if not _touched(key, correction):
        return plain(scenario, catalog, plan, key)
    return _wrapped(book, correction, key, plain)


def _touched(key: str, correction: Correction) -> bool:
    if key in {"e2e", "e2e_mean"}:
        return bool(correction.pace.runs or correction.ttft.runs)
    kind = _TIMES.get(key, "memory" if key == "engine" else "pace")
    return bool(getattr(correction, kind).runs)


def _modelled(scenario: Scenario, catalog: Catalog, plan: Plan, key: str, plain: Plain) -> Explanation:
    """The estimate without own measurements, at the plan's layout and load; what it opens into is without them too."""
    figures = {name: figure for name, figure in plan.figures.items() if name not in _CORRECTED}
    found = plain(_bare(scenario), catalog, replace(plan, figures=figures), key)
    terms = tuple(replace(term, opens=f"{_MODELLED}{term.opens}" if term.opens else None) for term in found.terms)
    return replace(found, key=f"{_MODELLED}{key}", terms=terms)


def _wrapped(book: Book, correction: Correction, key: str, plain: Plain) -> Explanation:
    value = _value(book, key, plain)
    modelled = computed(value, f"{_MODELLED}{key}")
    result = book.plan.figures.get(key)
    if key == "engine":
        bare = _bare(book.scenario)
        rows = Book(bare, book.catalog, book.plan, resolve(bare, book.catalog)).point.rows
        whole = float(rows.weights[0] + rows.activations[0] + rows.communication[0] + rows.engine[0])
        given = {"modelled": modelled, "factor": _given(correction, "memory"), "whole": computed(whole)}
        return book.opened(key, "own.engine", given)
    if key == "throughput" and book.request.comes_by_itself:
        return arrivals.carried(book, float(_wrapped(book, correction, "token_capacity", plain).result.value or 0.0))
    if key in {"throughput", "token_capacity"}:
        return book.opened(key, "own.rate", {"modelled": modelled, "factor": _given(correction, "pace")}, result=result)
    if key in {"e2e", "e2e_mean"}:
        factor = computed(float(_answer(book, correction, plain).result.value or 1.0), _ANSWER)
    else:
        factor = _given(correction, _TIMES[key])
    return book.opened(key, "own.time", {"modelled": modelled, "factor": factor}, result=result)


def _bare(scenario: Scenario) -> Scenario:
    """The scenario without own measurements."""
    return scenario.model_copy(update={"calibration": scenario.calibration.model_copy(update={"enabled": False})})


def _answer(book: Book, correction: Correction, plain: Plain) -> Explanation:
    given = {
        "first": computed(_value(book, "ttft_mean", plain), f"{_MODELLED}ttft_mean"),
        "first_factor": _given(correction, "ttft"),
        "whole": computed(_value(book, "e2e_mean", plain), f"{_MODELLED}e2e_mean"),
        "factor": _given(correction, "pace"),
    }
    return book.opened(_ANSWER, "own.answer_factor", given)


def _factor(book: Book, correction: Correction, kind: str) -> Explanation:
    if kind not in KINDS or not getattr(correction, kind).runs:
        raise KeyError(f"{_FACTOR}{kind}")
    factor = getattr(correction, kind)
    given = {
        "ratio": Given(factor.ratio, Code("source.own_runs", {"runs": factor.runs})),
        "runs": Given(float(factor.runs), Code("source.own_imported"), "calibration.enabled"),
        "prior": book.constant("own.prior_runs"),
        "least": book.constant("own.least"),
        "most": book.constant("own.most"),
    }
    return book.opened(f"{_FACTOR}{kind}", "own.factor", given)


def _given(correction: Correction, kind: str) -> Given:
    factor = getattr(correction, kind)
    if not factor.runs:
        return Given(1.0, Code("source.own_none"))
    return Given(factor.value, Code("source.own_runs", {"runs": factor.runs}), opens=f"{_FACTOR}{kind}")


def _value(book: Book, key: str, plain: Plain) -> float:
    found = _modelled(book.scenario, book.catalog, book.plan, key, plain)
    return float(found.result.value or 0.0)
