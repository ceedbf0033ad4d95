"""Reading a config.json that anybody may have written: every value is checked, nothing is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gpuplanner.engine.architecture.readers.defaults import defaults_of

MAX_LAYERS: Final = 1000
MAX_LISTED: Final = 128
MAX_LEVELS: Final = 16
MAX_SIZE: Final = 10**8
_SHOWN: Final = 40

# One meaning, several spellings: the first is the one the readers use.
ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "hidden_size": ("n_embd", "d_model", "model_dim"),
    "num_hidden_layers": ("n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("n_head", "n_heads"),
    "num_key_value_heads": ("num_kv_heads", "n_head_kv", "n_kv_heads", "multi_query_group_num"),
    "head_dim": ("kv_channels", "attention_head_dim"),
    "intermediate_size": ("n_inner", "ffn_dim", "ffn_hidden_size"),
    "vocab_size": ("padded_vocab_size", "n_vocab"),
    "max_position_embeddings": (
        "n_positions",
        "max_seq_len",
        "seq_length",
        "max_sequence_length",
        "n_ctx",
        "model_max_length",
        "max_position_embedding",
    ),
    "num_experts": ("n_routed_experts", "num_local_experts", "moe_num_experts", "num_routed_experts"),
    "num_experts_per_tok": ("experts_per_token", "moe_k", "moe_top_k", "num_experts_per_token", "top_k_experts", "moe_topk"),
    "moe_intermediate_size": ("expert_intermediate_size", "moe_ffn_hidden_size"),
    "n_shared_experts": ("num_shared_experts", "moe_num_shared_experts", "num_shared_expert"),
    "first_k_dense_replace": ("num_dense_layers", "first_dense_layers", "moe_layer_start_index"),
    "ssm_heads": ("mamba_num_heads", "mamba_n_heads", "n_mamba_heads", "num_heads"),
    "ssm_head_dim": ("mamba_head_dim", "mamba_d_head", "mamba_headdim", "head_dim"),
    "ssm_state": ("ssm_state_size", "mamba_d_state", "state_size", "d_state"),
    "ssm_groups": ("n_groups", "mamba_n_groups", "mamba_ngroups"),
    "ssm_conv": ("conv_kernel", "mamba_d_conv", "d_conv"),
    "ssm_expand": ("mamba_expand", "expand"),
    "ssm_rank": ("mamba_dt_rank", "time_step_rank"),
    "ssm_bias": ("mamba_proj_bias", "use_bias"),
    "ssm_conv_bias": ("mamba_conv_bias", "use_conv_bias"),
}


class UnsupportedArchitecture(Exception):
    """A config that isn't read: ``code`` says why, ``params`` with which fields or values."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: dict[str, str | int] = params


