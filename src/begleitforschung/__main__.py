"""Run the command line as ``python -m begleitforschung``."""

from begleitforschung.cli import main

if __name__ == "__main__":
    main()
