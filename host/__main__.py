"""``python -m host``: the command ``host``, even if another program of that name comes first on the ``PATH``."""

from litestar_host import main

if __name__ == "__main__":
    main()
