"""Files that start a tuning or a training: DeepSpeed, FSDP through Accelerate, LLaMA-Factory."""

from __future__ import annotations

import json
from typing import Any, Final

from gpuplanner.report.deploy.escape import as_json
from gpuplanner.report.deploy.facts import Launch

_STAGES: Final = {"none": 0, "optimizer": 1, "gradients": 2, "full": 3}
_OPTIMIZERS: Final = {
    "adamw": "adamw_torch_fused", "adamw_foreach": "adamw_torch", "adamw_8bit": "adamw_bnb_8bit", "adafactor": "adafactor",
    "lion": "lion_32bit", "sgd": "sgd", "sgd_momentum": "sgd", "muon": "muon", "galore": "galore_adamw",
}  # fmt: skip


def deepspeed_config(launch: Launch) -> str:
    """The configuration JSON of DeepSpeed: stage, offload, batch, precision."""
    made = launch.training
    stage = _STAGES[made["sharding"]]
    zero: dict[str, Any] = {"stage": stage}
    if stage:
        zero |= {"overlap_comm": True, "contiguous_gradients": True, "reduce_bucket_size": 500_000_000}
    if stage == 3:
        zero |= {"stage3_gather_16bit_weights_on_model_save": True, "stage3_prefetch_bucket_size": 50_000_000}
    if made["offload"] != "none":
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
    if made["offload"] == "all":
        zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    half = made["precision"] not in ("fp32",)
    config = {
        "train_micro_batch_size_per_gpu": made["micro_batch"],
        "gradient_accumulation_steps": made["accumulation"],
        "train_batch_size": made["micro_batch"] * made["accumulation"] * made["data_parallel"],
        "gradient_clipping": 1.0,
        "bf16": {"enabled": half},
        "zero_optimization": zero,
        "wall_clock_breakdown": False,
    }
    return json.dumps(config, indent=2) + "\n"


def accelerate_fsdp(launch: Launch) -> str:
    """The same by FSDP, as Accelerate's configuration file."""
    made = launch.training
    strategy = {0: "NO_SHARD", 1: "SHARD_GRAD_OP", 2: "SHARD_GRAD_OP", 3: "FULL_SHARD"}[_STAGES[made["sharding"]]]
    config: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "FSDP",
        "fsdp_config": {
            "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "fsdp_sharding_strategy": strategy,
            "fsdp_offload_params": made["offload"] == "all",
            "fsdp_activation_checkpointing": made["recompute"] == "full",
            "fsdp_state_dict_type": "SHARDED_STATE_DICT",
            "fsdp_use_orig_params": True,
        },
        "machine_rank": 0,
        "main_process_port": 29500,
        "mixed_precision": "no" if made["precision"] == "fp32" else "bf16",
        "num_machines": made["nodes"],
        "num_processes": made["gpus"],
    }
    return _yaml(config)


def factory_config(launch: Launch) -> str:
    """LLaMA-Factory's arguments as YAML."""
    made = launch.training
    config: dict[str, Any] = {
        "model_name_or_path": launch.model,
        "stage": "sft" if made["tunes"] else "pt",
        "do_train": True,
        "finetuning_type": "full" if made["method"] == "full" else "lora",
        "dataset": "your_dataset",
        "template": "default",
        "cutoff_len": made["sequence"],
        "packing": True,
        "output_dir": f"saves/{launch.name}",
        "per_device_train_batch_size": made["micro_batch"],
        "gradient_accumulation_steps": made["accumulation"],
        "num_train_epochs": float(made["epochs"]),
        "learning_rate": 1.0e-4 if made["method"] != "full" else 1.0e-5,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.03,
        "optim": _OPTIMIZERS[made["optimizer"]],
        "bf16": made["precision"] != "fp32",
        "flash_attn": "fa2" if made["flash"] else "disabled",
        "gradient_checkpointing": made["recompute"] == "full",
        "save_strategy": "steps",
        "logging_steps": 10,
    }
    if made["method"] != "full":
        config |= {"lora_rank": made["rank"], "lora_alpha": 2 * made["rank"], "lora_target": _lora_target(made["targets"])}
    if made["method"] == "qlora":
        config |= {"quantization_bit": 4, "quantization_method": "bnb", "double_quantization": True}
    if made["method"] == "dora":
        config["use_dora"] = True
    if made["sharding"] != "none" or made["offload"] != "none":
        config["deepspeed"] = "../deepspeed/ds_config.json"
    return f"# {launch.words.engine} {launch.words.version}\n" + _yaml(config)


def _lora_target(targets: str) -> str:
    return {"all": "all", "attention": "q_proj,k_proj,v_proj,o_proj", "query_value": "q_proj,v_proj"}[targets]


def _yaml(value: dict[str, Any], depth: int = 0) -> str:
    lines = []
    pad = "  " * depth
    for key, item in value.items():
        nested = isinstance(item, dict)
        lines.append(f"{pad}{key}:\n{_yaml(item, depth + 1)}".rstrip("\n") if nested else f"{pad}{key}: {as_json(item)}")
    return "\n".join(lines) + "\n"
