"""The dimensions that memory follows from, read off a model's shape, or off its published values where there is no shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, Seq2SeqShape, Tower, TowersShape
from gpuplanner.engine.architecture.diffusion import components
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.towers import widest
from gpuplanner.engine.inference.diffusion import DenoiserSize
from gpuplanner.engine.inference.encoder import EncoderSize

MLP_RATIO: Final = 4  # of feed-forward width to hidden, where nothing is published
_PER_PIXEL: Final = re.compile(r"H/(\d+)")
_PER_FRAME: Final = re.compile(r"T/(\d+)")
_PATCH: Final = re.compile(r"(?:patch|packed)\s*(?:\d+x)*(\d+)")
_USUAL_LATENT: Final = 8  # pixels a latent's side stands for
_USUAL_PATCH: Final = 2
_USUAL_FRAMES: Final = 4  # frames a latent stands for
# width of the decoder's last block, and frames decoded at once: CogVideoX goes two latents (and one frame kept) at a time
_AUTOENCODERS: Final = {"cogvideo": (128, 9), "wan": (96, 4), "qwen-image": (96, 1)}
_USUAL_AUTOENCODER: Final = (128, 4)


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """Parameters of a pipeline's components, and the denoiser's dimensions."""

    text_encoders: Mapping[str, float]
    denoiser_params: float
    autoencoder_params: float
    denoiser: DenoiserSize
    video: bool


def encoder_size(model: Model) -> EncoderSize | None:
    """Dimensions of an encoder or an encoder-decoder; None where neither shape nor values are known."""
    match model.shape:
        case TowersShape():
            tower = max(model.shape.towers, key=lambda item: item.hidden * item.layer_count)
            return _of_tower(_params(model), tower)
        case Seq2SeqShape():
            size = _of_tower(_params(model), model.shape.encoder)
            source = model.shape.encoder.tokens or 0
            return EncoderSize(size.params, size.hidden, size.mlp_width, size.heads, model.shape.decoder.layer_count, source)
    config = _mapping(model.facts.get("config"))
    hidden, params = _number(config, "hidden_size"), model.params_total
    if not hidden or not params:
        return None
    return EncoderSize(
        params=float(params),
        hidden=int(hidden),
        mlp_width=int(_number(config, "intermediate_size") or MLP_RATIO * hidden),
        heads=int(_number(config, "num_heads") or hidden // 64 or 1),
        decoder_layers=int(_number(config, "decoder_layers") or 0),
        source_tokens=int(_number(config, "max_source_positions") or 0),
        vocab=int(_number(config, "vocab_size") or 0),
    )


def pipeline_parts(model: Model) -> PipelineParts | None:
    """Components of a diffusion model; None where they aren't published."""
    config = _mapping(model.facts.get("config"))
    denoiser = _denoiser(config)
    video = "video" in str(config.get("kind", "")) or "video" in model.kind.value
    if isinstance(model.shape, DiffusionShape):
        found = {name: float(ops.total_params) for name, ops in components(model.shape)}
        text = {name: params for name, params in found.items() if name.startswith("text")}
        first = model.shape.denoisers[0]
        shaped = denoiser or DenoiserSize(first.hidden, MLP_RATIO * first.hidden, max(1, first.hidden // 64), 16.0)
        denoisers = sum(params for name, params in found.items() if name.startswith("denoiser"))
        return PipelineParts(text, denoisers, found.get("autoencoder", 0.0), shaped, video)
    parts = _mapping(model.facts.get("components"))
    if denoiser is None or not _number(parts, "denoiser"):
        return None
    encoders = {str(name): float(params) for name, params in _mapping(parts.get("text_encoders")).items()}
    return PipelineParts(encoders, _number(parts, "denoiser") or 0.0, _number(parts, "vae") or 0.0, denoiser, video)


def _denoiser(config: Mapping[str, Any]) -> DenoiserSize | None:
    latent = str(config.get("latent", ""))
    pixels = float(match[1]) if (match := _PER_PIXEL.search(latent)) else float(_USUAL_LATENT)
    frames = float(match[1]) if (match := _PER_FRAME.search(latent)) else float(_USUAL_FRAMES)
    channels = config.get("block_out_channels")
    if isinstance(channels, list) and channels:
        # attention starts at full latents, or with the XL models at half of them
        start = 1 if "transformer_layers_per_block" in config else 0
        width = int(channels[start])
        return DenoiserSize(width, MLP_RATIO * width, max(8, width // 64), pixels * 2**start, frames)
    heads, each = _number(config, "num_heads"), _number(config, "head_dim")
    hidden = _number(config, "hidden_size") or (heads or 0) * (each or 0)
    if not hidden:
        return None
    patch = float(match[1]) if (match := _PATCH.search(latent)) else float(_USUAL_PATCH if not _PER_PIXEL.search(latent) else 1)
    mlp = _number(config, "ffn_dim") or MLP_RATIO * hidden
    return DenoiserSize(int(hidden), int(mlp), int(heads or hidden // 64 or 1), pixels * patch, frames)


def _of_tower(params: float, tower: Tower) -> EncoderSize:
    heads = max((layer.heads for layer in tower.layers), default=1)
    return EncoderSize(params, tower.hidden, widest(tower), heads, vocab=tower.vocab)


def _params(model: Model) -> float:
    if model.params_total:
        return float(model.params_total)
    return float(operator_list(model.shape).total_params) if model.shape is not None else 0.0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def autoencoder_of(model: Model) -> tuple[int, int]:
    """Narrowest width of the autoencoder's decoder, and frames it decodes at once."""
    family = model.family or ""
    return next((size for name, size in _AUTOENCODERS.items() if family.startswith(name)), _USUAL_AUTOENCODER)
