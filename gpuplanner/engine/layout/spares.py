"""Replicas that stand by, and the servers that all of them take."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gpuplanner.scenario.document import Availability

FIFTH: Final = 0.2


def spares(replicas: Any, width: Any, node: Any, rule: Availability) -> tuple[Any, Any]:
    """Servers, and the replicas that stand by.

    N+1: the load survives the loss of one server. Replicas are spread evenly over one server more than the load needs: what the
    fullest of them holds is spare. A replica that spans servers is lost as a whole, so one more of it stands by.
    A fifth: a fifth of the replicas, one at least, wherever there is room.

    Args:
        replicas: that carry the load.
        width: GPUs of a replica.
        node: GPUs of a server.
        rule: which spares are wanted.
    """
    each = np.maximum(np.floor(node / width), 1.0)
    spans = np.ceil(width / node)
    needed = np.where(width > node, replicas * spans, np.ceil(replicas / each))
    if rule is Availability.NONE:
        return needed, np.zeros_like(needed)
    if rule is Availability.FIFTH:
        spare = np.maximum(1.0, np.ceil(replicas * FIFTH - 1e-9)) + np.zeros_like(needed)
        return np.where(width > node, (replicas + spare) * spans, np.ceil((replicas + spare) / each)), spare
    spare = np.where(width > node, 1.0, np.ceil(replicas / needed))
    return needed + np.where(width > node, spans, 1.0), spare
