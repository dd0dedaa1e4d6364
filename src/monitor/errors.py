"""What should not happen. What goes wrong every day (a page is down, a feed is broken) is a value, not an exception.

MonitorError                  the message is for the person at the terminal: what, where, what to do next
├── UsageError                exit 2: a wrong argument, a missing folder
│   └── ConfigError           exit 2: file, key and what is allowed
├── StoreError                exit 1: the database cannot be used as it is
│   └── NewerSchemaError      exit 2: written by a newer version
├── LockedError               exit 4: another process holds the lock
└── WorkError                 CPU work on one page failed
    ├── WorkTimeoutError      it passed its deadline and was killed
    └── WorkerDiedError       its process died
"""

from __future__ import annotations


class MonitorError(Exception):
    exit_code = 1


class UsageError(MonitorError):
    exit_code = 2


class ConfigError(UsageError):
    """Configuration that cannot be used. `file` and `key` name the place, `problem` says what is allowed."""

    def __init__(self, file: object, key: str, problem: str) -> None:
        self.file, self.key, self.problem = str(file), key, problem
        super().__init__(f"{file}: {key}: {problem}" if key else f"{file}: {problem}")


class StoreError(MonitorError):
    pass


class NewerSchemaError(StoreError):
    exit_code = 2


class LockedError(MonitorError):
    exit_code = 4


class WorkError(MonitorError):
    pass


class WorkTimeoutError(WorkError):
    pass


class WorkerDiedError(WorkError):
    pass
