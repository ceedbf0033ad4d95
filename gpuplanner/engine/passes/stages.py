"""The stages of a model's pass: text encoders, denoiser and autoencoder of a pipeline; towers, networks, decoders of the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, Seq2SeqShape, Tower, TowersShape
from gpuplanner.engine.architecture.blocks import blocks_list
from gpuplanner.engine.architecture.decoder import decoder_list
from gpuplanner.engine.architecture.operator import AttentionState, Operator, Part, Runs
from gpuplanner.engine.architecture.seq2seq import seq2seq_list
from gpuplanner.engine.architecture.towers import tower_operators
from gpuplanner.engine.passes.defaults import Grid, latent_grid
from gpuplanner.engine.passes.transducer import transducer_stages
from gpuplanner.engine.passes.work import Extent, Stage, Work, attention_row, work_from, work_of

USUAL_SIDE: Final = 224
PROMPT_TOKENS: Final[dict[str, int]] = {"towers": 77, "decoder": 256, "multimodal": 256}  # pipelines pad prompts to such lengths
LONG_PROMPT: Final = 512  # of text encoders wider than this
WIDE: Final = 2048
TOKENS_PER_SECOND: Final = 3.5  # of speech, written down
WINDOW_S: Final = 30.0  # speech is heard in windows of this length
FRAMES_PER_S: Final = 50.0  # tokens an audio encoder makes of a second


@dataclass(frozen=True, slots=True)
class PassLoad:
    """What one item is. Sizes in pixels, lengths in tokens and seconds; a clip has ``frames``.

    ``guided``: each step asks the denoiser with and without the prompt. ``beams`` of a decoder of speech, ``spoken_tokens`` it
    writes for a window. ``written_scores``: attention without a fused kernel. ``merged``: share of a map's tokens that
    self-attention at the finest level works on (token merging). ``gpus`` share out the denoiser's work.
    """

    width: int = 1024
    height: int = 1024
    frames: int = 1
    steps: float = 1.0
    guided: bool = False
    tokens: float = 256.0
    image_px: int | None = None
    audio_s: float = WINDOW_S
    beams: int = 1
    spoken_tokens: float | None = None
    written_scores: bool = False
    merged: float = 1.0
    gpus: int = 1


_cache: list[tuple[Model, PassLoad, tuple[Stage, ...]]] = []
KEPT: Final = 64


def stages_of(model: Model, load: PassLoad) -> tuple[Stage, ...]:
    """The stages of one item's pass, in order; empty where the shape isn't known.

    Args:
        model: of any kind but those that only write text.
        load: what one item is.
    """
    for known, known_load, stages in _cache:
        if known is model and known_load == load:
            return stages
    found = _stages(model, load)
    _cache.insert(0, (model, load, found))
    del _cache[KEPT:]
    return found


def _stages(model: Model, load: PassLoad) -> tuple[Stage, ...]:
    match model.shape:
        case DiffusionShape():
            return _pipeline(model, model.shape, load)
        case TowersShape():
            return _towers(model.shape, load)
        case Seq2SeqShape():
            return _seq2seq(model, model.shape, load)
        case BlocksShape() if model.shape.role == "speech":
            return transducer_stages(model.shape, load.audio_s, load.spoken_tokens)
        case BlocksShape():
            return (Stage("network", work_of(blocks_list(model.shape).operators, _square(model.shape, load))),)
        case MultimodalShape():
            return _multimodal(model.shape, load)
        case DecoderShape():
            return (_reader(model.shape, load.tokens, "encoder"),)
    return ()


def _pipeline(model: Model, shape: DiffusionShape, load: PassLoad) -> tuple[Stage, ...]:
    grid = latent_grid(model, load.width, load.height, load.frames)
    asked = 2.0 if load.guided else 1.0
    prompts = [_prompt_tokens(part) for part in shape.text_encoders]
    context = prompt_tokens(shape)
    found = [
        replace(stage, name="text_encoders", samples=asked, quantised=False)
        for part, tokens in zip(shape.text_encoders, prompts, strict=True)
        for stage in _text_stages(part, tokens)
    ]
    share = load.steps / len(shape.denoisers)  # where two denoisers follow one another, each does a part of the steps
    for denoiser in shape.denoisers:
        extent = Extent(grid.tokens(denoiser), context, grid.side, written_scores=load.written_scores)
        operators = _merged(blocks_list(denoiser).operators, load.merged)
        found.append(Stage("denoiser", work_of(operators, extent), share, asked / load.gpus))
    if shape.autoencoder is not None:
        decoder = [op for op in blocks_list(shape.autoencoder).operators if _decodes(op)]
        found.append(Stage("autoencoder", work_of(decoder, _pixels(grid, decoder)), quantised=False))
    return tuple(found)


def _merged(operators: tuple[Operator, ...], share: float) -> tuple[Operator, ...]:
    """Token merging (arXiv 2303.17604): self-attention at the finest level sees a share of the tokens."""
    if share == 1.0:
        return operators
    inner = [op for op in operators if ".attention." in op.name and op.part is Part.ATTENTION]
    finest = max((op.scale for op in inner), default=1.0)
    touched = {op for op in inner if op.scale == finest}
    return tuple(replace(op, scale=op.scale * share) if op in touched else op for op in operators)


def _decodes(operator: Operator) -> bool:
    return not operator.name.startswith("encoder.") and not operator.name.endswith((".quantise",))


def _pixels(grid: Grid, operators: list[Operator]) -> Extent:
    smallest = min((op.scale for op in operators if op.kernel is not None), default=1.0)
    return Extent(
        grid.width * grid.height,
        side=float((grid.width * grid.height) ** 0.5),
        frames=grid.latent_frames,
        frames_per_latent=grid.frames / grid.latent_frames,
        smallest=smallest,
    )


def prompt_tokens(shape: DiffusionShape) -> float:
    """Tokens of the conditioning text, as its text encoders pad them."""
    return float(max((_prompt_tokens(part) for part in shape.text_encoders), default=PROMPT_TOKENS["towers"]))


def _prompt_tokens(part: TowersShape | DecoderShape | MultimodalShape) -> int:
    if isinstance(part, TowersShape):
        tower = part.towers[0]
        return tower.tokens or (LONG_PROMPT if tower.hidden >= WIDE else PROMPT_TOKENS["towers"])
    return PROMPT_TOKENS["multimodal" if isinstance(part, MultimodalShape) else "decoder"]


def _text_stages(part: TowersShape | DecoderShape | MultimodalShape, tokens: int) -> tuple[Stage, ...]:
    match part:
        case TowersShape():
            return tuple(_tower_stage(tower, tokens, False) for tower in part.towers)
        case MultimodalShape():
            return (_reader(part.text, tokens, "encoder"),)
        case DecoderShape():
            return (_reader(part, tokens, "encoder"),)


def _towers(shape: TowersShape, load: PassLoad) -> tuple[Stage, ...]:
    return tuple(_tower_stage(tower, tower_tokens(tower, shape, load), load.written_scores) for tower in shape.towers)


def tower_tokens(tower: Tower, shape: TowersShape, load: PassLoad) -> float:
    """Tokens of one item in a tower."""
    if tower.name == "vision" and tower.tokens:
        return tower.tokens * ((load.image_px / native_px(shape)) ** 2 if load.image_px else 1.0)
    if tower.name == "audio" and not tower.tokens:
        return load.audio_s * FRAMES_PER_S
    if tower.tokens and tower.name != "audio":
        return min(load.tokens, tower.tokens)
    return float(tower.tokens or load.tokens)


def native_px(shape: TowersShape) -> int:
    """Side of the square images the vision towers were made for."""
    for tower in shape.towers:
        patch = next((piece.kernel[-1] for piece in tower.stem if piece.kind == "conv"), None)
        if tower.name == "vision" and tower.tokens and patch:
            return int(round(tower.tokens**0.5) * patch)
    return USUAL_SIDE


def _tower_stage(tower: Tower, tokens: float, written: bool, name: str = "encoder") -> Stage:
    last = min((piece.scale for piece in tower.stem if piece.kind == "conv"), default=1.0)
    side = tokens / last if tower.name == "audio" else 1.0  # samples or frames a convolution reads
    work = work_of(tower_operators(tower), Extent(tokens, side=side, written_scores=written))
    return Stage(name, _joined(work, _tower_scores(tower, tokens, written)))


def _tower_scores(tower: Tower, tokens: float, written: bool) -> dict[tuple[float, ...], float]:
    rows: dict[tuple[float, ...], float] = {}
    for layer in tower.layers:
        attention = layer.attention
        if isinstance(attention, Attention):
            keys = min(tokens, float(attention.window)) if attention.window else tokens
            width = 2.0 * attention.kv_heads * attention.head_dim
            row = attention_row(attention.heads, attention.head_dim, tokens, keys, width, written)
            rows[row] = rows.get(row, 0.0) + layer.count
    return rows


def _joined(work: Work, more: dict[tuple[float, ...], float]) -> Work:
    columns = (work.form, work.flops, work.moved, work.weights, work.depth, work.width)
    rows = {tuple(float(value) for value in row): float(count) for *row, count in zip(*columns, work.count, strict=True)}
    for row, count in more.items():
        rows[row] = rows.get(row, 0.0) + count
    return work_from(rows)


def _square(shape: BlocksShape, load: PassLoad) -> Extent:
    side = float(load.image_px or shape.input_size or USUAL_SIDE)
    return Extent(tokens=(side / shape.patch) ** 2, side=side, depth=side)


def _multimodal(shape: MultimodalShape, load: PassLoad) -> tuple[Stage, ...]:
    if load.image_px is None:
        return (_reader(shape.text, load.tokens, "encoder"),)
    tower = shape.towers[0]
    patch = next((piece.kernel[-1] for piece in tower.stem if piece.kind == "conv"), 16)
    seen = (load.image_px / patch) ** 2
    return (_tower_stage(tower, seen, False), _reader(shape.text, load.tokens + seen / 4, "encoder"))


def _reader(shape: DecoderShape, tokens: float, name: str) -> Stage:
    """A language model that reads a text and writes none: no head."""
    listed = decoder_list(shape)
    operators = [op for op in listed.operators if op.part is not Part.HEAD]
    rows = {_state_row(state, tokens): float(state.layers) for state in listed.states if not state.context}
    return Stage(name, _joined(work_of(operators, Extent(tokens)), rows))


def _state_row(state: AttentionState, tokens: float) -> tuple[float, ...]:
    keys = min(tokens / 2, float(state.window or tokens))  # each token sees those before it
    head_dim = state.score_flops / 4 / max(state.heads, 1)
    return attention_row(state.heads, head_dim, tokens, keys, float(state.kv_elements), False)


def _seq2seq(model: Model, shape: Seq2SeqShape, load: PassLoad) -> tuple[Stage, ...]:
    """One window of speech (or a text): heard once, written token by token."""
    heard = float(shape.encoder.tokens or load.tokens)
    encoder = _tower_stage(shape.encoder, heard, load.written_scores)
    if model.kind is not ModelKind.ASR:
        return (encoder,)
    windows = max(1.0, load.audio_s / WINDOW_S)
    spoken = load.spoken_tokens or TOKENS_PER_SECOND * min(load.audio_s, WINDOW_S)
    names = {op.name for op in tower_operators(shape.encoder)}
    writing = [op for op in seq2seq_list(shape).operators if op.name not in names]
    each = [op for op in writing if op.runs is not Runs.CONTEXT]
    keys = [op for op in writing if op.runs is Runs.CONTEXT]
    rows: dict[tuple[float, ...], float] = {}
    for layer in shape.decoder.layers:
        for row in _decoder_scores(layer, spoken, heard, load.beams):
            rows[row] = rows.get(row, 0.0) + layer.count
    step = _joined(work_of(each, Extent(float(load.beams))), rows)
    return (
        replace(encoder, repeats=windows),
        Stage("encoder", work_of(keys, Extent(context=heard)), windows),
        Stage("decoder", step, windows * spoken),
    )


def _decoder_scores(layer: Layer, spoken: float, heard: float, beams: int) -> list[tuple[float, ...]]:
    found = []
    for part, keys, copies in ((layer.attention, spoken / 2, beams), (layer.cross, heard, 1)):
        if isinstance(part, Attention):
            width = 2.0 * part.kv_heads * part.head_dim * copies
            found.append(attention_row(part.heads, part.head_dim, float(beams), keys, width, False))
    return found
