"""A quote as JSON: the figures as numbers, and every text as it is read."""

from __future__ import annotations

import json
from typing import Any

from gpuplanner.report.content import QuoteContent, Work
from gpuplanner.report.frozen import encode
from gpuplanner.report.totals import amount, listed_amount, totals
from gpuplanner.report.words import Words


def quote_json(content: QuoteContent, words: Words) -> bytes:
    """The object as bytes; unknown is null."""
    all_in = totals(content.lines)
    made: dict[str, Any] = {
        "format": "gpuplanner-quote",
        "version": 1,
        "language": words.lang,
        "currency": content.currency,
        "catalogue": {"date": content.catalog_date, "digest": content.catalog_digest},
        "lines": [
            {
                "key": line.key,
                "name": shown[1].text,
                "specification": shown[2].text,
                "count": line.count,
                "unit_price": line.unit_price,
                "list_price": listed_amount(line),
                "discount": line.discount,
                "amount": amount(line),
                "tax": line.tax,
                "at_least": line.at_least,
                "optional": line.optional,
            }
            for line, shown in zip(content.lines, words.configuration.rows, strict=True)
        ],
        "totals": encode(all_in),
        "figures": {figure.key: encode(figure) for figure in (*content.figures, *content.performance)},
        "works": [_work(work) for work in content.works],
        "life": encode(content.life),
        "checks": encode(content.checks),
        "words": {key: value for key, value in encode(words).items() if key != "logo"},
    }
    made["metadata"] = {key: value for key, value in encode(content.metadata).items() if key != "seller"}
    return (json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _work(work: Work) -> dict[str, Any]:
    """A workload of an estate: its figures and its memory; words stand with the others."""
    return {
        "letter": work.letter,
        "name": work.name,
        "model": work.model,
        "gpu": work.gpu,
        "gpus": work.gpus,
        "status": work.status.value,
        "cost": encode(work.cost),
        "figures": {figure.key: encode(figure) for figure in work.performance},
        "memory": encode(work.memory),
    }
