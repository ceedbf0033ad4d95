"""Which plan is the answer."""

from __future__ import annotations

from collections.abc import Sequence

from gpuplanner.engine.result import Plan, Status


def chosen(wanted: str | None, plans: Sequence[Plan]) -> str | None:
    """The GPU the answer is given for.

    Args:
        wanted: the scenario's own choice; None leaves it to the order of the plans.
        plans: best first.

    Returns:
        None when nothing can run.
    """
    if wanted is not None and any(plan.gpu_id == wanted for plan in plans):
        return wanted
    return plans[0].gpu_id if plans and plans[0].status is not Status.IMPOSSIBLE else None
