"""Names of models and GPUs as people write them, taken apart into words, sizes and versions, so that they can be compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_QUANTISATION: Final = re.compile(
    r"""(?<![a-z0-9])(?:
        (?:ud[-_])?i?q\d(?:[-_](?:k|\d|xxs|xs|s|m|nl))?(?:[-_](?:xxs|xs|s|m|l|xl))? | [wqa]\d+a\d+(?:kv\d+)? |
        (?:nv|mx)?fp(?:4|6|8|16|32)(?:e4m3|e5m2)? | bf16 | int[48] | nf4 | f16 | [248][-_ ]?bits? | \d+\.\d+bpw |
        awq | gptq | gguf | ggml | bnb | exl[23] | qat | autoround | quant(?:ized|ised)? | dynamic | marlin | torchao |
        smoothquant | hqq | aqlm | mlx | block | channelwise | per[-_]tensor | dq | mtp
    )(?![a-z0-9])""",
    re.VERBOSE,
)
_DROPPED: Final = frozenset(
    [
        "meta",
        "nvidia",
        "nv",
        "the",
        "model",
        "models",
        "hf",
        "huggingface",
        "community",
        "official",
        "amd",
        "vllm",
        "release",
        "ai",
        "unsloth",
    ]
)
_QUALIFIERS: Final = frozenset(
    [
        "instruct",
        "chat",
        "it",
        "base",
        "sft",
        "dpo",
        "rlhf",
        "rl",
        "preview",
        "exp",
        "latest",
        "thinking",
        "reasoning",
        "math",
        "coder",
        "code",
        "dev",
        "tuned",
        "beta",
        "alpha",
        "hybrid",
        "text",
        "multimodal",
        "unified",
        "release",
        "pt",
        "lora",
        "distilled",
        "terminus",
        "speciale",
        "tr1",
        "cpt",
    ]
)
_SIZE: Final = re.compile(r"^(?:e?\d+x)?e?\d+(?:\.\d+)?[bt]$|^\d{2,4}m$")
_ACTIVE: Final = re.compile(r"^a\d+(?:\.\d+)?b$")
_EXPERTS: Final = re.compile(r"^\d+e$")
_DATE: Final = re.compile(r"^(?:\d{4}|\d{6}|\d{8})$")
_CONTEXT: Final = re.compile(r"^\d+k$|^\dm$|^\d{5,}$|^\d{4,}k$")
_REVISION: Final = re.compile(r"^v\d+(?:\.\d+)*$")
_LETTERS_DIGITS: Final = re.compile(r"^([a-z]+)(\d+(?:\.\d+)*)([a-z]*)$")
_NUMBER: Final = re.compile(r"^\d+(?:\.\d+)*$")


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model's name in parts.

    ``words`` name the family ("llama", "mistralsmall"), ``versions`` stand in order; ``size`` is "8b" or "8x7b", ``active``
    "22b"; ``qualifiers`` are what doesn't change the architecture, as a rule (instruct, a date, a context length).
    """

    words: str
    word_count: int
    versions: tuple[str, ...]
    size: str | None
    active: str | None
    qualifiers: frozenset[str]

    @property
    def billions(self) -> float | None:
        """The size in 10^9 parameters; None for "8x7b" and where there is no size."""
        if self.size is None or "x" in self.size or self.size.startswith("e"):
            return None
        return float(self.size[:-1]) * {"b": 1.0, "m": 1e-3, "t": 1e3}[self.size[-1]]


