"""Every reader of files that others may have made, with sound samples to damage."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from gpuplanner import assets, paths, settings
from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.load import BuiltIn, load_catalog
from gpuplanner.catalog.overlay import read_overlay
from gpuplanner.catalog.pack import signing, store
from gpuplanner.catalog.pack.archive import make_pack, read_pack, sign_pack
from gpuplanner.catalog.pack.difference import changes_of
from gpuplanner.catalog.prices.book import guessed, head_row, read_book
from gpuplanner.catalog.prices.items import Items
from gpuplanner.catalog.prices.sheet import read_sheet
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.imports.registry import read_benchmark
from gpuplanner.report.quotes.files import load_quote, quote_bytes
from gpuplanner.scenario import recent
from gpuplanner.scenario.files import load_scenario
from gpuplanner.scenario.index import list_library
from gpuplanner.scenario.recovery import RecoveryCopy, orphans
from gpuplanner.settings import load_settings
from tests.catalog.importers.writers import (
    LLAMA_1B,
    decoder_tensors,
    gguf_bytes,
    llama_1b_tensors,
    safetensors_bytes,
    safetensors_header,
)
from tests.evidence.imports import samples
from tests.proof.mutations import bytes_from, json_from, pack_from, quote_from, safetensors_from, zip_from
from tests.report.quotes.offer import offered

Mutation = Callable[[Random, bytes, bytes], bytes]
_DATA = Path(__file__).parents[1] / "data"
_BLOB = "sha256-" + "ab" * 32


@dataclass(frozen=True)
class Reader:
    """What reads, what it reads soundly (file name and content), and how that is damaged.

    ``share`` weighs how many of all inputs it gets.
    """

    name: str
    read: Callable[[Path], object]
    samples: tuple[tuple[str, bytes], ...]
    damage: Mutation
    share: float = 1.0


def readers(folder: Path) -> tuple[Reader, ...]:
    """All of them; ``folder`` is where samples that need neighbours are prepared."""
    catalog, built_in = load_catalog(), BuiltIn(assets.catalogs())
    ollama = _ollama(folder)
    return (
        Reader("scenario", load_scenario, _examples(), json_from, 1.5),
        Reader("scenario list", lambda path: list_library([path.parent]), _examples()[:6], json_from, 0.3),
        Reader("recovery copy", lambda path: orphans(path.parent), _recovery(folder), json_from, 0.7),
        Reader("recent files", lambda path: _in_place(path, recent._file(), recent.recent_files), _RECENT, json_from),
        Reader("settings", lambda path: _in_place(path, settings.settings_file(), load_settings), _settings(), json_from),
        Reader("config.json", import_model, _configs(), json_from, 1.5),
        Reader("safetensors", import_model, _safetensors(), safetensors_from, 0.5),
        Reader("GGUF", import_model, _gguf(), bytes_from, 0.7),
        Reader("Ollama manifest", lambda path: _in_place(path, ollama, lambda: import_model(ollama)), _MANIFEST, json_from, 0.5),
        Reader("benchmark", read_benchmark, tuple((name, _bytes(held)) for name, held in samples.FILES.items()), json_from, 1.5),
        Reader("price list", _Prices(catalog), _price_lists(), _sheet_from, 0.7),
        Reader("pack", lambda path: changes_of(read_pack(path), built_in), _packs(folder), pack_from, 0.7),
        Reader("pack state", lambda path: _in_place(path, store.folder() / "packs.json", store.state), _STATE, json_from),
        Reader("own catalogue", _Overlay(built_in), _entries(built_in), json_from, 0.5),
        Reader("quote", load_quote, (("q.gpuquote", quote_bytes(offered(catalog))),), quote_from, 0.4),
    )


_RECENT = (("recent.json", json.dumps(["/a/b.gpuplan", "/c.gpuplan"]).encode()),)
_STATE = (("packs.json", json.dumps({"history": ["0123456789abcdef"], "trusted": {"ab" * 32: "Facts"}}).encode()),)
_MANIFEST = (
    (
        "1b",
        json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "layers": [
                    {"mediaType": "application/vnd.ollama.image.model", "digest": _BLOB.replace("-", ":"), "size": 1},
                    {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "cd" * 32, "size": 1},
                ],
            }
        ).encode(),
    ),
)


class _Prices:
    """Reads a list to the last row, as the dialog does."""

    def __init__(self, catalog: Catalog) -> None:
        self._items = Items(catalog)

    def __call__(self, path: Path) -> object:
        rows = read_sheet(path)
        head = head_row(rows)
        return read_book(rows, self._items, guessed(rows[head]), head, "CNY", date(2026, 11, 21))


class _Overlay:
    """Reads a folder of the user's own entries and checks each record, as using them would."""

    def __init__(self, built_in: BuiltIn) -> None:
        self._built_in = built_in

    def __call__(self, path: Path) -> object:
        place = path.parent / "own" / "gpus" / "mine.json"
        return _in_place(path, place, lambda: read_overlay(path.parent / "own", self._built_in.raw, self._built_in.families))


