"""The sandbox's memory on disk: one SQLite file that survives a kill at any moment."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ddguard.errors import InputError
from ddguard.sandbox.calls import TABLES, Change
from ddguard.sandbox.state import State

APPLICATION_ID = 0x44444744
"""Marks a file as the sandbox's own; SQLite keeps it in the file's header."""
SCHEMA_VERSION = 1
LAYOUT = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    "CREATE TABLE IF NOT EXISTS rows (kind, key, value NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID",
)
"""What makes a new file the sandbox's."""


class Journal:
    """An open data file. `write` returns once the changes can no longer be lost by a kill of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.connection = sqlite3.connect(path, timeout=0.2, check_same_thread=False)
        except sqlite3.Error as error:
            raise self.unusable(error) from error
        try:
            self.prepare()
        except sqlite3.Error as error:
            self.connection.close()
            raise self.unusable(error) from error

    def prepare(self) -> None:
        """Lay out a new file; refuse one of somebody else, or one that another sandbox has open.

        The write-ahead log keeps each commit through a kill of the process.
        """
        self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        (mark,) = self.connection.execute("PRAGMA application_id").fetchone()
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and (mark, version) != (APPLICATION_ID, SCHEMA_VERSION):
            raise sqlite3.DatabaseError("it belongs to another program or version")
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        with self.connection:
            for statement in LAYOUT:
                self.connection.execute(statement)

    def unusable(self, error: Exception) -> InputError:
        """What to say where the file can't be used."""
        return InputError(
            f"{self.path}: can't be used as the sandbox's data file: {error}",
            "Name another file, or one that doesn't exist yet.",
        )

    def read(self) -> State:
        """The state that the file holds."""
        tables: dict[str, dict[Any, Any]] = {table: {} for table in TABLES}
        try:
            for kind, key, value in self.connection.execute("SELECT kind, key, value FROM rows ORDER BY kind, key"):
                tables[kind][key] = json.loads(value)
        except (sqlite3.Error, KeyError, ValueError) as error:
            self.connection.close()
            raise self.unusable(error) from error
        return State(**tables)

    def write(self, changes: Iterable[Change]) -> None:
        """Write the changes, all or none of them."""
        try:
            with self.connection:
                for change in changes:
                    self.write_one(change)
        except sqlite3.Error as error:
            raise self.unusable(error) from error

    def write_one(self, change: Change) -> None:
        """Write one change inside a transaction."""
        if change.value is None:
            self.connection.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (change.table, change.key))
        else:
            row = (change.table, change.key, json.dumps(change.value))
            self.connection.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
