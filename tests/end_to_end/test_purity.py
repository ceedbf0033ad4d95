"""The engine opens no file, prints nothing, runs nothing; the program never reaches for a network."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gpuplanner

PACKAGE = Path(gpuplanner.__file__).parent
ENGINE = sorted((PACKAGE / "engine").rglob("*.py"))
FORBIDDEN_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "hash", "id"}
NETWORK_CLASSES = {
    "QNetworkAccessManager",
    "QTcpSocket",
    "QTcpServer",
    "QUdpSocket",
    "QSslSocket",
    "QHostInfo",
    "QNetworkRequest",
}


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_engine_module_is_pure(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & FORBIDDEN_CALLS
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], "state that outlives a call"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_class_of_qt_that_talks_to_other_machines(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not names & NETWORK_CLASSES
