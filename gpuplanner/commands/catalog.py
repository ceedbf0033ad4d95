"""``gpuplanner catalog``: list, show and check what is known; write the schemas."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gpuplanner.catalog.check import Report, check_catalog, check_own
from gpuplanner.catalog.checks.finding import Finding
from gpuplanner.catalog.json_schema import write_schemas
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.kinds import BY_NAME, KINDS, Kind
from gpuplanner.catalog.schema.records import Records
from gpuplanner.commands.columns import columns, rows
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.texts import text

BAD_INPUT = 2
_NEAR = 3
_LONGEST_CELL = 70


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``list``, ``show``, ``check`` and ``schema``."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="list | show | check | schema", parser_class=type(parser)
    )
    listing = actions.add_parser("list", help=text("catalog.help.list"))
    listing.add_argument("kind", nargs="?", metavar="KIND", help=text("catalog.help.kind"))
    showing = actions.add_parser("show", help=text("catalog.help.show"))
    showing.add_argument("id", metavar="ID", help=text("catalog.help.id"))
    checking = actions.add_parser("check", help=text("catalog.help.check"))
    checking.add_argument("--folder", type=Path, metavar="DIR", help=text("catalog.help.folder"))
    writing = actions.add_parser("schema", help=text("catalog.help.schema"))
    writing.add_argument("--out", type=Path, required=True, metavar="DIR", help=text("catalog.help.out"))
    for action in (listing, showing, checking):
        action.add_argument("--json", action="store_true", help=text("catalog.help.json"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked. Exit code 2 when a check finds errors; other bad input is raised as InputError."""
    if args.action == "check":
        return _check(args)
    if args.action == "schema":
        for path in write_schemas(args.out):
            print(path)
    elif args.action == "show":
        _show(load_catalog(), args.id, args.json)
    elif args.kind is None:
        _list_kinds(load_catalog(), args.json)
    else:
        _list(load_catalog(), _kind(args.kind), args.json)
    return 0


def _kind(name: str) -> Kind:
    kind = BY_NAME.get(name.lower())
    if kind is None:
        raise InputError("catalog.unknown_kind", kind=shown(name), kinds=", ".join(kind.plural for kind in KINDS))
    return kind


def _records(catalog: Catalog, kind: Kind) -> Records[Any]:
    records: Records[Any] = getattr(catalog, kind.plural)
    return records


def _list_kinds(catalog: Catalog, as_json: bool) -> None:
    counts = {kind.plural: len(_records(catalog, kind)) for kind in KINDS}
    if as_json:
        _print_json({"date": catalog.date, "digest": catalog.digest, "records": counts, "yours": sorted(catalog.yours)})
        return
    body = [[kind.plural, str(counts[kind.plural]), str(_own(catalog, kind) or "")] for kind in KINDS]
    print(columns([text(f"catalog.label.{name}") for name in ("kind", "records", "yours")], body, frozenset({1, 2})))
    print(text("catalog.state", date=catalog.date, digest=catalog.digest))
    _print_warnings(catalog)


def _own(catalog: Catalog, kind: Kind) -> int:
    return sum(mark.startswith(f"{kind.singular}:") for mark in catalog.yours)


def _list(catalog: Catalog, kind: Kind, as_json: bool) -> None:
    records = _records(catalog, kind)
    listed = [(key, records.name_of(key), f"{kind.singular}:{key}" in catalog.yours) for key in records]
    if as_json:
        _print_json([{"id": key, "name": name, "yours": own} for key, name, own in listed])
        return
    mark = text("catalog.label.yours")
    body = [[key, shown(name, _LONGEST_CELL), mark if own else ""] for key, name, own in listed]
    print(columns([text("catalog.label.id"), text("catalog.label.name"), ""], body))
    _print_warnings(catalog)


def _show(catalog: Catalog, asked: str, as_json: bool) -> None:
    found = list(_found(catalog, asked))
    if not found:
        raise InputError("catalog.unknown", id=shown(asked), near=_near(catalog, asked))
    if as_json:
        _print_json([_facts(catalog, kind, key) for kind, key in found] if len(found) > 1 else _facts(catalog, *found[0]))
        return
    for kind, key in found:
        facts = _facts(catalog, kind, key)
        print(rows([(name, _cell(value)) for name, value in facts.items()]))


def _found(catalog: Catalog, asked: str) -> Iterator[tuple[Kind, str]]:
    """Records of that id, of all kinds; "gpu:id" asks for one kind."""
    name, colon, rest = asked.partition(":")
    wanted = [BY_NAME[name]] if colon and name in BY_NAME else KINDS
    key = rest if colon and name in BY_NAME else asked
    return ((kind, key) for kind in wanted if key in _records(catalog, kind))


def _near(catalog: Catalog, asked: str) -> Message | str:
    known = [key for kind in KINDS for key in _records(catalog, kind)]
    wanted = asked.lower()
    close = [key for key in known if wanted and wanted in key][:_NEAR] or difflib.get_close_matches(wanted, known, n=_NEAR)
    return Message("catalog.near", {"ids": ", ".join(close)}) if close else ""


def _facts(catalog: Catalog, kind: Kind, key: str) -> dict[str, Any]:
    record = _records(catalog, kind)[key]
    return {"record": kind.singular, "yours": f"{kind.singular}:{key}" in catalog.yours, **record.model_dump(mode="json")}


def _cell(value: object) -> str:
    if value is None:
        return text("catalog.value.unknown")
    if isinstance(value, bool):
        return text("catalog.value.yes" if value else "catalog.value.no")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(inner)}" for name, inner in value.items() if inner is not None) or "–"
    if isinstance(value, list):
        return "; ".join(_cell(inner) for inner in value) or "–"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _check(args: argparse.Namespace) -> int:
    report = check_catalog(args.folder)
    own = () if args.folder else check_own(load_catalog())
    if args.json:
        _print_json(
            {
                "counts": report.counts,
                "errors": [_finding(finding) for finding in report.errors],
                "warnings": [_finding(finding) for finding in (*report.warnings, *own)],
            }
        )
    else:
        _print_report(report, own)
    return BAD_INPUT if report.errors else 0


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "file": finding.file,
        "record": finding.record,
        "field": finding.place,
        "code": finding.message.code,
        "sentence": finding.message.sentence(),
    }


def _print_report(report: Report, own: Sequence[Finding]) -> None:
    for finding in (*report.errors, *report.warnings, *own):
        print(text("catalog.check.error" if finding.is_error else "catalog.check.warning"), finding.sentence())
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items())
    print(text("catalog.check.summary", counts=counts, errors=len(report.errors), warnings=len(report.warnings) + len(own)))


def _print_warnings(catalog: Catalog) -> None:
    for warning in catalog.warnings:
        print(Message(warning.code, warning.params).sentence())


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))
