"""What is asked, page by page, and which questions apply to which use. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.units import QuantityKind

Answers = Mapping[str, object]
Kind = Literal["choice", "quantity", "model", "gpu", "line"]

_K: Final = WorkloadKind
#: What the model is wanted for, and the kind of work that is.
USES: Final[dict[str, WorkloadKind]] = {
    "chat": _K.SERVE, "knowledge": _K.SERVE, "code": _K.SERVE, "agent": _K.SERVE, "batch": _K.BATCH, "images": _K.GENERATE,
    "embedding": _K.ENCODE, "speech": _K.ENCODE, "tune": _K.TUNE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One question; its text is ``ask.<key>``.

    ``path`` is the field whose limits a number keeps; ``choices`` are words with texts ``ask.<key>.<word>``.
    """

    key: str
    kind: Kind
    path: str = ""
    quantity: QuantityKind = QuantityKind.COUNT
    unit: str | None = None
    choices: tuple[str, ...] = ()
    shown: Callable[[Answers], bool] = lambda _answers: True


def kind_of(answers: Answers) -> WorkloadKind:
    """The kind of work that the answers are about."""
    return USES[str(answers["use"])]


def _of(*kinds: WorkloadKind) -> Callable[[Answers], bool]:
    return lambda answers: kind_of(answers) in kinds


def _used(*uses: str) -> Callable[[Answers], bool]:
    return lambda answers: answers["use"] in uses


def _given(word: str) -> Callable[[Answers], bool]:
    return lambda answers: waits(answers) and answers["given"] == word


def waits(answers: Answers) -> bool:
    """Whether somebody waits for each answer."""
    return kind_of(answers) in (_K.SERVE, _K.GENERATE, _K.ENCODE)


_Q: Final = QuantityKind
PAGES: Final[dict[str, tuple[Question, ...]]] = {
    "who": (
        Question("customer", "line"),
        Question("use", "choice", choices=tuple(USES)),
        Question("model", "model"),
    ),
    "load": (
        Question("given", "choice", choices=("people", "in_flight", "per_day"), shown=waits),
        Question("people", "quantity", "workload.load", shown=_given("people")),
        Question("active", "quantity", "workload.cached_prefix", _Q.PERCENT, shown=_given("people")),
        Question("in_flight", "quantity", "workload.load", shown=_given("in_flight")),
        Question("per_day", "quantity", "workload.load", _Q.PER_DAY, shown=_given("per_day")),
        Question("busy_hours", "quantity", "workload.busy_hours", _Q.HOURS, shown=_given("per_day")),
        Question("pile", "quantity", "workload.batch_requests", shown=_of(_K.BATCH)),
        Question("pile_hours", "quantity", "workload.batch_hours", _Q.HOURS, shown=_of(_K.BATCH)),
        Question("samples", "quantity", "training.budget_samples", shown=_of(_K.TUNE)),
        Question("epochs", "quantity", "training.epochs", _Q.NUMBER, shown=_of(_K.TUNE)),
        Question("days", "quantity", "training.within_days", _Q.NUMBER, shown=_of(_K.TUNE)),
    ),
    "lengths": (
        Question("input", "quantity", "workload.input_tokens", _Q.TOKENS, shown=_of(_K.SERVE, _K.BATCH)),
        Question("output", "quantity", "workload.output_tokens", _Q.TOKENS, shown=_of(_K.SERVE, _K.BATCH)),
        Question("pictures", "quantity", "generation.images", _Q.WHOLE, shown=_used("images")),
        Question("tokens", "quantity", "encoding.tokens", _Q.TOKENS, shown=_used("embedding")),
        Question("audio", "quantity", "encoding.audio_s", _Q.SECONDS, "s", shown=_used("speech")),
        Question("sequence", "quantity", "training.sequence_tokens", _Q.TOKENS, shown=_of(_K.TUNE)),
    ),
    "speed": (
        Question("speed", "choice", choices=("patient", "usual", "brisk"), shown=waits),
        Question("percentile", "choice", choices=("p90", "p95", "p99"), shown=waits),
    ),
    "place": (
        Question("where", "choice", choices=("own", "hosted", "cloud", "open")),
        Question("gpu", "gpu"),
        Question("spare", "choice", choices=("none", "n_plus_1"), shown=lambda answers: not kind_of(answers).trains),
        Question("growth", "quantity", "deployment.growth", _Q.PERCENT, shown=lambda answers: not kind_of(answers).trains),
    ),
    "budget": (
        Question("currency", "choice", choices=("CNY", "USD", "EUR")),
        Question("budget", "quantity", "money.budget", _Q.MONEY),
        Question("remark", "line"),
    ),
}


def pages(answers: Answers) -> tuple[str, ...]:
    """The pages that hold a question for these answers, in order."""
    return tuple(name for name, asked in PAGES.items() if any(question.shown(answers) for question in asked))


def asked(name: str, answers: Answers) -> tuple[Question, ...]:
    """The questions of a page that apply."""
    return tuple(question for question in PAGES[name] if question.shown(answers))
