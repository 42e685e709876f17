"""What can go wrong between a release and the machine that shall answer from it.

    SyncError
    ├── KeyFileError                 a key file cannot be used
    │   ├── MissingKeyError          it is not there
    │   ├── WrongPasswordError       the password does not open it
    │   ├── ExistingKeyError         its place is taken
    │   └── TokenError               the token that the key is on cannot be used
    ├── RepositoryError              a folder cannot be used as a repository
    │   ├── NoRepositoryError        it is empty or not there
    │   ├── ForeignDirectoryError    it holds something else
    │   ├── ExistingRepositoryError  there is a repository already
    │   ├── UntrustedRepositoryError what it holds was not signed by the keys that are trusted
    │   ├── DamagedRepositoryError   a file is missing or differs from what was signed
    │   ├── ExpiredRepositoryError   what was signed is too old to be accepted
    │   ├── FutureRepositoryError    it was signed after now: one of the two clocks is wrong
    │   └── OlderRepositoryError     what was accepted here before is newer
    ├── UnreachableError             the repository was not reached, or the line broke
    ├── PostponedError               the traffic that is allowed for now is used up
    ├── StateError                   the database of this machine cannot be used
    ├── SigningError                 this key, or these signatures, do not suffice
    ├── ConflictError                somebody else published meanwhile
    ├── LockedError                  another process is at work here
    ├── ReleaseError                 what shall be released breaks a rule
    ├── PackError                    a pack or a delta is damaged, too large, or not what was signed
    ├── OutboxError                  an event cannot be kept, sent or taken in
    │   ├── UndeliveredError         nobody showed that the events arrived
    │   ├── BadBatchError            what came is no whole batch of ours
    │   │   └── UnknownDeviceError   it was signed by a machine that is not enrolled
    │   └── SealedError              a sealed file does not open with this key
    └── NoSpaceError                 the disk is full

Each `message` names what happened and to what; `hint` is the next step; `code` never changes.
"""

from __future__ import annotations

from typing import ClassVar


class SyncError(Exception):
    """A release cannot be signed, published, fetched or used.  `hint` is what a person should do next."""

    code: ClassVar[str] = "sync_error"
    next_step: ClassVar[str] = "Read the message and try again."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.next_step


class KeyFileError(SyncError):
    """The key file cannot be read or is no key of ours."""

    code = "bad_key_file"
    next_step = "Take the copy of the key from the other safe; if there is none, replace the key: rohnamo keys rotate."


class MissingKeyError(KeyFileError):
    """There is no key file under this name."""

    code = "missing_key_file"


class WrongPasswordError(KeyFileError):
    """The password does not open the key file."""

    code = "wrong_key_password"
    next_step = "Type the password again; mind the keyboard's language and capitals. Nothing was signed."


class ExistingKeyError(KeyFileError):
    """A key file is never written over another one."""

    code = "existing_key_file"
    next_step = "Name a file that does not exist yet."


class TokenError(KeyFileError):
    """The token that a key is on is not here, is locked, or does not answer."""

    code = "bad_token"
    next_step = "Take the token out, put it in again and run the same command. Nothing was signed."


class RepositoryError(SyncError):
    """The folder cannot be used as a repository."""

    code = "bad_repository"
    next_step = "Name the folder that holds `metadata` and `targets`."


class NoRepositoryError(RepositoryError):
    """The folder is empty or not there."""

    code = "no_repository"


class ForeignDirectoryError(RepositoryError):
    """The folder holds something that is no repository."""

    code = "foreign_directory"


class ExistingRepositoryError(RepositoryError):
    """A repository is never made over another one."""

    code = "existing_repository"
    next_step = "Name a new folder, or publish into the repository that is there."


class UntrustedRepositoryError(RepositoryError):
    """What it holds was not signed by the keys that are trusted here."""

    code = "untrusted_repository"
    next_step = "Do not use it; ask the ministry for the repository, and for the root that belongs to it."


class DamagedRepositoryError(RepositoryError):
    """A file is missing or differs from what was signed."""

    code = "damaged_repository"
    next_step = "Copy the repository again from where it came from."


class ExpiredRepositoryError(RepositoryError):
    """What was signed is older than may be accepted."""

    code = "expired_repository"
    next_step = ("Tell those who publish, who sign it anew (rohnamo release refresh); for a stick, export again after "
                 "that.")


class FutureRepositoryError(RepositoryError):
    """It was signed after now: the clock of this machine or of the one that signed is wrong."""

    code = "future_repository"
    next_step = "Set the clock of this machine and try again."


class OlderRepositoryError(RepositoryError):
    """What was accepted on this machine before is newer; nothing goes backwards."""

    code = "older_repository"
    next_step = "Nothing was changed. If the stick or the server is an old copy, take the newest one."


class UnreachableError(SyncError):
    """The repository was not reached, or the line broke; what had come is kept and not fetched again."""

    code = "unreachable"
    next_step = "Nothing is lost: it goes on at the next attempt. Check the network, or bring a stick."


class PostponedError(SyncError):
    """The traffic that is allowed for now is used up; it goes on when there is some again."""

    code = "postponed"
    next_step = "Wait, bring a stick, or allow more traffic in the settings."


class StateError(SyncError):
    """The database of this machine cannot be used; answering goes on."""

    code = "bad_state"
    next_step = ("Move state.db out of the folder sync of the data directory, then run: rohnamo sync now. What is in "
                 "use goes on answering; the machine has a new key then and is enrolled anew.")


class SigningError(SyncError):
    """The key has no right to sign this, or the signatures are too few."""

    code = "signatures"
    next_step = "Sign with a key that is named in the message, then publish again."


class ConflictError(SyncError):
    """Somebody else published meanwhile; what they published stands."""

    code = "published_meanwhile"
    next_step = "Look at what was published, prepare again and have it signed again."


class LockedError(SyncError):
    """Another process is at work here."""

    code = "locked"
    next_step = "Wait until it ends, then run this again."


class ReleaseError(SyncError):
    """What shall be released breaks a rule."""

    code = "bad_release"
    next_step = "Correct what is named and prepare the release again."


class PackError(SyncError):
    """A pack or a delta is damaged, too large, or not what was signed; nothing of it is used."""

    code = "bad_pack"
    next_step = "Nothing was changed. Fetch it again; if that does not help, the publisher must release it again."


class NoSpaceError(SyncError):
    """The disk is full; what was there before is whole."""

    code = "no_space_for_sync"
    next_step = "Free some space and run the same command again."


class OutboxError(SyncError):
    """An event cannot be kept, sent or taken in."""

    code = "outbox"


class UndeliveredError(OutboxError):
    """Nobody showed that the events arrived; they are kept and sent again."""

    code = "undelivered"
    next_step = "Nothing is lost. Check the network and the address of the inbox, or carry the outbox by stick."


class BadBatchError(OutboxError):
    """What came is no whole batch of ours; nothing of it was taken in."""

    code = "bad_batch"
    next_step = "Bring it again from the machine that it came from."


class UnknownDeviceError(BadBatchError):
    """The batch was signed by a machine that is not enrolled; nothing of it was taken in."""

    code = "unknown_device"
    next_step = ("If the machine is yours, compare its fingerprint with the one that rohnamo doctor shows on it and "
                 "enrol it: rohnamo machines enrol KEY NAME; send again then.")


class SealedError(OutboxError):
    """A sealed file is damaged, or is sealed to another key than this one."""

    code = "sealed"
    next_step = "Use the private half of the key that the machines were given; the file is left as it is."
