"""`python -m ddguard`."""

from ddguard.cli import main

main()
