"""SGLang's ``bench_serving``: a JSON object a line; newer releases add what the server says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gpuplanner.evidence.imports.run import Run, count, word
from gpuplanner.evidence.imports.source import found, inside
from gpuplanner.evidence.imports.vllm import serving_run

TOOL: Final = "sglang"
_ENGINES: Final = {"sglang": "SGLang", "vllm": "vLLM", "lmdeploy": "LMDeploy", "trt": "TensorRT-LLM", "gserver": "", "truss": ""}


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is one of these."""
    return "total_output_tokens" in record and ("total_output_tokens_retokenized" in record or "random_range_ratio" in record)


def runs(record: Mapping[str, Any], place: str) -> list[Run]:
    """The run of an object.

    Raises:
        RecordError: when it measured nothing.
    """
    server = record.get("server_info")
    backend = word(record.get("backend")).removesuffix("-chat").removesuffix("-oai").removesuffix("-native")
    more: dict[str, Any] = {}
    if isinstance(server, Mapping):
        tensor, pipeline, copies = (count(found(server, name)) or 1 for name in ("tp_size", "pp_size", "dp_size"))
        attention = found(server, "enable_dp_attention") is True
        more = {
            "tensor_parallel": tensor,
            "pipeline_parallel": pipeline,
            "gpus": tensor * pipeline * (1 if attention else copies),
            "version": word(found(server, "version")),
            "weights": word(inside(server, "quantization")),
            "kv": _kv(word(found(server, "kv_cache_dtype"))),
        }
    model = word(found(server, "model_path", "served_model_name")) if server else word(record.get("model"))
    return [serving_run(TOOL, record, place, model, _ENGINES.get(backend, ""), **more)]


def _kv(name: str) -> str:
    return "" if name in {"auto", ""} else "fp8" if name.startswith("fp8") else name
