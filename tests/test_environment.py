"""environment.yml, pyproject.toml, requirements.txt and what is installed say the same, and the files keep their promises."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [
    Requirement(line) for line in [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
# A name of a registry's web address, in any of the files; spelt so that this line is not one itself.
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|anaconda|conda|debian)\.(?:org|com|io)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work|tmp)/[A-Za-z]")


def lock_entries() -> list[str]:
    """Requirements of the lock, each with its hashes on one line."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.lstrip().startswith("#")]


LOCKED = [Requirement(line.split("--hash")[0]) for line in lock_entries()]
HERE = {canonicalize_name(entry.name): entry for entry in LOCKED if not entry.marker or entry.marker.evaluate()}


def pinned(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return specifier.version


def tracked_texts() -> list[tuple[str, str]]:
    """Name and text of every file under version control that we wrote; sources and coded units are others' words."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return [
        (name, (ROOT / name).read_bytes().decode("utf-8", "replace")) for name in names if not name.startswith("data/")
    ]


def third_party_imports(folder: Path) -> dict[str, str]:
    """Top-level module imported anywhere in a folder, standard library and own modules aside, with a file that does."""
    found: dict[str, str] = {}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            found |= {name.split(".")[0]: file.name for name in names}
    return {name: file for name, file in found.items() if name not in sys.stdlib_module_names | {"analysis"}}


def test_every_locked_package_is_pinned_and_has_a_hash():
    entries = lock_entries()
    assert len(entries) > len(DIRECT)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert [str(entry) for entry in LOCKED if not re.fullmatch(r"==[^*]+", str(entry.specifier))] == []


def test_the_lock_holds_every_dependency_in_a_version_that_is_asked_for():
    wrong = [
        f"{wish}: locked {HERE.get(canonicalize_name(wish.name))}"
        for wish in DIRECT
        if canonicalize_name(wish.name) not in HERE
        or not wish.specifier.contains(pinned(HERE[canonicalize_name(wish.name)]))
    ]
    assert wrong == [], "run make lock"


def test_what_is_installed_is_what_is_locked():
    wrong = [
        f"{name}: locked {pinned(entry)}, installed {metadata.version(name)}"
        for name, entry in HERE.items()
        if metadata.version(name) != pinned(entry)
    ]
    assert wrong == []


def test_installed_packages_agree_with_each_other():
    wrong = []
    for name in HERE:
        for line in metadata.requires(name) or []:
            wish = Requirement(line)
            if wish.marker and not wish.marker.evaluate({"extra": ""}):
                continue
            version = metadata.version(wish.name)
            if not wish.specifier.contains(version, prereleases=True):
                wrong.append(f"{name} wants {wish}, installed {version}")
    assert wrong == []


def test_the_installed_project_declares_what_pyproject_declares():
    installed = {str(Requirement(line.split(";")[0])) for line in metadata.requires("candor-analysis") or []}
    assert installed == {str(wish) for wish in DIRECT}
    assert metadata.version("candor-analysis") == PROJECT["version"]


def test_conda_takes_a_python_that_the_project_supports_and_ci_tries():
    (python,) = [spec for spec in ENVIRONMENT["dependencies"] if isinstance(spec, str) and spec.startswith("python")]
    version = re.fullmatch(r"python=(3\.\d+)", python)  # the only form in which Binder reads it
    assert version
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version[1]}.0")
    assert version[1] in WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]


def test_conda_installs_the_lock_and_nothing_besides():
    specs = [spec for spec in ENVIRONMENT["dependencies"] if not str(spec).startswith("python=")]
    assert specs == ["pip", {"pip": ["-r requirements.txt"]}]


def test_make_asks_for_the_python_that_pyproject_asks_for():
    (wanted,) = SpecifierSet(PROJECT["requires-python"])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert wanted.operator == ">="
    assert f"sys.version_info < ({wanted.version.replace('.', ', ')})" in makefile
    assert f"--python-version {wanted.version}" in makefile


def test_every_package_that_the_code_imports_is_declared():
    distributions = metadata.packages_distributions()
    declared = {canonicalize_name(wish.name) for wish in DIRECT}
    undeclared = {
        module: file
        for module, file in third_party_imports(ROOT / "src").items()
        if not declared & {canonicalize_name(name) for name in distributions.get(module, [])}
    }
    assert undeclared == {}


@pytest.mark.parametrize("script", ["postBuild", ".ci/run"])
def test_scripts_are_valid_bash_and_executable(script):
    assert (ROOT / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_no_file_names_a_registry():
    named = [(name, found[0]) for name, text in tracked_texts() if (found := REGISTRY.search(text))]
    assert named == []


def test_no_file_holds_a_path_of_one_machine():
    held = [
        (name, found[0])
        for name, text in tracked_texts()
        if not name.startswith("tests/") and (found := MACHINE_PATH.search(text))
    ]
    assert held == []


def test_the_package_holds_code_and_text_only():
    """Unpickling runs code, so weights and lexicons are files that a person can read."""
    package = ROOT / "src" / "analysis"
    readable = {".py", ".csv", ".json", ".md", ".css", ".html", ".j2", ".mplstyle", ".txt", ".typed"}
    odd = [
        str(file.relative_to(ROOT))
        for file in package.rglob("*")
        if file.is_file() and file.suffix not in readable | {".pyc"}
    ]
    assert odd == []
    loaders = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
    imported = {
        node.names[0].name.split(".")[0]
        if isinstance(node, ast.Import)
        else (node.module or "").split(".")[0]: file.name
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert loaders & imported.keys() == set()


def test_an_installed_package_has_every_file_of_the_checkout(tmp_path):
    for part in ("pyproject.toml", "README.md", "LICENSE", "src", "data", "notebooks"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "."]
    subprocess.run(command, cwd=tmp_path, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {re.sub(r"^.*\.data/data/share/candor-analysis/", "", name) for name in zipfile.ZipFile(wheel).namelist()}
    wanted = {
        str(file.relative_to(folder))
        for folder, pattern in ((ROOT / "src", "analysis/**/*"), (ROOT, "data/**/*"), (ROOT, "notebooks/*.ipynb"))
        for file in folder.glob(pattern)
        if file.is_file() and file.suffix != ".pyc"
    }
    assert wanted - packed == set()
