"""Signing key of heads: an Ed25519 key in a file of its own. The first start generates it."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from xaigh_server.db.errors import StoreError

PRIVATE_KEY = "signing_key.pem"
PUBLIC_KEY = "public_key.pem"


class AuditKeyError(StoreError):
    """The key's file can't be used. The text says which, and why."""


def load_or_create(folder: Path) -> Ed25519PrivateKey:
    """The signing key in `signing_key.pem` (0600), and beside it the public one for verifiers.

    Two processes that start at once end up with the same key. AuditKeyError.
    """
    file = folder / PRIVATE_KEY
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _create(file)
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditKeyError(f"{file}: not an Ed25519 key")
        (folder / PUBLIC_KEY).write_bytes(public_pem(key))
    except OSError as error:
        raise AuditKeyError(f"{error.filename}: {error.strerror}") from error
    except ValueError as error:
        raise AuditKeyError(f"{file}: not a private key in PEM") from error
    return key


def from_setting(text: str, folder: Path) -> Ed25519PrivateKey:
    """The signing key given as 64 hexadecimal digits; its public half goes into the folder.

    AuditKeyError.
    """
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise AuditKeyError("audit_key: takes 64 hexadecimal digits") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / PUBLIC_KEY).write_bytes(public_pem(key))
    except OSError as error:
        raise AuditKeyError(f"{error.filename}: {error.strerror}") from error
    return key


def load_public(file: Path) -> Ed25519PublicKey:
    """The key that verifies, from a PEM file. AuditKeyError."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise AuditKeyError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise AuditKeyError(f"{file}: not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise AuditKeyError(f"{file}: not an Ed25519 key")
    return key


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """The public half, as verifiers take it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _create(file: Path) -> None:
    """Creates the file atomically: it gets its name once its content is on disk."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, file)  # fails where another process was faster: that key is used
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
