import json
import sys
from pathlib import Path

import pytest

# Test modules are imported by their path, which does not make their neighbours importable.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True, scope="session")
def state(tmp_path_factory):
    """Keep the test run's kernels apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("state")
        patch.setenv("CELLWRIGHT_STATE_DIR", str(folder))
        yield folder


@pytest.fixture
def kernelspec(tmp_path, monkeypatch):
    """Install kernelspecs in a Jupyter data path of the test's own."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def install(name: str, argv: list[str], language: str = "python", **more) -> Path:
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name.title(), "language": language, **more}
        (folder / "kernel.json").write_text(json.dumps(spec))
        return folder

    return install


@pytest.fixture
def python_kernel(kernelspec):
    """Install a kernelspec that runs a piece of Python instead of a kernel."""

    def install(name: str, code: str, *options: str) -> None:
        kernelspec(name, [sys.executable, *options, "-c", code, "{connection_file}"])

    return install
