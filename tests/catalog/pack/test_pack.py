"""Packs: made, signed, changed on the way, refused; put in force and put away."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from datetime import date
from pathlib import Path

import pytest

from gpuplanner import assets
from gpuplanner.catalog.load import BuiltIn, load_catalog
from gpuplanner.catalog.pack import signing, store
from gpuplanner.catalog.pack.archive import Pack, make_pack, read_pack, sign_pack
from gpuplanner.catalog.pack.difference import changes_of
from gpuplanner.catalog.pack.manifest import MANIFEST, SIGNATURE
from gpuplanner.errors import InputError

RECORDS = {
    "gpus": [
        {"id": "nvidia-h100-sxm5-80gb", "change": {"tdp_w": 650}},
        {"id": "nvidia-t4", "hidden": True},
    ],
    "power": [{"id": "own-room", "value": 1.25, "period": "2026", "scope": "own room", "sources": []}],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPUPLANNER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    for kind, records in RECORDS.items():
        (tmp_path / "facts" / kind).mkdir(parents=True)
        (tmp_path / "facts" / kind / "new.json").write_text(json.dumps({"records": records}))
    out = tmp_path / "november.gpucatalog"
    make_pack(tmp_path / "facts", out, "November", date(2026, 11, 1), "Facts Ltd")
    signing.make_key(tmp_path / "key.json")
    sign_pack(out, signing.read_key(tmp_path / "key.json"))
    return out


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_pack(path)
    assert caught.value.sentence("en").endswith(".")
    assert caught.value.sentence("zh").endswith("。")
    return caught.value.code


def test_a_signature_is_that_of_rfc_8032() -> None:
    """Test 2 of section 7.1."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    expected = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert signing.public_of(secret) == public
    assert signing.sign(secret, b"\x72").hex() == expected
    assert signing.is_signed(public, b"\x72", bytes.fromhex(expected))


def test_the_secret_key_is_its_owners_alone(tmp_path: Path) -> None:
    signing.make_key(tmp_path / "k.json")
    assert stat.S_IMODE((tmp_path / "k.json").stat().st_mode) == 0o600
    with pytest.raises(InputError, match=r"pack\.key\.exists"):
        signing.make_key(tmp_path / "k.json")


def test_made_signed_read(signed: Path) -> None:
    pack = read_pack(signed)
    assert pack.signed
    assert (pack.manifest.name, pack.manifest.author) == ("November", "Facts Ltd")
    assert set(pack.files) == {"catalog/gpus/new.json", "catalog/power/new.json"}
    found = changes_of(pack, BuiltIn(assets.catalogs()))
    assert [(change.what, change.id, change.fields) for change in found] == [
        ("changed", "nvidia-h100-sxm5-80gb", ("tdp_w",)),
        ("removed", "nvidia-t4", ()),
        ("added", "own-room", ()),
    ]


def test_every_byte_of_the_manifest_counts(signed: Path, tmp_path: Path) -> None:
    content = members(signed)
    manifest = content[MANIFEST]
    other = tmp_path / "changed.gpucatalog"
    for place in range(len(manifest)):
        changed = bytearray(manifest)
        changed[place] ^= 0x01
        rebuilt(other, {**content, MANIFEST: bytes(changed)})
        assert refused(other).startswith("pack.")


def test_every_byte_of_the_signature_counts(signed: Path, tmp_path: Path) -> None:
    content = members(signed)
    for place in range(64):
        changed = bytearray(content[SIGNATURE])
        changed[place] ^= 0x80
        other = rebuilt(tmp_path / "changed.gpucatalog", {**content, SIGNATURE: bytes(changed)})
        assert refused(other) == "pack.signature"
    assert refused(rebuilt(tmp_path / "cut.gpucatalog", {**content, SIGNATURE: content[SIGNATURE][:63]})) == "pack.signature"
    del content[SIGNATURE]
    assert refused(rebuilt(tmp_path / "off.gpucatalog", content)) == "pack.signature"


