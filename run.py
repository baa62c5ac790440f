#!/usr/bin/env python3
"""The front door of the workbench: `python3 run.py` starts it, `python3 run.py --help` says what else there is."""

# This file alone is kept in the syntax of old Pythons, so that they can say that they are too old.
import sys

OLDEST = (3, 11)


def too_old(version):
    """What to tell somebody whose Python is too old; None where it is not."""
    if tuple(version[:2]) >= OLDEST:
        return None
    import shutil

    names = ["python3.%d" % minor for minor in range(15, OLDEST[1] - 1, -1)]  # noqa: UP031
    newer = [name for name in names if shutil.which(name)]
    told = "Python %d.%d or newer is needed, and this is Python %d.%d." % (OLDEST + tuple(version[:2]))  # noqa: UP031
    if newer:
        return "%s\nThere is a newer one here: %s run.py" % (told, newer[0])  # noqa: UP031
    return told + "\nInstall one from your system's packages or from python.org, then run it with that one."


def main():
    """Runs the command given on the command line and returns its exit code."""
    reason = too_old(sys.version_info)
    if reason:
        sys.stderr.write("Error: " + reason + "\n")
        return 1
    from launcher import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
