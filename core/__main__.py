"""The earlier name of the command line: `python -m core` is `python -m commands`, so that what calls it goes on."""

import runpy

if __name__ == "__main__":
    runpy.run_module("commands", run_name="__main__", alter_sys=True)
