"""``python -m host``: the command ``host``, also where another program of that name comes first on the ``PATH``."""

from host.cli import main

if __name__ == "__main__":
    main()
