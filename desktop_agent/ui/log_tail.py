"""The end of the log, as it grows: read bit by bit, over rotations, and never more than a window needs."""

from __future__ import annotations

import logging
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

#: Name of the present log file in the folder of logs.
LOG_FILE = "agent.log"
#: Bytes of the end of the file that are read at first, and most lines that are kept.
FIRST_BYTES = 256 * 1024
MOST_LINES = 2000
#: Longest line that is shown, in characters.
LONGEST_LINE = 2000

_LEVEL = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log; what follows a record, such as a traceback, has the record's level."""

    level: int
    words: str


class LogTail:
    """Remembers how far it has read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._file_id = 0
        self._level = logging.INFO
        self._rest = b""
        self.lines: deque[Line] = deque(maxlen=MOST_LINES)

    def read_on(self) -> list[Line]:
        """Give the lines that have come since the last time; none where there is no file."""
        try:
            with self._path.open("rb") as file:
                told = self._path.stat()
                self._find_place(told.st_ino, told.st_size)
                file.seek(self._offset)
                data = file.read(FIRST_BYTES)
                self._offset += len(data)
        except OSError:
            return []
        new = self._lines(data)
        self.lines.extend(new)
        return new

    def _find_place(self, file_id: int, size: int) -> None:
        """Begin near the end of a new file; skip what nobody could read when very much has come."""
        if file_id != self._file_id or size < self._offset:
            self._file_id, self._offset, self._rest = file_id, 0, b""
        if size - self._offset > FIRST_BYTES:
            self._offset, self._rest = size - FIRST_BYTES, b""

    def _lines(self, data: bytes) -> list[Line]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [self._line(line.decode("utf-8", "replace").rstrip("\r")[:LONGEST_LINE]) for line in whole]

    def _line(self, words: str) -> Line:
        if (found := _LEVEL.match(words)) is not None:
            self._level = logging.getLevelNamesMapping()[found[1]]
        return Line(self._level, words)
