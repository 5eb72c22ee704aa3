"""The command line: parse options, one library call, one renderer, exit code."""
