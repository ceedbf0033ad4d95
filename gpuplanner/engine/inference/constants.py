"""Constants of models that aren't served token by token, out of the calibration."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gpuplanner.catalog.schema.calibration import Calibration

PREFIX = "component"


@dataclass(frozen=True, slots=True)
class ComponentConstants:
    """Fitted or set in ``calibration/memory.json``, under ``component.<name>``.

    ``context_bytes``: driver context with the libraries' workspaces, which an allocator's counter doesn't see. ``*_tensors``:
    tensors that exist together, as wide as hidden state, feed-forward block, scores or logits; a denoiser keeps queries, keys,
    values and modulation besides, a convolution its input, output and shortcut. ``decoder_maps``: maps of the autoencoder's last
    block that exist together, and its
    convolutions' workspace. ``reserved_share``: blocks of earlier stages that the allocator keeps, as a share of the workspace.
    """

    context_bytes: float
    hidden_tensors: float
    mlp_tensors: float
    score_tensors: float
    logit_tensors: float
    denoiser_hidden_tensors: float
    map_tensors: float
    decoder_maps: float
    video_decoder_maps: float
    convolution_bytes: float
    reserved_share: float


def component_constants(calibration: Calibration) -> ComponentConstants:
    """Read all of them.

    Raises:
        KeyError: when one is missing.
    """
    names = [field.name for field in fields(ComponentConstants)]
    return ComponentConstants(**{name: calibration.constant(PREFIX, name) for name in names})
