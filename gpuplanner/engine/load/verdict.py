"""Whether a load is carried with ease, just so, or not at all."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Code, Verdict

NEAR: Final = 0.85  # from this share of saturation on a little more load makes requests queue
_ROUNDING: Final = 1e-9


def verdict_of(request: Request, held: float, served: float) -> tuple[Verdict, Code | None]:
    """Verdict and warning.

    Args:
        request: a load given as a rate is judged by what is served, requests in flight by what is held; a batch fills whatever
            there is.
        held: requests in flight as a share of what fits at once.
        served: requests per second as a share of the most that get through.
    """
    if not request.comes_by_itself and request.concurrency is None:
        return Verdict.STABLE, None
    busy = served if request.comes_by_itself else held
    if busy > 1 + _ROUNDING:
        return Verdict.OVERLOADED, Code("warning.load_over")
    if busy > NEAR:
        return Verdict.NEAR, Code("warning.load_near", {"busy_share": busy})
    return Verdict.STABLE, None
