"""`python -m stackmend` is the same program as `stackmend`."""

from .linter.cli import main

if __name__ == "__main__":
    main()
