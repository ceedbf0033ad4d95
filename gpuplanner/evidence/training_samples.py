"""How long the samples of a training row are, and how many a step takes."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.evidence.rows import Row

_USUAL_TOKENS: Final = 512  # of a fine-tuning sample where nothing is said
_PRETRAINING_TOKENS: Final = 4096
_MANY: Final = 4  # samples of a batch, of which a mean tells more than the longest
_LONG_SAMPLE: Final = 1024  # of data sets people tune on, few samples are longer
_LONG_OF_MEAN: Final = 1.6  # the longest of the samples that a step meets, over their mean
_USUAL_PICTURE: Final = 512
_USUAL_IMAGE: Final = 224
_USUAL_PIXELS: Final = 448**2
_PATCH: Final = 14
_MERGED: Final = 4  # patches that become a token
_CONFIGS: Final = {  # local_batch_size of configurations that come with torchtitan
    "llama3_8b.toml": 1, "llama3_70b.toml": 8, "llama3_405b.toml": 2, "deepseek_v3_16b.toml": 8, "deepseek_v3_671b.toml": 4,
}  # fmt: skip


def tokens_of(row: Row) -> float:
    """Tokens of a sequence. Where samples aren't packed, a script's length is only where it cuts."""
    if not row.isl:
        if told := re.search(r"prompt (\d+), response (\d+)", " ".join(row.extra)):
            return float(told[1]) + float(told[2])
        return _PRETRAINING_TOKENS if row.extra.get("task") == "pretrain" else _USUAL_TOKENS
    if mean := re.search(r"mean (\d+) tokens", row.extra.get("dataset", "")):
        return min(row.isl, _LONG_OF_MEAN * float(mean[1]))
    cuts = (
        ("script" in row.extra or "max_length" in row.extra)
        and row.extra.get("packing") not in {"1", "true"}
        and row.extra.get("padding_free") != "false"
    )
    if cuts and batch_of(row) >= _MANY and row.extra.get("padding_free") != "false":
        return min(row.isl, _USUAL_TOKENS)
    return min(row.isl, _LONG_SAMPLE + _image_tokens(row)) if cuts else row.isl


def _image_tokens(row: Row) -> float:
    """What pictures of the largest size that is allowed take beside a sample's text."""
    return patches(row) / _MERGED if "MAX_PIXELS" in row.extra else 0.0


def patches(row: Row) -> float:
    """Patches a tower sees of a sample: pictures as large as allowed, of a clip a pair of frames at a time."""
    pixels = whole(row.extra.get("MAX_PIXELS"), _USUAL_PIXELS)
    frames = whole(row.extra.get("FPS_MAX_FRAMES"), 0)
    return pixels / _PATCH**2 * max(1.0, frames / 2)


def picture(row: Row) -> tuple[int | None, int | None, int | None]:
    """Width, height and frames of a sample, as far as the row tells; a clip of one frame is a picture."""
    words = " ".join(row.extra)
    square = re.search(r"(\d{3,4}) px", words)
    side = whole(row.training.get("image_size"), int(square[1]) if square else 0)
    width, height = (whole(row.extra.get(name), side) or _USUAL_PICTURE for name in ("width", "height"))
    frames = whole(row.extra.get("frames"), 1)
    if clip := re.search(r"(\d+)x(\d{3,4})x(\d{3,4}) \(FxHxW\)", words):
        return int(clip[3]), int(clip[2]), int(clip[1])
    if sized := re.search(r"(?<![\dx])(\d{3,4})x(\d{3,4})(?![\dx])", words):
        width, height = int(sized[1]), int(sized[2])
    if many := re.search(r"(\d+) frames", words):
        frames = int(many[1])
    return width, height, frames


def image_size(row: Row) -> int | None:
    """Side of a square as large as the row's image; networks are trained on the usual size where it was only assumed."""
    if traced := whole(row.training.get("image_size"), 0):
        return traced
    if "assumed" in row.extra.get("width", ""):
        return _USUAL_IMAGE
    height, width = whole(row.extra.get("height"), 0), whole(row.extra.get("width"), 0)
    return round((height * width) ** 0.5) or None


def batch_of(row: Row) -> int:
    """Samples a GPU works on at once; 1 where nothing is said."""
    if row.batch.replace(".", "").isdigit():
        return max(1, int(float(row.batch)))
    words = " ".join(row.extra)
    if shared := re.search(r"micro_batch (\d+)", words):  # of all GPUs
        return max(1, int(shared[1]) // (row.gpus or 1))
    if config := re.search(r"default (\w+\.toml)", words):
        return _CONFIGS.get(config[1], 1)
    said = re.search(r"\bbatch (\d+)", words)
    return max(1, int(said[1])) if said else 1


def whole(text: str | None, usual: int) -> int:
    """The number a text begins with."""
    digits = re.match(r"\d+", (text or "").strip())
    return int(digits[0]) if digits else usual
