"""Errors of the application, each a sentence for a person and a next step.

AssistantError
├── UnusableQuestionError   the question cannot be read at all
├── NoSnapshotError         nothing has been built on this machine yet
├── ModelError              (assistant.models) a model is missing, corrupt or refused
├── BusyError               (assistant.line) a model has as many drafts waiting as it may
├── ServerError             (assistant.openai_http) the model server failed, or (ServerBusyError) has too much to do
├── UnknownDocumentError    (assistant.cli_documents) no draft, or several, have a document of this id
├── NoProofError            (assistant.proof) a quote of an answer cannot be proven
├── BackupError             (assistant.backup_file) a backup cannot be made, or a file is no whole backup
├── UnknownRunError         (assistant.comparison) a saved run of another format or version
├── RefusalError            (assistant.api.refusal) a program's request is not taken
├── ApiKeyError             (assistant.api.keys) the key of a program cannot be made, revoked or looked up
├── NotHeldError            (assistant.document_text) no document of this id answers
└── ConfigError             a setting or argument that cannot be used
"""

from __future__ import annotations


class AssistantError(Exception):
    """Something could not be done.  `message` says what, `hint` what to do next; `code` is stable."""

    code = "could_not"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnusableQuestionError(AssistantError):
    """The question is empty, too long, or no text."""

    code = "unusable_question"


class NoSnapshotError(AssistantError):
    """No snapshot is active on this machine."""

    code = "no_snapshot"


class ModelError(AssistantError):
    """A model is missing, corrupt or was refused."""

    code = "model"


class ConfigError(AssistantError):
    """A setting or an argument cannot be used."""

    code = "config"
