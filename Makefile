.PHONY: grammar test check format specs-table zoo-table benchmarks agreement many-models

grammar:  ## build the parse table after an edit of grammar/dl.lark
	python -m dlc.compiler.table

test:
	pytest

check:
	ruff check .
	ruff format --check .
	mypy --strict -p dlc.compiler -p dlc.runtime

format:
	ruff check --fix .
	ruff format .

specs-table:  ## train every spec in full over its seeds and write specs/README.md's table
	python tests/specs_table.py

zoo-table:  ## measure the specs of specs/zoo and write their table in specs/README.md
	python tests/zoo_table.py

benchmarks:
	python tests/benchmarks/run.py

agreement:  ## every layer and function against torch, on tens of thousands of drawn configurations
	python tests/benchmarks/agreement.py

many-models:  ## 10,000 random models and as many near-misses against torch
	python tests/benchmarks/many_models.py
