"""``python -m thywill_reconstruct``."""

from thywill_reconstruct.cli.app import main

main()
