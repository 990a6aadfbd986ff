"""The same commands as ``candor``, as ``python -m analysis``."""

from analysis.cli import main

if __name__ == "__main__":
    main()
