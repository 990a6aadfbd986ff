# One command a task; `make` alone lists them. Everything runs in .venv, which is built on first use from the
# hash-locked requirements.txt, so nothing needs to be activated or installed beforehand but Python >= 3.11.

# What a user's shell may carry in and would change a result: another environment's modules, a Matplotlib backend
# that shows no figure, warning filters, optimisation that strips assertions, other kernels and start-up files.
unexport PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHONOPTIMIZE PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX
unexport MPLBACKEND MATPLOTLIBRC JUPYTER_PATH JUPYTER_CONFIG_PATH CANDOR_CORPUS CANDOR_MODEL
# And what would have every process compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONNOUSERSITE = 1
export JUPYTER_PREFER_ENV_PATH = 1
export IPYTHONDIR = $(CURDIR)/.venv/ipython
export MPLCONFIGDIR = $(CURDIR)/.venv/matplotlib

# The first interpreter that is recent enough; make PYTHON=... names another.
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
# -P keeps the folder that make was started in from shadowing a module.
RUN = .venv/bin/python -P -m

.DEFAULT_GOAL = help
.PHONY: help report test lab notebooks docs lint format model validate lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

report: .venv/installed ## run the notebooks on the five documents and render the site into site/
	@$(RUN) analysis report data -o site
	@echo "Open $(CURDIR)/site/index.html"

# Two workers share two cores: more threads inside them would only wait for each other. In the order of collection the
# small modules come last, so that neither worker waits long for the other.
test: export OPENBLAS_NUM_THREADS = 1
test: .venv/installed ## run every test: package, examples in docstrings, notebooks, browser
	@$(RUN) pytest -n 2 --dist loadscope --no-loadscope-reorder

lab: .venv/installed ## open JupyterLab on the notebooks
	@$(RUN) jupyterlab notebooks

notebooks: .venv/installed ## run every notebook and store its outputs in place, and draw the README's picture
	@$(RUN) analysis.notebooks notebooks/*.ipynb
	@.venv/bin/python -P tools/picture.py

docs: .venv/installed ## build the documentation into docs/_build/html
	@$(RUN) sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open $(CURDIR)/docs/_build/html/index.html"

lint: .venv/installed ## check format, style and types
	@$(RUN) ruff format --check
	@$(RUN) ruff check
	@$(RUN) mypy

format: .venv/installed ## rewrite code and notebooks in the project's format
	@$(RUN) ruff format
	@$(RUN) ruff check --fix

# Some of the material that the shipped weights were learned from may not be redistributed; CORPORA names its folder.
model: .venv/installed ## refit the weights from data/examples (and CORPORA=DIR)
	@$(RUN) analysis.training $(if $(CORPORA),--corpora "$(CORPORA)")

validate: .venv/installed ## measure against the corpora in CORPORA=DIR; writes data/validation/
	@test -n "$(CORPORA)" || { echo "make validate needs CORPORA=DIR, the folder with the corpora (data/validation/README.md)" >&2; exit 2; }
	@$(RUN) analysis.validate --corpora "$(CORPORA)"

lock: ## resolve pyproject.toml again and write requirements.txt
	@$(PYTHON) -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet uv
	@build/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.txt

clean: ## remove everything that these commands made
	@rm -rf .venv site build docs/_build docs/notebooks .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests notebooks tools docs -type d -name __pycache__ -prune -exec rm -rf {} +

# The first stamp stands for the locked packages, the second for the project itself, installed editable so that
# the notebooks' kernel finds it too. The second stamp holds the folder's name, since an editable install points
# there: where the folder was moved or copied, or the Python underneath is gone, set-up runs again.
ifneq ($(shell .venv/bin/python -c 'print(open(".venv/installed").read())' 2>/dev/null),$(CURDIR))
.PHONY: .venv/locked .venv/installed
endif

.venv/locked: requirements.txt
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 found: install one, or name it with make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "Setting up .venv (about a minute, once)"
	@$(PYTHON) -m venv --clear .venv
	@PIP_USER=0 .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@PIP_USER=0 .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@.venv/bin/python -P -c 'import matplotlib.font_manager'  # a font cache built later would be announced in a notebook
	@printf '%s' "$(CURDIR)" > $@
