"""The formulas of passes. Times in seconds; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "passes.operator",
    result="t_o",
    text="max(B · F · p_w ÷ (π · η) + K · τ, (W + B · A) ÷ (β · s)) + x · B · A ÷ (β · s) + o",
    unit=Unit.SECONDS,
    reference=(
        "Roofline model: Williams, Waterman, Patterson, CACM 52 (2009); a product's tiles are filled along its sum, whatever its "
        "size, and every kernel is launched: efficiencies, fill and launch fitted on published measurements"
    ),
    symbols={
        "samples": Symbol("B", "term.samples_at_once"),
        "flops": Symbol("F", "term.flops_per_sample", Unit.FLOPS),
        "padding": Symbol("p_w", "term.group_padding"),
        "peak": Symbol("π", "term.peak_flops", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η", "term.compute_efficiency", Unit.SHARE),
        "weights": Symbol("W", "term.weights_read", Unit.BYTES),
        "moved": Symbol("A", "term.activations_moved", Unit.BYTES),
        "bandwidth": Symbol("β", "term.bandwidth", Unit.BYTES_PER_SECOND),
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
        "depth": Symbol("K", "term.sum_length"),
        "fill": Symbol("τ", "term.fill_time", Unit.SECONDS),
        "extra": Symbol("x", "term.extra_passes"),
        "launch": Symbol("o", "term.launch_time", Unit.SECONDS),
    },
)
def operator_time_s(
    samples: Values, flops: Values, padding: Values, peak: Values, efficiency: Values, weights: Values, moved: Values,
    bandwidth: Values, bandwidth_share: Values, depth: Values, fill: Values, extra: Values, launch: Values,
) -> Values:  # fmt: skip
    """One operator on a batch. [s]

    The larger of computing and of moving its data; what runs apart from it over its results (norms, activations, additions);
    and what it costs at any size.
    """
    computing = samples * flops * padding / (peak * efficiency)
    moving = (weights + samples * moved) / (bandwidth * bandwidth_share)
    apart = extra * samples * moved / (bandwidth * bandwidth_share)
    return np.maximum(computing + depth * fill, moving) + apart + launch


@formula(
    "passes.padding",
    result="p_w",
    text="1 + w_0 ÷ w",
    unit=Unit.COUNT,
    reference=(
        "A product's tile has a least width; a convolution, or a group of one, that writes few channels leaves part of it empty. "
        "Width fitted on published measurements"
    ),
    symbols={"tile": Symbol("w_0", "term.tile_width"), "width": Symbol("w", "term.group_width")},
)
def padding(tile: Values, width: Values) -> Values:
    """How many times the work of a convolution a tensor core does, for channels it leaves empty."""
    return 1 + tile / width


@formula(
    "passes.power",
    result="η_p",
    text="min(w, w_0) ^ γ",
    unit=Unit.SHARE,
    reference=(
        "Under a full load a card runs at the clock its power limit allows; power grows with a power of the clock. "
        "Exponent fitted on cards of one generation with different limits"
    ),
    symbols={
        "watts": Symbol("w", "term.watts_per_tflop"),
        "enough": Symbol("w_0", "term.watts_enough"),
        "exponent": Symbol("γ", "term.power_exponent"),
    },
)
def power_share(watts: Values, enough: Values, exponent: Values) -> Values:
    """What the power limit leaves of the clock, against a card with one watt for each 16-bit TFLOPS."""
    return np.minimum(watts, enough) ** exponent


@formula(
    "passes.stage",
    result="t_s",
    text="N · max(t_gpu, k · q) + u · B + c",
    unit=Unit.SECONDS,
    reference="The host hands out kernels one after the other; the slower of host and GPU sets the pace",
    symbols={
        "repeats": Symbol("N", "term.repeats"),
        "device": Symbol("t_gpu", "term.device_time", Unit.SECONDS),
        "kernels": Symbol("k", "term.kernels"),
        "host": Symbol("q", "term.host_time", Unit.SECONDS),
        "per_item": Symbol("u", "term.item_time", Unit.SECONDS),
        "samples": Symbol("B", "term.samples_at_once"),
        "call": Symbol("c", "term.call_time", Unit.SECONDS),
    },
)
def stage_time_s(
    repeats: Values, device: Values, kernels: Values, host: Values, per_item: Values, samples: Values, call: Values
) -> Values:
    """A stage of a pass. [s]"""
    return repeats * np.maximum(device, kernels * host) + per_item * samples + call


@formula(
    "passes.batch",
    result="g",
    text="max(1, min(G, λ · S))",
    unit=Unit.REQUESTS,
    reference="Little's law over one pass: what arrives while a pass runs goes into the next",
    symbols={
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "rate": Symbol("λ", "term.rate_per_replica", Unit.REQUESTS_PER_SECOND),
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
    },
)
def requests_at_once(most: Values, rate: Values, service: Values) -> Values:
    """Requests that a pass carries in an open load."""
    return np.maximum(1.0, np.minimum(most, rate * service))


@formula(
    "passes.waiting",
    result="W_q",
    text="ρ ^ (sqrt(2 · (G + 1)) − 1) ÷ (G · (1 − ρ)) · S_G ÷ 2",
    unit=Unit.SECONDS,
    reference=(
        "Sakasegawa, Annals of the Institute of Statistical Mathematics 29 (1977), with service of one length; "
        "a replica that takes G requests at once stands for G servers"
    ),
    symbols={
        "utilization": Symbol("ρ", "term.busy_share", Unit.SHARE),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "full_service": Symbol("S_G", "term.full_service_time", Unit.SECONDS),
    },
)
def queue_wait_s(utilization: Values, most: Values, full_service: Values) -> Values:
    """Mean wait behind requests that don't fit into the next pass. [s]"""
    return utilization ** (np.sqrt(2 * (most + 1)) - 1) / (most * (1 - utilization)) * full_service / 2


