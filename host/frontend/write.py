"""TEMPORARY stand-in by the lead so that `host run` works meanwhile; the frontend helper overwrites this file."""
from dataclasses import dataclass
def write(path, text):
    path.write_text(text); return True
@dataclass
class Drift:
    plugins: tuple = ()
    diff: str = ""
def drift(old, new): return Drift()