def simple(name: str) -> str:
    """Lower case, one kind of dash and space, without the organisation before a slash."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    head, slash, tail = plain.rpartition("/")
    if slash and tail and re.fullmatch(r"[\w.-]+", head.rpartition("/")[2]) and not head.rpartition(" ")[1]:
        plain = tail
    return re.sub(r"[\s_\u2010-\u2015-]+", "-", plain)


def parse_model(name: str) -> ModelName:
    """Take a model's name apart.

    Args:
        name: as written: "meta-llama/Meta-Llama-3.1-8B-Instruct-FP8", "Llama 2 (13 B)".
    """
    words: list[str] = []
    versions: list[str] = []
    qualifiers: set[str] = set()
    size = active = None
    for token in _model_tokens(name):
        if _ACTIVE.match(token):
            active = active or token[1:]
        elif _SIZE.match(token):
            size = size or token
        elif _is_qualifier(token) or (_REVISION.match(token) and size is not None):
            qualifiers.add(token)
        else:
            for part in _split(token):
                (versions if _NUMBER.match(part) else words).append(part)
    return ModelName("".join(words), len(words), tuple(_version(v) for v in versions), size, active, frozenset(qualifiers))


def is_revision(qualifier: str) -> bool:
    """Whether a qualifier numbers a revision ("v0.3")."""
    return bool(_REVISION.match(qualifier))


def _model_tokens(name: str) -> list[str]:
    text = simple(name)
    text = re.sub(r"(\d)-?(?=[bt](?![a-z0-9]))", r"\1", text)  # "13 B" is one token
    text = re.sub(r"\((?:about-)?(\d+(?:\.\d+)?[bt])\)", r"-\1-", text)
    text = re.sub(r"\([^)]*\)?|\[[^\]]*\]?", "-", text)
    text = _QUANTISATION.sub("-", text)
    tokens = (token.strip(".") for token in re.split(r"[^a-z0-9.]+", text))
    return [token for token in tokens if token and token not in _DROPPED]


def _is_qualifier(token: str) -> bool:
    return token in _QUALIFIERS or bool(_DATE.match(token)) or bool(_CONTEXT.match(token)) or bool(_EXPERTS.match(token))


def _split(token: str) -> list[str]:
    match = _LETTERS_DIGITS.match(token)
    if match:
        letters, number, rest = match.groups()
        return [part for part in ("" if letters == "v" else letters, number, rest) if part]
    tail = re.match(r"^(\d+(?:\.\d+)*)([a-z]+)$", token)
    return list(tail.groups()) if tail else [token]


def _version(number: str) -> str:
    return number.removesuffix(".0")


_GPU_NOISE: Final = frozenset(
    [
        "nvidia",
        "geforce",
        "amd",
        "instinct",
        "radeon",
        "intel",
        "huawei",
        "tesla",
        "quadro",
        "gpu",
        "gpus",
        "per",
        "card",
        "gen",
        "device",
        "generation",
    ]
)
_GPU_OPTIONAL: Final = frozenset(
    [
        "grace",
        "hopper",
        "blackwell",
        "superchip",
        "server",
        "workstation",
        "edition",
        "aws",
        "announced",
        "dual",
        "die",
        "class",
        "atlas",
        "800i",
        "a2",
        "cts",
        "virtualized",
        "baseboard",
        "data",
        "center",
        "max",
        "hbm2",
        "hbm2e",
        "hbm3",
        "hbm3e",
        "gddr6",
        "gddr7",
        "trillium",
        "ironwood",
        "alibaba",
    ]
)
_FORMS: Final = {"hgx": "sxm", "dgx": "sxm", "nvlink": "sxm", "pcie": "pcie", "nvl": "nvl", "nvl2": "nvl", "oam": "oam"} | {
    f"sxm{generation}": "sxm" for generation in ("", 2, 3, 4, 5, 6)
}
_MEMORY: Final = re.compile(r"^(\d+(?:\.\d+)?)(?:gb|gib|g)$")
_RATING: Final = re.compile(r"^\d+[wt]$|^\d+-?core$|^x\d+$|^\d+x$")
_ABBREVIATIONS: Final = {"bse": "blackwell-server-edition", "bwe": "blackwell-workstation-edition", "gh": "grace-hopper"}


@dataclass(frozen=True, slots=True)
class GpuName:
    """A GPU's name in parts: ``code`` tokens that tell cards apart, the ``optional`` ones that needn't, form and memory size."""

    code: frozenset[str]
    optional: frozenset[str]
    form: str | None
    memory_gb: float | None


def parse_gpu(name: str) -> GpuName:
    """Take a GPU's name apart; of alternatives divided by a slash, the first.

    Args:
        name: as written: "H100-SXM-80GB", "A100-80GB (variant not stated)", "RTX-PRO-6000-BSE".
    """
    text = re.sub(r"\([^)]*\)?", "-", unicodedata.normalize("NFKC", name).casefold()).split("/")[0]
    text = re.sub(r"(\d)\s*(gb|gib)\b", r"\1\2", text)
    code: set[str] = set()
    optional: set[str] = set()
    form: str | None = None
    memory: float | None = None
    tokens = [part for token in re.split(r"[^a-z0-9.]+", text) for part in _ABBREVIATIONS.get(token, token).split("-") if part]
    for token in _joined(tokens):
        sized = _MEMORY.match(token)
        if sized:
            memory = memory or float(sized[1])
        elif token in _FORMS and not (token == "dgx" and "spark" in tokens):
            form = form or _FORMS[token]
        elif token in _GPU_OPTIONAL or _RATING.match(token):
            optional.add(token)
        elif token not in _GPU_NOISE:
            code.add(token)
    # a word that is optional beside others can be the whole name ("A2")
    return GpuName(frozenset(code or optional), frozenset(optional), form, memory)


def _joined(tokens: list[str]) -> list[str]:
    """Tokens with what belongs apart taken apart: "rtx4090" is rtx 4090, "3070ti" is 3070 ti; "910 b" stays."""
    parts: list[str] = []
    for token in tokens:
        split = re.match(r"^(rtx|gtx|rx|arc|mlu|ascend|titan)(\d+\w*)$", token)
        rest = [split[1], split[2]] if split else [token]
        for part in rest:
            tail = re.match(r"^(\d{4})(ti|super|d|xt|xtx)$", part)
            parts += [tail[1], tail[2]] if tail else [part]
    return parts
