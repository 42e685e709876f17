"""With which key of the ministry a stick is sealed.  What opens it is not on this machine."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from assistant.config import Config
from assistant.errors import ConfigError
from assistant.sync_settings import settings_of
from sync.sealed import read_sealing_key


def ministry_key(config: Config) -> X25519PublicKey:
    """Return the key that a stick is sealed to.

    Raises:
        ConfigError: none is configured.
        KeyFileError: the file is not there, or is none of ours.
    """
    path = settings_of(config).sealing
    if path is None:
        raise ConfigError("this machine has no key to seal the outbox to",
                          f'Copy inbox.pub, given by the ministry, to {config.data_dir} and write '
                          f'sealing = "inbox.pub" under [sync] in config.toml.')
    return read_sealing_key(path)
