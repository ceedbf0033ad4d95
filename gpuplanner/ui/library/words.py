"""What a row of the library says. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gpuplanner.errors import shown
from gpuplanner.format import DASH, format_integer, format_money
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import has, text
from gpuplanner.ui.library.arrange import state_of

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

TRAINS: Final = frozenset(kind.value for kind in WorkloadKind if kind.trains)
GLYPHS: Final = {"good": "✓", "caution": "!", "bad": "✕", "open": ""}


@dataclass(frozen=True, slots=True)
class Words:
    """The cells of a row; ``state`` is one of the states of a scenario."""

    name: str
    model: str
    state: str
    answer: str
    price: str
    changed: str
    tags: tuple[str, ...]
    hint: str

    @property
    def spoken(self) -> str:
        """The row in one line, for a screen reader."""
        state = text(f"library.state.{self.state}")
        return ", ".join(
            part for part in (self.name, self.model, state, self.answer, self.price, self.changed, *self.tags) if part
        )


def words_of(card: Card, answer: Answer | None, catalog: Catalog | None) -> Words:
    """A scenario in words."""
    state = state_of(card, answer)
    said = card.problem.sentence() if card.problem is not None else ""
    return Words(
        card.name,
        model_words(card, catalog),
        state,
        text("library.unreadable") if card.problem is not None else hardware_words(answer, catalog),
        price_words(answer),
        changed_words(card.modified),
        card.tags,
        said or shown(str(card.path), 400),
    )


def model_words(card: Card, catalog: Catalog | None) -> str:
    """Model and number format."""
    if not card.model:
        return ""
    model = catalog.models.get(card.model) if catalog else None
    if card.kind in TRAINS:  # their formats are those of a recipe; what the weights are served in says nothing
        return model.name if model else card.model
    precision = catalog.precisions.get(card.weights) if catalog else None
    weights = (precision.name if precision else card.weights).partition(" (")[0]
    return " · ".join(part for part in (model.name if model else card.model, weights) if part)


def hardware_words(answer: Answer | None, catalog: Catalog | None) -> str:
    """What it takes: servers, GPUs in each, and their name."""
    if answer is None:
        return "…"
    if answer.status == "refused":
        return text("library.answer.refused")
    gpu = (gpu_name(answer.gpu_id, catalog) if catalog else answer.gpu_id) if answer.gpu_id else ""
    if answer.status == "impossible":
        return text("library.answer.impossible", gpu=gpu) if gpu else text("library.answer.nothing")
    if answer.servers and answer.gpus % answer.servers == 0:
        size = text(
            "library.answer.servers", servers=format_integer(answer.servers), each=format_integer(answer.gpus // answer.servers)
        )
    else:
        size = format_integer(answer.gpus)
    hardware = text("library.answer.hardware", size=size, gpu=gpu)
    return text("library.answer.misses", hardware=hardware) if answer.status == "misses" else hardware


def price_words(answer: Answer | None) -> str:
    """What it costs to buy."""
    if answer is None or answer.purchase is None:
        return DASH
    return str(format_money(answer.purchase, answer.currency))


def span_words(answers: Sequence[Answer | None]) -> str:
    """The cheapest and the dearest, in one currency; empty when they have several."""
    priced = [answer for answer in answers if answer is not None and answer.purchase is not None]
    if not priced or len({answer.currency for answer in priced}) > 1:
        return ""
    values = sorted(answer.purchase or 0.0 for answer in priced)
    ends = dict.fromkeys(str(format_money(value, priced[0].currency)) for value in (values[0], values[-1]))
    return f" {DASH} ".join(ends)


def changed_words(when: datetime, now: datetime | None = None) -> str:
    """Day and time of the last change; the year where it is another one."""
    local, today = when.astimezone(), now or datetime.now().astimezone()
    if local.year != today.year:
        return local.strftime("%Y-%m-%d")
    return local.strftime("%m-%d %H:%M")


def group_words(group: str, key: str, catalog: Catalog | None) -> str:
    """The name of a group."""
    if not key:
        return text(f"library.group.{group}.empty") if has(f"library.group.{group}.empty") else DASH
    if group == "state":
        return f"{GLYPHS[key]} {text(f'library.state.{key}')}".strip()
    if group == "model" and catalog is not None:
        model = catalog.models.get(key)
        return model.name if model else key
    return key
