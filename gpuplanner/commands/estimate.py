"""``gpuplanner estimate``: what carries a scenario, as a table or as JSON."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from gpuplanner import texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.report.answer import spoken
from gpuplanner.report.as_json import estimate_json
from gpuplanner.report.parts_json import PLANS, USUAL, chosen_parts, with_parts
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario, read_line
from gpuplanner.texts import text

BAD_INPUT: Final = 2
LONGEST_LINE: Final = 2**20
_NEAR: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help=text("cli.argument.file"))
    parser.add_argument("--json", action="store_true", help=text("cli.option.json"))
    parser.add_argument("--jsonl", action="store_true", help=text("cli.option.jsonl"))
    parser.add_argument("--gpu", metavar="ID", help=text("cli.option.gpu"))
    parser.add_argument("--only", metavar="PARTS", help=text("cli.option.only"))
    parser.add_argument("--schema", action="store_true", help=text("cli.option.schema"))
    parser.add_argument("--lang", choices=texts.LANGUAGES, help=text("cli.option.lang"))


def run(args: argparse.Namespace) -> int:
    """Estimate and print.

    Raises:
        InputError: when the file can't be read, the GPU isn't known, or there is no file.
    """
    if args.lang:
        texts.set_language(args.lang)
    if args.schema:
        return _print_schema()
    if args.jsonl == (args.file is not None):
        raise InputError("cli.estimate.file_or_lines")
    catalog = load_and_tell()
    _require_gpu(args.gpu, catalog)
    parts = chosen_parts(args.only, (PLANS,) if args.jsonl else USUAL)
    if args.jsonl:
        return _run_lines(sys.stdin.buffer, catalog, args.gpu, parts)
    return _run_file(args, catalog, parts)


def _print_schema() -> int:
    from gpuplanner.report.estimate_schema import as_text

    print(as_text(), end="")
    return 0


def _run_file(args: argparse.Namespace, catalog: Catalog, parts: frozenset[str]) -> int:
    loaded = load_scenario(args.file)
    for warning in loaded.warnings:
        if warning.code != "warning.file.protected":  # nothing is written here
            print(warning.sentence(), file=sys.stderr)
    scenario, found = _estimated(loaded.scenario, catalog, args.gpu)
    if args.json:
        answer = estimate_json(scenario, found, catalog, args.gpu)
        print(_document(with_parts(answer, scenario, found, catalog, parts)))
    else:
        _print_table(scenario, found, catalog, args.gpu)
    if found.refusal is None:
        return 0
    print(InputError("cli.estimate.refused", file=str(args.file), reason=spoken(found.refusal)).sentence(), file=sys.stderr)
    return BAD_INPUT


def _document(answer: dict[str, Any]) -> str:
    """The answer with a line for each field and each plan: json's own indenting takes four times as long."""
    fields = (
        f"  {_dumped(key)}: " + (_dumped(value) if key != "plans" else "[\n    " + ",\n    ".join(map(_dumped, value)) + "\n  ]")
        for key, value in answer.items()
    )
    return "{\n" + ",\n".join(fields) + "\n}"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _print_table(scenario: Scenario, found: Estimate, catalog: Catalog, gpu: str | None) -> None:
    if found.refusal is not None:
        return
    from gpuplanner.commands.answer_table import answer_lines

    limit = None
    if sys.stdout.isatty():
        import shutil

        limit = shutil.get_terminal_size().columns
    print(answer_lines(scenario, found, catalog, gpu, limit))


def _estimated(scenario: Scenario, catalog: Catalog, gpu: str | None) -> tuple[Scenario, Estimate]:
    if gpu is not None:
        scenario = replace(scenario, "deployment.gpu", gpu)
    elif scenario.deployment.gpu is not None:
        _require_gpu(scenario.deployment.gpu, catalog)
    return scenario, estimate(scenario, catalog)


def _require_gpu(gpu: str | None, catalog: Catalog) -> None:
    if gpu is None or gpu in catalog.gpus:
        return
    holding = [known for known in catalog.gpus if gpu.lower() in known]
    near = holding[:_NEAR] or difflib.get_close_matches(gpu.lower(), list(catalog.gpus), n=_NEAR, cutoff=0.3)
    raise InputError("cli.estimate.no_such_gpu", gpu=shown(gpu), near=", ".join(near) or "gpuplanner catalog list gpus")


def _run_lines(stream: BinaryIO, catalog: Catalog, gpu: str | None, parts: frozenset[str]) -> int:
    """Answer line by line, so that a reader at the other end of a pipe needn't wait for the last."""
    bad = total = 0
    for number, line in _lines(stream):
        answer = _line_answer(number, line, catalog, gpu, parts)
        total += 1
        bad += "error" in answer
        print(_dumped(answer), flush=True)
    if bad:
        print(text("cli.estimate.bad_lines", bad=bad, total=total), file=sys.stderr)
    return BAD_INPUT if bad else 0


def _line_answer(number: int, line: bytes | None, catalog: Catalog, gpu: str | None, parts: frozenset[str]) -> dict[str, Any]:
    try:
        scenario, found = _estimated(_read(number, line), catalog, gpu)
        answer = estimate_json(scenario, found, catalog, gpu)
        return {"line": number, **with_parts(answer, scenario, found, catalog, parts)}
    except InputError as error:
        return {"line": number, "error": {"code": error.code, "text_en": error.sentence("en"), "text_zh": error.sentence("zh")}}


def _read(number: int, line: bytes | None) -> Scenario:
    if line is None:
        raise InputError("cli.estimate.line_too_long", limit=f"{LONGEST_LINE:,}")
    return read_line(line, text("cli.estimate.line", n=number))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines that aren't blank; None for one that is too long, which is read past but never held."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) <= LONGEST_LINE:
            if line.strip():
                yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield number, None
