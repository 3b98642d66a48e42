import sys

import pytest

from cellwright.kernels import specs
from cellwright.kernels.protocol import KernelFault

LAUNCH = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def test_the_default_kernel_is_listed_first(kernelspec):
    kernelspec("aardvark", ["aardvark", "{connection_file}"], language="R")
    found = specs.available()
    assert found[0].name == "python3"
    assert found[0].is_ipykernel
    assert ("aardvark", "Aardvark", "R") in [(s.name, s.display_name, s.language) for s in found]


def test_no_name_means_the_default_kernel():
    environment = specs.environment(None, "/some/where")
    assert (environment.kernel_name, environment.language) == ("python3", "python")
    assert environment.cwd == "/some/where"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["python", *LAUNCH], [sys.executable]),
        (["python3", *LAUNCH], [sys.executable]),
        (["/venv/bin/python3.9", *LAUNCH], ["/venv/bin/python3.9"]),
        (
            ["/venv/bin/python", "-Xfrozen_modules=off", *LAUNCH],
            ["/venv/bin/python", "-Xfrozen_modules=off"],
        ),
        (["/venv/bin/python", "-X", "dev", "-E", *LAUNCH], ["/venv/bin/python", "-X", "dev", "-E"]),
        (["conda", "run", "-n", "x", "python", *LAUNCH], ["conda", "run", "-n", "x", "python"]),
        (["C:\\env\\python.exe", *LAUNCH], ["C:\\env\\python.exe"]),
        (["/venv/bin/python", "/opt/launch.py", "{connection_file}"], ["/venv/bin/python"]),
        (["{prefix}/bin/python", *LAUNCH], [f"{sys.prefix}/bin/python"]),
    ],
)
def test_the_interpreter_is_what_stands_before_the_kernels_module(kernelspec, argv, expected):
    kernelspec("mine", argv)
    assert list(specs.environment("mine", "/").argv) == expected


def test_the_resource_folder_is_filled_in(kernelspec):
    folder = kernelspec("mine", ["{resource_dir}/env/bin/python", *LAUNCH])
    assert specs.environment("mine", "/").argv == (f"{folder}/env/bin/python",)


def test_the_environment_is_the_kernelspecs_with_variables_filled_in(kernelspec, monkeypatch):
    monkeypatch.setenv("KNOWN", "here")
    kernelspec("mine", ["python", *LAUNCH], env={"A": "1", "B": "${KNOWN}/${UNKNOWN_TO_US}"})
    assert dict(specs.environment("mine", "/").env) == {"A": "1", "B": "here/${UNKNOWN_TO_US}"}


def test_a_missing_kernel_says_which_are_there_and_what_to_do():
    with pytest.raises(KernelFault, match=r"'nosuch' is not installed.*python3.*ipykernel install"):
        specs.environment("nosuch", "/")


def test_the_default_stands_in_only_when_asked():
    assert specs.environment("nosuch", "/", or_default=True).kernel_name == "python3"


def test_a_wrapper_that_hides_its_interpreter_is_a_fault(kernelspec):
    kernelspec("hidden", ["/opt/run-kernel", "{connection_file}"])
    with pytest.raises(KernelFault, match="does not show which Python"):
        specs.environment("hidden", "/")


def test_another_language_has_no_interpreter_to_find(kernelspec):
    kernelspec("ir", ["/usr/bin/R", "--slave", "{connection_file}"], language="R")
    environment = specs.environment("ir", "/")
    assert (environment.language, environment.argv) == ("r", ("/usr/bin/R",))


def test_a_broken_kernelspec_is_a_fault(kernelspec):
    (kernelspec("broken", ["python"]) / "kernel.json").write_text("{")
    with pytest.raises(KernelFault, match="'broken' cannot be read"):
        specs.environment("broken", "/")


def test_the_working_directory_names_no_kernels(tmp_path, monkeypatch):
    planted = tmp_path / "share" / "jupyter" / "kernels" / "planted"
    planted.mkdir(parents=True)
    (planted / "kernel.json").write_text(
        '{"argv": ["evil"], "display_name": "x", "language": "python"}'
    )
    monkeypatch.chdir(tmp_path)
    assert "planted" not in {spec.name for spec in specs.available()}
    with pytest.raises(KernelFault, match="not installed"):
        specs.find("../planted")
