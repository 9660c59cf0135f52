"""Signing keys of anchors: Ed25519 keys in files of their own. The first start makes one.

During a rotation there are two: the current one, and the one that it replaces or that replaces it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
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

from xaigh_server.audit.anchors import key_name
from xaigh_server.db.errors import StoreError

PRIVATE_KEY = "signing_key.pem"
PREVIOUS_KEY = "previous_signing_key.pem"
PUBLIC_KEY = "public_key.pem"


class AuditKeyError(StoreError):
    """The key's file can't be used. The text says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditKeys:
    """The keys of a server: `current` signs, `previous` is known beside it."""

    current: Ed25519PrivateKey
    previous: Ed25519PrivateKey | None = None

    @property
    def all(self) -> tuple[Ed25519PrivateKey, ...]:
        """Both, the current one first."""
        return (self.current,) if self.previous is None else (self.current, self.previous)

    @property
    def public(self) -> tuple[Ed25519PublicKey, ...]:
        """The public halves, in the same order."""
        return tuple(key.public_key() for key in self.all)

    def named(self, name: str) -> Ed25519PrivateKey | None:
        """The key that anchors name so; None: it isn't one of them."""
        return next((key for key in self.all if key_name(key.public_key()) == name), None)


def load_or_create(folder: Path) -> Ed25519PrivateKey:
    """The signing key in `signing_key.pem` (0600), and beside it the public one for verifiers.

    Two processes that start at once end up with the same key. AuditKeyError.
    """
    file = folder / PRIVATE_KEY
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _create(file)
        key = _load(file)
        (folder / PUBLIC_KEY).write_bytes(public_pem(key))
    except OSError as error:
        raise AuditKeyError(f"{error.filename}: {error.strerror}") from error
    return key


def load_previous(folder: Path) -> Ed25519PrivateKey | None:
    """The key in `previous_signing_key.pem`; None: there is no such file. AuditKeyError."""
    file = folder / PREVIOUS_KEY
    try:
        return _load(file) if file.exists() else None
    except OSError as error:
        raise AuditKeyError(f"{error.filename}: {error.strerror}") from error


def from_setting(text: str, folder: Path) -> Ed25519PrivateKey:
    """The signing key given as 64 hexadecimal digits; its public half goes into the folder.

    AuditKeyError.
    """
    key = parse("audit_key", text)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / PUBLIC_KEY).write_bytes(public_pem(key))
    except OSError as error:
        raise AuditKeyError(f"{error.filename}: {error.strerror}") from error
    return key


def parse(setting: str, text: str) -> Ed25519PrivateKey:
    """The key of a setting, 64 hexadecimal digits. AuditKeyError names the setting."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise AuditKeyError(f"{setting}: takes 64 hexadecimal digits") from None


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


def _load(file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except ValueError as error:
        raise AuditKeyError(f"{file}: not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditKeyError(f"{file}: not an Ed25519 key")
    return key


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
