"""Collectives among the GPUs of a run: inside a group that shares a link, and over the network between servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.training.speed.rates import Rates

if TYPE_CHECKING:
    from gpuplanner.engine.training.speed.step import Layouts

Floats = NDArray[np.float64]


def tensor_link(tensor: Floats, reach: Rates) -> Floats:
    """The link a tensor-parallel group runs over: the fast one as far as it reaches, else the server's slow one. [B/s]"""
    link: Floats = np.where(tensor <= reach.group, reach.inside, reach.beside)
    return link


def data_exchange_s(volume: Floats | float, lay: Layouts, reach: Rates) -> Floats:
    """A reduce-scatter or an all-gather of ``volume`` bytes among the copies of a model.

    In two levels: among the copies of one group over its link, then each group's share over the network (Thakur et al., 2005,
    for each level).
    """
    copies = lay.data * lay.context
    near = np.clip(np.floor(reach.group / lay.tensor), 1.0, copies)
    far = np.maximum(copies / near, 1.0)
    inside = volume * (near - 1) / near / reach.inside
    result: Floats = np.where(near > 1, inside, 0.0) + np.where(far > 1, volume / near * (far - 1) / far / reach.network, 0.0)
    return result


def all_to_all_s(volume: Floats, expert: Floats, reach: Rates) -> Floats:
    """Tokens to their experts and back: those of the own group over its link, the others over the network."""
    near = np.clip(reach.group, 1.0, expert)
    share = (near - 1) / expert
    over = (expert - near) / expert
    result: Floats = np.where(expert > 1, volume * (np.where(near > 1, share / reach.inside, 0.0) + over / reach.network), 0.0)
    return result
