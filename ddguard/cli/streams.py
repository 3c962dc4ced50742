"""Standard streams that take what is written until the end, whoever stops reading and however full the disk is.

So no line of output can stop a command in the midst of its work, nor change its exit code.
"""

import os
from io import BufferedWriter, FileIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Lasting(FileIO):
    """A file that takes everything. `lost` is why it couldn't write, from when on it drops what it is given."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "wb", closefd=False)
        self.lost: OSError | None = None

    def write(self, data: "ReadableBuffer") -> int:
        """How much was taken: all of it where it is dropped."""
        if self.lost is None:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = error
        return memoryview(data).nbytes


def lasting(stream: TextIO | None) -> TextIO:
    """The stream, made to last if it is a file or a pipe; one that was closed drops everything."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if not isinstance(stream, TextIOWrapper):
        return stream
    stream.reconfigure(errors="backslashreplace")
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if stream.isatty() or not isinstance(raw, FileIO):
        return stream
    return TextIOWrapper(BufferedWriter(Lasting(stream.fileno())), encoding=stream.encoding, errors=stream.errors)


def open_input(stream: TextIO | None) -> TextIO:
    """The stream to read from; one that was closed holds nothing."""
    return StringIO() if stream is None else stream


def lost_output(stream: TextIO) -> str:
    """Why some of what was written is lost, in the system's words. Empty where it isn't, or where nobody reads it."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    error = raw.lost if isinstance(raw, Lasting) else None
    return "" if error is None or isinstance(error, BrokenPipeError) else str(error.strerror)
