"""A Grafana dashboard that shows what was promised: latency at the percentile with its limit, load, cache, throughput."""

from __future__ import annotations

import json
from typing import Any, Final

from gpuplanner.report.deploy.escape import one_line
from gpuplanner.report.deploy.facts import Launch

_LATENCY: Final = (
    ("ttft", "TTFT", "time_to_first_token_seconds"),
    ("tpot", "TPOT", "inter_token_latency_seconds"),
    ("e2e", "E2E", "e2e_request_latency_seconds"),
)


def dashboard(launch: Launch) -> str:
    """The dashboard as JSON; made as data, so that no name can break out of it."""
    panels: list[dict[str, Any]] = []
    matcher = f"{{model_name={json.dumps(launch.served)}}}"
    for key, title, metric in _LATENCY:
        query = f"histogram_quantile({launch.percentile}, sum by (le) (rate(vllm:{metric}_bucket{matcher}[5m])))"
        panels.append(_panel(len(panels), title, query, "s", launch.targets.get(key), launch.expected.get(key)))
    for title, query, unit in (
        ("Running", f"sum(vllm:num_requests_running{matcher})", "short"),
        ("Waiting", f"sum(vllm:num_requests_waiting{matcher})", "short"),
        ("KV cache", f"max(vllm:kv_cache_usage_perc{matcher})", "percentunit"),
        ("Output tokens / s", f"sum(rate(vllm:generation_tokens_total{matcher}[5m]))", "short"),
    ):
        expected = launch.expected.get("throughput") if unit == "short" and "tokens" in title else None
        panels.append(_panel(len(panels), title, query, unit, None, expected))
    return (
        json.dumps(
            {
                "title": one_line(launch.title),
                "uid": launch.name[:40],
                "schemaVersion": 39,
                "tags": ["llm"],
                "time": {"from": "now-3h", "to": "now"},
                "refresh": "30s",
                "panels": panels,
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )


def _panel(
    number: int, title: str, query: str, unit: str, limit: float | None, expected: tuple[float, float, float] | None
) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if limit is not None:
        steps.append({"color": "red", "value": limit})
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "description": f"{expected[0]:.4g} – {expected[1]:.4g} – {expected[2]:.4g}" if expected else "",
        "gridPos": {"h": 8, "w": 8, "x": number % 3 * 8, "y": number // 3 * 8},
        "datasource": {"type": "prometheus"},
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "custom": {"thresholdsStyle": {"mode": "line" if limit is not None else "off"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "targets": [{"expr": query, "refId": "A", "legendFormat": title}],
    }
