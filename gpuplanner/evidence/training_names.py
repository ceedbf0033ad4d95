"""What sources and papers call the models that training was measured on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_CALLED: Final = {  # what sources call a model that has another name
    "chroma": "chroma1-hd", "hidream": "hidream-i1-full", "kandinsky 5 image 6b": "kandinsky-5-image-6b",
    "kandinsky 5 video 2b": "kandinsky-5-video-2b", "longcat video": "longcat-video", "krea 2 (12b)": "krea-2",
}  # fmt: skip
_SIZES: Final = {"S": "small", "B": "base", "L": "large", "H": "huge", "G": "giant"}


def spellings(name: str) -> Iterator[str]:
    """A name, and what else papers mean by it: "CLIP-L/14" is clip-vit-large-patch14, "BERT-base" the uncased one."""
    yield _CALLED.get(name.casefold(), name)
    patched = re.fullmatch(r"(\w*?)-?([SBLHG])/(\d+)", name)
    if patched:
        family = patched[1].casefold()
        yield f"{family}-{patched[2].casefold()}-{patched[3]}"
        yield f"{family}-vit-{_SIZES[patched[2]]}-patch{patched[3]}"
    if vit := re.match(r"vit_(\w)\w*_patch(\d+)(_dinov2)?", name):
        yield f"dinov2-{_SIZES[vit[1].upper()]}" if vit[3] else f"vit-{vit[1]}-{vit[2]}"
        yield f"vit-{vit[1]}-{vit[2]}-518"
    if unet := re.match(r"(?:stable-diffusion-v?|SD|controlnet-sd)(\d[\d.]*|XL)", name):
        yield "sdxl-base-1.0" if unet[1] == "XL" else f"stable-diffusion-{unet[1]}"
        yield "stable-diffusion-1.5" if unet[1].startswith("1") else f"sd{unet[1]}"
    if name.startswith("llama2-1b"):
        yield "tinyllama-1.1b"  # Llama 2's layers at 1.1B
    yield re.sub(r" .*$", "", name)
    yield re.sub(r"-(deduped|hf)$", "", name)
    yield f"{name}-uncased"
    yield f"{name}-patch14-384"
    yield f"{name}-patch16-224"
    yield re.sub(r"-B$", "-base", name)
    yield re.sub(r"_(patch\d+)_\d+$", "", name).replace("vit_", "vit-")