@formula(
    "passes.request_mean",
    result="T",
    text="S + b · S ÷ 2 + W_q",
    unit=Unit.SECONDS,
    reference="Its own pass, the rest of the pass that runs when it arrives (half a pass on average), and the queue",
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "busy": Symbol("b", "term.found_busy", Unit.SHARE),
        "queue": Symbol("W_q", "term.queue_wait", Unit.SECONDS),
    },
)
def request_mean_s(service: Values, busy: Values, queue: Values) -> Values:
    """Mean time from arrival to result in an open load. [s]"""
    return service + busy * service / 2 + queue


@formula(
    "passes.request_percentile",
    result="T_p",
    text="S + S · max(0, 1 − (1 − p) ÷ b) − W_q · ln(1 − p)",
    unit=Unit.SECONDS,
    reference=(
        "The rest of the running pass is evenly spread over its length for the share of requests that find one; "
        "the queue's wait has an exponential tail"
    ),
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "busy": Symbol("b", "term.found_busy", Unit.SHARE),
        "percentile": Symbol("p", "term.percentile", Unit.SHARE),
        "queue": Symbol("W_q", "term.queue_wait", Unit.SECONDS),
    },
)
def request_percentile_s(service: Values, busy: Values, percentile: Values, queue: Values) -> Values:
    """Time from arrival to result that a share p of the requests stays below. [s]"""
    residual = np.maximum(0.0, 1 - (1 - percentile) / np.maximum(busy, 1e-9))
    return service + service * residual - queue * np.log(1 - percentile)


@formula(
    "passes.closed",
    result="T",
    text="S · max(1, n ÷ G)",
    unit=Unit.SECONDS,
    reference="Requests in flight that come back as soon as they are answered stay together in waves of at most G",
    symbols={
        "service": Symbol("S", "term.service_time", Unit.SECONDS),
        "in_flight": Symbol("n", "term.in_flight_per_replica", Unit.REQUESTS),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
    },
)
def closed_time_s(service: Values, in_flight: Values, most: Values) -> Values:
    """Time of a request where a fixed number is in flight. [s]"""
    return service * np.maximum(1.0, in_flight / most)


@formula(
    "money.cost_per_thousand",
    result="c",
    text="(P ÷ (Y · 8760 · u) + E ÷ 1000 · PUE · e) ÷ (X · 3600) · 1000",
    unit=Unit.MONEY,
    reference="Cards written off over their life at the given use, and their energy, over the items done in that time",
    symbols={
        "purchase": Symbol("P", "figure.purchase", Unit.MONEY),
        "years": Symbol("Y", "term.lifetime_years"),
        "utilization": Symbol("u", "term.use", Unit.SHARE),
        "power": Symbol("E", "figure.power", Unit.WATTS),
        "pue": Symbol("PUE", "term.pue"),
        "tariff": Symbol("e", "term.electricity", Unit.MONEY),
        "rate": Symbol("X", "figure.item_rate", Unit.ITEMS_PER_SECOND),
    },
)
def cost_per_thousand(
    purchase: Values, years: Values, utilization: Values, power: Values, pue: Values, tariff: Values, rate: Values
) -> Values:
    """Cost of a thousand items. ``utilization`` is the share of the hours in which the load is there."""
    hourly = purchase / (years * 8760 * utilization) + power / 1000 * pue * tariff
    return hourly / (rate * 3600) * 1000


