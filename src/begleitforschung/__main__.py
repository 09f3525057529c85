"""``python -m begleitforschung``: the command without a script on the path."""

from begleitforschung.cli import main

if __name__ == "__main__":
    main()
