"""A scenario file as the library lists it: read at a glance, without checking every field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gpuplanner.disk import read_bounded
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.scenario.document import FORMAT
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.scenario.jsontext import read_json
from gpuplanner.scenario.receipt import Receipt, number

Lean = dict[str, Any]
_NOTE: Final = 400
_MOST_TAGS: Final = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in a list: from the receipt of the file, or estimated ``today``."""

    status: str
    gpu_id: str = ""
    gpus: int = 0
    servers: int = 0
    spare: bool = False
    purchase: float | None = None
    currency: str = ""
    reason: str = ""
    catalog: str = ""
    today: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A scenario file in the library.

    Attributes:
        path: the file.
        root: the folder of the library it was found under.
        name: the scenario's name; the file's when it has none.
        customer: empty when there is none.
        model: id of the model, or name of an imported one.
        weights: id of the number format.
        kind: word of the kind of work.
        note: its beginning.
        tags: as filed.
        parent: name of the file it is a variant of.
        archived: whether it is.
        template: whether opening begins a new scenario.
        mtime_ns: when the file was last written.
        size: in bytes.
        answer: None where the file has no receipt.
        problem: why it wouldn't open, as far as a glance tells.
    """

    path: Path
    root: Path
    name: str
    customer: str = ""
    model: str = ""
    weights: str = ""
    kind: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    parent: str = ""
    archived: bool = False
    template: bool = False
    mtime_ns: int = 0
    size: int = 0
    answer: Answer | None = None
    problem: Message | None = None

    @property
    def modified(self) -> datetime:
        """When the file was last written, in UTC."""
        try:
            return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)
        except (ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(0, UTC)


def read_lean(path: Path) -> Lean:
    """What a list needs of a file.

    Raises:
        InputError: when it can't be read, or isn't a scenario.
    """
    data = read_bounded(path)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = read_json(data, shown(str(path), 400))  # says in a sentence what is wrong
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("error.file.not_scenario", file=shown(str(path), 400))
    scenario = document.get("scenario")
    if not isinstance(scenario, dict):
        raise InputError("error.file.not_object", file=shown(str(path), 400))
    lean: Lean = {key: scenario.get(key) for key in ("name", "customer", "library")}
    note = scenario.get("note")
    lean["note"] = note[:_NOTE] if isinstance(note, str) else ""
    model = _group(scenario, "model")
    custom = _group(model, "custom")
    lean["model"] = custom.get("name") if custom else model.get("id")
    lean["weights"] = _group(scenario, "precision").get("weights")
    lean["kind"] = _group(scenario, "workload").get("kind")
    receipt = document.get("receipt")
    if isinstance(receipt, dict) and receipt.get("status"):
        lean["answer"] = _listed(receipt)
    return lean


def _listed(receipt: Mapping[str, Any]) -> list[Any]:
    """What a list shows of a receipt, unchecked: of its many figures just the price."""
    counts = _group(receipt, "counts")
    figure = _group(receipt, "figures").get("purchase")
    spares = counts.get("spare_replicas")
    return [
        receipt.get("status"), receipt.get("gpu"), counts.get("gpus"), counts.get("servers"),
        isinstance(spares, int | float) and spares > 0, figure[0] if isinstance(figure, list) and figure else None,
        receipt.get("currency"), receipt.get("reason"), receipt.get("catalog"),
    ]  # fmt: skip


def card(path: Path, root: Path, mtime_ns: int, size: int, lean: Lean) -> Card:
    """A card from what :func:`read_lean` found; whatever makes no sense is left out."""
    filed = _group(lean, "library")
    tags = filed.get("tags")
    return Card(
        path,
        root,
        _word(lean.get("name")) or stem(path),
        _word(lean.get("customer")),
        _word(lean.get("model")),
        _word(lean.get("weights")),
        _word(lean.get("kind")),
        lean["note"] if isinstance(lean.get("note"), str) else "",
        tuple(dict.fromkeys(_word(tag) for tag in tags[:_MOST_TAGS] if _word(tag))) if isinstance(tags, list) else (),
        _word(filed.get("parent")),
        filed.get("archived") is True,
        filed.get("template") is True,
        mtime_ns,
        size,
        _answer(lean.get("answer")),
    )


def unreadable(path: Path, root: Path, mtime_ns: int, size: int, problem: Message) -> Card:
    """The card of a file that can't be opened."""
    return Card(path, root, stem(path), mtime_ns=mtime_ns, size=size, problem=problem)


def answer_of(receipt: Receipt | None, *, today: bool = False) -> Answer | None:
    """What a list shows of a receipt."""
    if receipt is None:
        return None
    purchase = receipt.figures.get("purchase")
    counts = receipt.counts
    return Answer(
        receipt.status,
        receipt.gpu_id,
        counts.get("gpus", 0),
        counts.get("servers", 0),
        counts.get("spare_replicas", 0) > 0,
        purchase.value if purchase else None,
        receipt.currency,
        receipt.reason,
        receipt.catalog,
        today,
    )


def stem(path: Path) -> str:
    """A file's name without suffix, printable."""
    name = path.name
    return shown(name[: -len(SUFFIX)] if name.lower().endswith(SUFFIX) else name, 200)


def _answer(found: object) -> Answer | None:
    if not isinstance(found, list) or len(found) != 9 or not isinstance(found[0], str):
        return None
    status, gpu_id, gpus, servers, spare, purchase, currency, reason, catalog = found
    counts = [int(number(found) or 0) for found in (gpus, servers)]
    return Answer(
        _word(status), _word(gpu_id), counts[0], counts[1], spare is True, number(purchase), _word(currency), _word(reason),
        _word(catalog),
    )  # fmt: skip


def _group(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inside = found.get(key)
    return inside if isinstance(inside, dict) else {}


def _word(value: object) -> str:
    return shown(value, 200) if isinstance(value, str) else ""
