"""The sandbox's memory on disk: one SQLite file that survives a kill at any moment."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ddguard.errors import InputError
from ddguard.sandbox.calls import Change
from ddguard.sandbox.state import State

APPLICATION_ID = 0x44444744
"""Marks a file as the sandbox's own; SQLite keeps it in the file's header."""
SCHEMA_VERSION = 1
TABLES = ("monitors", "downtimes", "groups", "settings")


class Journal:
    """An open data file. `write` returns once the changes can no longer be lost by a kill of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._prepare()
        except sqlite3.Error as error:
            raise InputError(
                f"{path}: can't be used as the sandbox's data file: {error}",
                "Name another file, or one that doesn't exist yet.",
            ) from error

    def _prepare(self) -> None:
        """Lay out a new file; refuse one of somebody else."""
        (mark,) = self.connection.execute("PRAGMA application_id").fetchone()
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (mark, version) != (APPLICATION_ID, SCHEMA_VERSION) and tables:
            raise sqlite3.DatabaseError("it is the database of another program or version")
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS rows (kind, key, value NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )

    def read(self) -> State:
        """The state that the file holds."""
        tables: dict[str, dict[Any, Any]] = {table: {} for table in TABLES}
        try:
            for kind, key, value in self.connection.execute("SELECT kind, key, value FROM rows ORDER BY kind, key"):
                tables[kind][key] = json.loads(value)
        except (sqlite3.Error, KeyError, ValueError) as error:
            raise InputError(f"{self.path}: the sandbox's data file is damaged: {error}") from error
        return State(**tables)

    def write(self, changes: Iterable[Change]) -> None:
        """Write the changes, all or none of them."""
        self.connection.execute("BEGIN IMMEDIATE")
        for change in changes:
            if change.value is None:
                self.connection.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (change.table, change.key))
            else:
                row = (change.table, change.key, json.dumps(change.value))
                self.connection.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", row)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