@formula(
    "passes.sum",
    result="t",
    text="(t_text + t_noise + t_vae + t_enc + t_net + t_dec) · o",
    unit=Unit.SECONDS,
    reference="The stages of a pass follow one another; what waits in host memory is brought over before it works",
    symbols={
        "text_encoders": Symbol("t_text", "pass.part.text_encoders", Unit.SECONDS),
        "denoiser": Symbol("t_noise", "pass.part.denoiser", Unit.SECONDS),
        "autoencoder": Symbol("t_vae", "pass.part.autoencoder", Unit.SECONDS),
        "encoder": Symbol("t_enc", "pass.part.encoder", Unit.SECONDS),
        "network": Symbol("t_net", "pass.part.network", Unit.SECONDS),
        "decoder": Symbol("t_dec", "pass.part.decoder", Unit.SECONDS),
        "offload": Symbol("o", "term.offload_factor"),
    },
)
def pass_time_s(
    text_encoders: Values,
    denoiser: Values,
    autoencoder: Values,
    encoder: Values,
    network: Values,
    decoder: Values,
    offload: Values,
) -> Values:
    """One pass. [s]"""
    return (text_encoders + denoiser + autoencoder + encoder + network + decoder) * offload


@formula(
    "passes.stages",
    result="t_p",
    text="t_1 + t_2 + t_3 + t_4",
    unit=Unit.SECONDS,
    reference="Several networks of one kind run one after the other",
    symbols={
        name: Symbol(f"t_{i}", f"term.stage_{i}", Unit.SECONDS) for i, name in enumerate(("one", "two", "three", "four"), 1)
    },
)
def stages_time_s(one: Values, two: Values, three: Values, four: Values) -> Values:
    """Networks of one kind. [s]"""
    return one + two + three + four


@formula(
    "passes.device",
    result="t_gpu",
    text="n · t_o + t_r",
    unit=Unit.SECONDS,
    reference="Operators follow one another on the GPU; the one that takes most is laid open",
    symbols={
        "count": Symbol("n", "term.occurrences"),
        "operator": Symbol("t_o", "term.operator_time", Unit.SECONDS),
        "rest": Symbol("t_r", "term.other_operators", Unit.SECONDS),
    },
)
def device_time_s(count: Values, operator: Values, rest: Values) -> Values:
    """What the GPU works on one repetition of a stage. [s]"""
    return count * operator + rest


@formula(
    "passes.service",
    result="S",
    text="(t_1 + (t_2 − t_1) · (n − n_1) ÷ (n_2 − n_1)) · v",
    unit=Unit.SECONDS,
    reference="On the line between the batches that were computed",
    symbols={
        "low_time": Symbol("t_1", "term.low_pass", Unit.SECONDS),
        "high_time": Symbol("t_2", "term.high_pass", Unit.SECONDS),
        "items": Symbol("n", "term.items_at_once"),
        "low": Symbol("n_1", "term.low_batch"),
        "high": Symbol("n_2", "term.high_batch"),
        "waves": Symbol("v", "term.passes_per_request"),
    },
)
def service_time_s(low_time: Values, high_time: Values, items: Values, low: Values, high: Values, waves: Values) -> Values:
    """A pass under this load. [s]"""
    return (low_time + (high_time - low_time) * (items - low) / (high - low)) * waves


@formula(
    "passes.capacity",
    result="C",
    text="R · G ÷ S_G",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Every replica runs full passes without a pause",
    symbols={
        "replicas": Symbol("R", "term.replicas"),
        "most": Symbol("G", "term.requests_at_most", Unit.REQUESTS),
        "full_service": Symbol("S_G", "term.full_service_time", Unit.SECONDS),
    },
)
def capacity(replicas: Values, most: Values, full_service: Values) -> Values:
    """Requests per second at most."""
    return replicas * most / full_service


