"""How checks are made and counted: a function with @check above it is one, and
it fails by raising anything. One that fails does not end the others.
"""
import os
import time
import traceback

PREFIX = "EXCONN_INTEROP_"

_all = []


class Missing(Exception):
    """A variable that is not set: the check that wants it is left out."""


def check(*needs):
    """Makes a function a check. It is left out where one of the variables that
    it needs, named without their prefix, is not set."""

    def register(function):
        part = function.__module__.removeprefix("check_")
        _all.append((f"{part}: {function.__name__.replace('_', ' ')}", needs, function))
        return function

    return register


def run(words):
    """Runs the checks, prints what became of each and counts them in the last
    line. Returns the exit code."""
    chosen = [c for c in _all if not words or any(w in c[0] for w in words)]
    made, failed, left_out = 0, 0, []
    for name, needs, function in chosen:
        missing = [PREFIX + n for n in needs if not os.environ.get(PREFIX + n)]
        if missing:
            left_out.append(f"{name} (needs {', '.join(missing)})")
            continue
        made += 1
        begin = time.monotonic()
        try:
            function()
        except Missing as variable:
            made -= 1
            left_out.append(f"{name} (needs {variable})")
        except Exception as problem:  # whatever it is, it is this check's
            failed += 1
            print(f"FAIL {name}: {type(problem).__name__}: {problem}", flush=True)
            if os.environ.get(PREFIX + "VERBOSE"):
                traceback.print_exc()
            else:
                print(f"     {_place(problem)}", flush=True)
        else:
            print(f"ok   {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    for name in left_out:
        print(f"left out: {name}")
    print(f"{made} checks, {failed} failed")
    return 1 if failed else 0


def _place(problem):
    """The line of a check at which something was raised."""
    for frame in reversed(traceback.extract_tb(problem.__traceback__)):
        if os.path.basename(frame.filename).startswith("check_"):
            return f"{os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"
    return ""


def same(got, want, what=""):
    """Fails where a value is not the one that was expected."""
    if got != want:
        raise AssertionError(f"{what or 'the value'} is {got!r}, not {want!r}")


def true(got, what):
    """Fails where something is not so."""
    if not got:
        raise AssertionError(f"not so: {what}")


def refused(kind, function, *args, **kwargs):
    """Fails where a call is not refused with an error of that kind; returns the
    error."""
    try:
        result = function(*args, **kwargs)
    except kind as problem:
        return problem
    names = kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
    raise AssertionError(f"no {names}, but {result!r}")


def until(function, what, seconds=20):
    """Repeats a call until it returns something that is true, for delivery
    takes its time, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = function()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.2)
