"""What the words beside a training measurement tell of its run, as short facts.

Rows that come with the program have theirs in ``measurements/training_setups.json``; of others the note is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from gpuplanner import assets
from gpuplanner.evidence.rows import Row

FILE: Final = "measurements/training_setups.json"
_NUMBERS: Final = (
    ("context", r"\bCP ?=? ?(\d+)"),
    ("virtual", r"\bVP ?= ?(\d+)"),
    ("sharded", r"\bFSDP ?=? ?(\d+)"),
    ("epochs", r"(\d+) epoch"),
)
_WORDS: Final = (
    ("recompute", "full", r"(activation|grad|gradient) (ckpt|checkpointing)=true|full ac\b"),
    ("recompute", "selective", r"\bsac\b|selective ac"),
    ("recompute", "none", r"(activation|grad|gradient) (ckpt|checkpointing)=false"),
    ("method", "qlora", r"q-?lora"),
    ("method", "other", r"\bboft--"),
    ("method", "lora", r"lora|\badapter|\b(oft|ia3|loha|lokr|vera)--"),
    ("method", "prompt", r"(prefix|prompt)[-_ ]?tuning"),
    ("method", "full", r"full-?\s?(parameter|finetun|fine-tun)|\bfull\b(?! ac)|\bsft\b"),
    ("zero", "3", r"zero-? ?3"),
    ("overlap", "tensor", r"async ?tp(?! ?=)"),
    ("schedule", "interleaved", r"interleaved"),
    ("tokens", "packed", r"packed"),
    ("dataset", "alpaca2k", r"alpaca2k"),
    ("dataset", "alpaca", r"alpaca"),
    ("dataset", "metamathqa", r"metamathqa|padded batches up to 768"),
    ("lengths", "capped", r"length is a limit|max_length given|not stated"),
)


def told(row: Row) -> Mapping[str, str]:
    """Facts of a row's run by name: context, virtual, sharded, recompute, method, dataset …"""
    known = _own().get(row.id)
    return known if known is not None else read(row.note)


def read(note: str) -> dict[str, str]:
    """Facts in a note; what is named first in the lists above goes first."""
    found: dict[str, str] = {}
    for name, pattern in _NUMBERS:
        number = re.search(pattern, note, re.IGNORECASE)
        if number:
            found[name] = number[1]
    for name, value, pattern in _WORDS:
        if name not in found and re.search(pattern, note, re.IGNORECASE):
            found[name] = value
    return found


@lru_cache(maxsize=1)
def _own() -> Mapping[str, Mapping[str, str]]:
    path = assets.catalogs() / FILE
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    facts = content["facts"]
    return {row: facts[place] for place, rows in enumerate(content["rows"]) for row in rows}
