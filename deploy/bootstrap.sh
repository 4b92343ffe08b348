#!/usr/bin/env bash
# Finds or installs what the project stands on: uv, a Python 3.10, the locked dependencies (`sync`), and the system
# programs the tests drive for real (`test-packages`: PostgreSQL, Redis, Kannel, Chromium and fonts).
set -euo pipefail
cd "$(dirname "$0")/.."

tools=var/tools

say() { printf '\033[2m%s\033[0m\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else say "需要 root 权限安装系统软件包：$*"; exit 1
    fi
}

apt_install() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "安装系统软件包：${missing[*]}"
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# a Python of any version that can make environments, to install uv with
any_python() {
    for candidate in /usr/bin/python3 python3; do
        if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then echo "$candidate"; return; fi
    done
    apt_install python3 python3-venv
    echo /usr/bin/python3
}

uv_program() {
    for candidate in uv "$HOME/.local/bin/uv" "$tools/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then command -v "$candidate" || echo "$candidate"; return; fi
    done
    say "安装 uv"
    "$(any_python)" -m venv "$tools" && "$tools/bin/pip" install --quiet uv && echo "$PWD/$tools/bin/uv"
}

# Rasa 3.6 runs on 3.10 only; a Python of pyenv counts, even where its shims point elsewhere
python_310() {
    local candidates=(/usr/bin/python3.10 /usr/local/bin/python3.10)
    shopt -s nullglob
    candidates+=("${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10 /opt/python/3.10*/bin/python3.10)
    shopt -u nullglob
    for candidate in "${candidates[@]}"; do
        if [ -x "$candidate" ] && "$candidate" -c 'import ssl, sqlite3' 2>/dev/null; then echo "$candidate"; return; fi
    done
    echo 3.10  # uv finds one itself or downloads it
}

sync() {
    local uv
    uv=$(uv_program)
    say "同步依赖"
    UV_PYTHON_PREFERENCE=only-system UV_LINK_MODE=${UV_LINK_MODE:-copy} \
        "$uv" sync --locked --quiet --python "$(python_310)" \
        || "$uv" sync --locked --quiet --python 3.10
}

test_packages() {
    apt_install postgresql redis-server kannel kannel-extras chromium fonts-noto-cjk
}

case "${1:-}" in
    sync) sync ;;
    test-packages) test_packages ;;
    *) say "用法：$0 sync | test-packages"; exit 2 ;;
esac