def _in_place(path: Path, place: Path, read: Callable[[], object]) -> object:
    """Read what is looked for at a fixed place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    path.replace(place)
    return read()


def _bytes(held: str | bytes) -> bytes:
    return held.encode() if isinstance(held, str) else held


def _examples() -> tuple[tuple[str, bytes], ...]:
    found = sorted((assets.resources() / "examples").glob("*.gpuplan"))
    return tuple(("a.gpuplan", path.read_bytes()) for path in found)


def _configs() -> tuple[tuple[str, bytes], ...]:
    return tuple(("config.json", path.read_bytes()) for path in sorted((_DATA / "configs").glob("*.json")))


def _settings() -> tuple[tuple[str, bytes], ...]:
    return (("settings.json", json.dumps(settings.Settings().model_dump(mode="json")).encode()),)


def _recovery(folder: Path) -> tuple[tuple[str, bytes], ...]:
    copy = RecoveryCopy(folder / "recovery")
    copy.write(load_scenario(sorted((assets.resources() / "examples").glob("*.gpuplan"))[0]).scenario, Path("/a.gpuplan"))
    content = copy.file.read_bytes()
    copy.discard()
    return (("aa.json", content),)


def _safetensors() -> tuple[tuple[str, bytes], ...]:
    config = {"hidden_size": 64, "vocab_size": 100, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2,
              "num_hidden_layers": 2, "model_type": "llama"}  # fmt: skip
    return (("m.safetensors", safetensors_bytes(safetensors_header(decoder_tensors(config)))),)


def _gguf() -> tuple[tuple[str, bytes], ...]:
    few = {key: value for key, value in LLAMA_1B.items() if "tokens" not in key and "token_type" not in key}
    return (
        ("m.gguf", gguf_bytes(few, dict(list(llama_1b_tensors().items())[:12]))),
        ("m.gguf", gguf_bytes(LLAMA_1B, llama_1b_tensors())),
        ("m.gguf", gguf_bytes(few, {}, ">")),
    )


def _ollama(folder: Path) -> Path:
    """A store with one model; returns its manifest."""
    blob = folder / "ollama" / "blobs" / _BLOB
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(gguf_bytes(LLAMA_1B, llama_1b_tensors()))
    return folder / "ollama" / "manifests" / "registry.ollama.ai" / "library" / "llama3.2" / "1b"


def _price_lists() -> tuple[tuple[str, bytes], ...]:
    import xlsxwriter

    rows = [
        ["型号", "单价", "币种", "报价日期"],
        ["NVIDIA H100 SXM5 80GB", 195_000, "CNY", "2026年10月"],
        ["NVIDIA L20", "2.9万", "", "2026/9/5"],
    ]
    table = "\n".join(",".join(str(cell) for cell in row) for row in rows)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return (
        ("p.csv", table.encode()),
        ("p.csv", table.encode("gb18030")),
        ("p.tsv", table.replace(",", "\t").encode()),
        ("p.xlsx", out.getvalue()),
    )


def _sheet_from(random: Random, content: bytes, other: bytes) -> bytes:
    return zip_from(random, content, other) if zipfile.is_zipfile(io.BytesIO(content)) else bytes_from(random, content, other)


def _packs(folder: Path) -> tuple[tuple[str, bytes], ...]:
    records = [{"id": "nvidia-h100-sxm5-80gb", "change": {"tdp_w": 650}}, {"id": "nvidia-t4", "hidden": True}]
    place = folder / "facts" / "gpus"
    place.mkdir(parents=True, exist_ok=True)
    (place / "new.json").write_text(json.dumps({"records": records}), encoding="utf-8")
    out, key = folder / "m.gpucatalog", folder / "key.json"
    make_pack(folder / "facts", out, "November", date(2026, 11, 1), "Facts Ltd")
    unsigned = out.read_bytes()
    key.unlink(missing_ok=True)
    signing.make_key(key)
    sign_pack(out, signing.read_key(key))
    return ("m.gpucatalog", out.read_bytes()), ("m.gpucatalog", unsigned)


def _entries(built_in: BuiltIn) -> tuple[tuple[str, bytes], ...]:
    gpus = list(built_in.raw("gpus").values())
    change = {"id": gpus[0]["id"], "change": {"tdp_w": 650, "prices": []}}
    return tuple(
        ("mine.json", json.dumps({"records": [dict(gpu, id=f"mine-{number}"), change]}).encode())
        for number, gpu in enumerate(gpus[:8])
    )


def prepare_home(folder: Path) -> None:
    """A home of one's own for readers that look at fixed places."""
    paths.set_home(folder / "home")
