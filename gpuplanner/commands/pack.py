"""``gpuplanner pack``: make, sign, verify and import catalogue packs."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from gpuplanner.catalog.pack import signing, store
from gpuplanner.catalog.pack.archive import Pack, make_pack, read_pack, sign_pack
from gpuplanner.errors import InputError
from gpuplanner.texts import text

_ACTIONS = "make | key | sign | verify | import | back | trust"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=_ACTIONS, parser_class=type(parser))
    making = actions.add_parser("make", help=text("pack.help.make"))
    making.add_argument("folder", type=Path, metavar="DIR", help=text("pack.help.folder"))
    making.add_argument("--out", type=Path, required=True, metavar="FILE", help=text("pack.help.out"))
    making.add_argument("--name", required=True, metavar="TEXT", help=text("pack.help.name"))
    making.add_argument("--date", metavar="YYYY-MM-DD", help=text("pack.help.date"))
    making.add_argument("--author", default="", metavar="TEXT", help=text("pack.help.author"))
    making.add_argument("--note", default="", metavar="TEXT", help=text("pack.help.note"))
    key = actions.add_parser("key", help=text("pack.help.key"))
    key.add_argument("file", type=Path, metavar="KEYFILE", help=text("pack.help.keyfile"))
    signed = actions.add_parser("sign", help=text("pack.help.sign"))
    signed.add_argument("file", type=Path, metavar="FILE", help=text("pack.help.file"))
    signed.add_argument("--key", type=Path, required=True, metavar="KEYFILE", help=text("pack.help.keyfile"))
    verified = actions.add_parser("verify", help=text("pack.help.verify"))
    verified.add_argument("file", type=Path, metavar="FILE", help=text("pack.help.file"))
    taken = actions.add_parser("import", help=text("pack.help.import"))
    taken.add_argument("file", type=Path, metavar="FILE", help=text("pack.help.file"))
    taken.add_argument("--trust", metavar="NAME", help=text("pack.help.trust_name"))
    actions.add_parser("back", help=text("pack.help.back"))
    trusted = actions.add_parser("trust", help=text("pack.help.trust"))
    trusted.add_argument("key", metavar="KEY", help=text("pack.help.public"))
    trusted.add_argument("name", metavar="NAME", help=text("pack.help.trust_name"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked.

    Raises:
        InputError: a pack, key or folder isn't sound, or a pack of a stranger was to be imported.
    """
    actions = {"make": _make, "key": _key, "sign": _sign, "verify": _verify, "import": _import, "back": _back, "trust": _trust}
    actions[args.action](args)
    return 0


def _make(args: argparse.Namespace) -> None:
    manifest = make_pack(args.folder, args.out, args.name, _day(args.date), args.author, args.note)
    print(text("pack.made", file=str(args.out), files=len(manifest.files)))


def _day(written: str | None) -> datetime.date:
    if written is None:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        raise InputError("cli.quote.date", text=written) from error


def _key(args: argparse.Namespace) -> None:
    public = signing.make_key(args.file)
    print(text("pack.key.made", file=str(args.file), key=public, fingerprint=signing.fingerprint(public)))


def _sign(args: argparse.Namespace) -> None:
    manifest = sign_pack(args.file, signing.read_key(args.key))
    print(text("pack.signed", file=str(args.file), fingerprint=signing.fingerprint(manifest.key)))


def _verify(args: argparse.Namespace) -> None:
    pack = read_pack(args.file)
    print(text("pack.is", name=pack.manifest.name, date=pack.manifest.date.isoformat(), author=pack.manifest.author or "–"))
    print(signer(pack))
    for what, count in counts(pack).items():
        if count:
            print(text(f"pack.change.{what}", count=count))


def _import(args: argparse.Namespace) -> None:
    pack = read_pack(args.file)
    if not pack.signed:
        raise InputError("pack.unsigned", file=pack.path.name)
    if args.trust:
        store.trust(pack.manifest.key, args.trust)
    if store.trusted_name(pack.manifest.key) is None:
        raise InputError("pack.stranger", file=pack.path.name, fingerprint=signing.fingerprint(pack.manifest.key))
    store.install(pack)
    print(text("pack.installed", name=pack.manifest.name, date=pack.manifest.date.isoformat()))


def _back(args: argparse.Namespace) -> None:
    del args
    now = store.go_back()
    print(text("pack.back.to", digest=now) if now else text("pack.back.builtin"))


def _trust(args: argparse.Namespace) -> None:
    try:
        shown = signing.fingerprint(args.key)
    except ValueError as error:
        raise InputError("pack.key.text") from error
    if len(args.key) != 2 * signing.KEY_BYTES:
        raise InputError("pack.key.text")
    store.trust(args.key.lower(), args.name)
    print(text("pack.trusted", name=args.name, fingerprint=shown))


def signer(pack: Pack) -> str:
    """Who signed a pack, in words."""
    if not pack.signed:
        return text("pack.signer.none")
    known = store.trusted_name(pack.manifest.key)
    shown = signing.fingerprint(pack.manifest.key)
    return text("pack.signer.known", name=known, fingerprint=shown) if known else text("pack.signer.stranger", fingerprint=shown)


def counts(pack: Pack) -> dict[str, int]:
    """How many entries a pack adds, changes and takes away."""
    from gpuplanner import assets
    from gpuplanner.catalog.load import BuiltIn
    from gpuplanner.catalog.pack.difference import changes_of

    found = {"added": 0, "changed": 0, "removed": 0}
    for change in changes_of(pack, BuiltIn(assets.catalogs())):
        found[change.what] += 1
    return found
