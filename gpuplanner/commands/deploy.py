"""``gpuplanner deploy``: the files that start, watch and test what was quoted."""

from __future__ import annotations

import argparse
from pathlib import Path

from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError
from gpuplanner.report.deploy.build import deployment_files, suiting
from gpuplanner.report.deploy.write import write_files
from gpuplanner.scenario.files import load_scenario
from gpuplanner.texts import text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", type=Path, help=text("cli.argument.file"))
    parser.add_argument("--target", default="", metavar="vllm,k8s,…", help=text("deploy.help.target"))
    parser.add_argument("--out", default=Path("deploy"), type=Path, metavar="DIR", help=text("cli.option.out"))


def run(args: argparse.Namespace) -> int:
    """Write the files and print their paths.

    Raises:
        InputError: the scenario can't be read, nothing runs, a target doesn't fit, or the folder can't be written.
    """
    catalog = load_and_tell()
    scenario = load_scenario(args.file).scenario
    asked = [word.strip() for word in args.target.split(",") if word.strip()]
    answer = estimate(scenario, catalog)
    asked = asked or list(suiting(scenario, catalog, answer))
    if not asked:
        raise InputError("deploy.nothing_asked")
    for path in write_files(deployment_files(scenario, catalog, answer, asked), args.out):
        print(path)
    return 0