def test_a_changed_file_is_found(signed: Path, tmp_path: Path) -> None:
    content = members(signed)
    content["catalog/gpus/new.json"] = content["catalog/gpus/new.json"].replace(b"650", b"651")
    assert refused(rebuilt(tmp_path / "x.gpucatalog", content)) == "pack.changed"


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "catalog/../x.json", "/etc/passwd", "catalog/gpus/../../x.json", "catalog/unknown/x.json",
     "catalog\\gpus\\x.json",
     "catalog/gpus/.hidden.json", "catalog/gpus/x.py"],
)  # fmt: skip
def test_names_with_path_parts_are_refused(signed: Path, tmp_path: Path, name: str) -> None:
    content = {**members(signed), name: b"[]"}
    assert refused(rebuilt(tmp_path / "x.gpucatalog", content)) == "pack.name"
    assert not (tmp_path.parent / "evil.json").exists()


def test_bombs_links_doubles_and_folders_are_refused(signed: Path, tmp_path: Path) -> None:
    content = members(signed)
    bomb = rebuilt(tmp_path / "bomb.gpucatalog", {**content, "catalog/gpus/big.json": b" " * 7_000_000})
    assert refused(bomb) == "pack.bomb"
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as archive:
        info = zipfile.ZipInfo("catalog/gpus/link.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    (tmp_path / "link.gpucatalog").write_bytes(link.getvalue())
    assert refused(tmp_path / "link.gpucatalog") == "pack.member"
    with zipfile.ZipFile(tmp_path / "two.gpucatalog", "w") as archive:
        archive.writestr(MANIFEST, content[MANIFEST])
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(MANIFEST, content[MANIFEST])
    assert refused(tmp_path / "two.gpucatalog") == "pack.member"


@pytest.mark.parametrize("data", [b"", b"PK", b"\x00" * 100, b"not a zip at all" * 50])
def test_what_is_no_zip_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.gpucatalog").write_bytes(data)
    assert refused(tmp_path / "x.gpucatalog") == "pack.broken"


def test_a_truncated_pack_is_told(signed: Path, tmp_path: Path) -> None:
    raw = signed.read_bytes()
    for length in range(0, len(raw), 37):
        (tmp_path / "cut.gpucatalog").write_bytes(raw[:length])
        assert refused(tmp_path / "cut.gpucatalog").startswith("pack.")


def test_a_pack_of_a_newer_program_says_so(signed: Path, tmp_path: Path) -> None:
    content = members(signed)
    content[MANIFEST] = content[MANIFEST].replace(b'"version": 1', b'"version": 9')
    assert refused(rebuilt(tmp_path / "x.gpucatalog", content)) in ("pack.newer", "pack.signature")


def installed(signed: Path) -> Pack:
    pack = read_pack(signed)
    store.install(pack)
    return pack


def test_in_force_and_back_again(signed: Path) -> None:
    before = load_catalog()
    installed(signed)
    after = load_catalog()
    assert after.gpus["nvidia-h100-sxm5-80gb"].tdp_w == 650
    assert "nvidia-t4" not in after.gpus
    assert after.power["own-room"].value == 1.25
    assert after.digest != before.digest
    assert after.yours == before.yours
    assert store.go_back() is None
    again = load_catalog()
    assert again.digest == before.digest
    assert "nvidia-t4" in again.gpus


def test_ones_own_entries_lie_on_top_of_a_pack(signed: Path, home: Path) -> None:
    installed(signed)
    own = home / "data" / "catalog" / "gpus"
    own.mkdir(parents=True)
    (own / "mine.json").write_text(json.dumps([{"id": "nvidia-h100-sxm5-80gb", "change": {"memory_gb": 81}}]))
    card = load_catalog().gpus["nvidia-h100-sxm5-80gb"]
    assert (card.memory_gb, card.tdp_w) == (81, 650)


def test_a_damaged_state_leaves_the_built_in_catalogue(signed: Path, home: Path) -> None:
    installed(signed)
    for damage in (b"", b"{", b'{"history": 3}', b'{"history": ["../../etc"], "trusted": {}}', b"\xff" * 100):
        (home / "data" / "packs" / "packs.json").write_bytes(damage)
        assert "nvidia-t4" in load_catalog().gpus


def test_keys_are_known_by_name(signed: Path) -> None:
    key = read_pack(signed).manifest.key
    assert store.trusted_name(key) is None
    store.trust(key, "Facts Ltd")
    assert store.trusted_name(key) == "Facts Ltd"
    assert len(signing.fingerprint(key)) == 39
