"""The frame of the checks: each is judged by itself, so that one that fails does
not keep the others from being made."""
import sys
import time
import traceback

_checks = []


def check(function):
    """Marks a function as a check. It fails by raising."""
    _checks.append(function)
    return function


def same(got, want, what="the value"):
    if got != want:
        raise AssertionError(f"{what} is {got!r}, not {want!r}")


def true(condition, claim):
    if not condition:
        raise AssertionError(f"it is not so that {claim}")


def within(part, whole, what="the text"):
    if part not in whole:
        raise AssertionError(f"{what} lacks {part!r}: {whole!r}")


def eventually(what, ask, seconds=30):
    """Asks until the answer is true: what the server does of itself takes a while."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.5)


def run(words):
    """Makes the checks, or those whose names hold one of the words, and tells how
    it went; the last line is for the one who started this. Returns the exit code."""
    failed = []
    made = 0
    for function in _checks:
        name = f"{function.__module__}.{function.__name__}"
        if words and not any(word in name for word in words):
            continue
        made += 1
        try:
            function()
            print(f"ok      {name}")
        except Exception as error:  # whatever it is, the next check is made
            failed.append(name)
            frames = traceback.extract_tb(error.__traceback__)[1:]
            where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
            print(f"FAILED  {name}\n        {type(error).__name__}: {error}\n        {where}")
        sys.stdout.flush()
    for name in failed:
        print(f"failed: {name}")
    print(f"{made} checks, {len(failed)} failed")
    return 1 if failed else 0
