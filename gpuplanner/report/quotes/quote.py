"""A frozen quote and what may become of it: draft, sent, accepted, expired, replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from gpuplanner.errors import InputError, Named
from gpuplanner.report.content import Metadata, QuoteContent, State

_NEXT: Final = {
    State.DRAFT: (State.SENT,),
    State.SENT: (State.ACCEPTED, State.EXPIRED, State.REPLACED),
    State.EXPIRED: (State.REPLACED,),
    State.ACCEPTED: (State.REPLACED,),
    State.REPLACED: (),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A state that the quote came into: when (ISO 8601, UTC), by whom."""

    at: str
    state: State
    who: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The content as it was offered, the scenario it came from as a JSON object, and what happened to it.

    Nothing in it follows later facts: figures, prices and texts are those of the day.
    """

    content: QuoteContent
    scenario: str
    history: tuple[Event, ...]

    @property
    def metadata(self) -> Metadata:
        """Number, version, state and so on."""
        return self.content.metadata

    @property
    def locked(self) -> bool:
        """Whether it left the house: it may change its state only."""
        return self.metadata.state is not State.DRAFT


def standing(quote: Quote, today: date) -> State:
    """The state on a day: one that was sent and is past its validity has expired, whether anyone said so or not."""
    valid = quote.metadata.valid_until
    if quote.metadata.state is State.SENT and valid is not None and today > valid:
        return State.EXPIRED
    return quote.metadata.state


def moved(quote: Quote, state: State, at: str, who: str = "") -> Quote:
    """The quote in another state.

    Raises:
        InputError: when that doesn't follow on its present one.
    """
    now = quote.metadata.state
    if state not in _NEXT[now]:
        raise InputError(
            "quote.state.not_after",
            number=quote.metadata.number,
            now=Named(f"report.state_of.{now.value}"),
            then=Named(f"report.state_of.{state.value}"),
        )
    content = replace(quote.content, metadata=replace(quote.metadata, state=state))
    return replace(quote, content=content, history=(*quote.history, Event(at, state, who)))


def edited(quote: Quote, metadata: Metadata) -> Quote:
    """A draft with another number, contact, terms and so on. Other lines are another draft: costs follow them.

    Raises:
        InputError: when it was sent: a new version is made instead.
    """
    if quote.locked:
        raise InputError("quote.locked", number=quote.metadata.number, revision=quote.metadata.revision)
    return replace(quote, content=replace(quote.content, metadata=metadata))


def revised(quote: Quote, day: date, at: str, who: str = "", valid_until: date | None = None) -> Quote:
    """A new draft of the next version that replaces this one."""
    old = quote.metadata
    fresh = replace(
        old,
        revision=old.revision + 1,
        state=State.DRAFT,
        replaces=f"v{old.revision}",
        day=day,
        valid_until=valid_until,
    )
    return Quote(replace(quote.content, metadata=fresh), quote.scenario, (Event(at, State.DRAFT, who),))
