"""``llama-bench``: prompt and generation tests of one stream, as JSON, JSON lines, CSV or the Markdown table it prints."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gpuplanner.evidence.imports.run import (
    DECODE,
    OUTPUT_RATE,
    PREFILL,
    PROMPT_RATE,
    RecordError,
    Run,
    count,
    finite,
    measured,
    word,
)  # fmt: skip

TOOL: Final = "llama-bench"
_DEVICE: Final = re.compile(r"^\s*Device \d+:\s*([^,\n]+)", re.MULTILINE)
_TEST: Final = re.compile(r"^(pp|tg)\s*(\d+)(?:\s*@\s*d\s*(\d+))?$")
_BITS: Final = re.compile(r"\b(?:I?Q\d[\w]*|F16|BF16|F32|MXFP4)\b", re.IGNORECASE)
_BUILD: Final = re.compile(r"^build:\s*\S+\s*\((\d+)\)", re.MULTILINE)


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is one of these."""
    return "avg_ts" in record and "n_prompt" in record and "n_gen" in record


def runs(record: Mapping[str, Any], place: str) -> list[Run]:
    """The run of a test.

    Raises:
        RecordError: when it mixed prompt and generation, or measured nothing.
    """
    prompt, written = finite(record.get("n_prompt")) or 0.0, finite(record.get("n_gen")) or 0.0
    cards = [name.strip() for name in word(record.get("gpu_info")).split(",") if name.strip()]
    file, kind = re.split(r"[\\/]", word(record.get("model_filename")))[-1], word(record.get("model_type"))
    bits = _BITS.search(file.replace("-", " ").replace(".", " ")) or _BITS.search(kind)
    build = word(str(record.get("build_number") or ""))
    return [
        _run(
            place, prompt, written, finite(record.get("n_depth")) or 0.0, record.get("avg_ts"),
            model=_model(file) or kind, gpu=cards[0] if cards else "", gpus=count(len(cards)),
            version=f"b{build}" if build else "", weights=bits[0] if bits else "",
            kv=word(record.get("type_k")), date=word(record.get("test_time"))[:10],
        )
    ]  # fmt: skip


def is_csv(text: str) -> bool:
    """Whether a text is its CSV."""
    head = text.lstrip()[:2000].partition("\n")[0]
    return "n_prompt" in head and "avg_ts" in head


def csv_records(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tests of its CSV with their lines."""
    reader = csv.DictReader(io.StringIO(text.strip(), newline=""))
    for record in reader:
        yield str(reader.line_num), record


def is_table(text: str) -> bool:
    """Whether a text holds the table it prints."""
    return re.search(r"^\|.*\bmodel\b.*\btest\b.*\bt/s\b.*\|", text, re.MULTILINE) is not None


def table_runs(text: str) -> Iterator[tuple[str, Run | RecordError]]:
    """The tests of its table; the cards are in the lines before it."""
    cards = _DEVICE.findall(text)
    build = _BUILD.search(text)
    names: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if "test" in cells and "t/s" in cells:
            names = cells
        elif names and not set(line) <= set("|-: \t"):
            record = dict(zip(names, cells, strict=False))
            try:
                yield str(number), _table_run(str(number), record, cards, f"b{build[1]}" if build else "")
            except RecordError as error:
                yield str(number), error


def _table_run(place: str, record: Mapping[str, str], cards: list[str], version: str) -> Run:
    test = _TEST.match(record.get("test", ""))
    if test is None:
        raise RecordError("benchmark.record.mixed_test", test=record.get("test", "")[:20])
    tokens, depth = float(test[2]), float(test[3] or 0)
    name = record.get("model", "")
    bits = _BITS.search(name)
    rate = re.split(r"±|\+/-", record.get("t/s", ""))[0].strip()
    prompt, written = (tokens, 0.0) if test[1] == "pp" else (0.0, tokens)
    return _run(
        place, prompt, written, depth, rate, model=_BITS.split(name)[0].strip(), gpu=cards[0].strip() if cards else "",
        gpus=count(len(cards)), version=version, weights=bits[0] if bits else "",
    )  # fmt: skip


def _run(place: str, prompt: float, written: float, depth: float, rate: object, **names: Any) -> Run:
    if (prompt > 0) == (written > 0):
        raise RecordError("benchmark.record.mixed_test", test=f"pp{prompt:g}+tg{written:g}")
    if prompt > 0:
        figures = measured({PROMPT_RATE: rate})
        return Run(TOOL, place, PREFILL, figures, engine="llama.cpp", input_tokens=prompt, concurrency=1.0, **names)
    return Run(
        TOOL, place, DECODE, measured({OUTPUT_RATE: rate}), engine="llama.cpp", input_tokens=max(depth, 1.0),
        output_tokens=written, concurrency=1.0, **names,
    )  # fmt: skip


def _model(file: str) -> str:
    """The model's name in a file's: without ending, parts and format."""
    name = re.sub(r"\.gguf$", "", file, flags=re.IGNORECASE)
    name = re.sub(r"-\d{5}-of-\d{5}$", "", name)
    return re.sub(
        r"[-_.](?:UD[-_])?(?:I?Q\d\w*|F16|BF16|F32|MXFP4)(?:[-_](?:K|M|S|L|XL|XS|XXS))*$", "", name, flags=re.IGNORECASE
    )
