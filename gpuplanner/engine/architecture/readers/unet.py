"""The UNet of Stable Diffusion 1.5, 2.1 and SDXL: residual blocks of convolutions, transformers between them, skips across."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Convolution, Linear, Piece, Scores, Vector
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.pieces import block, linear, pair

_CHANNELS: Final = (320, 640, 1280, 1280)
_DOWN: Final = ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)
_UP: Final = ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3
_PLAIN: Final = ("DownBlock2D", "UpBlock2D")
_CROSSED: Final = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D")


class _Net:
    """What all blocks of one UNet have in common."""

    def __init__(self, fields: Fields) -> None:
        self.channels = fields.levels("block_out_channels", _CHANNELS)
        depth = len(self.channels)
        self.layers = fields.fews("layers_per_block", (2,) * depth, depth)
        self.transformers = fields.sizes("transformer_layers_per_block", (1,) * depth, depth)
        heads = "num_attention_heads" if fields.has("num_attention_heads") else "attention_head_dim"
        self.heads = fields.sizes(heads, (8,) * depth, depth)
        self.context = fields.sizes("cross_attention_dim", (1280,) * depth, depth)
        self.linear_projection = fields.flag("use_linear_projection")
        self.time = 4 * self.channels[0]
        self.down = _kinds(fields, "down_block_types", _DOWN, depth)
        self.up = _kinds(fields, "up_block_types", _UP, depth)

    def residual(self, name: str, into: int, out: int, scale: float) -> list[Piece]:
        """Two convolutions, the time step between them, a third where the width changes."""
        found: list[Piece] = [
            Vector(name=f"{name}.norm1", params=2 * into, scale=scale),
            convolution(f"{name}.conv1", into, out, scale=scale),
            linear(f"{name}.time", self.time, out, runs="once"),
            Vector(name=f"{name}.norm2", params=2 * out, scale=scale),
            convolution(f"{name}.conv2", out, out, scale=scale),
        ]
        return [*found, convolution(f"{name}.shortcut", into, out, 1, scale=scale)] if into != out else found

    def transformer(self, name: str, level: int, count: int, scale: float) -> list[Piece]:
        """Attention among the pixels of a map, to the text, and a gated feed-forward block; ``count`` times."""
        width, context = self.channels[level], self.context[level]
        heads, area = self.heads[level], scale**2

        def projected(part: str, bias: bool, rows: int, columns: int, runs: str = "token") -> Piece:
            return Linear.model_validate(
                {
                    "name": f"{name}.{part}",
                    "rows_in": rows,
                    "cols_out": columns,
                    "bias": bias,
                    "runs": runs,
                    "scale": area,
                    "count": count,
                }
            )

        ends: list[Piece] = [
            Vector(name=f"{name}.norm", params=2 * width, scale=scale),
            Linear(name=f"{name}.in", rows_in=width, cols_out=width, scale=area),
            Linear(name=f"{name}.out", rows_in=width, cols_out=width, scale=area),
        ]
        return [
            *ends,
            Vector(name=f"{name}.norms", params=6 * width, scale=scale, count=count),
            projected("attention.qkv", False, width, 3 * width),
            Scores(name=f"{name}.attention.scores", heads=heads, head_dim=max(width // heads, 1), scale=area, count=count),
            projected("attention.out", True, width, width),
            projected("cross_attention.q", False, width, width),
            projected("cross_attention.kv", False, context, 2 * width, "context"),
            Scores(
                name=f"{name}.cross_attention.scores", heads=heads, head_dim=max(width // heads, 1), context=True, scale=area,
                count=count,
            ),
            projected("cross_attention.out", True, width, width),
            projected("mlp.in", True, width, 8 * width),
            projected("mlp.out", True, 4 * width, width),
        ]  # fmt: skip


def _kinds(fields: Fields, name: str, default: tuple[str, ...], depth: int) -> list[str]:
    found = [str(item) for item in fields.items(name, depth)] or list(default)
    if len(found) != depth:
        raise UnsupportedArchitecture("wrong_length", field=name, found=len(found), expected=depth)
    unknown = next((kind for kind in found if kind not in _PLAIN + _CROSSED), None)
    if unknown is not None:
        raise UnsupportedArchitecture("bad_value", field=name, value=unknown[:40])
    return found


def convolution(name: str, into: int, out: int, side: int = 3, *, scale: float = 1.0, stride: int = 1) -> Convolution:
    """A square convolution."""
    return Convolution(name=name, channels_in=into, channels_out=out, kernel=(side, side), stride=(stride,), scale=scale)


def read_unet(fields: Fields) -> BlocksShape:
    """``UNet2DConditionModel`` with plain and cross-attention blocks; others are refused by name."""
    net = _Net(fields)
    into, out = fields.size("in_channels", 4), fields.size("out_channels", 4)
    blocks = [block("start", 1, _start(fields, net, into)), *_down(net), _middle(fields, net), *_up(net)]
    first = net.channels[0]
    blocks.append(block("end", 1, [Vector(name="norm", params=2 * first), convolution("out", first, out)]))
    size = fields.size("sample_size") if isinstance(fields.raw("sample_size"), int) else None
    return BlocksShape(role="denoiser", blocks=tuple(blocks), hidden=max(net.channels), channels_in=into, input_size=size)


def _start(fields: Fields, net: _Net, into: int) -> list[Piece]:
    first = net.channels[0]
    found: list[Piece] = [convolution("in", into, first), *pair("time", first, net.time, net.time)]
    if fields.word("addition_embed_type") == "text_time":
        found += pair("sizes", fields.size("projection_class_embeddings_input_dim"), net.time, net.time)
    elif fields.word("addition_embed_type"):
        raise UnsupportedArchitecture("bad_value", field="addition_embed_type", value=fields.word("addition_embed_type")[:40])
    if fields.word("encoder_hid_dim_type") == "text_proj" or (
        fields.has("encoder_hid_dim") and not fields.word("encoder_hid_dim_type")
    ):
        found.append(linear("context", fields.size("encoder_hid_dim"), net.context[0], runs="context"))
    return found


def _down(net: _Net) -> list[Block]:
    blocks, before, scale = [], net.channels[0], 1.0
    for level, (kind, width) in enumerate(zip(net.down, net.channels, strict=True)):
        pieces: list[Piece] = []
        for number in range(net.layers[level]):
            pieces += net.residual(f"residual{number}", before if number == 0 else width, width, scale)
            if kind in _CROSSED:
                pieces += net.transformer(f"transformer{number}", level, net.transformers[level], scale)
        if level < len(net.channels) - 1:
            scale /= 2
            pieces.append(convolution("downsample", width, width, scale=scale, stride=2))
        blocks.append(block(f"down{level}", 1, pieces))
        before = width
    return blocks


def _middle(fields: Fields, net: _Net) -> Block:
    last = len(net.channels) - 1
    width, scale = net.channels[last], 0.5**last
    pieces = [*net.residual("residual0", width, width, scale)]
    told = fields.raw("mid_block_type")
    if told not in (None, "UNetMidBlock2DCrossAttn"):
        raise UnsupportedArchitecture("bad_value", field="mid_block_type", value=str(told)[:40])
    pieces += net.transformer("transformer0", last, net.transformers[last], scale)
    return block("middle", 1, [*pieces, *net.residual("residual1", width, width, scale)])


def _up(net: _Net) -> list[Block]:
    blocks, last = [], len(net.channels) - 1
    before, scale = net.channels[last], 0.5**last
    for step, kind in enumerate(net.up):
        level = last - step
        width, below = net.channels[level], net.channels[max(level - 1, 0)]
        count = net.layers[level] + 1
        pieces: list[Piece] = []
        for number in range(count):
            skip = below if number == count - 1 else width
            pieces += net.residual(f"residual{number}", (before if number == 0 else width) + skip, width, scale)
            if kind in _CROSSED:
                pieces += net.transformer(f"transformer{number}", level, net.transformers[level], scale)
        if step < last:
            scale *= 2
            pieces.append(convolution("upsample", width, width, scale=scale))
        blocks.append(block(f"up{step}", 1, pieces))
        before = width
    return blocks
