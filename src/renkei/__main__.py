"""`python -m renkei` is the command `renkei`."""

from renkei.app import main

main()