@formula(
    "passes.offered",
    result="λ",
    text="L · (1 + g) · f",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="The load as entered, with growth; a day's load is spread over its busy hours, times the peak",
    symbols={
        "load": Symbol("L", "term.load"),
        "growth": Symbol("g", "term.growth"),
        "factor": Symbol("f", "term.load_factor"),
    },
)
def offered(load: Values, growth: Values, factor: Values) -> Values:
    """Requests per second that come by themselves."""
    return load * (1 + growth) * factor


@formula(
    "passes.returning",
    result="λ",
    text="min(n ÷ (Z + T), b · C)",
    unit=Unit.REQUESTS_PER_SECOND,
    reference="Little's law: each request in flight, or each user, comes back after its answer and a think time",
    symbols={
        "in_flight": Symbol("n", "term.in_flight", Unit.REQUESTS),
        "think": Symbol("Z", "term.think_time", Unit.SECONDS),
        "time": Symbol("T", "term.answer_time", Unit.SECONDS),
        "most_busy": Symbol("b", "term.most_busy", Unit.SHARE),
        "capacity": Symbol("C", "figure.capacity_rate", Unit.REQUESTS_PER_SECOND),
    },
)
def returning(in_flight: Values, think: Values, time: Values, most_busy: Values, capacity: Values) -> Values:
    """Requests per second of those that wait for answers."""
    return np.minimum(in_flight / (think + time), most_busy * capacity)


@formula(
    "passes.items",
    result="X",
    text="λ · k",
    unit=Unit.ITEMS_PER_SECOND,
    reference="Every request holds so many items",
    symbols={
        "rate": Symbol("λ", "figure.request_rate", Unit.REQUESTS_PER_SECOND),
        "items": Symbol("k", "term.items_per_request"),
    },
)
def item_rate(rate: Values, items: Values) -> Values:
    """Items per second."""
    return rate * items


@formula(
    "passes.step_time",
    result="t_1",
    text="t_noise ÷ N",
    unit=Unit.SECONDS,
    reference="All steps are alike",
    symbols={
        "denoiser": Symbol("t_noise", "pass.part.denoiser", Unit.SECONDS),
        "steps": Symbol("N", "term.denoising_steps"),
    },
)
def step_time_s(denoiser: Values, steps: Values) -> Values:
    """One denoising step of a full batch. [s]"""
    return denoiser / steps


@formula(
    "passes.real_time",
    result="r",
    text="a · B ÷ t",
    unit=Unit.COUNT,
    reference="Seconds of speech that a replica gets through in a second",
    symbols={
        "audio": Symbol("a", "term.audio_length", Unit.SECONDS),
        "items": Symbol("B", "term.items_at_once"),
        "time": Symbol("t", "figure.pass_time", Unit.SECONDS),
    },
)
def real_time_factor(audio: Values, items: Values, time: Values) -> Values:
    """Speech over time."""
    return audio * items / time


@formula(
    "passes.streams",
    result="n_s",
    text="r · R",
    unit=Unit.COUNT,
    reference="A live stream brings a second of speech every second",
    symbols={
        "factor": Symbol("r", "figure.real_time_factor"),
        "replicas": Symbol("R", "term.replicas"),
    },
)
def streams(factor: Values, replicas: Values) -> Values:
    """Live streams that all replicas keep up with."""
    return factor * replicas


@formula(
    "money.cost_per_audio_hour",
    result="c_h",
    text="c ÷ 1000 · 3600 ÷ a",
    unit=Unit.MONEY,
    reference="An hour of speech as so many recordings",
    symbols={
        "thousand": Symbol("c", "figure.cost_per_thousand", Unit.MONEY),
        "audio": Symbol("a", "term.audio_length", Unit.SECONDS),
    },
)
def cost_per_audio_hour(thousand: Values, audio: Values) -> Values:
    """Cost of an hour of speech."""
    return thousand / 1000 * 3600 / audio


@formula(
    "passes.weights",
    result="W",
    text="W_d + W_r",
    unit=Unit.BYTES,
    reference="Parameters of the model in the format asked for; a pipeline's text encoders and autoencoder stay in 16 bit",
    symbols={
        "main": Symbol("W_d", "term.main_weights", Unit.BYTES),
        "rest": Symbol("W_r", "term.other_weights", Unit.BYTES),
    },
)
def pass_weights_bytes(main: Values, rest: Values) -> Values:
    """Weights on the GPU. [B]"""
    return main + rest
