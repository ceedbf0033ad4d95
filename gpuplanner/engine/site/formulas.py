"""The formulas of servers and room."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any


@formula(
    "site.server_nameplate",
    result="W_max",
    text="n · w · k",
    unit=Unit.WATTS,
    reference="DGX H100: 10.2 kW for 8 GPUs of 700 W, 1.82 times their power; used where no nameplate is published",
    symbols={
        "gpus": Symbol("n", "term.site.gpus_per_server"),
        "tdp": Symbol("w", "term.tdp", Unit.WATTS),
        "ratio": Symbol("k", "term.site.nameplate_ratio"),
    },
)
def server_nameplate_w(gpus: Values, tdp: Values, ratio: Values) -> Values:
    """Nameplate power of a server whose own isn't known. [W]"""
    return gpus * tdp * ratio


@formula(
    "site.power_load",
    result="W",
    text="W_max · a",
    unit=Unit.WATTS,
    reference="Accelerators in service draw about 1.0 kW with their share of the host, against 1.28 kW of nameplate (DGX H100)",
    symbols={
        "nameplate": Symbol("W_max", "site.figure.power_nameplate", Unit.WATTS),
        "share": Symbol("a", "term.site.load_share", Unit.SHARE),
    },
)
def power_load_w(nameplate: Values, share: Values) -> Values:
    """Power in service. [W]"""
    return nameplate * share


@formula(
    "site.power_sum",
    result="W",
    text="n · W_s + W_o",
    unit=Unit.WATTS,
    reference="GPU servers in service and those that stand by, and all other devices of the bill of materials",
    symbols={
        "servers": Symbol("n", "term.site.gpu_servers"),
        "each": Symbol("W_s", "term.site.server_load", Unit.WATTS),
        "rest": Symbol("W_o", "term.site.other_power", Unit.WATTS),
    },
)
def power_sum_w(servers: Values, each: Values, rest: Values) -> Values:
    """Power of all devices at load. [W]"""
    return servers * each + rest


@formula(
    "site.power_meter",
    result="W_m",
    text="W · PUE",
    unit=Unit.WATTS,
    reference="Power usage effectiveness: power of the whole site over that of the equipment (ISO/IEC 30134-2)",
    symbols={"load": Symbol("W", "site.figure.power_load", Unit.WATTS), "pue": Symbol("PUE", "term.pue")},
)
def power_meter_w(load: Values, pue: Values) -> Values:
    """Power at the meter, cooling and losses included. [W]"""
    return load * pue


@formula(
    "site.heat_btu",
    result="Q",
    text="W · 3.412",
    unit=Unit.COUNT,
    reference="All power becomes heat; 1 W is 3.412 BTU per hour",
    symbols={"load": Symbol("W", "site.figure.power_load", Unit.WATTS)},
)
def heat_btu_h(load: Values) -> Values:
    """Heat to be carried away. [BTU/h]"""
    return load * 3.412


@formula(
    "site.ups",
    result="S",
    text="W ÷ φ",
    unit=Unit.COUNT,
    reference="Apparent power of the UPS at its power factor",
    symbols={"load": Symbol("W", "site.figure.power_load", Unit.WATTS), "factor": Symbol("φ", "term.site.power_factor")},
)
def ups_va(load: Values, factor: Values) -> Values:
    """What the UPS must carry. [VA]"""
    return load / factor


@formula(
    "site.ups_energy",
    result="E",
    text="W · t ÷ 60 ÷ 1000",
    unit=Unit.KILOWATT_HOURS,
    reference="What the batteries of the UPS must hold to carry the load for so many minutes",
    symbols={"load": Symbol("W", "site.figure.power_load", Unit.WATTS), "minutes": Symbol("t", "term.site.ups_minutes")},
)
def ups_kwh(load: Values, minutes: Values) -> Values:
    """Energy in the batteries of the UPS. [kWh]"""
    return load * minutes / 60 / 1000


@formula(
    "site.cores",
    result="C",
    text="c_s + n · (c_g + c_l) + ⌈X ÷ x⌉",
    unit=Unit.COUNT,
    reference="Cores for the system, for feeding each GPU, for data loaders and for streaming tokens; planning values",
    symbols={
        "system": Symbol("c_s", "term.site.cores_system"),
        "gpus": Symbol("n", "term.site.gpus_per_server"),
        "feeding": Symbol("c_g", "term.site.cores_per_gpu"),
        "loaders": Symbol("c_l", "term.site.cores_loader"),
        "tokens": Symbol("X", "term.site.tokens_per_server", Unit.TOKENS_PER_SECOND),
        "per_core": Symbol("x", "term.site.tokens_per_core", Unit.TOKENS_PER_SECOND),
    },
)
def cores(system: Values, gpus: Values, feeding: Values, loaders: Values, tokens: Values, per_core: Values) -> Values:
    """Cores of a GPU server."""
    return system + gpus * (feeding + loaders) + np.ceil(tokens / per_core)


@formula(
    "site.ram",
    result="M",
    text="m_s + G + n · (m_p + m_l + m_o)",
    unit=Unit.BYTES,
    reference="Host memory: system, the model's files once (loading, page cache), pinned buffers, loaders and offload per GPU",
    symbols={
        "system": Symbol("m_s", "term.site.ram_system", Unit.BYTES),
        "files": Symbol("G", "term.site.model_files", Unit.BYTES),
        "gpus": Symbol("n", "term.site.gpus_per_server"),
        "pinned": Symbol("m_p", "term.site.ram_pinned", Unit.BYTES),
        "loaders": Symbol("m_l", "term.site.ram_loader", Unit.BYTES),
        "offload": Symbol("m_o", "term.site.ram_offload", Unit.BYTES),
    },
)
def ram_bytes(system: Values, files: Values, gpus: Values, pinned: Values, loaders: Values, offload: Values) -> Values:
    """Host memory of a GPU server. [B]"""
    return system + files + gpus * (pinned + loaders + offload)