class Fields:
    """A config's fields under one spelling, each taken out as the type it must have.

    A field that is absent or null takes the default; without one, :class:`UnsupportedArchitecture` ``missing_fields`` is raised.
    ``left_out`` are the values that the config's class gives to fields it leaves out.
    """

    def __init__(self, config: Mapping[str, object], place: str = "", left_out: Mapping[str, object] | None = None) -> None:
        self._config = config
        self._place = place
        self._left_out = left_out or {}

    def raw(self, name: str) -> object:
        """The value as it stands, under any spelling; None where there is none."""
        for source in (self._config, self._left_out):
            for spelling in (name, *ALIASES.get(name, ())):
                value = source.get(spelling)
                if value is not None:
                    return value
        return None

    def tells(self, name: str) -> bool:
        """Whether the config itself has the field, even as null."""
        return name in self._config

    def over(self, **values: object) -> Fields:
        """The same fields with some set."""
        return Fields({**self._config, **values}, self._place, self._left_out)

    def has(self, *names: str) -> bool:
        """Whether any of the fields holds something."""
        return any(self.raw(name) is not None for name in names)

    def require(self, *names: str) -> None:
        """Names all missing fields at once, so that a person looks only once."""
        missing = [self._place + name for name in names if self.raw(name) is None]
        if missing:
            raise UnsupportedArchitecture("missing_fields", fields=", ".join(missing))

    def size(self, name: str, default: int | None = None) -> int:
        """A whole number of 1 or more."""
        return self._number(name, default, 1)

    def few(self, name: str, default: int) -> int:
        """A number of things that are listed one by one: 1 to :data:`MAX_LISTED`."""
        value = self.size(name, default)
        if value > MAX_LISTED:
            raise self._bad(name, value)
        return value

    def count(self, name: str, default: int | None = 0) -> int:
        """A whole number of 0 or more."""
        return self._number(name, default, 0)

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no; 0 and 1 count as such."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        raise self._bad(name, value)

    def ratio(self, name: str, default: float) -> float:
        """A factor above 0 and below 100; anything else takes the default."""
        value = self.raw(name)
        return float(value) if isinstance(value, int | float) and 0 < value < 100 else default

    def word(self, name: str) -> str:
        """A text, empty where there is none."""
        value = self.raw(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        raise self._bad(name, value)

    def part(self, name: str, kind: str = "") -> Fields:
        """A nested group of fields, empty where there is none; ``kind`` is its model type where it doesn't say."""
        value = self.raw(name)
        if value is None:
            return Fields({}, f"{name}.")
        if not isinstance(value, Mapping):
            raise self._bad(name, value)
        told = value.get("model_type")
        return Fields(value, f"{name}.", defaults_of(told if isinstance(told, str) else kind))

    def items(self, name: str, length: int | None = None) -> list[object]:
        """A list, of ``length`` items where that is given and the list isn't empty; empty where there is none."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MAX_LAYERS:
            raise self._bad(name, value)
        if length is not None and value and len(value) != length:
            raise UnsupportedArchitecture("wrong_length", field=self._place + name, found=len(value), expected=length)
        return value

    def sizes(self, name: str, default: tuple[int, ...] = (), length: int | None = None) -> tuple[int, ...]:
        """A list of whole numbers of 1 or more; a single number stands for ``length`` equal ones."""
        value = self.raw(name)
        if value is None:
            if not default:
                self.require(name)
            return default
        listed = [value] * (length or 1) if not isinstance(value, list | tuple) else list(value)
        if not listed or len(listed) > MAX_LAYERS or (length is not None and len(listed) != length):
            raise UnsupportedArchitecture("wrong_length", field=self._place + name, found=len(listed), expected=length or 1)
        return tuple(Fields({name: item}, self._place).size(name) for item in listed)

    def fews(self, name: str, default: tuple[int, ...], length: int | None = None) -> tuple[int, ...]:
        """As :meth:`sizes`, for at most :data:`MAX_LISTED` levels of at most so many things each."""
        found = self.sizes(name, default, length)
        if max(found) > MAX_LISTED:
            raise self._bad(name, max(found))
        return found

    def levels(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Widths of the levels of a network, at most :data:`MAX_LEVELS`."""
        found = self.sizes(name, default)
        if len(found) > MAX_LEVELS:
            raise self._bad(name, len(found))
        return found

    def layers(self) -> int:
        """The number of layers; more than :data:`MAX_LAYERS` isn't believed."""
        layers = self.size("num_hidden_layers")
        if layers > MAX_LAYERS:
            raise self._bad("num_hidden_layers", layers)
        return layers

    def _number(self, name: str, default: int | None, least: int) -> int:
        value = self.raw(name)
        if value is None:
            if default is None:
                self.require(name)
            return default or 0
        if isinstance(value, list) and 1 < len(value) <= MAX_LAYERS and all(item == value[0] for item in value):
            value = value[0]  # one for each layer, and all alike (Hunyuan)
        if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_SIZE:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_SIZE:
            raise self._bad(name, value)
        return value

    def _bad(self, name: str, value: object) -> UnsupportedArchitecture:
        return UnsupportedArchitecture("bad_value", field=self._place + name, value=_shown(value))


def _shown(value: object) -> str:
    """A value short enough for a sentence; never a dump of what was nested in it."""
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "10^30…"
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
