"""All errors FormScan raises on purpose.

The tree::

    FormScanError
    |-- InputError            a file or page cannot be taken in (exit code 3)
    |   |-- RefusedFileError      truncated, encrypted, oversized, malformed
    |   `-- UnknownFormError      the page fits no template; it is held, never read
    |-- TemplateError         a form.toml is wrong (exit code 2), with file and line
    |-- StudioError           a step on a template under construction that cannot be taken
    |-- ScannerError          a scanner is not there, refuses a setting or gives nothing
    |-- EngineError           a reader cannot start or broke its contract
    |-- StoreError            the memory refused something
    |   |-- NotFoundError         no such draft, entry or image
    |   |-- ImmutableError        a released thing was to be changed
    |   `-- LeaseError            another window works on it now
    |-- AccessError           a person may not do this
    |   |-- RefusedError          no role allows it, or it must be another person; in the trail
    |   `-- SignInError           name, password or code are not right, or it is too early to try again
    |-- ReviewError           a step a person may not take now
    |   `-- UnreviewedError       an entry was to be released with fields nobody stood behind
    `-- ExportError           an entry cannot be given out in that shape

An error carries a code and facts; the window and the command line carry the sentence.
Facts never hold patient text.
"""

from __future__ import annotations

from typing import ClassVar


class FormScanError(Exception):
    """Base of all errors of this program.

    Attributes:
        code: Stable, dotted, English; translated for people by the caller.
        facts: Names and numbers without patient text, e.g. ``{"pages": "3"}``.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, code: str | None = None, /, **facts: object) -> None:
        self.code = code or self.default_code
        self.facts: dict[str, str] = {name: str(value) for name, value in facts.items()}
        super().__init__(self.code, self.facts)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code

    def __reduce__(self) -> tuple[object, ...]:
        return _revive, (type(self), self.code, self.facts)


def _revive(kind: type[FormScanError], code: str, facts: dict[str, str]) -> FormScanError:
    return kind(code, **facts)


class InputError(FormScanError):
    """A file or a page cannot be taken in."""

    default_code = "input"


class RefusedFileError(InputError):
    """A file is refused whole: truncated, encrypted, oversized, malformed or of no known kind."""

    default_code = "input.refused"


class UnknownFormError(InputError):
    """The page fits no template well enough; it must be held and never read."""

    default_code = "input.unknown_form"


class TemplateError(FormScanError):
    """A ``form.toml`` is wrong; facts name file, line and key."""

    default_code = "template"


class StudioError(FormScanError):
    """A step on a template under construction that cannot be taken as things stand."""

    default_code = "studio"


class ScannerError(FormScanError):
    """A scanner is not there, refuses a setting or gives nothing."""

    default_code = "scanner"


class EngineError(FormScanError):
    """A reader cannot start or broke its contract."""

    default_code = "engine"


class StoreError(FormScanError):
    """The store refused something."""

    default_code = "store"


class NotFoundError(StoreError):
    """No such draft, entry, person or image."""

    default_code = "store.not_found"


class ImmutableError(StoreError):
    """Something released or logged was to be changed."""

    default_code = "store.immutable"


class LeaseError(StoreError):
    """Another window works on it now, or took it over after this one was silent for too long."""

    default_code = "lease.held"


class AccessError(FormScanError):
    """A person may not do this."""

    default_code = "access"


class RefusedError(AccessError):
    """No role of the person allows it, or it must be done by another person; the trail notes it."""

    default_code = "access.refused"


class SignInError(AccessError):
    """Nobody was signed in; facts never tell whether the name exists."""

    default_code = "access.sign_in"


class ReviewError(FormScanError):
    """A step a person may not take now."""

    default_code = "review"


class UnreviewedError(ReviewError):
    """An entry was to be released while fields had nobody standing behind them."""

    default_code = "review.unreviewed"


class ExportError(FormScanError):
    """An entry cannot be given out in the wanted shape."""

    default_code = "export"
