"""Says where in our own code something went wrong, without a value of the linted files."""

from __future__ import annotations

import os


def place_of_crash(error: BaseException) -> str:
    """`folder/file.py:line` of the innermost frame in this package, "an unknown place" when there is none."""
    # Links are resolved first: in a checkout the package is made of them.
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__))) + os.sep
    trace = error.__traceback__
    found = "an unknown place"
    while trace is not None:
        path = os.path.realpath(trace.tb_frame.f_code.co_filename).removeprefix(package).replace(os.sep, "/")
        # A checkout also holds tests, and often the virtual environment.
        if path.startswith(("linter/", "fixers/", "schemas/")):
            found = f"{path}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def internal_error(what: str, error: BaseException) -> str:
    """The line about a mistake of ours; it holds no value of the linted files."""
    return f"internal error: {what} failed with {type(error).__name__} at {place_of_crash(error)}; please report this"
