# Two commands: `make demo` shows the program at work, `make test` proves it.
.PHONY: demo test setup-demo setup-test screenshots figures clean
BIN := .venv/bin

setup-demo:
	@bash scripts/setup.sh demo

setup-test:
	@bash scripts/setup.sh test

demo: setup-demo
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	  $(BIN)/formscan demo --window; else $(BIN)/formscan demo; fi

test: setup-test
	@bash scripts/check.sh

screenshots: setup-test
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m ui.screenshots docs/screenshots
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m ui.desk_screenshots docs/screenshots
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m ui.studio_screenshots docs/screenshots
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m ui.people_screenshots docs/screenshots
	@FORMSCAN_PICTURES=docs/screenshots QT_QPA_PLATFORM=offscreen $(BIN)/pytest -q tests/gui/test_working_session.py

figures: setup-test
	@$(BIN)/formscan bench line --out docs/figures

clean:
	rm -rf .venv .work .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist build
