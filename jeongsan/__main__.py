"""`python -m jeongsan` is the command `jeongsan`."""

from jeongsan.app import main

if __name__ == "__main__":
    main()
