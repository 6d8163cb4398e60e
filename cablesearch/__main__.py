"""Run the command line with ``python -m cablesearch``."""

from cablesearch.cli import main

if __name__ == "__main__":
    main()
