"""A private key in a file that opens with a password: PKCS #8, PBES2 with scrypt and AES-256-CBC (RFC 7914, RFC 8018).

Written by hand because the library that reads such files writes them with 2048 rounds of PBKDF2 only, which a thief
of the file tries a million times a second.  `openssl pkey -in FILE` opens what is written here.
"""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sync.errors import KeyFileError, WrongPasswordError

_PBES2 = bytes.fromhex("06092a864886f70d01050d")            # 1.2.840.113549.1.5.13
_SCRYPT = bytes.fromhex("06092b06010401da47040b")           # 1.3.6.1.4.1.11591.4.11
_AES_256_CBC = bytes.fromhex("060960864801650304012a")      # 2.16.840.1.101.3.4.1.42
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear one guess of a password is: scrypt's n, r and p."""

    n: int = 2**14      # OpenSSL opens no file that takes more than 32 MiB, which is n = 2**15
    r: int = 8
    p: int = 5          # OWASP Password Storage Cheat Sheet: n=2^14, r=8, p=5 equals n=2^17, p=1


def encrypted(key: Ed25519PrivateKey, password: str, random: Callable[[int], bytes], cost: Cost) -> bytes:
    """Return the PEM text of a key.  `random` returns as many bytes as it is asked for."""
    salt, start = random(16), random(16)
    secret = Scrypt(salt=salt, length=32, n=cost.n, r=cost.r, p=cost.p).derive(password.encode())
    padder = PKCS7(128).padder()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    cipher = Cipher(algorithms.AES256(secret), modes.CBC(start)).encryptor()
    body = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    derivation = _sequence(_SCRYPT, _sequence(_value(_OCTETS, salt), *(_integer(n) for n in (cost.n, cost.r, cost.p))))
    scheme = _sequence(_PBES2, _sequence(derivation, _sequence(_AES_256_CBC, _value(_OCTETS, start))))
    lines = encodebytes(_sequence(scheme, _value(_OCTETS, body))).decode().replace("\n", "")
    wrapped = "\n".join(lines[at:at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{wrapped}\n-----END ENCRYPTED PRIVATE KEY-----\n".encode()


def _sequence(*parts: bytes) -> bytes:
    return _value(_SEQUENCE, b"".join(parts))


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _value(tag: int, content: bytes) -> bytes:
    # All of it is shorter than 256 bytes: DER's short form, and the long form with one byte of length.
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def opened(data: bytes, password: str, name: str) -> PrivateKeyTypes:
    """Return the key in the bytes of a file called `name`.

    Raises:
        KeyFileError: it is no key file that opens with a password.
        WrongPasswordError: the password does not open it.
    """
    if not data.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"):
        raise KeyFileError(f"{name} is not a key file that opens with a password")
    try:
        return load_pem_private_key(data, password.encode() or b"\0")
    except ValueError as error:
        raise WrongPasswordError(f"the password does not open {name}") from error
