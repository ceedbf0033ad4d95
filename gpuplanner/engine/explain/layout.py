"""What the explanations of memory say again and again: the degrees of a plan, and where an engine's constants come from."""

from __future__ import annotations

from gpuplanner.engine.explain.book import Book, Given
from gpuplanner.engine.result import Code


def cut(book: Book) -> int:
    """GPUs that the dense parts are cut over: one where each keeps them whole."""
    return book.plan.tensor_parallel // book.plan.attention_copies


def degree(book: Book) -> Given:
    """The tensor degree, asked for or chosen."""
    source = Code("source.layout") if book.scenario.deployment.tensor_parallel is None else Code("source.input")
    return Given(float(book.plan.tensor_parallel), source, "deployment.tensor_parallel")


def layers(book: Book) -> float:
    """Layers on the fullest GPU."""
    return float(book.request.operators.layers * book.point.rows.stage[0])


def profile_source(book: Book) -> Code:
    """An engine's defaults."""
    return Code("source.profile", {"engine": book.request.engine.name, "versions": book.request.profile.versions})


def fitted_source(book: Book) -> Code:
    """Start-up logs of an engine."""
    return Code("source.logs", {"engine": book.request.engine.name, "versions": book.request.profile.versions})
