"""The constants in the engines' memory profiles that measurements tell, and which rows tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gpuplanner.evidence.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Knob:
    """A field of a profile: the kinds of rows it decides, and those of them it has a say in."""

    engine: str
    versions: str
    field: str
    unit: str
    kinds: frozenset[str]
    decides: Callable[[Configuration], bool]

    @property
    def name(self) -> str:
        """Its name in the calibration."""
        return f"memory.{self.engine}.{self.versions}.{self.field}"

    def concerns(self, item: Configuration) -> bool:
        """Whether a row was run by this profile, and is decided by the field."""
        profile = item.setup.profile
        return item.setup.engine == self.engine and profile.versions == self.versions and self.decides(item)


def _any(item: Configuration) -> bool:
    return item.gpus >= 1


def _one_gpu(item: Configuration) -> bool:
    return item.layouts[0][0] == 1


def _several_gpus(item: Configuration) -> bool:
    return item.layouts[0][0] > 1


def _long_prompt(item: Configuration) -> bool:
    return item.setup.input_tokens >= 4096


def _growing(item: Configuration) -> bool:
    return item.setup.input_tokens == 1 and item.setup.output_tokens >= 1024


_LOGS: Final = frozenset({"activation"})
_OUTSIDE: Final = frozenset({"nontorch_overhead"})
_GRAPHS: Final = frozenset({"cudagraph"})
_PEAK: Final = frozenset({"infer_peak"})
KNOBS: Final = (
    Knob("vllm", ">=0.17,<0.21", "logit_bytes", "B", _LOGS, _any),
    Knob("vllm", ">=0.9,<0.17", "logit_bytes", "B", _LOGS, _any),
    Knob("vllm", ">=0.6,<0.9", "logit_bytes", "B", _LOGS, _any),
    Knob("vllm", ">=0.17,<0.21", "context_bytes", "B", _OUTSIDE, _one_gpu),
    Knob("vllm", ">=0.17,<0.21", "communication_bytes", "B", _OUTSIDE, _several_gpus),
    Knob("vllm", ">=0.6,<0.9", "context_bytes_per_multiprocessor", "B", _OUTSIDE, _one_gpu),
    Knob("vllm", ">=0.6,<0.9", "communication_bytes", "B", _OUTSIDE, _several_gpus),
    Knob("vllm", ">=0.17,<0.21", "graph_bytes_per_width", "B", _GRAPHS, _any),
    Knob("vllm", ">=0.17,<0.21", "graph_bytes_per_layer", "B", _GRAPHS, _any),
    Knob("vllm", ">=0.6,<0.9", "graph_bytes_per_hidden", "B", _GRAPHS, _any),
    Knob("pytorch", ">=4.45", "mlp_tensors", "1", _PEAK, _long_prompt),
    Knob("pytorch", ">=4.36,<4.45", "prompt_logit_bytes", "B", _PEAK, _long_prompt),
    Knob("pytorch", ">=4.36,<4.45", "graph_bytes_per_layer", "B", _PEAK, _growing),
    Knob("pytorch", "<4.36", "cache_copies", "1", _PEAK, _growing),
)
