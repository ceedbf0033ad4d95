"""Which scenarios are listed, in which order and groups. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from gpuplanner.pinyin import initials
from gpuplanner.scenario.cards import Answer, Card

COLUMNS: Final = ("tick", "name", "model", "answer", "price", "changed", "tags")
SORTS: Final = ("name", "model", "answer", "price", "changed", "tags")
GROUPS: Final = ("customer", "model", "folder", "state", "none")
STATES: Final = ("good", "caution", "bad", "open")
_OF_STATUS: Final = {"meets": "good", "expected": "caution", "misses": "caution", "impossible": "bad", "refused": "bad"}
_WEEK_S: Final = 7 * 86_400


class Scope(NamedTuple):
    """What the rail at the left restricts the list to: "all", "week", "templates", "archive", "folder", "tag" or "state"."""

    kind: str = "all"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The row above a group."""

    key: str
    cards: tuple[Card, ...]


Row = Head | Card


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is arranged."""

    group: str = "customer"
    sort: str = "changed"
    down: bool = True


def state_of(card: Card, answer: Answer | None) -> str:
    """One of :data:`STATES`; "open" as long as there is no answer."""
    if card.problem is not None:
        return "bad"
    return _OF_STATUS.get(answer.status, "open") if answer is not None else "open"


def haystack(card: Card, model_name: str) -> str:
    """What a search looks through."""
    words = (card.name, card.customer, card.model, model_name, card.weights, " ".join(card.tags), card.note, card.path.name)
    spelled = (initials(card.customer), initials(card.name))
    return "\n".join((*words, *spelled)).casefold()


def matches(hay: str, query: str) -> bool:
    """Whether all words of a query occur."""
    return all(word in hay for word in query.casefold().split())


def within(card: Card, scope: Scope, now_s: float, state: Callable[[Card], str]) -> bool:
    """Whether a scenario belongs to a scope; the archived are in no other than the archive."""
    if scope.kind == "archive":
        return card.archived
    if card.archived:
        return False
    if scope.kind == "templates":
        return card.template
    if scope.kind == "week":
        return now_s - card.mtime_ns / 1e9 < _WEEK_S
    if scope.kind == "folder":
        return str(card.root) == scope.value
    if scope.kind == "tag":
        return scope.value.casefold() in (tag.casefold() for tag in card.tags)
    return scope.kind != "state" or state(card) == scope.value


def counts(cards: Sequence[Card], now_s: float, state: Callable[[Card], str], roots: Sequence[Path]) -> dict[Scope, int]:
    """How many scenarios each scope holds; tags by name."""
    found: Counter[Scope] = Counter()
    everywhere = (Scope(), Scope("week"), Scope("templates"), Scope("archive"))
    for scope in everywhere:
        found[scope] = sum(within(card, scope, now_s, state) for card in cards)
    for card in cards:
        if not card.archived:
            found[Scope("folder", str(card.root))] += 1
            found[Scope("state", state(card))] += 1
            for tag in card.tags:
                found[Scope("tag", tag)] += 1
    for root in roots:
        found[Scope("folder", str(root))] += 0
    return dict(found)


def arranged(
    cards: Iterable[Card],
    order: Order,
    group_key: Callable[[Card], str],
    sort_key: Callable[[Card], object],
    folded: frozenset[str],
) -> list[Row]:
    """Rows in order: heads of groups with their scenarios below; those of folded groups left out."""
    listed = sorted(cards, key=lambda card: (card.name.casefold(), str(card.path)))
    listed.sort(key=sort_key, reverse=order.down)  # type: ignore[arg-type]
    if order.group == "none":
        return list(listed)
    groups: dict[str, list[Card]] = {}
    for card in listed:
        groups.setdefault(group_key(card), []).append(card)
    rows: list[Row] = []
    for key in sorted(groups, key=lambda name: (not name, name.casefold())):
        rows.append(Head(key, tuple(groups[key])))
        if key not in folded:
            rows.extend(groups[key])
    return rows
