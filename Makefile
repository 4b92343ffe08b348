# Two commands do everything: `make run` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# the tools' place: uv and, where the system has none, a Python 3.10 are found or installed by this script
BOOTSTRAP := deploy/bootstrap.sh

.PHONY: help run test sync lint

help:
	@echo "make run    装好依赖、载入演示城市、训练模型并启动（首次几分钟，之后二十秒内）"
	@echo "make test   全部检查和测试"

sync:
	@$(BOOTSTRAP) sync

run: sync
	@.venv/bin/huiyin serve --demo

test: sync
	@$(BOOTSTRAP) test-packages
	@tests/run.sh

lint: sync
	@tests/run.sh lint
