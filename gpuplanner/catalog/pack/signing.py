"""Ed25519 signatures (RFC 8032) and the key files they are made with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from gpuplanner.disk import read_bounded, write_atomically
from gpuplanner.errors import InputError

KEY_BYTES: Final = 32
_MAX_KEY_FILE: Final = 4096


def make_key(path: Path) -> str:
    """Make a key pair and write its secret part, readable by its owner alone.

    Returns:
        The public key in hex.

    Raises:
        InputError: the file is there already, or can't be written.
    """
    from nacl.signing import SigningKey

    if path.exists():
        raise InputError("pack.key.exists", file=str(path))
    key = SigningKey.generate()
    public = bytes(key.verify_key).hex()
    text = json.dumps({"gpuplanner_key": 1, "public": public, "secret": bytes(key).hex()}, indent=1)
    write_atomically(path, text.encode())
    path.chmod(0o600)
    return public


def read_key(path: Path) -> bytes:
    """The secret part of a key file.

    Raises:
        InputError: it isn't one.
    """
    raw = read_bounded(path, _MAX_KEY_FILE)
    try:
        secret = bytes.fromhex(json.loads(raw)["secret"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("pack.key.broken", file=str(path)) from error
    if len(secret) != KEY_BYTES:
        raise InputError("pack.key.broken", file=str(path))
    return secret


def public_of(secret: bytes) -> str:
    """The public key of a secret one, in hex."""
    from nacl.signing import SigningKey

    return bytes(SigningKey(secret).verify_key).hex()


def sign(secret: bytes, message: bytes) -> bytes:
    """The signature of a message, 64 bytes."""
    from nacl.signing import SigningKey

    return bytes(SigningKey(secret).sign(message).signature)


def is_signed(public: str, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that of a message under a public key (hex)."""
    from nacl.exceptions import BadSignatureError
    from nacl.exceptions import ValueError as LengthError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(bytes.fromhex(public)).verify(message, signature)
    except (BadSignatureError, LengthError, ValueError):
        return False
    return True


def fingerprint(public: str) -> str:
    """A public key as people compare it: 32 hex digits in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))
