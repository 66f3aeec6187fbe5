"""What the tools that run casebook as a whole share: runs, what stands in an output folder, a tally of what held."""
import os
import re
import shutil
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SHARED = os.path.join(os.environ.get("CB_SHARED", os.path.join(ROOT, "..", "shared")), "data")
STATUSES = {0, 64, 65, 66, 69, 73, 74, 75, 78, 130, 143}
ROLES = ("cases", "reviews", "customers")


class Tally:
    """Counts what held, says what did not, and lists what could not be looked at."""

    def __init__(self):
        self.held, self.faults, self.skipped = 0, [], []
        self.started = time.monotonic()

    def ok(self, good, name, detail=""):
        if good:
            self.held += 1
        else:
            self.faults.append(name)
            print(f"FAILED {name}{': ' + detail if detail else ''}", flush=True)
        return bool(good)

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"wanted {want!r}, got {got!r}"[:600])

    def skip(self, name, why):
        self.skipped.append(name)
        print(f"skipped {name}: {why}", flush=True)

    def section(self, name):
        print(f"  {time.monotonic() - self.started:5.1f} s  {name}", flush=True)

    def end(self, what):
        print(f"{what}: {self.held} held, {len(self.faults)} failed, {len(self.skipped)} skipped, "
              f"{time.monotonic() - self.started:.0f} s")
        return 1 if self.faults or not self.held else 0


class Folder:
    """A fresh folder, removed at the end of a `with`."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="casebook-run-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def __call__(self, *parts):
        return os.path.join(self.path, *parts)


def environment(**changes):
    """This environment without what would change casebook's settings; None as a value removes a name."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("CASEBOOK_")}
    for key, value in changes.items():
        env.pop(key, None)
        if value is not None:
            env[key] = value
    return env


def run(words, **how):
    """Runs to the end; stdout and stderr as bytes."""
    how.setdefault("env", environment())
    how.setdefault("stdin", subprocess.DEVNULL)
    how.setdefault("timeout", 300)
    how.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([str(w) for w in words], stderr=subprocess.PIPE, check=False, **how)


CLOCK_WARNING = r"casebook: warning: as-of is the latest event of the inputs, [^\n]*\n"
WARNING = r"casebook: warning: [^\n]*\n"


def ended(done, warned=False):
    """Status and messages of a run, without the warning of a clock that is behind the test's data; warned: without any warning."""
    return done.returncode, re.sub((WARNING if warned else CLOCK_WARNING).encode(), b"", done.stderr)


def inputs_of(folder, roles=ROLES):
    """The words that name the sample files of a folder."""
    words = []
    config = os.path.join(folder, "casebook.ini")
    if os.path.exists(config):
        words += ["--config", config]
    for role in roles:
        words += ["--" + role, os.path.join(folder, role + ".csv")]
    return words


def visible(out):
    """name -> bytes of every file below an output folder that does not begin with a dot."""
    found = {}
    for folder, names, files in os.walk(out):
        names[:] = [n for n in names if not n.startswith(".")]
        for name in files:
            if not name.startswith("."):
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, out)] = f.read()
    return found


def stages(out):
    return [n for n in os.listdir(out) if n.startswith(".stage-")] if os.path.isdir(out) else []


def without_prom(files):
    """casebook.prom holds the time of the run; all else must not."""
    return {name: data for name, data in files.items() if name != "casebook.prom"}


def prom_is_whole(data):
    return data.startswith(b"# TYPE casebook_last_success") and data.endswith(b"\n# EOF\n")


def one_sentence(stderr):
    """A failed run says one line that begins with the program's name."""
    text = stderr.decode("utf-8", "replace")
    return re.fullmatch(r"casebook: [^\n]{8,}\n", text) is not None


def sample(generator, folder, cases):
    """Makes a small book with the generator."""
    made = run([generator, "--cases", cases, "--out", folder])
    if made.returncode != 0:
        raise RuntimeError(f"{generator}: {made.stderr.decode()}")
    return folder


def generator_beside(program):
    return os.path.join(os.path.dirname(os.path.abspath(program)), "casebook-sample")