@formula(
    "site.nvme",
    result="D",
    text="d_s + G · v + d_l",
    unit=Unit.BYTES,
    reference="Drives of a GPU server: the system, the model's files in all versions kept, and what no storage node keeps for it",
    symbols={
        "system": Symbol("d_s", "term.site.nvme_system", Unit.BYTES),
        "files": Symbol("G", "term.site.model_files", Unit.BYTES),
        "versions": Symbol("v", "term.site.versions"),
        "kept": Symbol("d_l", "term.site.kept_here", Unit.BYTES),
    },
)
def nvme_bytes(system: Values, files: Values, versions: Values, kept: Values) -> Values:
    """Local drives of a GPU server. [B]"""
    return system + files * versions + kept


@formula(
    "site.storage",
    result="D_t",
    text="G · v + d + K · k + q · l · 86400 · t + V · (b · w + i)",
    unit=Unit.BYTES,
    reference="Common storage: model files, data sets, checkpoints kept, logs and the index of a retrieval service",
    symbols={
        "files": Symbol("G", "term.site.model_files", Unit.BYTES),
        "versions": Symbol("v", "term.site.versions"),
        "datasets": Symbol("d", "term.site.datasets", Unit.BYTES),
        "checkpoint": Symbol("K", "term.site.checkpoint", Unit.BYTES),
        "kept": Symbol("k", "term.site.kept"),
        "rate": Symbol("q", "figure.request_rate", Unit.REQUESTS_PER_SECOND),
        "logged": Symbol("l", "term.site.logged", Unit.BYTES),
        "days": Symbol("t", "term.site.log_days"),
        "vectors": Symbol("V", "term.site.vectors"),
        "number": Symbol("b", "term.site.number_bytes", Unit.BYTES),
        "width": Symbol("w", "term.site.vector_width"),
        "links": Symbol("i", "term.site.index_links", Unit.BYTES),
    },
)
def storage_bytes(
    files: Values,
    versions: Values,
    datasets: Values,
    checkpoint: Values,
    kept: Values,
    rate: Values,
    logged: Values,
    days: Values,
    vectors: Values,
    number: Values,
    width: Values,
    links: Values,
) -> Values:
    """Common storage before redundancy. [B]"""
    return files * versions + datasets + checkpoint * kept + rate * logged * 86400 * days + vectors * (number * width + links)


@formula(
    "site.checkpoint_rate",
    result="b",
    text="K ÷ (T · s)",
    unit=Unit.BYTES_PER_SECOND,
    reference="Writing a checkpoint may take this share of the time between two of them",
    symbols={
        "checkpoint": Symbol("K", "term.site.checkpoint", Unit.BYTES),
        "interval": Symbol("T", "term.site.checkpoint_interval", Unit.SECONDS),
        "share": Symbol("s", "term.site.checkpoint_share", Unit.SHARE),
    },
)
def checkpoint_rate(checkpoint: Values, interval: Values, share: Values) -> Values:
    """Write bandwidth that checkpoints need. [B/s]"""
    return checkpoint / (interval * share)


@formula(
    "site.client_rate",
    result="r",
    text="q · (b_i + b_o) · 8",
    unit=Unit.COUNT,
    reference="Client traffic: prompts in, streamed answers out",
    symbols={
        "rate": Symbol("q", "figure.request_rate", Unit.REQUESTS_PER_SECOND),
        "question": Symbol("b_i", "term.site.request_bytes", Unit.BYTES),
        "answer": Symbol("b_o", "term.site.answer_bytes", Unit.BYTES),
    },
)
def client_bits_s(rate: Values, question: Values, answer: Values) -> Values:
    """Traffic to and from clients. [bit/s]"""
    return rate * (question + answer) * 8


@formula(
    "site.storage_rate",
    result="s",
    text="(K_b ÷ n + G ÷ t) · 8",
    unit=Unit.COUNT,
    reference="Storage traffic of a server: its part of the checkpoints written, and its models loaded within a few minutes",
    symbols={
        "written": Symbol("K_b", "site.figure.write_rate", Unit.BYTES_PER_SECOND),
        "servers": Symbol("n", "term.site.gpu_servers"),
        "files": Symbol("G", "term.site.model_files", Unit.BYTES),
        "seconds": Symbol("t", "term.site.load_seconds", Unit.SECONDS),
    },
)
def storage_bits_s(written: Values, servers: Values, files: Values, seconds: Values) -> Values:
    """Traffic of a server to and from the common storage. [bit/s]"""
    return (written / servers + files / seconds) * 8


@formula(
    "site.client_cards",
    result="k",
    text="max(1, ⌈(r + s) ÷ (p · u)⌉)",
    unit=Unit.COUNT,
    reference="Cards for clients and storage: each carries the rate of one port as planned with, the other port stands in for it",
    symbols={
        "client": Symbol("r", "site.figure.client_rate"),
        "storage": Symbol("s", "site.figure.storage_rate"),
        "port": Symbol("p", "term.site.port_rate"),
        "share": Symbol("u", "term.site.link_share", Unit.SHARE),
    },
)
def client_cards(client: Values, storage: Values, port: Values, share: Values) -> Values:
    """Network cards of a server for clients and storage, of two ports each."""
    return np.maximum(1, np.ceil((client + storage) / (port * share)))
